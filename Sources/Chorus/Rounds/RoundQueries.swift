import Foundation
import Postgres

struct InsertRound: PostgresStatement {
    typealias Row = Void
    static let sql = """
        WITH made AS (
            INSERT INTO round (network_id, id, title, opens_at, closes_at, audience_event_id, scheme)
            VALUES ($1, $2, $3, $4, $5, $6, $10)
        )
        INSERT INTO item (network_id, round_id, id, text, theme_id, position)
        SELECT $1, $2, i.id, i.text, i.theme_id, i.position
        FROM unnest($7::uuid[], $8::text[], $9::uuid[]) WITH ORDINALITY AS i (id, text, theme_id, position)
        """
    let network: UUID
    let id: UUID
    let round: NewRound
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(round.title)
        parameters.append(round.opensAt)
        parameters.append(round.closesAt)
        parameters.append(round.audienceEvent)
        parameters.append(round.items.map(\.id))
        parameters.append(round.items.map(\.text))
        parameters.append(round.items.map(\.theme))
        parameters.append(round.scheme.rawValue)
    }
}

/// Rounds with their items; drafts only for those who may see them.
struct ReadRounds: PostgresStatement {
    static let sql = """
        SELECT r.id, r.title, r.opens_at, r.closes_at, r.audience_event_id, r.scheme, r.state, r.version,
            array(SELECT i.id FROM item i WHERE i.network_id = $1 AND i.round_id = r.id ORDER BY i.position),
            array(SELECT i.text FROM item i WHERE i.network_id = $1 AND i.round_id = r.id ORDER BY i.position),
            array(SELECT i.theme_id FROM item i WHERE i.network_id = $1 AND i.round_id = r.id ORDER BY i.position),
            (SELECT p.id FROM pending_release p WHERE p.network_id = $1 AND p.round_id = r.id AND p.is_published)
        FROM round r
        WHERE r.network_id = $1 AND ($2::uuid IS NULL OR r.id = $2) AND ($3 OR r.state <> 'draft')
            AND ($4::uuid IS NULL OR r.id > $4)
        ORDER BY r.id
        LIMIT $5
        """
    let network: UUID
    var id: UUID?
    var showsDrafts = true
    var after: UUID?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(showsDrafts)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Round {
        let id: UUID = try row.next()
        let title: String = try row.next()
        let opensAt: Date = try row.next()
        let closesAt: Date = try row.next()
        let event: UUID? = try row.next()
        let scheme: Scheme = try row.choice()
        let state: RoundState = try row.choice()
        let version: Int = try row.next()
        let ids: [UUID] = try row.next()
        let texts: [String] = try row.next()
        let themes: [UUID?] = try row.next()
        return Round(
            id: id,
            title: title,
            opensAt: opensAt,
            closesAt: closesAt,
            audienceEvent: event,
            scheme: scheme,
            state: state,
            version: version,
            items: ids.indices.map { .init(id: ids[$0].text, text: texts[$0], theme: themes[$0].text) },
            release: try row.next()
        )
    }
}

/// Moves a round on, from one state only.
struct MoveRound: PostgresStatement {
    static let sql = """
        UPDATE round SET state = $4, version = version + 1 WHERE network_id = $1 AND id = $2 AND state = $3 RETURNING id
        """
    let network: UUID
    let id: UUID
    let from: RoundState
    let to: RoundState
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(id)
        parameters.append(from.rawValue)
        parameters.append(to.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Whether a membership `m` is inside the network and not HR's or the council's.
private let mayVote =
    "m.state = 'active' AND m.roles && ARRAY[\(Role.insiders.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", "))]"

/// How many eligible people there are in each unit; HR and council have no ballot.
struct CountEligible: PostgresStatement {
    static let sql = """
        SELECT m.unit_id, count(*) FROM membership m
        WHERE m.network_id = $1 AND \(mayVote)
        GROUP BY m.unit_id
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (unit: UUID?, count: Int) {
        (try row.next(), try row.next())
    }
}

/// The people of an event who said that they come.
struct ReadEventAudience: PostgresStatement {
    static let sql = """
        SELECT r.membership_id FROM rsvp r
        JOIN membership m ON m.network_id = r.network_id AND m.id = r.membership_id
        WHERE r.network_id = $1 AND r.event_id = $2 AND r.status = 'going' AND \(mayVote)
        """
    let network: UUID
    let event: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(event)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Everybody who may vote when the whole network is asked, and where they are.
struct ReadEligible: PostgresStatement {
    static let sql = """
        SELECT m.id, m.unit_id FROM membership m WHERE m.network_id = $1 AND \(mayVote)
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (id: UUID, unit: UUID?) {
        (try row.next(), try row.next())
    }
}

/// The audiences of other rounds that ask one of the same questions, by id or by text, within ``Admission/memory``.
struct ReadEarlierAudiences: PostgresStatement {
    static let sql = """
        SELECT r.opens_at, r.closes_at, CASE WHEN s.is_restricted THEN array(
            SELECT m.membership_id FROM anon_scope_member m WHERE m.network_id = $1 AND m.scope_id = r.id) END,
            EXISTS (SELECT FROM item i WHERE i.network_id = $1 AND i.round_id = r.id AND i.id = ANY ($3)),
            coalesce(s.audience_size, 0)
        FROM round r JOIN anon_scope s ON s.network_id = r.network_id AND s.id = r.id
        WHERE r.network_id = $1 AND r.id <> $2 AND r.state <> 'draft' AND r.closes_at >= $5 AND EXISTS (
            SELECT FROM item i
            WHERE i.network_id = $1 AND i.round_id = r.id AND (i.id = ANY ($3) OR i.text = ANY ($4)))
        """
    let network: UUID
    let round: Round
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round.id)
        parameters.append(round.items.compactMap { UUID(utf8: $0.id.utf8) })
        parameters.append(round.items.map(\.text))
        parameters.append(round.opensAt.addingTimeInterval(-Admission.memory))
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> EarlierAudience {
        let opensAt: Date = try row.next()
        let closesAt: Date = try row.next()
        let members: [UUID]? = try row.next()
        let isSameItem: Bool = try row.next()
        let size: Int = try row.next()
        return EarlierAudience(
            opensAt: opensAt,
            closesAt: closesAt,
            members: members.map { Set($0) },
            departed: members.map { max(0, size - $0.count) } ?? 0,
            isSameItem: isSameItem
        )
    }
}

struct ReadSensitiveThemes: PostgresStatement {
    static let sql = "SELECT id FROM theme WHERE network_id = $1 AND is_sensitive"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// Which of some items a round has.
struct CheckBallot: PostgresStatement {
    static let sql = "SELECT id FROM item WHERE network_id = $1 AND round_id = $2 AND id = ANY ($3)"
    let network: UUID
    let round: UUID
    let items: [UUID]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(round)
        parameters.append(items)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
