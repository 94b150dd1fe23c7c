import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct ChannelTests {
    /// A channel with some mixed messages.
    private func withMessages(
        _ count: Int,
        _ body: (TestServer, String, TestPerson, [(receipt: String, text: String)]) async throws -> Void
    ) async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator, .moderator)
            let channel = try await server.channel(by: team)
            var sent: [(receipt: String, text: String)] = []
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            for (index, wallet) in wallets.prefix(count).enumerated() {
                let receipt = TestServer.randomReceipt()
                let reply = try await server.submit(
                    wallet.tokens[server.network.id]?.first,
                    receiptId: receipt,
                    TestServer.message("Nachricht \(index)", channel: channel)
                )
                #expect(reply.status == 202, "\(reply.text)")
                sent.append(("{\"receiptId\":\"\(Base64URL.encode(receipt))\"}", "Nachricht \(index)"))
            }
            try await server.mix()
            try await body(server, channel, team, sent)
        }
    }

    @Test func membersSeeChannelsAndCoordinatorsMakeThem() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let member = try await server.person(.member)
            let body = """
                {"name":"Vorschläge","policy":"Wir antworten.","themes":[{"name":"Raum"},{"name":"Diskriminierung",\
                "group":"Schutz","sensitive":true}],"kind":"suggestion","clock":{"acknowledgeDays":7,"answerDays":90}}
                """
            #expect(try await server.send("POST", "\(server.home)/channels", body, as: member).status == 403)
            let made = try await server.send("POST", "\(server.home)/channels", body, as: coordinator)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["themes"][1]["sensitive"].isTrue)
            _ = try await server.channel(by: coordinator)
            let first = try await server.send("GET", "\(server.home)/channels?limit=1", as: member)
            let second = try await server.send(
                "GET",
                "\(server.home)/channels?limit=1&after=\(first.json["next"].string)",
                as: member
            )
            #expect((first.json["items"].array + second.json["items"].array).contains(made.json))
            #expect(second.json["next"] == .null)
        }
    }

    @Test func moderatorsPageFilterAnswerAndSummarise() async throws {
        try await withMessages(5) { server, channel, team, sent in
            let path = "\(server.home)/channels/\(channel)/messages"
            var seen: [JSONValue] = []
            var after = ""
            repeat {
                let page = try await server.send("GET", "\(path)?limit=2\(after)", as: team).json
                seen += page["items"].array
                after = page["next"] == .null ? "" : "&after=\(page["next"].string)"
            } while !after.isEmpty
            #expect(Set(seen.map { $0["text"].string }) == Set(sent.map(\.text)))
            #expect(seen.count == 5, "none twice")
            let (receipt, text) = sent[0]
            let one = try #require(seen.first { $0["text"].string == text })["id"].string
            #expect(
                try await server.send("PUT", "\(path)/\(one)/moderation", "{\"state\":\"open\"}", as: team)
                    .json["state"].string == "open"
            )
            let open = try await server.send("GET", "\(path)?state=open", as: team).json["items"].array
            #expect(open.map { $0["id"].string } == [one])
            let reply = try await server.send("POST", "\(path)/\(one)/replies", "{\"text\":\"Danke!\"}", as: team)
            #expect(reply.status == 202, "\(reply.text)")
            try await server.mix()
            let inbox = try await server.send("POST", "/v1/anonymous/inbox", receipt).json
            #expect(inbox["messages"].array.map { $0["from"].string } == ["author", "team"])
            #expect(inbox["messages"][1]["text"].string == "Danke!")
            let summary = try await server.send("PUT", "\(path)/\(one)/summary", "{\"text\":\"Kurz\"}", as: team)
            #expect(summary.json["summary"].string == "Kurz")
            let member = try await server.person(.member)
            #expect(try await server.send("GET", path, as: member).status == 403)
            #expect(
                try await server.send("PUT", "\(path)/\(UUID().text)/summary", "{\"text\":\"x\"}", as: team).status
                    == 404
            )
        }
    }

    @Test func twoModeratorsWhoAnswerAtOnceAreBothHeard() async throws {
        try await withMessages(1) { server, channel, team, sent in
            let path = "\(server.home)/channels/\(channel)/messages"
            let one = try await server.send("GET", path, as: team).json["items"][0]["id"].string
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<10 {
                    group.addTask {
                        let text = "{\"text\":\"Antwort \(index)\"}"
                        return try await server.send("POST", "\(path)/\(one)/replies", text, as: team).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [Int](repeating: 202, count: 10))
            try await server.mix()
            let inbox = try await server.send("POST", "/v1/anonymous/inbox", sent[0].receipt).json
            #expect(inbox["messages"].array.count == 11)
        }
    }
}
