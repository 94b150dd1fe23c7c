import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What moderators have rewritten, by theme: material for drafts, without a way back to a message.
@Suite struct ThemeSummaryTests {
    @Test func coordinatorsReadRewrittenSummariesAndNothingElse() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let (moderator, member) = (
                try await server.person(.member, .moderator), try await server.person(.member)
            )
            var wallets: [TestWallet] = []
            for person in try await server.people(20) { wallets.append(try await server.wallet(of: person)) }
            let new = "{\"name\":\"a\",\"policy\":\"b\",\"themes\":[{\"name\":\"Alltag\"},{\"name\":\"Sprache\"}]}"
            let channel = try await server.send("POST", "\(server.home)/channels", new, as: team).json
            let themes = channel["themes"].array.map { $0["id"].string }
            for index in 0..<5 {
                let theme = index == 4 ? themes[1] : themes[0]
                let message = TestServer.message("Geheim \(index)", channel: channel["id"].string, theme: theme)
                let reply = try await server.submit(wallets[index].tokens[server.network.id]?.first, message)
                #expect(reply.status == 202, "\(reply.text)")
            }
            try await server.mix()
            let messages = "\(server.home)/channels/\(channel["id"].string)/messages"
            // The first is let through, the second rejected, the third in review, the fourth has no summary.
            for message in try await server.send("GET", messages, as: moderator).json["items"].array {
                let place = "\(messages)/\(message["id"].string)"
                let number = message["text"].string.suffix(1)
                if number != "3" {
                    let summary = "{\"text\":\"Umgeschrieben \(number)\"}"
                    _ = try await server.send("PUT", "\(place)/summary", summary, as: moderator)
                }
                let state = number == "1" ? "rejected\",\"reason\":\"x" : number == "2" ? "inReview" : "open"
                let put = try await server.send("PUT", "\(place)/moderation", "{\"state\":\"\(state)\"}", as: moderator)
                #expect(put.status == 200, "\(put.text)")
            }
            let path = "\(server.home)/themes/\(themes[0])/summaries"
            let read = try await server.send("GET", path, as: team)
            #expect(read.text == "{\"items\":[{\"text\":\"Umgeschrieben 0\"}],\"next\":null}", "no id, no day, no unit")
            #expect(try await server.send("GET", path, as: moderator).status == 200)
            #expect(try await server.send("GET", path, as: member).status == 403)
            #expect(
                try await server.send("GET", "\(server.home)/themes/\(UUID().text)/summaries", as: team).status == 404
            )
            let other = try await server.send("GET", "\(server.home)/themes/\(themes[1])/summaries?limit=1", as: team)
            #expect(other.json["items"].array.map { $0["text"].string } == ["Umgeschrieben 4"])
        }
    }
}
