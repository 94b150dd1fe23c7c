import Foundation
import Postgres

struct ReadCoauthors: PostgresStatement {
    static let sql = """
        SELECT m.id, m.display_name, c.bench
        FROM draft_coauthor c JOIN membership m ON m.network_id = c.network_id AND m.id = c.membership_id
        WHERE c.network_id = $1 AND c.recommendation_id = $2
        ORDER BY m.display_name, m.id
        """
    let network: UUID
    let recommendation: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Coauthor {
        let membership: UUID = try row.next()
        return Coauthor(membership: membership.text, displayName: try row.next(), bench: try row.next())
    }
}

/// Invites somebody, or moves them to another bench.
///
/// Never HR, who sees the record only; nor a coordinator, who speaks for the network and could say yes for two benches.
struct InsertCoauthor: PostgresStatement {
    static let sql = """
        INSERT INTO draft_coauthor (network_id, recommendation_id, membership_id, bench)
        SELECT m.network_id, $2, m.id, $4 FROM membership m
        WHERE m.network_id = $1 AND m.id = $3 AND m.state = 'active'
            AND NOT m.roles && ARRAY['hr', 'coordinator']
        ON CONFLICT (network_id, recommendation_id, membership_id) DO UPDATE SET bench = EXCLUDED.bench
        RETURNING membership_id
        """
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    let bench: Bench
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
        parameters.append(bench.rawValue)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

struct DeleteCoauthor: PostgresStatement {
    static let sql = """
        DELETE FROM draft_coauthor WHERE network_id = $1 AND recommendation_id = $2 AND membership_id = $3
        RETURNING membership_id
        """
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
