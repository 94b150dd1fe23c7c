import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What a network shows to everybody, if it wants to.
@Suite struct PublicRecordTests {
    private func publish(_ server: TestServer, by team: TestPerson, title: String = "Aushang") async throws -> String {
        let body = String(
            decoding: try JSONEncoder().encode(["title": title, "text": "Text", "measure": "Tun"]),
            as: UTF8.self
        )
        let made = try await server.send("POST", "\(server.home)/recommendations", body, as: team)
        let id = made.json["id"].string
        let due = "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
        let reply = try await server.send("PUT", "\(server.home)/recommendations/\(id)/publication", due, as: team)
        #expect(reply.status == 200, "\(reply.text)")
        return id
    }

    private func show(_ server: TestServer, _ isPublic: Bool, by person: TestPerson) async throws -> TestReply {
        let body = "{\"publicRecord\":\(isPublic)}"
        return try await server.send("PATCH", server.home, body, as: person, headers: ["If-Match": "*"])
    }

    @Test func nobodySeesAnythingUntilACoordinatorSaysSo() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let (member, council) = (try await server.person(.member), try await server.person(.council))
            _ = try await publish(server, by: team)
            let names = [server.network.slug, server.network.id.text]
            let paths = names.flatMap { ["/v1/public/networks/\($0)/recommendations", "/public/\($0)"] }
            func all(_ status: Int) async throws {
                for path in paths { #expect(try await server.send("GET", path).status == status, "\(path)") }
            }
            try await all(404)
            let unknown = try await server.send("GET", "/v1/public/networks/nirgendwo/recommendations")
            let closed = try await server.send("GET", paths[0])
            #expect(unknown.status == 404 && unknown.problem == closed.problem)
            #expect(try await show(server, true, by: member).status == 403)
            #expect(try await show(server, true, by: council).status == 403)
            #expect(try await server.send("GET", server.home, as: member).json["publicRecord"] == .bool(false))
            #expect(try await show(server, true, by: team).status == 200)
            try await all(200)
            #expect(try await server.send("GET", server.home, as: member).json["publicRecord"].isTrue, "members see it")
            let hr = try await server.person(.hr)
            #expect(try await server.send("GET", server.home, as: hr).json["publicRecord"].isTrue, "so does HR")
            let chain = try await server.send("GET", "\(server.home)/audit", as: council).json["items"].array
            let entry = try #require(chain.last)
            #expect(entry["kind"].string == "thresholds")
            #expect(entry["content"]["after"]["publicRecord"].isTrue)
            #expect(entry["content"]["before"]["publicRecord"] == .null)
            #expect(try await show(server, false, by: team).status == 200)
            try await all(404)
            let (followed, firstBreak) = try await server.parts.followAudit(of: server.network.id)
            #expect(firstBreak == nil)
            #expect(followed.head.position == chain.count + 1, "closing it is entered too")
        }
    }

    @Test func theCountersAndTheListAreThoseOfTheRecordWithoutIds() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let team = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            var ids: [String] = []
            for index in 0..<3 { ids.append(try await publish(server, by: team, title: "Nr \(index)")) }
            _ = try await show(server, true, by: team)
            let path = "/v1/public/networks/\(server.network.slug)/recommendations"
            let early = try await server.send("GET", path)
            #expect(early.json["answerDuty"]["owed"].int == 3 && early.json["answerDuty"]["overdue"].int == 0)
            #expect(early.headers["cache-control"] == "public, max-age=60")
            let tag = ["If-None-Match": early.headers["etag"] ?? ""]
            #expect(try await server.send("GET", path, headers: tag).status == 304)
            clock.pass(days: 40)
            let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            let answered = "\(server.record)/recommendations/\(ids[0])"
            #expect(try await server.send("PUT", "\(answered)/answer", answer, as: hr).status == 200)
            let outcome = "{\"status\":\"done\",\"text\":\"Hängt.\",\"on\":\"2026-12-01\"}"
            #expect(try await server.send("POST", "\(answered)/outcomes", outcome, as: hr).status == 201)
            let late = try await server.send("GET", path)
            let duty = try await server.send("GET", "\(server.record)/answer-duty", as: hr).json
            for name in ["owed", "overdue", "longestDelayDays"] { #expect(late.json["answerDuty"][name] == duty[name]) }
            #expect(late.json["answerDuty"]["overdue"].int == 2)
            #expect(late.json["answerDuty"]["longestDelayDays"].int > 0)
            let items = late.json["items"].array
            #expect(items.map { $0["overdue"].isTrue } == [false, true, true])
            #expect(items[0]["answer"]["text"].string == "Ja.")
            #expect(items[0]["outcomes"][0]["text"].string == "Hängt.")
            for id in ids + [server.network.id.text] {
                #expect(!late.text.contains(id), "an id is of use to nobody outside")
            }
            var (titles, after): ([String], String) = ([], "")
            repeat {
                let page = try await server.send("GET", "\(path)?limit=2\(after)")
                #expect(page.json["answerDuty"]["owed"].int == 2, "of all, not of a page")
                titles += page.json["items"].array.map { $0["title"].string }
                after = page.json["next"] == .null ? "" : "&after=\(page.json["next"].string)"
            } while !after.isEmpty
            #expect(titles == ["Nr 0", "Nr 1", "Nr 2"])
            #expect(try await server.send("GET", "\(path)?unit=\(UUID().text)").problem == "unknown-parameter")
        }
    }

    @Test func thePageIsInTheReadersLanguageAndRunsNothing() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            _ = try await publish(server, by: team, title: "<script>alert(1)</script>")
            _ = try await show(server, true, by: team)
            for (asked, language, title) in [
                ("de", "de", "Handlungsempfehlungen"), ("de-simple", "de", "Handlungsempfehlungen"),
                ("en-GB", "en", "Recommendations and answers"),
            ] {
                let page = try await server.send(
                    "GET",
                    "/public/\(server.network.slug)",
                    headers: ["Accept-Language": asked, "Accept": "text/html"]
                )
                #expect(page.status == 200)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["content-language"] == language)
                #expect(page.headers["vary"] == "Accept-Language")
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(page.text.contains("<html lang=\"\(language)\">") && page.text.contains(title))
                #expect(!page.text.contains("<script") && page.text.contains("&lt;script&gt;"))
                let again = ["Accept-Language": asked, "If-None-Match": page.headers["etag"] ?? ""]
                #expect(try await server.send("GET", "/public/\(server.network.slug)", headers: again).status == 304)
            }
        }
    }
}
