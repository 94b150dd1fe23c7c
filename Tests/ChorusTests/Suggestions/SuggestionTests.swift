import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// From released numbers to drafts, over HTTP.
@Suite struct SuggestionTests {
    private let item = UUID()
    private let unit = (id: UUID(), name: "Bauhof")

    private func raise(_ server: TestServer, _ number: Int, negative: Int = 45) async throws {
        try await server.release(number, [(item, "Auswahlverfahren sind nachvollziehbar.", unit, negative)])
    }

    /// The question stands in some round of the private database, so that rules can find it by its words.
    private func ask(_ server: TestServer, by team: TestPerson) async throws {
        let round = """
            {"title":"a","opensAt":"2026-01-01T08:00:00Z","closesAt":"2026-01-02T08:00:00Z",\
            "items":[{"id":"\(item.text)","text":"Auswahlverfahren sind nachvollziehbar."}]}
            """
        let made = try await server.send("POST", "\(server.home)/rounds", round, as: team)
        #expect(made.status == 201, "\(made.text)")
    }

    private func open(_ server: TestServer, _ team: TestPerson, _ query: String = "", in language: String = "de")
        async throws
        -> [JSONValue]
    {
        let reply = try await server.send(
            "GET",
            "\(server.home)/suggestions\(query)",
            as: team,
            headers: ["Accept-Language": language]
        )
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.headers["vary"] == "Accept-Language")
        return reply.json["items"].array
    }

    @Test func releasedNumbersSuggestADraftThatIsMadeOnce() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            try await ask(server, by: team)
            try await raise(server, 1)
            #expect(try await open(server, team).isEmpty, "one release is not two")
            try await raise(server, 2, negative: 50)
            let found = try await open(server, team)
            #expect(found.map { $0["rule"].string } == ["recruiting-unit"])
            let suggestion = try #require(found.first)
            #expect(suggestion["cells"].array.map { $0["releaseNumber"].int } == [1, 2])
            #expect(suggestion["why"].string.contains("Nr. 2 vom 01.02.2026: 50\u{A0}%"), "\(suggestion["why"])")
            #expect(suggestion["title"].string.contains("Bauhof"))
            let english = try await open(server, team, in: "en")
            #expect(english[0]["id"] == suggestion["id"])
            #expect(english[0]["why"].string.contains("at least 40% of the answers were negative"))
            #expect(try await open(server, team, in: "de-simple")[0]["why"].string.contains("40 Prozent oder mehr"))
            let path = "\(server.home)/suggestions/\(suggestion["id"].string)/draft"
            let made = try await server.send("POST", path, as: team)
            #expect(made.status == 201, "\(made.text)")
            let draft = try await server.send("GET", made.headers["location"] ?? "", as: team)
            #expect(draft.json["title"] == suggestion["title"])
            #expect(draft.json["evidence"].array.count == 2)
            let again = try await server.send("POST", path, as: team)
            #expect(again.status == 200)
            #expect(again.headers["location"] == made.headers["location"])
            #expect(try await server.count("SELECT count(*) FROM recommendation") == 1)
            #expect(try await open(server, team).isEmpty)
            #expect(try await open(server, team, "?state=drafted").map { $0["recommendation"] } == [draft.json["id"]])
            // Its evidence is what it says: it can be published, and HR sees the same cells.
            let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
            let location = try #require(made.headers["location"])
            let published = try await server.send("PUT", "\(location)/publication", due, as: team)
            #expect(published.json["evidence"].array.map { $0["negative"].double } == [0.45, 0.5], "\(published.text)")
        }
    }

    @Test func manyWhoAskAtOnceMakeOneDraft() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            try await ask(server, by: team)
            try await raise(server, 1)
            try await raise(server, 2)
            let id = try await open(server, team)[0]["id"].string
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await server.send("POST", "\(server.home)/suggestions/\(id)/draft", as: team).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 201 }.count == 1, "\(statuses)")
            #expect(statuses.allSatisfy { $0 == 201 || $0 == 200 })
            #expect(try await server.count("SELECT count(*) FROM recommendation") == 1)
        }
    }

    @Test func whatIsDismissedComesBackOnlyWithNewerNumbers() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            try await ask(server, by: team)
            try await raise(server, 1)
            try await raise(server, 2)
            let id = try await open(server, team)[0]["id"].string
            let path = "\(server.home)/suggestions/\(id)/dismissal"
            #expect(try await server.send("PUT", path, "{}", as: team).pointers == ["/reason"])
            let reason = "{\"reason\":\"Läuft schon.\"}"
            let put = try await server.send("PUT", path, reason, as: team)
            #expect(put.json["state"].string == "dismissed", "\(put.text)")
            #expect(put.json["dismissal"]["reason"].string == "Läuft schon.")
            #expect(try await open(server, team).isEmpty)
            // A release about something else changes nothing.
            try await server.release(3, [(UUID(), "Kantine?", unit, 80)])
            #expect(try await open(server, team).isEmpty)
            #expect(try await open(server, team, "?state=dismissed").map { $0["id"].string } == [id])
            try await raise(server, 4)
            let anew = try await open(server, team)
            #expect(anew.count == 1)
            #expect(anew[0]["id"].string != id)
            #expect(anew[0]["cells"].array.map { $0["releaseNumber"].int } == [2, 4])
            #expect(try await server.send("PUT", path, reason, as: team).status == 404, "it is not raised any more")
            let next = "\(server.home)/suggestions/\(anew[0]["id"].string)/dismissal"
            _ = try await server.send("PUT", next, reason, as: team)
            #expect(try await server.send("DELETE", next, as: team).status == 204)
            #expect(try await open(server, team).count == 1)
        }
    }

    @Test func suggestionsAreForCoordinatorsAndPage() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let (member, hr) = (try await server.person(.member, .moderator), try await server.person(.hr))
            try await ask(server, by: team)
            let units = (0..<5).map { (id: UUID(), name: "Amt \($0)") }
            for number in 1...2 {
                try await server.release(number, units.map { (item, "Auswahlverfahren sind nachvollziehbar.", $0, 45) })
            }
            for path in ["suggestions", "rules", "rules/recruiting-unit", "rule-catalogue"] {
                #expect(try await server.send("GET", "\(server.home)/\(path)", as: member).status == 403)
                #expect(try await server.send("GET", "\(server.home)/\(path)", as: hr).status == 403)
            }
            var (names, after): ([String], String) = ([], "")
            repeat {
                let page = try await server.send("GET", "\(server.home)/suggestions?limit=2\(after)", as: team).json
                names += page["items"].array.map { $0["cells"][1]["unitName"].string }
                after = page["next"] == .null ? "" : "&after=\(page["next"].string)"
            } while !after.isEmpty
            #expect(names == units.map(\.name))
            let first = try await server.send("GET", "\(server.home)/suggestions", as: team)
            let tag = ["If-None-Match": first.headers["etag"] ?? ""]
            #expect(try await server.send("GET", "\(server.home)/suggestions", as: team, headers: tag).status == 304)
        }
    }

    @Test func numbersThatAreNotReleasedSuggestNothing() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let people = try await server.people(24)
            let round = try await server.openRound(by: team)
            let path = "\(server.home)/rules/promotion-unit"
            let bound = "{\"items\":[\"\(round.items[1])\"]}"
            _ = try await server.send("PUT", path, bound, as: team, headers: ["If-Match": "\"0\""])
            var wallets: [TestWallet] = []
            for person in people { wallets.append(try await server.wallet(of: person)) }
            for wallet in wallets.prefix(8) {
                _ = try await server.submit(wallet.tokens[round.id]?.first, round.ballot(1))
            }
            try await server.mix()
            #expect(try await server.count("SELECT count(*) FROM contribution") == 16)
            for state in SuggestionState.allCases {
                #expect(try await open(server, team, "?state=\(state.rawValue)").isEmpty)
            }
        }
    }
}
