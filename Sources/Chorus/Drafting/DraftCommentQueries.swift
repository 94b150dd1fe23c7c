import Foundation
import Postgres

struct ReadComments: PostgresStatement {
    static let sql = """
        SELECT c.id, c.position, c.version, c.paragraph, c.bench, m.display_name, c.text, c.written_on, c.is_resolved
        FROM draft_comment c
        LEFT JOIN membership m ON m.network_id = c.network_id AND m.id = c.membership_id
        WHERE c.network_id = $1 AND c.recommendation_id = $2 AND ($3::uuid IS NULL OR c.id = $3)
            AND ($4::bigint IS NULL OR c.position > $4)
        ORDER BY c.position
        LIMIT $5
        """
    let network: UUID
    let recommendation: UUID
    var id: UUID?
    var after: Int?
    var limit = 1
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> DraftComment {
        DraftComment(
            id: try row.next(),
            position: try row.next(),
            version: try row.next(),
            paragraph: try row.next(),
            bench: try row.next(),
            displayName: try row.next(),
            text: try row.next(),
            writtenOn: try row.next(),
            isResolved: try row.next()
        )
    }
}

struct InsertComment: PostgresStatement {
    typealias Row = Void
    static let sql = """
        INSERT INTO draft_comment (network_id, recommendation_id, id, position, version, paragraph, bench, membership_id,
            text, written_on)
        SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6, $7, $8, $9
        FROM draft_comment WHERE network_id = $1 AND recommendation_id = $2
        """
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    let bench: Bench
    let id: UUID
    let version: Int
    let paragraph: Int
    let text: String
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(version)
        parameters.append(paragraph)
        parameters.append(bench.rawValue)
        parameters.append(membership)
        parameters.append(text)
        parameters.append(day)
    }
}

struct ResolveComment: PostgresStatement {
    static let sql = """
        UPDATE draft_comment SET is_resolved = $4 WHERE network_id = $1 AND recommendation_id = $2 AND id = $3
        RETURNING id
        """
    let network: UUID
    let recommendation: UUID
    let id: UUID
    let isResolved: Bool
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(id)
        parameters.append(isResolved)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}
