import Foundation
import Hummingbird
import Postgres

/// What a draft said in one version.
struct DraftVersion: Sendable {
    let version: Int
    let title: String
    let text: String
    let measure: String
    let releases: [UUID]
    let cells: [UUID]
    let provenance: [Provenance]
    let bench: String
    let writtenOn: PostgresDate?
}

/// `…/recommendations/{recommendation}/versions`: what a draft said, and what was changed.
struct DraftVersionRoutes: Sendable {
    private static let path = "recommendations/{recommendation}/versions"
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/\(path)": ["limit", "after"],
        "/v1/networks/{network}/\(path)/{version}/difference": ["from"],
    ]

    let parts: ServerParts

    func add(drafting: some RouterMethods<DraftingContext>) {
        drafting.get("recommendations/{recommendation}/versions", use: list)
        drafting.get("recommendations/{recommendation}/versions/{version}", use: read)
        drafting.get("recommendations/{recommendation}/versions/{version}/difference", use: compare)
    }

    private struct Summary: Encodable {
        let version: Int
        let title: String
        let bench: String
        @ExplicitNull var on: String?
    }

    private struct Whole: Encodable {
        let version: Int
        let title: String
        let text: String
        let measure: String
        let evidence: [ShownDraft.Evidence]
        let provenance: [Provenance]
        let bench: String
        @ExplicitNull var on: String?
    }

    /// The newest first.
    private func list(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let author = try await parts.author(context)
        let page = try PageRequest(request)
        let statement = ReadVersions(author.draft, before: try page.afterNumber(), limit: page.limit)
        let found = try await parts.databases.member.execute(statement, network: author.network).map {
            Summary(version: $0.version, title: $0.title, bench: $0.bench, on: $0.writtenOn?.description)
        }
        return try .read(Page(found, limit: page.limit, cursor: { ["\($0.version)"] }), for: request)
    }

    private func find(_ context: DraftingContext) async throws -> (author: DraftAuthor, version: DraftVersion) {
        let author = try await parts.author(context)
        guard let number = context.parameters.get("version").flatMap({ Int32($0) }) else { throw Problem(.notFound) }
        let statement = ReadVersions(author.draft, only: [Int(number)])
        guard let found = try await parts.databases.member.first(statement, network: author.network) else {
            throw Problem(.notFound)
        }
        return (author, found)
    }

    private func read(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let (_, found) = try await find(context)
        let whole = Whole(
            version: found.version,
            title: found.title,
            text: found.text,
            measure: found.measure,
            evidence: ShownDraft.evidence(found.releases, found.cells),
            provenance: found.provenance,
            bench: found.bench,
            on: found.writtenOn?.description
        )
        return try .read(whole, for: request)
    }

    private struct Title: Encodable {
        let from: String
        let to: String
    }

    private struct Difference: Encodable {
        let from: Int
        let to: Int
        let title: Title
        let text: [TextDifference.Row]
        let measure: [TextDifference.Row]
    }

    /// With another version, by default the one before; the first with itself.
    private func compare(_ request: Request, _ context: DraftingContext) async throws -> Response {
        let asked = try request.queryInteger("from", in: 1...Int(Int32.max))
        let (author, to) = try await find(context)
        var statement = ReadVersions(author.draft, before: to.version, limit: 0)
        if let asked { statement = ReadVersions(author.draft, only: [asked]) }
        let earlier = try await parts.databases.member.first(statement, network: author.network)
        guard let from = earlier ?? (asked == nil ? to : nil) else { throw Problem(.notFound) }
        let difference = try await parts.compute {
            Difference(
                from: from.version,
                to: to.version,
                title: Title(from: from.title, to: to.title),
                text: TextDifference(from: from.text, to: to.text).rows,
                measure: TextDifference(from: from.measure, to: to.measure).rows
            )
        }
        return try .read(difference, for: request)
    }
}
