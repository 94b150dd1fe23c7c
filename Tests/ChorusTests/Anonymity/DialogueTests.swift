import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The dialogue between an author and the team (anonymity.md, section 4).
@Suite struct DialogueTests {
    /// A mixed message: where moderators find it, who moderates, and its receipt.
    private func withMessage(
        _ body: (TestServer, _ path: String, TestPerson, _ receipt: String) async throws -> Void
    ) async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator, .moderator)
            let channel = try await server.channel(by: team)
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            let receipt = TestServer.randomReceipt()
            let token = wallets[0].tokens[server.network.id]?.first
            let message = TestServer.message("Frage", channel: channel)
            #expect(try await server.submit(token, receiptId: receipt, message).status == 202)
            try await server.mix()
            let messages = "\(server.home)/channels/\(channel)/messages"
            let id = try await server.send("GET", messages, as: team).json["items"][0]["id"].string
            try await body(server, "\(messages)/\(id)", team, Base64URL.encode(receipt))
        }
    }

    private func reply(_ server: TestServer, _ receipt: String, _ text: String) async throws -> TestReply {
        let body = "{\"receiptId\":\"\(receipt)\",\"text\":\"\(text)\"}"
        return try await server.send("POST", "/v1/anonymous/inbox/replies", body)
    }

    private func inbox(_ server: TestServer, _ receipt: String) async throws -> JSONValue {
        try await server.send("POST", "/v1/anonymous/inbox", "{\"receiptId\":\"\(receipt)\"}").json
    }

    @Test func authorAndTeamTalkThroughTheMixer() async throws {
        try await withMessage { server, path, team, receipt in
            _ = try await server.send("POST", "\(path)/replies", "{\"text\":\"Wann war das?\"}", as: team)
            let taken = try await reply(server, receipt, "Gestern")
            #expect(taken.status == 202, "\(taken.text)")
            #expect(taken.json["status"].string == "queued")
            for text in ["am Abend", "im Amt"] { #expect(try await reply(server, receipt, text).status == 202) }
            #expect(try await reply(server, receipt, "im Amt").status == 202, "the same again is no second one")
            let before = try await server.send("GET", "\(path)/replies", as: team).json["items"].array
            #expect(before.map { $0["text"].string } == ["Wann war das?"], "nothing before the mix")
            try await server.mix()
            let expected = ["Frage", "Wann war das?", "Gestern", "am Abend", "im Amt"]
            let seen = try await inbox(server, receipt)
            #expect(seen["messages"].array.map { $0["text"].string } == expected)
            #expect(
                seen["messages"].array.map { $0["from"].string } == ["author", "team", "author", "author", "author"]
            )
            #expect(seen["state"].string == "open", "an answered message is open again")
            let first = try await server.send("GET", "\(path)/replies?limit=2", as: team).json
            let rest = try await server.send("GET", "\(path)/replies?after=\(first["next"].string)", as: team).json
            let read = (first["items"].array + rest["items"].array).map { $0["text"].string }
            #expect(read == Array(expected.dropFirst()))
            let member = try await server.person(.member)
            #expect(try await server.send("GET", "\(path)/replies", as: member).status == 403)
        }
    }

    @Test func tenRepliesMayWaitHoweverManyAreSentAtOnce() async throws {
        try await withMessage { server, path, team, receipt in
            let statuses = try await withThrowingTaskGroup(of: TestReply.self) { group in
                for index in 0..<16 { group.addTask { try await reply(server, receipt, "Antwort \(index)") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0.status == 202 } == 10)
            let refused = statuses.filter { $0.status == 429 }
            #expect(refused.count == 6)
            #expect(refused.allSatisfy { Int($0.headers["retry-after"] ?? "") ?? 0 > 0 })
            try await server.mix()
            let read = try await server.send("GET", "\(path)/replies", as: team).json["items"].array
            #expect(Set(read.map { $0["text"].string }).count == 10, "each acknowledged one once")
            #expect(read.count == 10)
            #expect(try await reply(server, receipt, "Noch eine").status == 202, "after the mix there is room")
        }
    }

    @Test func aReplyWithoutAnOpenThreadIsRefusedAndSaysSo() async throws {
        try await withMessage { server, path, team, receipt in
            let unknown = try await reply(server, Base64URL.encode(TestServer.randomReceipt()), "Hallo")
            #expect(unknown.status == 404)
            let cookie = try await server.send(
                "POST",
                "/v1/anonymous/inbox/replies",
                "{\"receiptId\":\"\(receipt)\",\"text\":\"x\"}",
                headers: ["Cookie": "chorus=x"]
            )
            #expect(cookie.problem == "identity-attached")
            let rejection = "{\"state\":\"rejected\",\"reason\":\"Bitte ohne Namen.\"}"
            _ = try await server.send("PUT", "\(path)/moderation", rejection, as: team)
            #expect(try await reply(server, receipt, "Schade").status == 409)
            #expect(try await server.count("SELECT count(*) FROM anon_inbox") == 0)
            let seen = try await inbox(server, receipt)
            #expect(seen["messages"][1]["text"].string == "Bitte ohne Namen.")
        }
    }

    @Test func aReplyWaitsForCompanyLikeEverythingElse() async throws {
        try await withMessage { server, path, team, receipt in
            #expect(try await reply(server, receipt, "leise").status == 202)
            let mixer = Mixer(parts: server.parts)
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 1))
            #expect(try await reply(server, receipt, "und noch eine").status == 202)
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 2))
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 2, carried: 0))
            let read = try await server.send("GET", "\(path)/replies", as: team).json["items"].array
            #expect(read.map { $0["text"].string } == ["leise", "und noch eine"])
        }
    }
}
