import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What a network says about rules, and rules of its own.
@Suite struct RuleTests {
    private static let catalogue = """
        {"format":"chorus-rules-1","name":"Unsere","rules":[{"key":"kantine","group":"alltag","words":["kantine"],"of":"round",\
        "table":"item","condition":{"value":"mean","comparison":"atMost","threshold":2.5,"releases":1,"atLeast":0},\
        "texts":{"de":{"title":"Kantine","text":"{item}: {value}","measure":"Kochen."}}}]}
        """

    private func channel(_ server: TestServer, by team: TestPerson) async throws -> [String] {
        let new = """
            {"name":"a","policy":"b","themes":[{"name":"Gespräche","group":"Recruiting"},{"name":"Beförderung"},\
            {"name":"Kantine"}]}
            """
        return try await server.send("POST", "\(server.home)/channels", new, as: team).json["themes"].array
            .map { $0["id"].string }
    }

    @Test func aRuleFindsItsThemesByGroupAndWordUntilACoordinatorNamesThem() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let themes = try await channel(server, by: team)
            let path = "\(server.home)/rules/recruiting-unit"
            let proposed = try await server.send("GET", path, as: team)
            #expect(proposed.json["automatic"].isTrue)
            #expect(proposed.json["themes"].array.map(\.string) == [themes[0]], "\(proposed.text)")
            #expect(try await server.send("PUT", path, "{}", as: team).status == 428)
            let body = "{\"themes\":[\"\(themes[2])\"],\"threshold\":0.55}"
            let tag = ["If-Match": proposed.headers["etag"] ?? ""]
            let bound = try await server.send("PUT", path, body, as: team, headers: tag)
            #expect(bound.json["themes"].array.map(\.string) == [themes[2]], "\(bound.text)")
            #expect(bound.json["condition"]["threshold"].double == 0.55)
            #expect(!bound.json["automatic"].isTrue)
            #expect(try await server.send("PUT", path, body, as: team, headers: tag).status == 412)
            let any = ["If-Match": "*"]
            for (wrong, pointer) in [
                ("{\"items\":[\"\(UUID().text)\"]}", "/items/0"), ("{\"themes\":[\"\(UUID().text)\"]}", "/themes/0"),
                ("{\"items\":[\"x\"]}", "/items/0"), ("{\"threshold\":3}", "/threshold"), ("{\"colour\":1}", "/colour"),
            ] {
                let reply = try await server.send("PUT", path, wrong, as: team, headers: any)
                #expect(reply.status == 422 && reply.pointers == [pointer], "\(wrong): \(reply.text)")
            }
            let off = try await server.send("PUT", path, "{\"enabled\":false}", as: team, headers: any)
            #expect(off.json["enabled"] == .bool(false))
            #expect(off.json["condition"]["threshold"].double == 0.4)
            #expect(try await server.send("GET", "\(server.home)/rules/nothing", as: team).status == 404)
        }
    }

    @Test func themesAndTheirGroupsAreFoundInReleasesOfThemes() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let new = """
                {"name":"a","policy":"b","themes":[{"name":"Äußerungen","group":"Racism"},{"name":"Witze","group":"Racism"}]}
                """
            let made = try await server.send("POST", "\(server.home)/channels", new, as: team)
            let theme = try #require(UUID(uuidString: made.json["themes"][1]["id"].string))
            let group = try #require(ThemeGroup.id(of: "Racism", in: server.network.id))
            for number in 1...2 {
                try await server.release(
                    number,
                    kind: .themes,
                    [(theme, "Witze", nil, 70), (group, "Racism", nil, 65)]
                )
            }
            let found = try await server.send("GET", "\(server.home)/suggestions", as: team).json["items"].array
            #expect(Set(found.map { $0["rule"].string }) == ["racism-messages"])
            #expect(Set(found.map { $0["cells"][0]["itemText"].string }) == ["Witze", "Racism"])
            let witze = try #require(found.first { $0["cells"][0]["itemText"].string == "Witze" })
            #expect(witze["theme"].string == theme.text)
            // Bound to one theme alone, the group, which has others in it, is left out; switched off, everything is.
            let path = "\(server.home)/rules/racism-messages"
            let any = ["If-Match": "*"]
            _ = try await server.send("PUT", path, "{\"themes\":[\"\(theme.text)\"]}", as: team, headers: any)
            let one = try await server.send("GET", "\(server.home)/suggestions", as: team).json["items"].array
            #expect(one.map { $0["id"] } == [witze["id"]])
            _ = try await server.send("PUT", path, "{\"enabled\":false}", as: team, headers: any)
            #expect(try await server.send("GET", "\(server.home)/suggestions", as: team).json["items"].array.isEmpty)
        }
    }

    @Test func aNetworkUsesACatalogueOfItsOwnAndGoesBack() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let path = "\(server.home)/rule-catalogue"
            let starter = try await server.send("GET", path, as: team)
            #expect(starter.json["name"].string == "Chorus starter set")
            #expect(try await server.send("PUT", path, Self.catalogue, as: team).status == 428)
            let tag = ["If-Match": starter.headers["etag"] ?? ""]
            let own = try await server.send("PUT", path, Self.catalogue, as: team, headers: tag)
            #expect(own.status == 200, "\(own.text)")
            #expect(own.json == (try JSONParser.parse(Array(Self.catalogue.utf8))))
            #expect(try await server.send("PUT", path, Self.catalogue, as: team, headers: tag).status == 412)
            let rules = try await server.send("GET", "\(server.home)/rules", as: team).json["items"].array
            #expect(rules.map { $0["key"].string } == ["kantine"])
            let unknown = Self.catalogue.replacing("\"name\"", with: "\"nickname\":1,\"name\"")
            let refused = try await server.send("PUT", path, unknown, as: team, headers: ["If-Match": "*"])
            #expect(refused.pointers == ["/nickname"])
            let item = UUID()
            let round = """
                {"title":"a","opensAt":"2026-01-01T08:00:00Z","closesAt":"2026-01-02T08:00:00Z",\
                "items":[{"id":"\(item.text)","text":"Die Kantine ist gut."}]}
                """
            _ = try await server.send("POST", "\(server.home)/rounds", round, as: team)
            try await server.release(1, [(item, "Die Kantine ist gut.", nil, 50)])
            #expect(try await server.send("GET", "\(server.home)/suggestions", as: team).json["items"].array.isEmpty)
            let higher = "{\"threshold\":3}"
            _ = try await server.send(
                "PUT",
                "\(server.home)/rules/kantine",
                higher,
                as: team,
                headers: ["If-Match": "\"0\""]
            )
            let found = try await server.send("GET", "\(server.home)/suggestions", as: team).json["items"].array
            #expect(found.map { $0["text"].string } == ["Die Kantine ist gut.: 3,0"])
            let current = ["If-Match": own.headers["etag"] ?? ""]
            #expect(try await server.send("DELETE", path, as: team, headers: current).status == 204)
            let back = try await server.send("GET", path, as: team)
            #expect(back.json == starter.json)
            #expect(back.headers["etag"] != starter.headers["etag"], "a version never comes again")
        }
    }
}
