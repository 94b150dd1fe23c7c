import Foundation
import Postgres

struct ReadRetention: PostgresStatement {
    static let sql = "SELECT rule, days FROM retention WHERE network_id = $1"
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (rule: String, days: Int) {
        (try row.next(), try row.next())
    }
}

struct SaveRetention: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO retention (network_id, rule, days) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT retention_key DO UPDATE SET days = EXCLUDED.days
        """
    let network: UUID
    let rule: String
    let days: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(rule)
        parameters.append(days)
    }
}

/// Deletes what is from before a day, a batch of it, and tells how many rows that were.
protocol DeletesByAge: PostgresStatement where Row == Int {
    var before: PostgresDate { get }
    var limit: Int { get }
}

extension DeletesByAge {
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(before)
        parameters.append(limit)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// The same in one network.
protocol DeletesInNetwork: DeletesByAge {
    var network: UUID { get }
    init(network: UUID, before: PostgresDate, limit: Int)
}

extension DeletesInNetwork {
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(before)
        parameters.append(limit)
    }
}

/// Who answered what to events that ended before a day; the events keep their counts.
struct DeletePastAnswers: PostgresStatement, DeletesInNetwork {
    static let sql = """
        WITH old AS (
            SELECT r.event_id, r.membership_id FROM rsvp r JOIN event e ON e.network_id = $1 AND e.id = r.event_id
            WHERE r.network_id = $1 AND e.ends_at < $2::date
            LIMIT $3
        ), gone AS (
            DELETE FROM rsvp r USING old
            WHERE r.network_id = $1 AND r.event_id = old.event_id AND r.membership_id = old.membership_id
            RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let network: UUID
    let before: PostgresDate
    let limit: Int
}

/// Events that ended before a day, unless an answer to them is kept or a round was about them.
struct DeletePastEvents: PostgresStatement, DeletesInNetwork {
    static let sql = """
        WITH old AS (
            SELECT e.id FROM event e
            WHERE e.network_id = $1 AND e.ends_at < $2::date
                AND NOT EXISTS (SELECT FROM rsvp r WHERE r.network_id = $1 AND r.event_id = e.id)
                AND NOT EXISTS (SELECT FROM round o WHERE o.network_id = $1 AND o.audience_event_id = e.id)
            LIMIT $3
        ), gone AS (
            DELETE FROM event e USING old WHERE e.network_id = $1 AND e.id = old.id RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let network: UUID
    let before: PostgresDate
    let limit: Int
}

/// Texts whose thread has ended, and to which nothing was said since a day.
struct DeleteEndedTexts: PostgresStatement, DeletesInNetwork {
    static let sql = """
        WITH old AS (
            SELECT m.id FROM message m
            WHERE m.network_id = $1 AND m.batch_day < $2
                AND NOT EXISTS (SELECT FROM thread t WHERE t.network_id = $1 AND t.message_id = m.id)
                AND NOT EXISTS (
                    SELECT FROM reply r WHERE r.network_id = $1 AND r.message_id = m.id AND r.batch_day >= $2)
            LIMIT $3
        ), gone AS (
            DELETE FROM message m USING old WHERE m.network_id = $1 AND m.id = old.id RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let network: UUID
    let before: PostgresDate
    let limit: Int
}

struct DeleteDecidedRequests: PostgresStatement, DeletesInNetwork {
    static let sql = """
        WITH gone AS (
            DELETE FROM join_request WHERE network_id = $1 AND id IN (
                SELECT id FROM join_request WHERE network_id = $1 AND decision IS NOT NULL AND created_on < $2 LIMIT $3)
            RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let network: UUID
    let before: PostgresDate
    let limit: Int
}

struct DeleteExpiredInvitations: PostgresStatement, DeletesInNetwork {
    static let sql = """
        WITH gone AS (
            DELETE FROM invitation WHERE network_id = $1 AND code_hash IN (
                SELECT code_hash FROM invitation WHERE network_id = $1 AND expires_on < $2 LIMIT $3)
            RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let network: UUID
    let before: PostgresDate
    let limit: Int
}

struct DeleteExpiredTokens: PostgresStatement, DeletesByAge {
    static let sql = """
        WITH gone AS (
            DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE expires_on < $1 LIMIT $2) RETURNING 1
        )
        SELECT count(*) FROM gone
        """
    let before: PostgresDate
    let limit: Int
}
