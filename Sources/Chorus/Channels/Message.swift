import Foundation
import Postgres

/// How far a message has come.
enum MessageState: String, CaseIterable, Sendable {
    case inReview, open, answered, closed, rejected

    /// The states that a moderator may set next; a rejected or closed message can be opened again.
    func mayBecome(_ next: MessageState) -> Bool {
        self == next || next != .inReview || self == .open
    }
}

/// A message as a moderator sees it: text, theme and day.
struct MessageAnswer: Encodable, Sendable {
    let id: String
    let channel: String
    @ExplicitNull var theme: String?
    @ExplicitNull var unit: String?
    let day: String
    let text: String
    let language: String
    let state: String
    @ExplicitNull var reason: String?
    @ExplicitNull var summary: String?
    @ExplicitNull var clock: MessageClock.Answer?
    /// Whether its author can still read an answer.
    let reachable: Bool
}

extension MessageAnswer {
    static let columns = """
        m.id, m.channel_id, m.theme_id, m.unit_shown, m.text, m.language, m.state, m.reason, m.summary,
            \(MessageClock.columns), has_thread(m.network_id, m.id)
        """

    init(_ row: inout PostgresRow) throws(PostgresDecodingError) {
        let id: UUID = try row.next()
        let channel: UUID = try row.next()
        let theme: UUID? = try row.next()
        let unit: UUID? = try row.next()
        self.id = id.text
        self.channel = channel.text
        self.theme = theme.text
        self.unit = unit.text
        text = try row.next()
        language = try row.next()
        state = try row.next()
        reason = try row.next()
        summary = try row.next()
        let clock = try MessageClock(&row)
        day = clock.day.description
        self.clock = clock.answer
        reachable = try row.next()
    }
}

