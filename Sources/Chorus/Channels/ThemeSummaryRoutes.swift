import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/themes/{theme}/summaries`: what moderators have written of a theme, as material for drafts.
struct ThemeSummaryRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/themes/{theme}/summaries": ["limit", "after"]
    ]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("themes/{theme}/summaries", use: list)
    }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator, .moderator)
        let page = try PageRequest(request)
        let theme = try context.id("theme")
        let known = ReadKnownReferences(
            network: context.network,
            references: [NetworkReference(.theme, theme, at: "")].compactMap(\.self)
        )
        guard try await parts.databases.member.execute(known, network: context.network) == [0] else {
            throw Problem(.notFound)
        }
        let statement = ReadThemeSummaries(
            network: context.network,
            theme: theme,
            after: page.after?.last,
            limit: page.limit
        )
        let found = try await parts.databases.moderator.execute(statement, network: context.network)
        return try .read(Page(found, limit: page.limit, cursor: { [$0.digest] }), for: request)
    }
}

/// A moderator's own words on a message, without anything that leads back to it.
struct ThemeSummary: Encodable, Sendable {
    let text: String
    /// SHA-256 of the text; its place in the list.
    let digest: String

    private enum CodingKeys: CodingKey { case text }
}

/// Neither the message nor its day, id or unit: only what was rewritten, of messages that are let through, in an order that says nothing.
struct ReadThemeSummaries: PostgresStatement {
    static let sql = """
        SELECT s.summary, s.digest
        FROM (
            SELECT DISTINCT summary, encode(sha256(convert_to(summary, 'UTF8')), 'hex') AS digest
            FROM message
            WHERE network_id = $1 AND theme_id = $2 AND summary IS NOT NULL AND state IN ('open', 'answered', 'closed')
        ) s
        WHERE $3::text IS NULL OR s.digest > $3
        ORDER BY s.digest
        LIMIT $4
        """
    let network: UUID
    let theme: UUID
    let after: String?
    let limit: Int
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(network)
        parameters.append(theme)
        parameters.append(after)
        parameters.append(limit + 1)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> ThemeSummary {
        ThemeSummary(text: try row.next(), digest: try row.next())
    }
}
