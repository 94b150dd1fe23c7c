import Disclosure
import Foundation
@testable import Replay
import Testing

/// The replay's own check, on the slice of real data beside this file.
struct TruthTests {
    private let run: ReplayRun
    private let truth: Truth

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let consultation = try Consultation(
            comments: String(contentsOf: folder.appending(path: "comments.csv"), encoding: .utf8),
            votes: String(contentsOf: folder.appending(path: "votes.csv"), encoding: .utf8)
        )
        run = ReplayRun(consultation, client: ReplayClient(server: ""), operations: Operations(data: ""))
        truth = run.truth(members: Dictionary(uniqueKeysWithValues: consultation.people.map { ($0, "") }), k: 5)
    }

    /// Closes the truth's own answers as the server would.
    private func release() -> [ReleasedCell] {
        var generator = SystemRandomNumberGenerator()
        let key = UUID()
        let pending = truth.tallies.flatMap { leaf, tally in
            let ratings = [(1, tally.negative), (3, tally.neutral), (5, tally.positive)]
            return ratings.flatMap { rating, count in
                (0..<count).map { _ in Contribution(id: UUID(), key: key, node: leaf, rating: rating) }
            }
        }
        let closing = truth.plan.close(pending: pending, parameters: truth.parameters, using: &generator)
        return truth.plan.publish(closing.blocks, k: 5).map { ReleasedCell($0) }
    }

    @Test func theSliceIsReadWhole() {
        #expect(run.consultation.statements.count == 30)
        #expect(run.consultation.votes.count == 40)
    }

    @Test func everyReleaseThatTheCoinsAllowIsExplained() {
        for _ in 0..<20 { #expect(truth.mismatches(with: release()).isEmpty) }
    }

    @Test func oneChangedShareIsFound() throws {
        var cells = release()
        let cell = try #require(cells.first)
        cells[0] = ReleasedCell(
            item: cell.item,
            unit: cell.unit,
            atLeast: cell.atLeast,
            negative: cell.negative + 5,
            neutral: cell.neutral,
            positive: cell.positive,
            meanTenths: cell.meanTenths
        )
        #expect(!truth.mismatches(with: cells).isEmpty)
    }
}
