import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T11 for the way back: what an author's reply and a look into the inbox must not leave behind, at the most talkative log level.
@Suite(.serialized) struct ReplyLeakProcessTests {
    private static let headers = ["User-Agent": "Agent-\(UUID().text)", "X-Forwarded-For": "203.0.113.78"]

    /// A request of the author's program.
    private func ask(_ town: TestProcess, _ path: String, _ body: String, _ ids: inout [String]) async throws
        -> TestReply
    {
        let reply = try await town.anonymous(path, body, headers: Self.headers)
        ids.append(reply.headers["x-request-id"] ?? "no request id")
        return reply
    }

    @Test func t11NothingThatTellsOnAnAuthorWhoRepliesIsWrittenDown() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            town.kill9()
            try town.start(logLevel: "trace")
            let (receipt, stranger) = (TestServer.randomReceipt(), TestServer.randomReceipt())
            let (text, answer) = ("Kanarienvogel-\(UUID().text)", "Zeisig-\(UUID().text)")
            var ids: [String] = []
            let sent = try await town.submit(
                tokens.first,
                receiptId: receipt,
                TestServer.message(text, channel: channel),
                headers: Self.headers
            )
            #expect(sent.status == 202, "\(sent.text)")
            try town.run(["mix", "--now", "--log-level", "trace"])
            let key = "\"receiptId\":\"\(Base64URL.encode(receipt))\""
            let reply = "{\(key),\"text\":\"\(answer)\"}"
            for (path, body, status) in [
                ("inbox", "{\(key)}", 200), ("inbox/replies", reply, 202),
                ("inbox/replies", reply, 202), ("inbox", "{\(key)}", 200),
                ("inbox", "{\"receiptId\":\"\(Base64URL.encode(stranger))\"}", 200),
                (
                    "inbox/replies",
                    "{\"receiptId\":\"\(Base64URL.encode(stranger))\",\"text\":\"\(answer)\"}", 404
                ),
                ("inbox/withdrawal", "{\"receiptId\":\"\(Base64URL.encode(stranger))\"}", 404),
                ("inbox/replies", "{\(key),\"text\":7,\"\(answer)\":1}", 422),
            ] {
                let taken = try await ask(town, path, body, &ids)
                #expect(taken.status == status, "\(path): \(taken.text)")
            }
            let never = canaries([receipt, stranger], ids)
            try await check(town, never + [("reply", Array(answer.utf8))], "before its mix")

            try town.start(logLevel: "trace")
            try town.run(["mix", "--now", "--log-level", "trace"])
            let seen = try await ask(town, "inbox", "{\(key)}", &ids).json["messages"].array
            #expect(seen.map { $0["text"].string } == [text, answer])
            let messages = "\(town.home)/channels/\(channel)/messages"
            let id = try await town.send("GET", messages, as: moderator).json["items"][0]["id"].string
            let read = try await town.send("GET", "\(messages)/\(id)/replies", as: moderator).json["items"]
            #expect(read[0]["text"].string == answer)
            let lookup = Array(HMAC<SHA256>.authenticationCode(for: receipt, using: try pepper(of: town)))
            try await check(town, canaries([receipt, stranger], ids), "after its mix")

            // What was mixed stands in the tables and their log, and in no file that people read.
            for bytes in [Array(text.utf8), Array(answer.utf8), lookup] {
                let found = town.files(holding: bytes)
                #expect(!found.isEmpty, "the search finds what is there")
                #expect(
                    found.allSatisfy { path in
                        ["base", "pg_wal"].contains { path.hasPrefix("\(town.directory)/postgres/\($0)/") }
                    },
                    "\(found)"
                )
            }
            #expect(town.files(holding: Array(lookup.hex.utf8)) == [])
        }
    }

    /// Whatever must be nowhere at any time.
    private func canaries(_ receipts: [[UInt8]], _ ids: [String]) -> [(name: String, bytes: [UInt8])] {
        var all: [(name: String, bytes: [UInt8])] = []
        for receipt in receipts {
            let numbers = receipt.map(String.init).joined(separator: ", ")
            all.append(("receipt", receipt))
            all.append(("receipt as text", Array(Base64URL.encode(receipt).utf8)))
            all.append(("receipt in hexadecimal digits", Array(receipt.hex.utf8)))
            all.append(("receipt as a list of numbers", Array(numbers.utf8)))
        }
        for id in ids { all.append(("request id", Array(id.utf8))) }
        for value in Self.headers.values { all.append(("header", Array(value.utf8))) }
        for route in ["/v1/anonymous/inbox", "inbox/replies", "inbox/withdrawal"] {
            all.append(("route", Array(route.utf8)))
        }
        return all
    }

    /// Looks through metrics and, after a clean end, through every file of the data directory, logs and PostgreSQL among them.
    private func check(_ town: TestProcess, _ canaries: [(name: String, bytes: [UInt8])], _ time: String) async throws {
        let metrics = try await town.send("GET", "/metrics").body
        #expect(metrics.range(of: Data("chorus_".utf8)) != nil)
        for (name, bytes) in canaries {
            #expect(metrics.range(of: Data(bytes)) == nil, "\(name) in the metrics \(time)")
        }
        #expect(town.stop() == 0)
        let log = try #require(FileManager.default.contents(atPath: town.directory + ".log"))
        #expect(log.range(of: Data(" trace ".utf8)) != nil, "the log is talkative")
        for (name, bytes) in canaries { #expect(town.files(holding: bytes) == [], "\(name) \(time)") }
    }

    private func pepper(of town: TestProcess) throws -> SymmetricKey {
        let text = try String(contentsOfFile: "\(town.directory)/secrets/receipt-pepper", encoding: .utf8)
        return SymmetricKey(data: try #require(Base64URL.decode(text.trimmingWhitespace())))
    }
}
