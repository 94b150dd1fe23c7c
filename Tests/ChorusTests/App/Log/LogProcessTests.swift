import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The log of a town at the most talkative level, as programs read it.
@Suite(.serialized) struct LogProcessTests {
    @Test func everyLineIsAnObjectThatNamesNobodyAndNoAnonymousRequest() async throws {
        try await withCrashTown { town, channel, moderator, tokens in
            town.kill9()
            try town.start(logLevel: "trace", environment: ["CHORUS_LOG_FORMAT": "json"])
            let receipt = TestServer.randomReceipt()
            let canaries = ["Kanarie-\(UUID().text)", "mensch-\(UUID().text)@example.org", "203.0.113.77"]
            let headers = ["User-Agent": canaries[0], "X-Forwarded-For": canaries[2]]
            let wrong = "{\"email\":\"\(canaries[1])\",\"password\":\"\(canaries[0])\"}"
            let signIn = try await town.send("POST", "/v1/sessions", wrong)
            #expect(signIn.status == 401)
            let events = "\(town.home)/events?from=2026-01-01&kind=\(canaries[0])"
            let refused = try await town.send("GET", events, as: moderator, headers: headers)
            #expect((400...422).contains(refused.status))
            let nowhere = try await town.send("GET", "/v1/\(canaries[0])", as: moderator)
            #expect(nowhere.status == 404)
            let list = try await town.send("GET", "\(town.home)/events", as: moderator)
            #expect(list.status == 200)
            let before = try requests(in: town)
            let message = TestServer.message(canaries[0], channel: channel)
            let sent = try await town.submit(tokens[0], receiptId: receipt, message, headers: headers)
            #expect(sent.status == 202, "\(sent.text)")
            let inbox = try await town.inbox(Base64URL.encode(receipt))
            let directory = try await town.send("GET", "/v1/anonymous/directory?network=\(town.network.id.text)")
            let malformed = try await town.anonymous("submissions", "{\"\(canaries[0])\":1}")
            #expect(inbox.status == 200 && directory.status == 200 && malformed.status == 422)
            #expect(town.stop() == 0)

            let log = try town.log()
            let lines = try log.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
            #expect(lines.contains { $0["message"].string.hasPrefix("Chorus listens on") })
            #expect(
                lines.contains { $0["route"].string == "/v1/networks/{network}/events" && $0["status"].string == "200" }
            )
            for line in lines {
                guard case .object(let members) = line else { throw POSIXError(.EINVAL) }
                #expect(Set(members.keys).isSubset(of: LineLogHandler.keys.union(["time", "level", "message"])))
                #expect(RFC3339.date(line["time"].string) != nil && !line["level"].string.isEmpty)
            }
            let after = try requests(in: town)
            #expect(after == before, "anonymous requests have no line")
            let never =
                canaries + [
                    Base64URL.encode(receipt), town.network.id.text, channel, moderator.token, "/v1/anonymous", "from=",
                ]
            for canary in never { #expect(!log.contains(canary), "\(canary)") }
        }
    }

    private func requests(in town: TestProcess) throws -> Int {
        try town.log().split(separator: "\n").count { $0.contains("\"message\":\"request\"") }
    }
}
