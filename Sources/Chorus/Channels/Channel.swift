import Foundation
import Postgres

enum ChannelKind: String, CaseIterable, Sendable {
    case feedback, suggestion, report
}

/// A channel as it is shown: its policy first, before anybody writes.
struct ChannelAnswer: Encodable, Sendable {
    struct Theme: Codable, Sendable {
        let id: String
        let name: String
        let group: String?
        let sensitive: Bool
    }

    struct Clock: Encodable, Sendable {
        let acknowledgeDays: Int
        let answerDays: Int
    }

    let id: String
    let name: String
    let description: String
    let policy: String
    let themes: [Theme]
    let kind: String
    @ExplicitNull var clock: Clock?
}

struct NewChannel: JSONInput {
    struct Theme: JSONInput {
        let id: UUID
        let name: String
        let group: String?
        let isSensitive: Bool

        init(_ fields: inout Fields) {
            id = fields.optionalUUID("id") ?? UUID()
            name = fields.string("name", length: 1...200)
            group = fields.optionalString("group", length: 1...200)
            isSensitive = fields.optionalBool("sensitive") ?? false
        }
    }

    struct Clock: JSONInput {
        let acknowledgeDays: Int
        let answerDays: Int

        init(_ fields: inout Fields) {
            acknowledgeDays = fields.integer("acknowledgeDays", in: 1...90)
            answerDays = fields.integer("answerDays", in: 1...365)
        }
    }

    let name: String
    let description: String
    let policy: String
    let themes: [Theme]
    let kind: ChannelKind
    let clock: Clock?

    init(_ fields: inout Fields) {
        name = fields.string("name", length: 1...200)
        description = fields.optionalString("description", length: 0...5_000) ?? ""
        policy = fields.string("policy", length: 1...10_000)
        themes = fields.objects("themes", count: 0...100)
        kind = fields.optionalChoice("kind") ?? .feedback
        clock = fields.optionalObject("clock")
        if Set(themes.map(\.id)).count < themes.count { fields.refuse("themes", "has an id twice") }
    }
}

struct InsertChannel: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH made AS (
            INSERT INTO channel (network_id, id, name, description, policy, kind, acknowledge_days, answer_days)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        )
        INSERT INTO theme (network_id, id, channel_id, name, group_name, is_sensitive, position)
        SELECT $1, t.id, $2, t.name, t.group_name, t.is_sensitive, t.position
        FROM unnest($9::uuid[], $10::text[], $11::text[], $12::boolean[]) WITH ORDINALITY
            AS t (id, name, group_name, is_sensitive, position)
        """
    let network: UUID
    let id: UUID
    let channel: NewChannel
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(channel.name)
        parameters.append(channel.description)
        parameters.append(channel.policy)
        parameters.append(channel.kind.rawValue)
        parameters.append(channel.clock.map { Int16($0.acknowledgeDays) })
        parameters.append(channel.clock.map { Int16($0.answerDays) })
        parameters.append(channel.themes.map(\.id))
        parameters.append(channel.themes.map(\.name))
        parameters.append(channel.themes.map(\.group))
        parameters.append(channel.themes.map(\.isSensitive))
    }
}

struct ReadChannels: PostgresStatement {
    static let sql = """
        SELECT c.id, c.name, c.description, c.policy, c.kind, c.acknowledge_days, c.answer_days,
            array(SELECT t.id FROM theme t WHERE t.network_id = $1 AND t.channel_id = c.id ORDER BY t.position),
            array(SELECT t.name FROM theme t WHERE t.network_id = $1 AND t.channel_id = c.id ORDER BY t.position),
            array(SELECT t.group_name FROM theme t WHERE t.network_id = $1 AND t.channel_id = c.id ORDER BY t.position),
            array(SELECT t.is_sensitive FROM theme t WHERE t.network_id = $1 AND t.channel_id = c.id ORDER BY t.position)
        FROM channel c
        WHERE c.network_id = $1 AND ($2::uuid IS NULL OR c.id = $2) AND ($3::uuid IS NULL OR c.id > $3)
        ORDER BY c.id
        LIMIT $4
        """
    let network: UUID
    var id: UUID?
    var after: UUID?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ChannelAnswer {
        let id: UUID = try row.next()
        let name: String = try row.next()
        let description: String = try row.next()
        let policy: String = try row.next()
        let kind: String = try row.next()
        let acknowledge: Int? = try row.next()
        let answer: Int? = try row.next()
        let ids: [UUID] = try row.next()
        let names: [String] = try row.next()
        let groups: [String?] = try row.next()
        let sensitive: [Bool] = try row.next()
        return ChannelAnswer(
            id: id.text,
            name: name,
            description: description,
            policy: policy,
            themes: ids.indices.map {
                .init(id: ids[$0].text, name: names[$0], group: groups[$0], sensitive: sensitive[$0])
            },
            kind: kind,
            clock: acknowledge.flatMap { days in answer.map { .init(acknowledgeDays: days, answerDays: $0) } }
        )
    }
}
