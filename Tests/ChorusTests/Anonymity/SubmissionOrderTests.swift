import Crypto
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Not even inside one batch does a row's place in the inbox tell when it came (I4).
@Suite struct SubmissionOrderTests {
    /// Puts submissions into the inbox in one statement and looks where they lie.
    ///
    /// - Returns: for each place in the heap, from its beginning, which submission lies there by its arrival.
    private func places(of count: Int, on server: TestServer) async throws -> [Int] {
        try await server.run("TRUNCATE anon_inbox, anon_batch", on: .private)
        let anonymous = server.parts.databases.anonymous
        let batch = try #require(try await anonymous.first(OpenBatch(id: UUID())) ?? nil)
        let keys = try await anonymous.execute(ReadKeys(network: server.network.id), network: server.network.id)
        let key = SymmetricKey(size: .bits256)
        let submissions = try (0..<count).map { number in
            let random = Array(SHA256.hash(data: Array("\(batch) \(number)".utf8)))
            let staged = StagedSubmission(
                network: server.network.id,
                keyId: try #require(keys.first).keyId,
                nullifier: random,
                digest: random,
                receiptId: random
            )
            return try SealedSubmission(staged, batch: batch, key: key)
        }
        let staged = try await anonymous.execute(StageSubmissions(submissions))
        #expect(staged.count == count)
        let tags = try await server.texts("SELECT encode(tag, 'hex') FROM anon_inbox ORDER BY ctid")
        return tags.compactMap { tag in submissions.firstIndex { $0.tag.hex == tag } }
    }

    /// How many neighbours lie in the order of their arrival: half of all when arrival says nothing.
    private func ascents(_ places: [Int]) -> Int { zip(places, places.dropFirst()).count { $0 < $1 } }

    @Test func submissionsOfOneBatchLieInNoOrderOfTheirArrival() async throws {
        try await withServer { server in
            let (first, second) = (try await places(of: 200, on: server), try await places(of: 200, on: server))
            for found in [first, second] {
                #expect(found.sorted() == Array(0..<200))
                // The number of ascents of a random order has mean 99.5 and variance 201/12: seven deviations either way,
                // which chance exceeds less often than once in 10¹¹ tests.
                #expect((71...128).contains(ascents(found)), "\(found)")
            }
            #expect(first != second, "nor in another order that is always the same")

            // The question finds what it looks for.
            let definition = try await server.texts(
                "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'stage_submissions'"
            )[0]
            #expect(definition.contains("ORDER BY random()"))
            try await server.run(definition.replacing("ORDER BY random()", with: ""), on: .private)
            #expect(ascents(try await places(of: 200, on: server)) == 199)
        }
    }
}
