import Foundation
import Postgres

struct ReadApprovals: PostgresStatement {
    static let sql = """
        SELECT a.bench, a.version, a.approved_on, r.state = 'draft' AND a.version = r.version
        FROM draft_approval a JOIN recommendation r ON r.network_id = a.network_id AND r.id = a.recommendation_id
        WHERE a.network_id = $1 AND a.recommendation_id = $2
        ORDER BY a.bench
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Approval {
        let bench: String = try row.next()
        let version: Int = try row.next()
        let day: PostgresDate = try row.next()
        return Approval(bench: bench, version: version, on: day.description, isCurrent: try row.next())
    }
}

/// Notes a yes to the version that a draft has; nothing when it has another one.
///
/// A change that is under way beside it does not matter: the yes names its version, and counts for no other.
struct InsertApproval: PostgresStatement {
    static let sql = """
        INSERT INTO draft_approval (network_id, recommendation_id, bench, version, approved_on)
        SELECT network_id, id, $3, version, $5 FROM recommendation
        WHERE network_id = $1 AND id = $2 AND state = 'draft' AND version = $4
        ON CONFLICT (network_id, recommendation_id, bench)
            DO UPDATE SET version = EXCLUDED.version, approved_on = EXCLUDED.approved_on
            WHERE draft_approval.version <= EXCLUDED.version
        RETURNING version
        """
    let network: UUID
    let recommendation: UUID
    let bench: Bench
    let version: Int
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(bench.rawValue)
        parameters.append(version)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

struct DeleteApproval: PostgresStatement {
    static let sql = """
        DELETE FROM draft_approval WHERE network_id = $1 AND recommendation_id = $2 AND bench = $3 RETURNING bench
        """
    let network: UUID
    let recommendation: UUID
    let bench: Bench
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(bench.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
