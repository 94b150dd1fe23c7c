import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Flood control without identity: reads without a name cost work once there are many.
@Suite struct ChallengeTests {
    private let key = SymmetricKey(size: .bits256)
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func solve(_ challenge: String, _ difficulty: Int) -> String {
        var counter = 0
        while Challenge.zeroBits(SHA256.hash(data: Array("\(challenge).\(counter)".utf8))) < difficulty { counter += 1 }
        return "\(counter)"
    }

    @Test func aChallengeIsOursFreshAndSolved() throws {
        let challenge = Challenge(difficulty: 8, at: now, key)
        let read = try #require(Challenge(challenge.text, at: now, key))
        #expect(read == challenge)
        #expect(read.isSolved(by: solve(challenge.text, 8)))
        let wrong = (0...).first { Challenge.zeroBits(SHA256.hash(data: Array("\(challenge.text).\($0)".utf8))) < 8 }
        #expect(!read.isSolved(by: "\(wrong ?? 0)"))
        for counter in ["", "-1", "1x", String(repeating: "1", count: 21)] { #expect(!read.isSolved(by: counter)) }
        #expect(Challenge(challenge.text, at: now.addingTimeInterval(121), key) == nil, "too old")
        #expect(Challenge(challenge.text, at: now, SymmetricKey(size: .bits256)) == nil, "another server's")
        let cheap = challenge.text.replacing(".8.", with: ".0.")
        #expect(Challenge(cheap, at: now, key) == nil, "made cheaper")
        #expect(Challenge("", at: now, key) == nil)
    }

    @Test func thePriceRisesWithTheFloodAndFallsWithIt() {
        var flood = Flood(calm: 100)
        let calm = (0..<100).map { _ in flood.arrive(at: 5) }
        #expect(calm.allSatisfy { $0 == 0 })
        let prices = (0..<100_000).map { _ in flood.arrive(at: 6) }
        #expect(prices.first == 10)
        #expect(prices.last == 19, "each doubling costs one bit more")
        #expect(prices.sorted() == prices)
        let after = [flood.arrive(at: 16), flood.arrive(at: 26)]
        #expect(after == [19, 0], "the flood of the last ten seconds counts")
        var ocean = Flood(calm: 1)
        for _ in 0..<5_000 { _ = ocean.arrive(at: 1) }
        let price = ocean.arrive(at: 1)
        #expect(price == 20, "a telephone can still pay")
    }

    @Test func aSolutionBuysOneAnswer() {
        var flood = Flood(calm: 1)
        let challenge = Challenge(difficulty: 1, at: now, key)
        _ = flood.arrive(at: 10)
        let uses = [flood.use(challenge), flood.use(challenge)]
        #expect(uses == [true, false])
        _ = flood.arrive(at: 100)
        let later = flood.use(challenge)
        #expect(!later, "as long as it is good it is remembered")
    }

    /// The contract says what a proof may look like; one that does not is refused, whether or not it is asked for.
    @Test func aProofOfAnotherFormIsRefusedAlsoWhereNoneIsAskedFor() async throws {
        try await withServer { server in
            let path = "/v1/anonymous/directory?network=\(server.network.id.text)"
            for (proof, status) in [("x.1", 200), ("a b", 400), (String(repeating: "1", count: 401), 400)] {
                let reply = try await server.send("GET", path, headers: ["Chorus-Proof": proof])
                #expect(reply.status == status, "\(proof.prefix(10))")
            }
        }
    }

    /// A clock that stands: what is counted in seconds or minutes is counted whole, however slow the machine is.
    private func stopped() -> @Sendable () -> Date { TestClock().now }

    @Test func aFloodOfReadsIsAskedToWorkAndWorkIsTaken() async throws {
        try await withServer(now: stopped(), configure: { $0.calmReads = 20 }) { server in
            let receipt = Base64URL.encode(TestServer.randomReceipt())
            let body = "{\"receiptId\":\"\(receipt)\"}"
            var refused: TestReply?
            for _ in 0..<60 where refused == nil {
                let reply = try await server.anonymous("inbox", body)
                if reply.status != 200 { refused = reply }
            }
            let asked = try #require(refused)
            #expect(asked.status == 429)
            #expect(asked.problem == "challenge-required")
            #expect(asked.headers["retry-after"] == "1")
            let (challenge, difficulty) = (asked.json["challenge"].string, asked.json["difficulty"].int)
            #expect((10...12).contains(difficulty))
            let proof = ["Chorus-Proof": "\(challenge).\(solve(challenge, difficulty))"]
            #expect(try await server.anonymous("inbox", body, headers: proof).status == 200)
            #expect(try await server.anonymous("inbox", body, headers: proof).status == 429, "one answer only")
            let directory = "/v1/anonymous/directory?network=\(server.network.id.text)"
            #expect(try await server.send("GET", directory).status == 429)
            #expect(try await server.send("GET", "/healthz").status == 200)
            let empty = try await server.anonymous("submissions", "{\"v\":1}")
            #expect(empty.status == 422, "submissions are bounded by tokens, not by work")
        }
    }

    @Test func oneAddressAloneIsLimitedWithoutBeingTold() async throws {
        try await withServer(now: stopped(), configure: { $0.requestsPerMinute = 5 }) { server in
            let body = "{\"receiptId\":\"\(Base64URL.encode(TestServer.randomReceipt()))\"}"
            var statuses: [Int] = []
            for _ in 0..<14 {
                let reply = try await server.anonymous("inbox", body)
                statuses.append(reply.status)
                // People behind one address could see there that another of them has been here.
                #expect(reply.headers.keys.allSatisfy { !$0.hasPrefix("ratelimit") })
            }
            #expect(statuses.contains(200))
            #expect(statuses.contains(429))
        }
    }

    @Test func aCheapSolutionDoesNotPayForADearAnswer() async throws {
        try await withServer(now: stopped(), configure: { $0.calmReads = 1 }) { server in
            let body = "{\"receiptId\":\"\(Base64URL.encode(TestServer.randomReceipt()))\"}"
            _ = try await server.anonymous("inbox", body)
            let asked = try await server.anonymous("inbox", body).json
            let (challenge, difficulty) = (asked["challenge"].string, asked["difficulty"].int)
            #expect(difficulty < 13)
            var counter = 0
            while Challenge.zeroBits(SHA256.hash(data: Array("\(challenge).\(counter)".utf8))) < difficulty {
                counter += 1
            }
            for _ in 0..<100 { _ = try await server.anonymous("inbox", body) }
            let proof = ["Chorus-Proof": "\(challenge).\(counter)"]
            #expect(try await server.anonymous("inbox", body, headers: proof).status == 429)
        }
    }
}
