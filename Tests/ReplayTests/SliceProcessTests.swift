import Foundation
@testable import Replay
@testable import TestSupport
import Testing

/// The slice of real data, driven through the API of a real server as real clients would, and held against its source.
@Suite(.serialized) struct SliceProcessTests {
    @Test func everyReleasedNumberOfTheSliceFollowsFromItsSource() async throws {
        let town = try TestProcess()
        defer { town.tearDown() }
        try town.start()
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let run = ReplayRun(
            try Consultation(
                comments: String(contentsOf: folder.appending(path: "comments.csv"), encoding: .utf8),
                votes: String(contentsOf: folder.appending(path: "votes.csv"), encoding: .utf8)
            ),
            client: ReplayClient(server: "http://127.0.0.1:\(town.port)"),
            operations: Operations(data: town.directory)
        )
        let figures = try await run.run()
        #expect(figures.ballots == 40)
        #expect(figures.contributions == run.consultation.voteCount)
        #expect(figures.cells > 0)
        #expect(figures.published > figures.contributions / 2)
        #expect(figures.mismatches.isEmpty, "\(figures.mismatches)")
        #expect(figures.messages + figures.uncoveredMessages == 30)
    }
}