/// Written by the mixer in random order; ids are random, so that sorting by them tells nothing either.
struct InsertMessages: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO message (network_id, id, channel_id, batch_day, theme_id, unit_shown, text, language)
        SELECT $1, m.id, m.channel_id, $2, m.theme_id, m.unit_shown, m.text, m.language
        FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[])
            AS m (id, channel_id, theme_id, unit_shown, text, language)
        """
    let network: UUID
    let day: PostgresDate
    let messages: [(id: UUID, message: AnonymousMessage)]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(day)
        parameters.append(messages.map(\.id))
        parameters.append(messages.map(\.message.channel))
        parameters.append(messages.map(\.message.theme))
        parameters.append(messages.map { $0.message.showUnit ? $0.message.unit : nil })
        parameters.append(messages.map(\.message.text))
        parameters.append(messages.map(\.message.language))
    }
}

/// Whether what a message names is there.
struct CheckMessage: PostgresStatement {
    typealias Row = (hasChannel: Bool, hasTheme: Bool, hasUnit: Bool)

    static let sql = """
        SELECT EXISTS (SELECT FROM channel WHERE network_id = $1 AND id = $2),
            $3::uuid IS NULL OR EXISTS (SELECT FROM theme WHERE network_id = $1 AND id = $3 AND channel_id = $2),
            $4::uuid IS NULL OR EXISTS (SELECT FROM unit WHERE network_id = $1 AND id = $4)
        """
    let network: UUID
    let message: AnonymousMessage
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(message.channel)
        parameters.append(message.theme)
        parameters.append(message.unit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        (try row.next(), try row.next(), try row.next())
    }
}

/// By random id: a list in the order of arrival would undo the mixing.
struct ReadMessages: PostgresStatement {
    static let isPlannedAnew = true
    static let sql = """
        SELECT \(MessageAnswer.columns) FROM message m
        JOIN channel c ON c.network_id = $1 AND c.id = m.channel_id
        WHERE m.network_id = $1 AND m.channel_id = $2 AND ($3::text IS NULL OR m.state = $3)
            AND ($4::uuid IS NULL OR m.theme_id = $4) AND ($5::uuid IS NULL OR m.id > $5)
            AND ($7::date IS NULL OR m.acknowledged_on IS NULL AND m.batch_day + c.acknowledge_days < $7
                OR m.state IN ('inReview', 'open')
                    AND coalesce(m.acknowledged_on, m.batch_day + c.acknowledge_days) + c.answer_days < $7)
        ORDER BY m.id
        LIMIT $6
        """
    let network: UUID
    let channel: UUID
    let state: MessageState?
    let theme: UUID?
    let after: UUID?
    let limit: Int
    /// Only those whose clock had run out before this day.
    var overdueOn: PostgresDate?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(channel)
        parameters.append(state?.rawValue)
        parameters.append(theme)
        parameters.append(after)
        parameters.append(limit + 1)
        parameters.append(overdueOn)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MessageAnswer {
        try MessageAnswer(&row)
    }
}

struct ReadMessage: PostgresStatement {
    static let sql = """
        SELECT \(MessageAnswer.columns) FROM message m
        JOIN channel c ON c.network_id = $1 AND c.id = m.channel_id
        WHERE m.network_id = $1 AND m.channel_id = $2 AND m.id = $3
        """
    let network: UUID
    let channel: UUID
    let id: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(channel)
        parameters.append(id)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MessageAnswer {
        try MessageAnswer(&row)
    }
}

struct ModerateMessage: PostgresStatement {
    static let sql = """
        UPDATE message m SET state = $5, reason = $6, theme_id = CASE WHEN $7 THEN $8 ELSE m.theme_id END,
            acknowledged_on = coalesce(m.acknowledged_on, $9)
        FROM channel c
        WHERE m.network_id = $1 AND m.channel_id = $2 AND m.id = $3 AND m.state = $4
            AND c.network_id = $1 AND c.id = m.channel_id
        RETURNING \(MessageAnswer.columns)
        """
    let network: UUID
    let channel: UUID
    let id: UUID
    let from: MessageState
    let to: MessageState
    let reason: String?
    let setsTheme: Bool
    let theme: UUID?
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(channel)
        parameters.append(id)
        parameters.append(from.rawValue)
        parameters.append(to.rawValue)
        parameters.append(reason)
        parameters.append(setsTheme)
        parameters.append(theme)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MessageAnswer {
        try MessageAnswer(&row)
    }
}

struct SaveSummary: PostgresStatement {
    static let sql = """
        UPDATE message m SET summary = $4
        FROM channel c
        WHERE m.network_id = $1 AND m.channel_id = $2 AND m.id = $3 AND c.network_id = $1 AND c.id = m.channel_id
        RETURNING \(MessageAnswer.columns)
        """
    let network: UUID
    let channel: UUID
    let id: UUID
    let text: String
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(channel)
        parameters.append(id)
        parameters.append(text)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> MessageAnswer {
        try MessageAnswer(&row)
    }
}

/// A reply as moderators read it.
struct ReplyAnswer: Encodable, Sendable {
    let id: String
    let from: String
    let day: String
    let text: String
    /// Its place in the dialogue; stays inside.
    let position: Int

    private enum CodingKeys: CodingKey { case id, from, day, text }
}

struct ReadReplies: PostgresStatement {
    static let sql = """
        SELECT id, from_team, batch_day, text, position FROM reply
        WHERE network_id = $1 AND message_id = $2 AND ($3::bigint IS NULL OR position > $3)
        ORDER BY position
        LIMIT $4
        """
    let network: UUID
    let message: UUID
    var after: Int?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(message)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ReplyAnswer {
        let id: UUID = try row.next()
        let fromTeam: Bool = try row.next()
        let day: PostgresDate = try row.next()
        let text: String = try row.next()
        let position: Int16 = try row.next()
        return ReplyAnswer(
            id: id.text,
            from: fromTeam ? "team" : "author",
            day: day.description,
            text: text,
            position: Int(position)
        )
    }
}
