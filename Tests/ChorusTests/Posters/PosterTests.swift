import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Posters and notices as pages: who gets them, what stands on them, and that nothing in them is more than text.
@Suite struct PosterTests {
    private func poster(_ server: TestServer, _ query: String, as person: TestPerson) async throws -> TestReply {
        try await server.send("GET", "\(server.home)/poster\(query)", as: person)
    }

    @Test func aPosterSaysWhatItIsInEachLanguageAndLoadsNothingFromElsewhere() async throws {
        try await withServer(configure: { $0.publicURL = "https://chorus.example" }) { server in
            let organiser = try await server.person(.member, .organiser)
            let code = try await server.parts.shortCode(of: server.network.id)
            for kind in PosterKind.allCases {
                var titles: Set<String> = []
                for language in Language.allCases {
                    let page = try await poster(
                        server,
                        "?kind=\(kind.rawValue)&language=\(language.rawValue)",
                        as: organiser
                    )
                    #expect(page.status == 200, "\(page.text)")
                    #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                    #expect(page.headers["content-language"] == language.rawValue)
                    #expect(page.headers["cache-control"] == "no-store")
                    #expect(page.text.contains("<html lang=\"\(language.rawValue)\">"))
                    for text in [
                        server.network.name, server.network.id.text, code,
                        "https://chorus.example\(kind.path(in: server.network.id))",
                    ] {
                        #expect(page.text.contains(text), "\(text)")
                    }
                    let sources = page.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
                    #expect(sources == ["/poster.css"])
                    #expect(!page.text.contains("<script") && !page.text.contains("style="))
                    titles.insert(page.text)
                }
                #expect(titles.count == 3)
            }
            let page = try await poster(server, "", as: organiser)
            let tag = ["If-None-Match": page.headers["etag"] ?? ""]
            let again = try await server.send("GET", "\(server.home)/poster", as: organiser, headers: tag)
            #expect(again.status == 304)
            #expect(try await server.send("GET", "/poster.css").headers["content-type"] == "text/css; charset=utf-8")
            #expect(try await poster(server, "?kind=party", as: organiser).pointers == ["kind"])
            #expect(try await poster(server, "?language=fr", as: organiser).pointers == ["language"])
        }
    }

    @Test func whoPutsPostersUpGetsThemAndNobodyElse() async throws {
        try await withServer { server in
            let statuses: [(roles: [Role], status: Int)] = [
                ([.member], 403), ([.member, .organiser], 200), ([.member, .moderator], 403),
                ([.member, .coordinator], 200), ([.council], 200), ([.hr], 403), ([], 404),
            ]
            for (roles, status) in statuses {
                let reply = try await poster(server, "", as: try await server.person(roles: roles))
                #expect(reply.status == status, "\(roles)")
            }
            #expect(try await server.send("GET", "\(server.home)/poster").status == 401)
            let new = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            let neighbour = try await server.parts.createNetwork(new, keyNoticeDays: 0)
            let there = TestServer(server: server.server, port: server.port, network: neighbour)
            let stranger = try await there.person(.member, .coordinator)
            #expect(try await poster(server, "", as: stranger).status == 404)
        }
    }

    @Test func theAddressIsTheAskersOwnHostWhereNoneIsSet() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hosts = [
                ("netz.example", "https://netz.example/"), ("netz.example:8443", "https://netz.example:8443/"),
                ("localhost:8080", "http://localhost:8080/"), ("x\"><b>", "http://localhost/"),
                ("nobody@evil.example", "http://localhost/"),
            ]
            for (host, address) in hosts {
                let page = try await server.send(
                    "GET",
                    "\(server.home)/poster",
                    as: coordinator,
                    headers: ["Host": host]
                )
                // What is no host does not even get as far as here.
                if page.status == 400 { continue }
                #expect(page.text.contains("<strong>\(address)</strong>"), "\(host): \(page.text.prefix(900))")
                #expect(!page.text.contains("<b>"))
            }
        }
    }

    @Test func aNoticeSaysWhatIsAskedUntilWhenAndWhatBecomesOfIt() async throws {
        try await withServer { server in
            let (coordinator, member) = (
                try await server.person(.member, .coordinator), try await server.person(.member)
            )
            let body = """
                {"title":"Klima <script>","opensAt":"2026-03-01T08:00:00+01:00","closesAt":"2030-07-01T18:05:00+02:00",\
                "items":[{"text":"Werden Sie <b>fair</b> & \\"gleich\\" behandelt?"},{"text":"Und sonst?"}]}
                """
            let made = try await server.send("POST", "\(server.home)/rounds", body, as: coordinator)
            let path = "\(server.home)/rounds/\(made.json["id"].string)/notice"
            #expect(try await server.send("GET", path, as: member).status == 404, "a draft is the coordinators'")
            let draft = try await server.send("GET", path, as: coordinator)
            #expect(draft.text.contains("vom 1.3.2026, 8:00 Uhr bis 1.7.2030, 18:05 Uhr"), "\(draft.text)")
            _ = try await server.people(20)
            let opening = path.replacing("/notice", with: "/opening")
            #expect(try await server.send("PUT", opening, as: coordinator).status == 200)
            for (language, time) in [
                ("de", "bis 1.7.2030, 18:05 Uhr"), ("de-simple", "bis 1.7.2030, 18:05 Uhr"),
                ("en", "1 July 2030, 18:05"),
            ] {
                let page = try await server.send("GET", "\(path)?language=\(language)", as: member)
                #expect(page.status == 200, "\(page.text)")
                #expect(page.headers["content-language"] == language)
                #expect(page.text.contains(time), "\(page.text)")
                #expect(page.text.contains("&lt;b&gt;fair&lt;/b&gt; &amp; &quot;gleich&quot;"))
                #expect(!page.text.contains("<b>") && !page.text.contains("<script"))
                for number in [server.network.k, server.network.d, 2 * server.network.k] {
                    #expect(page.text.contains(" \(number) "), "\(number)")
                }
            }
            #expect(try await server.send("GET", path, as: try await server.person(.hr)).status == 403)
            #expect(try await server.send("GET", path, as: try await server.person(.council)).status == 403)
            let unknown = path.replacing(made.json["id"].string, with: UUID().text)
            #expect(try await server.send("GET", unknown, as: member).status == 404)
            _ = try await server.send("PUT", path.replacing("/notice", with: "/closure"), as: coordinator)
            #expect(try await server.send("GET", path, as: member).text.contains("beendet"))
        }
    }
}
