import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T13 for what authors add: a mix that is killed leaves each reply exactly once.
@Suite struct ReplyCrashProcessTests {
    @Test func t13AMixThatIsKilledDoublesNoReply() async throws {
        try await withCrashTown { town, channel, _, tokens in
            let receipt = TestServer.randomReceipt()
            let message = TestServer.message("Frage", channel: channel)
            #expect(try await town.submit(tokens.first, receiptId: receipt, message).status == 202)
            try town.run(["mix", "--now"])
            let key = "\"receiptId\":\"\(Base64URL.encode(receipt))\""
            var said = ["Frage"]
            for point in ["mix-opened", "mix-before-commit", "mix-committed", "mix-key-destroyed"] {
                said.append(point)
                #expect(try await town.anonymous("inbox/replies", "{\(key),\"text\":\"\(point)\"}").status == 202)
                #expect(try town.run(["mix", "--now"], crashAt: point) == nil)
                try town.run(["mix", "--now"])
                let seen = try await town.inbox(Base64URL.encode(receipt)).json["messages"].array
                #expect(seen.map { $0["text"].string } == said, "\(point)")
            }
        }
    }
}
