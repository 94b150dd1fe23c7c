import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T13: the server and PostgreSQL are killed at every step of submit and mix; each acknowledged submission appears exactly once.
@Suite(.serialized) struct CrashProcessTests {
    private func texts(_ town: TestProcess, _ channel: String, _ moderator: TestPerson) async throws -> [String] {
        try await town.send("GET", "\(town.home)/channels/\(channel)/messages?limit=200", as: moderator)
            .json["items"].array.map { $0["text"].string }
    }

    /// Sends until it is acknowledged, as the client's outbox does: after a crash the same bytes again.
    private func post(_ town: TestProcess, _ token: Token, _ text: String, _ channel: String) async throws {
        let receipt = TestServer.randomReceipt()
        for attempt in 0..<5 {
            let reply = try? await town.submit(token, receiptId: receipt, TestServer.message(text, channel: channel))
            if reply?.status == 202 { return }
            if !town.isRunning {
                try town.start()
            } else {
                try await Task.sleep(for: .milliseconds(300 * (attempt + 1)))
            }
        }
        Issue.record("\(text) was never acknowledged")
    }

    @Test func t13KilledAnywhereEachAcknowledgedSubmissionAppearsExactlyOnce() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            var sent: [String] = []
            var unspent = tokens[...]
            for point in Self.submitSteps {
                town.kill9()
                try town.start(crashAt: point)
                sent.append(point)
                try await post(town, try #require(unspent.popFirst()), point, channel)
            }
            for point in Self.mixSteps {
                sent.append(point)
                try await post(town, try #require(unspent.popFirst()), point, channel)
                #expect(try town.run(["mix", "--now"], crashAt: point) == nil, "the mix was killed at \(point)")
                sent.append("after \(point)")
                try await post(town, try #require(unspent.popFirst()), "after \(point)", channel)
                try town.run(["mix", "--now"])
                #expect(try await texts(town, channel, moderator).sorted() == sent.sorted(), "\(point)")
            }
        }
    }

    private static let submitSteps = ["submit-checked", "submit-sealed", "submit-committed"]
    private static let mixSteps = [
        "mix-closed", "mix-opened", "mix-written", "mix-before-commit", "mix-committed", "mix-key-destroyed",
    ]

    @Test func t13PostgresKilledAnywhereEachAcknowledgedSubmissionAppearsExactlyOnce() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            var sent: [String] = []
            var unspent = tokens[...]
            for point in Self.submitSteps {
                town.kill9()
                try town.start(crashAt: "\(point):stop")
                let next = unspent.popFirst()
                let (token, receipt) = (try #require(next), TestServer.randomReceipt())
                let message = TestServer.message(point, channel: channel)
                async let reply = town.submit(token, receiptId: receipt, message)
                try town.killPostgresWhenStopped()
                // What was committed is acknowledged although PostgreSQL is gone; what was not is refused as unavailable, or
                // waits and is taken when PostgreSQL is back.
                let status = try await reply.status
                #expect(status == 202 || (status == 503 && point != "submit-committed"), "\(point): \(status)")
                town.kill9()
                try town.start()
                // The client's outbox sends what was not acknowledged again, with the same bytes.
                if status != 202 {
                    #expect(try await town.submit(token, receiptId: receipt, message).status == 202, "\(point)")
                }
                sent.append(point)
                try town.run(["mix", "--now"])
                #expect(try await texts(town, channel, moderator).sorted() == sent.sorted(), "\(point)")
            }
            for point in Self.mixSteps {
                sent.append(point)
                try await post(town, try #require(unspent.popFirst()), point, channel)
                try town.run(["mix", "--now"], killingPostgresAt: point)
                town.kill9()
                try town.start()
                try town.run(["mix", "--now"])
                #expect(try await texts(town, channel, moderator).sorted() == sent.sorted(), "\(point)")
            }
        }
    }
}
