import Foundation
import Postgres

/// Versions of a draft, the newest first; what was published is the last of them.
struct ReadVersions: PostgresStatement {
    private static let columns = """
        version, title, text, measure, evidence_release_ids, evidence_cell_ids, \(Provenance.columns), bench, written_on
        """
    static let sql = """
        SELECT v.* FROM (
            SELECT \(columns) FROM draft_version WHERE network_id = $1 AND recommendation_id = $2
            UNION ALL
            SELECT \(columns) FROM recommendation WHERE network_id = $1 AND id = $2 AND state = 'draft'
        ) v
        WHERE ($3::bigint IS NULL OR v.version < $3) AND ($4::integer[] IS NULL OR v.version = ANY ($4))
        ORDER BY v.version DESC
        LIMIT $5
        """
    let network: UUID
    let recommendation: UUID
    var before: Int?
    var only: [Int32]?
    let limit: Int

    /// - Parameters:
    ///   - draft: whose versions.
    ///   - before: older ones than this one only.
    ///   - limit: one more than that is read.
    init(_ draft: Draft, before: Int?, limit: Int) {
        (network, recommendation) = (draft.network, draft.id)
        self.before = before
        self.limit = limit
    }

    /// Those that are named.
    init(_ draft: Draft, only versions: Set<Int>) {
        (network, recommendation) = (draft.network, draft.id)
        only = versions.compactMap { Int32(exactly: $0) }
        limit = versions.count
    }

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(before)
        parameters.append(only)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> DraftVersion {
        DraftVersion(
            version: try row.next(),
            title: try row.next(),
            text: try row.next(),
            measure: try row.next(),
            releases: try row.next(),
            cells: try row.next(),
            provenance: try Provenance.read(&row),
            bench: try row.next(),
            writtenOn: try row.next()
        )
    }
}

/// Keeps what a draft says before it is changed or frozen, and lets nobody else change it until the transaction ends.
struct KeepVersion: PostgresStatement {
    static let sql = """
        WITH old AS (
            SELECT * FROM recommendation
            WHERE network_id = $1 AND id = $2 AND state = 'draft' AND ($3::bigint IS NULL OR version = $3)
            FOR UPDATE
        )
        INSERT INTO draft_version (network_id, recommendation_id, version, title, text, measure, evidence_release_ids,
            evidence_cell_ids, \(Provenance.columns), bench, written_on)
        SELECT network_id, id, version, title, text, measure, evidence_release_ids, evidence_cell_ids,
            \(Provenance.columns), bench, written_on
        FROM old
        RETURNING version
        """
    let network: UUID
    let recommendation: UUID
    /// `nil` for whichever there is.
    let version: Int?
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(version)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}
