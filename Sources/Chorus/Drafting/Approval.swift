import Foundation
import Hummingbird
import Postgres

/// The yes of a bench to one version of a draft.
struct Approval: Encodable, Sendable {
    let bench: String
    let version: Int
    let on: String
    /// Whether that is what the draft says now; a changed text takes the yes away.
    let isCurrent: Bool
}

/// `…/recommendations/{recommendation}/approvals`: which benches agree with what a draft says.
struct ApprovalRoutes: Sendable {
    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/approvals", use: list)
        drafting.put("recommendations/{recommendation}/approvals/{bench}", use: approve)
        drafting.delete("recommendations/{recommendation}/approvals/{bench}", use: withdraw)
    }

    private struct Approvals: Encodable {
        let items: [Approval]
        @ExplicitNull var next: String?
    }

    private func list(_ request: Request, _ context: DraftingContext) async throws -> Response {
        try .read(try await approvals(of: try await parts.author(context)), for: request)
    }

    private func approvals(of author: DraftAuthor) async throws -> Approvals {
        let statement = ReadApprovals(network: author.network, recommendation: author.draft.id)
        return Approvals(items: try await parts.databases.member.execute(statement, network: author.network), next: nil)
    }

    /// One speaks for one's own bench.
    private func bench(_ context: DraftingContext, _ author: DraftAuthor) throws -> Bench {
        guard let bench = context.parameters.get("bench").flatMap(Bench.init(rawValue:)) else {
            throw Problem(.notFound)
        }
        guard bench == author.bench else { throw Problem(.forbidden) }
        return bench
    }

    private struct Consent: JSONInput {
        let version: Int
        init(_ fields: inout Fields) { version = fields.integer("version", in: 1...Int(Int32.max)) }
    }

    /// Names the version that was read, so that nobody agrees with what somebody else has just written.
    private func approve(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let bench = try bench(context, author)
        let input = try await request.decode(Consent.self)
        try author.requireUnpublished()
        let statement = InsertApproval(
            network: author.network,
            recommendation: author.draft.id,
            bench: bench,
            version: input.version,
            day: try await parts.today(of: author.network)
        )
        guard try await parts.databases.member.first(statement, network: author.network) != nil else {
            throw Problem(.stale)
        }
        return try .json(try await approvals(of: author))
    }

    private func withdraw(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let bench = try bench(context, author)
        try author.requireUnpublished()
        let statement = DeleteApproval(network: author.network, recommendation: author.draft.id, bench: bench)
        guard try await parts.databases.member.first(statement, network: author.network) != nil else {
            throw Problem(.notFound)
        }
        return .noContent
    }
}
