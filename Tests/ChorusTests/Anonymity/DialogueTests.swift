import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The dialogue between an author and the team (anonymity.md, section 4).
@Suite struct DialogueTests {
    @Test func authorAndTeamTalkThroughTheMixer() async throws {
        try await withMessage { message in
            let asked = try await message.answer("Wann war das?")
            #expect(asked.status == 202, "\(asked.text)")
            #expect(asked.json["status"].string == "queued")
            #expect(try await message.inbox()["messages"].array.count == 1, "nothing before the mix")
            try await message.server.mix()
            #expect(try await message.seen()["state"].string == "answered")
            let taken = try await message.reply("Gestern")
            #expect(taken.status == 202, "\(taken.text)")
            for text in ["am Abend", "im Amt"] { #expect(try await message.reply(text).status == 202) }
            #expect(try await message.reply("im Amt").status == 202, "the same again is no second one")
            try await message.server.mix()
            let expected = ["Frage", "Wann war das?", "Gestern", "am Abend", "im Amt"]
            let seen = try await message.inbox()
            #expect(seen["messages"].array.map { $0["text"].string } == expected)
            #expect(
                seen["messages"].array.map { $0["from"].string } == ["author", "team", "author", "author", "author"]
            )
            #expect(seen["state"].string == "open", "an answered message is open again")
            let (server, path, team) = (message.server, message.path, message.team)
            let first = try await server.send("GET", "\(path)/replies?limit=2", as: team).json
            let rest = try await server.send("GET", "\(path)/replies?after=\(first["next"].string)", as: team).json
            let read = (first["items"].array + rest["items"].array).map { $0["text"].string }
            #expect(read == Array(expected.dropFirst()))
            let member = try await server.person(.member)
            #expect(try await server.send("GET", "\(path)/replies", as: member).status == 403)
        }
    }

    @Test func whatBothSideSayBetweenTwoMixesIsOpen() async throws {
        try await withMessage { message in
            for text in ["eins", "zwei"] { #expect(try await message.answer(text).status == 202) }
            #expect(try await message.reply("drei").status == 202)
            try await message.server.mix()
            let seen = try await message.inbox()
            #expect(seen["messages"].array.map { $0["text"].string } == ["Frage", "drei", "eins", "zwei"])
            #expect(seen["state"].string == "open", "the team has not seen the author's last word")
            let rows = "SELECT count(DISTINCT xmin::text) FROM reply"
            #expect(try await message.server.count(rows) == 1, "I4: replies of both sides have one xmin")
        }
    }

    @Test func tenRepliesMayWaitHoweverManyAreSentAtOnce() async throws {
        try await withMessage { message in
            let statuses = try await withThrowingTaskGroup(of: TestReply.self) { group in
                for index in 0..<16 { group.addTask { try await message.reply("Antwort \(index)") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0.status == 202 } == 10)
            let refused = statuses.filter { $0.status == 429 }
            #expect(refused.count == 6)
            #expect(refused.allSatisfy { Int($0.headers["retry-after"] ?? "") ?? 0 > 0 })
            try await message.server.mix()
            let path = "\(message.path)/replies"
            let read = try await message.server.send("GET", path, as: message.team).json["items"].array
            #expect(Set(read.map { $0["text"].string }).count == 10, "each acknowledged one once")
            #expect(read.count == 10)
            #expect(try await message.reply("Noch eine").status == 202, "after the mix there is room")
        }
    }

    @Test func aReplyWithoutAnOpenThreadIsRefusedAndSaysSo() async throws {
        try await withMessage { message in
            let stranger = Base64URL.encode(TestServer.randomReceipt())
            let body = "{\"receiptId\":\"\(stranger)\",\"text\":\"Hallo\"}"
            #expect(try await message.server.anonymous("inbox/replies", body).status == 404)
            for route in ["inbox", "inbox/replies", "inbox/withdrawal"] {
                let body = "{\"receiptId\":\"\(message.receipt)\",\"text\":\"x\"}"
                let cookie = try await message.server.anonymous(route, body, headers: ["Cookie": "chorus=x"])
                #expect(cookie.problem == "identity-attached")
            }
            let rejection = "{\"state\":\"rejected\",\"reason\":\"Bitte ohne Namen.\"}"
            _ = try await message.server.send("PUT", "\(message.path)/moderation", rejection, as: message.team)
            #expect(try await message.reply("Schade").status == 409)
            #expect(try await message.server.count("SELECT count(*) FROM anon_inbox") == 0)
            #expect(try await message.inbox()["messages"][1]["text"].string == "Bitte ohne Namen.")
        }
    }

    @Test func aReplyWaitsForCompanyLikeEverythingElse() async throws {
        try await withMessage { message in
            _ = try await message.reply("leise")
            let mixer = Mixer(parts: message.server.parts)
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 1))
            let second = try await message.reply("und noch eine")
            #expect(second.status == 202)
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 0, carried: 2))
            #expect(try await mixer.mix() == Mixer.Outcome(mixed: 2, carried: 0))
            let read = try await message.inbox()["messages"].array.map { $0["text"].string }
            #expect(read == ["Frage", "leise", "und noch eine"])
        }
    }

    @Test func whatTheTeamSaysIsNoCompany() async throws {
        try await withMessage { message in
            #expect(try await message.reply("allein").status == 202)
            for index in 0..<9 { #expect(try await message.answer("Antwort \(index)").status == 202) }
            let outcome = try await Mixer(parts: message.server.parts).mix()
            #expect(outcome == Mixer.Outcome(mixed: 0, carried: 10), "a moderator cannot flush the inbox")
        }
    }

    @Test func anAuthorTakesBackTextAndThread() async throws {
        try await withMessage(rating: 2) { message in
            #expect(try await message.reply("und dann").status == 202)
            #expect(try await message.answer("Wann?").status == 202)
            #expect(try await message.withdraw().status == 202)
            #expect(try await message.withdraw().status == 202, "the same again is no second one")
            #expect(try await message.inbox()["state"].string == "inReview", "until the mix nothing happens")
            try await message.server.mix()
            #expect(try await message.inbox()["state"].string == "unknown")
            for table in ["message", "thread", "reply", "anon_inbox"] {
                #expect(try await message.server.count("SELECT count(*) FROM \(table)") == 0, "\(table)")
            }
            #expect(
                try await message.server.count("SELECT count(*) FROM theme_rating") == 1,
                "a number once cast stays"
            )
            #expect(try await message.withdraw().status == 404)
            #expect(try await message.reply("doch nicht").status == 404)
        }
    }

    @Test func whatIsTakenBackBeforeTheMixNeverAppears() async throws {
        try await withMessage { message in
            let receipt = TestServer.randomReceipt()
            let channel = message.path.split(separator: "/")[4]
            let text = TestServer.message("Doch nicht", channel: String(channel))
            let token = message.tokens[0]
            #expect(try await message.server.submit(token, receiptId: receipt, text).status == 202)
            let body = "{\"receiptId\":\"\(Base64URL.encode(receipt))\"}"
            #expect(try await message.server.anonymous("inbox/withdrawal", body).status == 202)
            try await message.server.mix()
            #expect(try await message.server.count("SELECT count(*) FROM message WHERE text <> 'Frage'") == 0)
            let again = try await message.server.submit(token, receiptId: receipt, text)
            #expect(again.problem == "token-spent", "what is taken back has used its token up")
        }
    }
}
