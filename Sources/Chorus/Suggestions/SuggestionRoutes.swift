import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/suggestions`: drafts that released numbers ask for, and the numbers that do.
struct SuggestionRoutes: Sendable {
    static let parameters: [String: Set<String>] = ["/v1/networks/{network}/suggestions": ["state", "limit", "after"]]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("suggestions", use: list)
        member.post("suggestions/{suggestion}/draft", use: draft)
        member.put("suggestions/{suggestion}/dismissal", use: dismiss)
        member.delete("suggestions/{suggestion}/dismissal", use: takeBack)
    }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let page = try PageRequest(request)
        let state: SuggestionState = try request.queryChoice("state") ?? .open
        let after = try page.afterId()?.text
        let all = try await parts.suggestions(of: context.network, in: context.language)
        // What is not raised any more cannot be gone on from: the list begins again.
        let rest = all.firstIndex { $0.id == after }.map { all[all.index(after: $0)...] } ?? all[...]
        let shown = rest.filter { $0.state == state.rawValue }.prefix(page.limit + 1)
        return try Response.read(Page(Array(shown), limit: page.limit, cursor: { [$0.id] }), for: request)
            .speaking(context.language)
    }

    private func find(_ context: MemberContext) async throws -> SuggestionAnswer {
        let id = try context.id("suggestion").text
        let all = try await parts.suggestions(of: context.network, in: context.language)
        guard let found = all.first(where: { $0.id == id }) else { throw Problem(.notFound) }
        return found
    }

    /// Makes the draft once, however often it is asked for.
    private func draft(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let known = try await find(context)
        let isNew = known.recommendation == nil ? try await parts.makeDraft(of: known, in: context.network) : false
        let made = try await find(context)
        var response = try Response.json(made, status: isNew ? .created : .ok).speaking(context.language)
        response.headers[.location] =
            "/v1/networks/\(context.network.text)/recommendations/\(made.recommendation ?? "")"
        return response
    }

    private struct Dismissal: JSONInput {
        let reason: String
        init(_ fields: inout Fields) { reason = fields.string("reason", length: 1...2_000) }
    }

    private func dismiss(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let input = try await request.decode(Dismissal.self)
        _ = try await find(context)
        let statement = SaveDismissal(
            network: context.network,
            suggestion: try context.id("suggestion"),
            reason: input.reason,
            day: try await parts.today(of: context.network)
        )
        _ = try await parts.databases.member.execute(statement, network: context.network)
        return try Response.json(try await find(context)).speaking(context.language)
    }

    private func takeBack(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let statement = DeleteDismissal(network: context.network, suggestion: try context.id("suggestion"))
        _ = try await parts.databases.member.execute(statement, network: context.network)
        return .noContent
    }
}
