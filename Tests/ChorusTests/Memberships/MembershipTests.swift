import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct MembershipTests {
    @Test func whoAsksIsLetInOrToldWhyNot() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (welcome, stranger) = (try await server.person(name: "Noor"), try await server.person(name: "Otto"))
            let path = "\(server.home)/join-requests"
            let asked = try await server.send("POST", path, "{\"text\":\"Ich bin neu.\"}", as: welcome)
            #expect(asked.status == 201, "\(asked.text)")
            #expect(try await server.send("POST", path, "{}", as: welcome).status == 409, "asked already")
            let other = try await server.send("POST", path, "{}", as: stranger)
            #expect(try await server.send("GET", path, as: welcome).status == 404)
            let list = try await server.send("GET", "\(path)?limit=1", as: coordinator)
            let rest = try await server.send("GET", "\(path)?after=\(list.json["next"].string)", as: coordinator)
            let all = list.json["items"].array + rest.json["items"].array
            #expect(Set(all.map { $0["displayName"].string }) == ["Noor", "Otto"])
            #expect(all.contains { $0["text"].string == "Ich bin neu." })
            let yes = "\(path)/\(asked.json["id"].string)/decision"
            #expect(
                try await server.send("PUT", yes, "{\"decision\":\"approved\"}", as: coordinator).json["decision"]
                    .string == "approved"
            )
            #expect(
                try await server.send("PUT", yes, "{\"decision\":\"declined\"}", as: coordinator).status == 409,
                "decided is decided"
            )
            #expect(try await server.send("GET", "\(server.home)/events", as: welcome).status == 200)
            let no = "\(path)/\(other.json["id"].string)/decision"
            let reason = "{\"decision\":\"declined\",\"reason\":\"Nur für Beschäftigte.\"}"
            #expect(
                try await server.send("PUT", no, reason, as: coordinator).json["reason"].string
                    == "Nur für Beschäftigte."
            )
            #expect(try await server.send("GET", "\(server.home)/events", as: stranger).status == 404)
            #expect(try await server.send("POST", path, "{}", as: coordinator).status == 409, "is in already")
        }
    }

    @Test func onesOwnPlaceCanBeChangedAndLeft() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            let own = "\(server.home)/memberships/me"
            #expect(try await server.send("GET", own, as: member).json["displayName"].string == "Ada")
            let renamed = try await server.send("PATCH", own, "{\"displayName\":\"A.\"}", as: member)
            #expect(renamed.json["displayName"].string == "A.")
            let promoted = try await server.send("PATCH", own, "{\"roles\":[\"coordinator\"]}", as: member)
            #expect(promoted.status == 403, "nobody gives themselves a role")
            let lost = try await server.send("PATCH", own, "{\"unit\":\"\(UUID().text)\"}", as: member)
            #expect(lost.pointers == ["/unit"])
            #expect(try await server.send("DELETE", own, as: member).status == 204)
            #expect(try await server.send("GET", own, as: member).status == 404)
            #expect(
                try await server.count("SELECT count(*) FROM membership WHERE account_id = '\(member.account)'") == 0
            )
        }
    }

    @Test func aCoordinatorGivesRolesAndEndsMemberships() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let member = try await server.person(.member)
            let path = "\(server.home)/memberships/\(member.membership.text)"
            let seen = try await server.send("GET", path, as: coordinator)
            let tag = ["If-Match": seen.headers["etag"] ?? ""]
            let roles = "{\"roles\":[\"member\",\"organiser\"]}"
            #expect(try await server.send("PATCH", path, roles, as: coordinator).status == 428)
            let changed = try await server.send("PATCH", path, roles, as: coordinator, headers: tag)
            #expect(Set(changed.json["roles"].array.map(\.string)) == ["member", "organiser"], "\(changed.text)")
            #expect(try await server.send("PATCH", path, roles, as: coordinator, headers: tag).status == 412)
            let mixed = try await server.send(
                "PATCH",
                path,
                "{\"roles\":[\"hr\",\"member\"]}",
                as: coordinator,
                headers: ["If-Match": changed.headers["etag"] ?? ""]
            )
            #expect(mixed.pointers == ["/roles"], "HR stands outside the network")
            #expect(try await server.send("GET", path, as: member).status == 403)
            #expect(try await server.send("DELETE", path, as: member).status == 403)
            #expect(try await server.send("DELETE", path, as: coordinator).status == 204)
            #expect(try await server.send("DELETE", path, as: coordinator).status == 404)
            #expect(try await server.send("GET", "\(server.home)/events", as: member).status == 404)
        }
    }

    @Test func theLastCoordinatorIsNotLostInARace() async throws {
        try await withServer { server in
            let two = [
                try await server.person(.member, .coordinator), try await server.person(.member, .coordinator),
            ]
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for person in two {
                    group.addTask {
                        try await server.send("DELETE", "\(server.home)/memberships/me", as: person).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [204, 409])
        }
    }
}
