import Foundation
import Hummingbird
import Postgres

/// Somebody who writes a draft beside the coordinators.
struct Coauthor: Encodable, Sendable {
    let membership: String
    let displayName: String
    let bench: String
}

/// `…/recommendations/{recommendation}/coauthors`: who writes a draft, for which bench.
struct CoauthorRoutes: Sendable {
    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/coauthors", use: list)
        drafting.put("recommendations/{recommendation}/coauthors/{membership}", use: invite)
        drafting.delete("recommendations/{recommendation}/coauthors/{membership}", use: remove)
    }

    private struct Coauthors: Encodable {
        let items: [Coauthor]
        @ExplicitNull var next: String?
    }

    private func list(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let statement = ReadCoauthors(network: author.network, recommendation: author.draft.id)
        let found = try await parts.databases.member.execute(statement, network: author.network)
        return try .read(Coauthors(items: found, next: nil), for: request)
    }

    private struct Invitation: JSONInput {
        let bench: Bench
        init(_ fields: inout Fields) { bench = fields.choice("bench", default: .network) }
    }

    private func invite(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        try author.requireCoordinator()
        let input = try await request.decode(Invitation.self)
        try author.requireUnpublished()
        let (network, pool) = (author.network, parts.databases.member)
        let id = try context.id("membership")
        guard try await pool.first(ReadMembership(network: network, id: id), network: network) != nil else {
            throw Problem(.notFound)
        }
        let statement = InsertCoauthor(
            network: network,
            recommendation: author.draft.id,
            membership: id,
            bench: input.bench
        )
        guard try await pool.first(statement, network: network) != nil else { throw Problem(.conflict) }
        let all = ReadCoauthors(network: network, recommendation: author.draft.id)
        guard let made = try await pool.execute(all, network: network).first(where: { $0.membership == id.text }) else {
            throw Problem(.notFound)
        }
        return try .json(made)
    }

    private func remove(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        try author.requireCoordinator()
        try author.requireUnpublished()
        let statement = DeleteCoauthor(
            network: author.network,
            recommendation: author.draft.id,
            membership: try context.id("membership")
        )
        guard try await parts.databases.member.first(statement, network: author.network) != nil else {
            throw Problem(.notFound)
        }
        return .noContent
    }
}
