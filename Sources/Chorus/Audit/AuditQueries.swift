import AnonymousTokens
import Foundation
import Postgres

/// Adds an entry to a network's chain, in the transaction of what it tells of, and gives its position.
struct AppendAudit: PostgresStatement {
    static let sql = "SELECT append_audit($1, $2, $3, $4)"
    let network: UUID
    let day: PostgresDate
    let event: AuditEvent
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(event.kind.rawValue)
        parameters.append(day)
        parameters.append(event.content.text)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

/// Entries with the end of their chain, both of the same moment; without entries there is one row with the end alone.
struct ReadAudit: PostgresStatement {
    typealias Row = (head: AuditHead, entry: AuditEntry?)

    static let sql = """
        SELECT h.position, h.hash, e.position, e.day, e.kind, e.content, e.previous, e.hash
        FROM (SELECT $1::uuid AS network_id) n
        LEFT JOIN audit_head h ON h.network_id = n.network_id
        LEFT JOIN LATERAL (
            SELECT * FROM audit_entry x WHERE x.network_id = n.network_id AND x.position > $2
            ORDER BY x.position LIMIT $3
        ) e ON true
        ORDER BY e.position
        """
    let network: UUID
    /// Entries after this position.
    var after = 0
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Row {
        let end: Int? = try row.next()
        let endHash: [UInt8]? = try row.next()
        let position: Int? = try row.next()
        let day: PostgresDate? = try row.next()
        let kind: String? = try row.next()
        let content: String? = try row.next()
        let previous: [UInt8]? = try row.next()
        let hash: [UInt8]? = try row.next()
        var head = AuditHead.beginning
        if let end, let endHash { head = AuditHead(position: end, hash: endHash) }
        guard let position, let day, let kind, let content, let previous, let hash else { return (head, nil) }
        let entry = AuditEntry(
            position: position,
            day: day,
            kind: kind,
            content: content,
            previous: previous,
            hash: hash
        )
        return (head, entry)
    }
}

/// What all entries of a kind hold.
struct ReadAuditContents: PostgresStatement {
    static let sql = "SELECT content FROM audit_entry WHERE network_id = $1 AND kind = $2"
    let network: UUID
    let kind: AuditKind
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(kind.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

/// All answers of the record, in every version.
struct ReadAnswers: PostgresStatement {
    static let sql = """
        SELECT recommendation_id, version, decision, text, responsible, due_on, answered_on FROM answer
        WHERE network_id = $1
        ORDER BY recorded_at, recommendation_id, version
        """
    let network: UUID
    func bind(_ parameters: inout PostgresParameters) { parameters.append(network) }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> RecordedAnswer {
        RecordedAnswer(
            recommendation: try row.next(),
            version: try row.next(),
            decision: try row.next(),
            text: try row.next(),
            responsible: try row.next(),
            dueOn: try row.next(),
            answeredOn: try row.next()
        )
    }
}
