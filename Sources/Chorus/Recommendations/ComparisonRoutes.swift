import Foundation
import Hummingbird
import Postgres

/// `…/recommendations/{recommendation}/comparison`: what later releases say where a recommendation's evidence is.
struct ComparisonRoutes: Sendable {
    let parts: ServerParts

    func add(record: some RouterMethods<RecordContext>, member: some RouterMethods<MemberContext>) {
        record.get("recommendations/{recommendation}/comparison") { try await read($0, $1, $1.network) }
        member.get("recommendations/{recommendation}/comparison") { try await read($0, $1, $1.network) }
    }

    private struct Comparisons: Encodable {
        struct Item: Encodable {
            let evidence: ReleasedCell
            let comparisons: [Comparison]
        }

        let items: [Item]
        @ExplicitNull var next: String?
    }

    private func read(_ request: Request, _ context: some RequestContext, _ network: UUID) async throws -> Response {
        let id = try context.id("recommendation")
        // Only what is published is in the record.
        guard try await parts.recommendations(of: network, RecommendationFilter(id: id)).first != nil else {
            throw Problem(.notFound)
        }
        let pool = parts.databases.hr
        let evidence = try await pool.execute(ReadEvidenceCells(network: network, recommendation: id), network: network)
        guard let first = evidence.map(\.releaseNumber).min() else {
            return try .read(Comparisons(items: [], next: nil), for: request)
        }
        let later = try await pool.execute(ReadReleasedCells(network: network, after: first), network: network)
        let items = evidence.map {
            Comparisons.Item(evidence: $0, comparisons: Comparison.following($0, in: later))
        }
        return try .read(Comparisons(items: items, next: nil), for: request)
    }
}
