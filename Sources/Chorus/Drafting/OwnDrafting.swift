import Foundation
import Postgres

/// What somebody's own export has of drafts: for which they write, what they said and how they vote.
struct ExportedDrafting: Encodable, Sendable {
    let network: String
    let recommendation: String
    let kind: String
    let bench: String?
    let text: String?
    let quality: Int?
    let effect: Int?
}

struct ReadOwnDrafting: PostgresStatement {
    static let sql = """
        SELECT network_id, recommendation_id, 'coauthor', bench, NULL::text, NULL::integer, NULL::integer
        FROM draft_coauthor WHERE network_id = $1 AND membership_id = $2
        UNION ALL
        SELECT network_id, recommendation_id, 'comment', bench, text, NULL, NULL
        FROM draft_comment WHERE network_id = $1 AND membership_id = $2
        UNION ALL
        SELECT network_id, recommendation_id, 'vote', NULL, NULL, quality, effect
        FROM draft_vote WHERE network_id = $1 AND membership_id = $2
        ORDER BY 2, 3, 5
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ExportedDrafting {
        let network: UUID = try row.next()
        let recommendation: UUID = try row.next()
        return ExportedDrafting(
            network: network.text,
            recommendation: recommendation.text,
            kind: try row.next(),
            bench: try row.next(),
            text: try row.next(),
            quality: try row.next(),
            effect: try row.next()
        )
    }
}
