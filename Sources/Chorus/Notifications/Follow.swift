import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/recommendations/{recommendation}/follow`: who wants to hear what becomes of it.
///
/// Nobody else is shown who does; how many they are is counted nowhere.
struct FollowRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.put("recommendations/{recommendation}/follow", use: follow)
        member.delete("recommendations/{recommendation}/follow", use: unfollow)
    }

    private func follow(_ request: Request, _ context: MemberContext) async throws -> Response {
        let statement = InsertFollow(
            network: context.network,
            recommendation: try context.id("recommendation"),
            membership: context.member.id
        )
        // There is nothing to hear of what is not published.
        guard try await parts.databases.member.first(statement, network: context.network) != nil else {
            throw Problem(.notFound)
        }
        return .noContent
    }

    private func unfollow(_ request: Request, _ context: MemberContext) async throws -> Response {
        let statement = DeleteFollow(
            network: context.network,
            recommendation: try context.id("recommendation"),
            membership: context.member.id
        )
        _ = try await parts.databases.member.execute(statement, network: context.network)
        return .noContent
    }
}

/// Follows a published recommendation; again is the same.
struct InsertFollow: PostgresStatement {
    static let sql = """
        WITH made AS (
            INSERT INTO follow (network_id, recommendation_id, membership_id)
            SELECT network_id, id, $3 FROM recommendation
            WHERE network_id = $1 AND id = $2 AND state = 'published' AND revises IS NULL
            ON CONFLICT DO NOTHING
        )
        SELECT id FROM recommendation WHERE network_id = $1 AND id = $2 AND state = 'published' AND revises IS NULL
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

struct DeleteFollow: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM follow WHERE network_id = $1 AND recommendation_id = $2 AND membership_id = $3"
    let network: UUID
    let recommendation: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(recommendation)
        parameters.append(membership)
    }
}

/// What a member follows.
struct ReadFollows: PostgresStatement {
    static let sql = """
        SELECT recommendation_id FROM follow WHERE network_id = $1 AND membership_id = $2 ORDER BY recommendation_id
        """
    let network: UUID
    let membership: UUID
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(membership)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

/// A followed recommendation in the export of one's own data.
struct ExportedFollow: Encodable, Sendable {
    let network: String
    let recommendation: String
}
