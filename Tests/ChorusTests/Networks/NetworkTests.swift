import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct NetworkTests {
    @Test func anAdminMakesANetworkAndSeesNothingInsideIt() async throws {
        try await withServer { server in
            let admin = try await server.person(isAdmin: true)
            let body = "{\"slug\":\"hafen-\(UUID().text.prefix(8))\",\"name\":\"Hafen\",\"employer\":\"Stadt Hafen\"}"
            let made = try await server.send("POST", "/v1/networks", body, as: admin)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["timeZone"].string == "Europe/Berlin")
            let path = "/v1/networks/\(made.json["id"].string)"
            #expect(made.headers["location"] == path)
            #expect(try await server.send("POST", "/v1/networks", body, as: admin).pointers == ["/slug"])
            #expect(try await server.send("GET", path, as: admin).json == made.json)
            #expect(try await server.send("GET", "\(path)/units", as: admin).status == 404)
            #expect(try await server.send("GET", "\(path)/events", as: admin).status == 404)
            let member = try await server.person(.member)
            #expect(try await server.send("POST", "/v1/networks", body, as: member).status == 403)
            #expect(try await server.send("GET", path, as: member).status == 404, "not to be known of")
            let ofMember = try await server.send("GET", "/v1/networks", as: member).json["items"].array
            #expect(ofMember.map { $0["id"].string } == [server.network.id.text])
            let ofAdmin = try await server.send("GET", "/v1/networks?limit=1", as: admin)
            #expect(ofAdmin.json["items"].array.count == 1)
            #expect(ofAdmin.headers["link"]?.contains("rel=\"next\"") == true)
            let next = try await server.send(
                "GET",
                "/v1/networks?limit=1&after=\(ofAdmin.json["next"].string)",
                as: admin
            )
            #expect(next.json["items"].array.count == 1)
            #expect(next.json["next"] == .null)
        }
    }

    @Test func aChangeNeedsTheVersionItRestsOn() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let seen = try await server.send("GET", server.home, as: coordinator)
            let change = "{\"name\":\"Netzwerk Vielfalt\",\"thresholds\":{\"k\":7}}"
            #expect(try await server.send("PATCH", server.home, change, as: coordinator).status == 428)
            let tag = ["If-Match": seen.headers["etag"] ?? ""]
            let changed = try await server.send("PATCH", server.home, change, as: coordinator, headers: tag)
            #expect(changed.json["name"].string == "Netzwerk Vielfalt", "\(changed.text)")
            #expect(changed.json["thresholds"]["k"].int == 7)
            #expect(changed.json["employer"] == seen.json["employer"])
            #expect(try await server.send("PATCH", server.home, change, as: coordinator, headers: tag).status == 412)
            let weaker = try await server.send(
                "PATCH",
                server.home,
                "{\"thresholds\":{\"k\":5}}",
                as: coordinator,
                headers: ["If-Match": changed.headers["etag"] ?? ""]
            )
            #expect(weaker.status == 422, "thresholds are only raised")
            #expect(weaker.pointers == ["/thresholds/k"])
        }
    }

    @Test func theUnitsAreATreeThatIsReplacedWhole() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (top, leaf) = (UUID().text, UUID().text)
            let before = try await server.send("GET", "\(server.home)/units", as: coordinator)
            #expect(before.json["items"].array.isEmpty)
            func put(_ items: String, _ tag: String?) async throws -> TestReply {
                try await server.send(
                    "PUT",
                    "\(server.home)/units",
                    "{\"items\":[\(items)]}",
                    as: coordinator,
                    headers: ["If-Match": tag ?? ""]
                )
            }
            let tree =
                "{\"id\":\"\(top)\",\"name\":\"Amt\",\"parent\":null},{\"id\":\"\(leaf)\",\"name\":\"Team\",\"parent\":\"\(top)\"}"
            let made = try await put(tree, before.headers["etag"])
            #expect(made.status == 200, "\(made.text)")
            #expect(made.json["items"][1]["parent"].string == top)
            #expect(try await put(tree, before.headers["etag"]).status == 412)
            let tag = made.headers["etag"]
            let circle = try await put(tree.replacing("\"parent\":null", with: "\"parent\":\"\(leaf)\""), tag)
            #expect(circle.status == 422)
            #expect(circle.pointers.contains("/items/0/parent"))
            let orphan = try await put("{\"name\":\"Team\",\"parent\":\"\(UUID().text)\"}", tag)
            #expect(orphan.pointers == ["/items/0/parent"])
            let member = try await server.person(.member)
            _ = try await server.send(
                "PATCH",
                "\(server.home)/memberships/me",
                "{\"unit\":\"\(leaf)\"}",
                as: member
            )
            let inUse = try await put("{\"id\":\"\(top)\",\"name\":\"Amt\",\"parent\":null}", tag)
            #expect(inUse.status == 422, "a unit in use stays")
            #expect(try await server.send("GET", "\(server.home)/units", as: member).json == made.json)
            let notTheirs = try await server.send(
                "PUT",
                "\(server.home)/units",
                "{\"items\":[]}",
                as: member,
                headers: ["If-Match": tag ?? ""]
            )
            #expect(notTheirs.status == 403)
        }
    }
}
