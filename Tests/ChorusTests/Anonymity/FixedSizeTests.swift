import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T14: sizes and times tell nothing.
@Suite struct FixedSizeTests {
    @Test func t14RequestsHaveOneOfThreeSizes() async throws {
        try await withMessage { message in
            let token = message.tokens[0]
            let signed = """
                {"v":1,"token":{"input":"\(Base64URL.encode(token.input.bytes))","signature":"\(Base64URL.encode(token.signature))"},\
                "receiptId":"\(message.receipt)",\
                \(TestServer.message("x", channel: String(message.path.split(separator: "/")[4])))}
                """
            let right = try #require(FixedSize.padded(Array(signed.utf8)))
            #expect(right.count == 2_048)
            let before = try await message.server.fingerprint()
            for wrong in [Array(signed.utf8), right + [0x20], Array(right.dropLast(3)) + Array("\"}".utf8)] {
                let refused = try await message.server.send("POST", "/v1/anonymous/submissions", bytes: wrong)
                #expect(refused.status == 422)
                #expect(refused.json["errors"][0]["pointer"].string == "/pad")
            }
            #expect(try await message.server.fingerprint() == before, "nothing was stored")
            let taken = try await message.server.send("POST", "/v1/anonymous/submissions", bytes: right)
            #expect(taken.status == 202)
        }
    }

    @Test(arguments: [1, 1_900, 2_029, 2_040, 2_100, 8_100, 8_200, 32_700])
    func t14PaddingFillsUpToTheNextSize(length: Int) throws {
        let body = Array("{\"text\":\"\(String(repeating: "a", count: length))\"}".utf8)
        let padded = try #require(FixedSize.padded(body))
        #expect(FixedSize.all.contains(padded.count))
        #expect(FixedSize.all.allSatisfy { $0 >= padded.count || $0 < body.count + 10 }, "the smallest that it fits in")
        let parsed = try JSONParser.parse(padded)
        #expect(parsed["text"].string.count == length)
        #expect(FixedSize.padded(Array(repeating: 0x7B, count: 32_769)) == nil)
    }

    @Test func t14AnUnknownReceiptAndAnEmptyThreadLookTheSame() async throws {
        try await withMessage { message in
            let thread = try await message.server.inbox(message.receipt)
            let unknown = try await message.server.inbox(Base64URL.encode(TestServer.randomReceipt()))
            let queued = TestServer.randomReceipt()
            let channel = String(message.path.split(separator: "/")[4])
            let text = TestServer.message("wartet", channel: channel)
            #expect(try await message.server.submit(message.tokens[0], receiptId: queued, text).status == 202)
            let waiting = try await message.server.inbox(Base64URL.encode(queued))
            #expect([thread, unknown, waiting].map { $0.json["state"].string } == ["inReview", "unknown", "queued"])
            for reply in [thread, unknown, waiting] {
                #expect(reply.status == 200)
                #expect(reply.body.count == 2_048)
                #expect(reply.headers["content-length"] == "2048")
                #expect(Set(reply.headers.keys) == Set(thread.headers.keys))
            }
            let long = String(repeating: "ü", count: 3_000)
            #expect(try await message.reply(long).status == 202)
            try await message.server.mix()
            #expect(try await message.server.inbox(message.receipt).body.count == 8_192)
        }
    }

    /// 2,000 answers of each kind, in a random order; Mann–Whitney's U with the normal approximation and ties.
    @Test func t14AnUnknownReceiptAndAnEmptyThreadTakeTheSameTime() async throws {
        try await withServer(configure: { $0.calmReads = 1_000_000 }) { server in
            let team = try await server.person(.member, .coordinator, .moderator)
            let channel = try await server.channel(by: team)
            var tokens: [Token] = []
            for person in try await server.people(20) {
                tokens += try await server.wallet(of: person).tokens[server.network.id] ?? []
            }
            let receipt = TestServer.randomReceipt()
            _ = try await server.submit(tokens[0], receiptId: receipt, TestServer.message("x", channel: channel))
            try await server.mix()
            let known = Base64URL.encode(receipt)
            // Equal distributions fall below 0.01 once in a hundred times, different ones every time.
            var p = 0.0
            for _ in 0..<3 where p <= 0.01 {
                let samples = try await measure(server, known)
                p = mannWhitney(samples.known, samples.unknown)
                // Ranks cannot tell on a busy machine; that nothing leaves before the first step of the grid can.
                let quickest = (samples.known + samples.unknown).min() ?? 0
                #expect(quickest >= Departure.step / .seconds(1))
                let medians = [samples.known, samples.unknown].map { $0.sorted()[$0.count / 2] * 1_000 }
                print("T14: medians \(medians) ms of \(samples.known.count) and \(samples.unknown.count), p = \(p)")
            }
            #expect(p > 0.01)
        }
    }

    private func measure(_ server: TestServer, _ known: String) async throws -> (known: [Double], unknown: [Double]) {
        let order = ([Bool](repeating: true, count: 2_000) + [Bool](repeating: false, count: 2_000)).shuffled()
        return try await withThrowingTaskGroup(of: [Bool: [Double]].self) { group in
            // Several readers at once, each with a share of the order; one alone would take minutes on the grid of time.
            let lanes = 10
            for lane in 0..<lanes {
                let share = stride(from: lane, to: order.count, by: lanes).map { order[$0] }
                group.addTask {
                    var times: [Bool: [Double]] = [:]
                    for isKnown in share {
                        let receipt = isKnown ? known : Base64URL.encode(TestServer.randomReceipt())
                        let start = ContinuousClock.now
                        _ = try await server.inbox(receipt)
                        times[isKnown, default: []].append((ContinuousClock.now - start) / .seconds(1))
                    }
                    return times
                }
            }
            let all = try await group.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
            return (all[true] ?? [], all[false] ?? [])
        }
    }
}

/// The probability of a difference in rank as large as this one between two samples of the same distribution.
///
/// H. B. Mann, D. R. Whitney: On a test of whether one of two random variables is stochastically larger than the other (1947).
func mannWhitney(_ a: [Double], _ b: [Double]) -> Double {
    let all = (a.map { ($0, true) } + b.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var rankSum = 0.0
    var ties = 0.0
    var start = 0
    while start < all.count {
        var end = start
        while end < all.count, all[end].0 == all[start].0 { end += 1 }
        let rank = Double(start + end + 1) / 2
        rankSum += rank * Double(all[start..<end].count { $0.1 })
        let size = Double(end - start)
        ties += size * size * size - size
        start = end
    }
    let (n, m, total) = (Double(a.count), Double(b.count), Double(all.count))
    let u = rankSum - n * (n + 1) / 2
    let variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    let z = abs(u - n * m / 2) / variance.squareRoot()
    return erfc(z / 2.0.squareRoot())
}
