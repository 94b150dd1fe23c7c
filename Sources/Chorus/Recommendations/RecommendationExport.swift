import Foundation
import Hummingbird
import NIOCore
import Postgres

/// Recommendations as comma-separated values, written page by page so that a large record needs no more memory than a small one.
///
/// Which rows it has is decided before the first of them is written, because the audit chain is told their number first.
struct RecommendationExport: Sendable {
    private static let pageSize = 200
    private static let head = [
        "number", "title", "status", "publishedOn", "answerDueOn", "overdue", "decision", "responsible", "answeredOn",
        "dueOn", "latestOutcome", "supportAtLeast", "supportYes",
    ]

    let parts: ServerParts
    let network: UUID
    /// In the order of their numbers.
    let chosen: [UUID]

    /// - Throws: what PostgreSQL says.
    init(_ parts: ServerParts, _ network: UUID, _ filter: RecommendationFilter) async throws {
        self.parts = parts
        self.network = network
        let today = try await parts.today(of: network)
        var page = filter
        page.limit = Self.pageSize
        var chosen: [UUID] = []
        while true {
            let statement = ReadRecommendations(network: network, filter: page, today: today)
            let found = try await parts.databases.hr.execute(statement, network: network)
            chosen += found.prefix(Self.pageSize).map(\.id)
            guard found.count > Self.pageSize else { break }
            page.after = found[Self.pageSize - 1].number
        }
        self.chosen = chosen
    }

    /// - Parameter isMarked: whether it begins with a byte order mark, by which Excel knows UTF-8.
    func body(isMarked: Bool) -> ResponseBody {
        ResponseBody { writer in
            try await writer.write(ByteBuffer(string: (isMarked ? "\u{FEFF}" : "") + Self.text([Self.head])))
            for start in stride(from: 0, to: chosen.count, by: Self.pageSize) {
                let ids = Array(chosen[start..<min(start + Self.pageSize, chosen.count)])
                let filter = RecommendationFilter(ids: ids, limit: ids.count)
                let rows = try await parts.recommendations(of: network, filter).map(Self.row)
                try await writer.write(ByteBuffer(string: Self.text(rows)))
            }
            try await writer.finish(nil)
        }
    }

    private static func text(_ rows: [[String]]) -> String { CSV.text(rows, forSpreadsheets: true) }

    private static func row(_ recommendation: RecommendationAnswer) -> [String] {
        let answer = recommendation.answer
        let support = recommendation.support
        let given: [String?] = [
            answer?.decision, answer?.responsible, answer?.answeredOn, answer?.dueOn,
            recommendation.outcomes.last?.text,
            support.map { String($0.atLeast) }, support.map { "\($0.yes)" },
        ]
        let always: [String] = [
            String(recommendation.number), recommendation.title, recommendation.status, recommendation.publishedOn,
            recommendation.answerDueOn, String(recommendation.overdue),
        ]
        return always + given.map { $0 ?? "" }
    }
}
