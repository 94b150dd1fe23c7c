import AnonymousTokens
import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// T11: what must not be written down is looked for in every file that a server and its PostgreSQL write, at the most talkative
/// log level: logs, tables, indexes, WAL.
@Suite(.serialized) struct LeakProcessTests {
    /// Every file of the data directory and the server's own log that holds some bytes.
    private func files(of town: TestProcess, holding needle: [UInt8]) -> [String] {
        let all = FileManager.default.enumerator(atPath: town.directory)?.compactMap { $0 as? String } ?? []
        #expect(all.count > 500, "the whole of PostgreSQL is there")
        return (all.map { "\(town.directory)/\($0)" } + [town.directory + ".log"]).filter { path in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                return false
            }
            guard let bytes = FileManager.default.contents(atPath: path) else { return false }
            return bytes.range(of: Data(needle)) != nil
        }
    }

    @Test func t11NothingThatTellsOnAnAuthorIsWrittenDown() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            town.kill9()
            try town.start(logLevel: "trace")
            // PostgreSQL would compress a row that is not sealed, and the search would not find what is there.
            try town.psql("ALTER TABLE anon_inbox ALTER COLUMN sealed SET STORAGE EXTERNAL")
            let token = try #require(tokens.first)
            let receipt = TestServer.randomReceipt()
            let text = "Kanarienvogel-\(UUID().text)"
            let agent = "Agent-\(UUID().text)"
            let sent = try await town.submit(
                token,
                receiptId: receipt,
                TestServer.message(text, channel: channel),
                headers: ["User-Agent": agent, "X-Forwarded-For": "203.0.113.77"]
            )
            #expect(sent.status == 202, "\(sent.text)")
            // Nor what fails: the log names an error, not the request.
            try town.psql("ALTER TABLE anon_inbox RENAME TO anon_inbox_gone")
            let failed = try await town.submit(tokens[1], TestServer.message(text, channel: channel))
            #expect(failed.status == 500)
            try town.psql("ALTER TABLE anon_inbox_gone RENAME TO anon_inbox")
            let nullifier = Array(SHA256.hash(data: Array("nullifier-v1".utf8) + token.input.bytes))
            let requestId = sent.headers["x-request-id"] ?? "no request id"
            let never: [(name: String, bytes: [UInt8])] = [
                ("token input", token.input.bytes), ("signature", token.signature), ("receipt", receipt),
                ("token input as text", Array(Base64URL.encode(token.input.bytes).utf8)),
                ("signature as text", Array(Base64URL.encode(token.signature).utf8)),
                ("receipt as text", Array(Base64URL.encode(receipt).utf8)),
                ("receipt in hexadecimal digits", Array(receipt.hex.utf8)),
                ("user agent", Array(agent.utf8)), ("address", Array("203.0.113.77".utf8)),
                ("request id", Array(requestId.utf8)),
                ("id of a request that failed", Array((failed.headers["x-request-id"] ?? "no request id").utf8)),
                ("anonymous route", Array("/v1/anonymous/submissions".utf8)),
            ]
            #expect(town.stop() == 0)
            // Before the mix the text and the nullifier are sealed, too.
            for (name, bytes) in never + [("text", Array(text.utf8)), ("nullifier", nullifier)] {
                #expect(files(of: town, holding: bytes) == [], "\(name) before the mix")
            }
            // The server's own mixer: the command's log has errors only.
            try town.start(logLevel: "trace", mixEvery: "1s")
            for _ in 0..<200 {
                let list = try await town.send("GET", "\(town.home)/channels/\(channel)/messages", as: moderator)
                if !list.json["items"].array.isEmpty { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            let read = try await town.send("GET", "\(town.home)/channels/\(channel)/messages", as: moderator)
            #expect(read.json["items"][0]["text"].string == text)
            #expect(town.stop() == 0)
            for (name, bytes) in never {
                #expect(files(of: town, holding: bytes) == [], "\(name) after the mix")
            }
            // What was mixed stands in the tables and their WAL, and in no log.
            for bytes in [Array(text.utf8), nullifier] {
                let found = files(of: town, holding: bytes)
                #expect(!found.isEmpty, "the search finds what is there")
                #expect(
                    found.allSatisfy { $0.contains("/postgres/base/") || $0.contains("/postgres/pg_wal/") },
                    "\(found)"
                )
            }
        }
    }
}
