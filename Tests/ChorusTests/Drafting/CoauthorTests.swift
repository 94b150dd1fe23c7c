import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Who has a say in which draft, and in nothing else.
@Suite struct CoauthorTests {
    @Test func aCoauthorSeesAndEditsThatDraftAndNoOther() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (council, member) = (try await server.person(.council, name: "Bea"), try await server.person(.member))
            let (draft, other) = (
                try await server.draft(by: coordinator), try await server.draft(by: coordinator)
            )
            let list = "\(server.home)/recommendations?state=draft"
            for person in [council, member] {
                #expect(try await draft.send("GET", as: person).status == 404)
                #expect(try await server.send("GET", list, as: person).status == 403)
            }
            try await draft.invite(council, to: .science, by: coordinator)
            try await draft.invite(member, to: .network, by: coordinator)
            for person in [council, member] {
                let found = try await server.send("GET", list, as: person).json["items"].array
                #expect(found.map { $0["id"].string } == [draft.id])
                #expect(try await draft.send("GET", as: person).status == 200)
                for place in ["", "versions", "comments", "approvals", "coauthors"] {
                    #expect(try await other.send("GET", place, as: person).status == 404, "\(place)")
                }
                let change = try await other.change("{\"title\":\"Neu\"}", from: 1, as: person)
                #expect(change.status == 404)
            }
            let changed = try await draft.change("{\"title\":\"Neu\"}", from: 1, as: council)
            #expect(changed.json["title"].string == "Neu", "\(changed.text)")
            let benches = "{\"benches\":[\"network\"]}"
            #expect(
                try await draft.change(benches, from: 2, as: council).status == 403,
                "the coordinator names benches"
            )
            #expect(try await draft.publish(by: council).status == 403)
            #expect(try await draft.publish(by: member).status == 403)
            let coauthors = try await draft.send("GET", "coauthors", as: council).json["items"].array
            #expect(coauthors.map { $0["bench"].string }.sorted() == ["network", "science"])
            #expect(coauthors.map { $0["displayName"].string }.sorted() == ["Ada", "Bea"])
            let removal = "coauthors/\(council.membership.text)"
            #expect(try await draft.send("DELETE", removal, as: member).status == 403)
            #expect(try await draft.send("DELETE", removal, as: coordinator).status == 204)
            #expect(try await draft.send("DELETE", removal, as: coordinator).status == 404)
            #expect(try await draft.send("GET", as: council).status == 404)
        }
    }

    @Test func aCouncilThatWritesGetsAtNothingElseInside() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let council = try await server.person(.council)
            let draft = try await server.draft(by: coordinator)
            try await draft.invite(council, to: .administration, by: coordinator)
            // Whatever a council sees without being invited, and what it is invited to.
            let open = [
                "/v1/networks/{network}", "/v1/networks/{network}/audit", "/v1/networks/{network}/recommendations",
                "/v1/networks/{network}/recommendations/{recommendation}", "/v1/networks/{network}/poster",
            ]
            let drafting = ["coauthors", "versions", "comments", "approvals", "review", "consultation"]
            var refused = 0
            for route in routeNames(server.parts).sorted() where route.contains(" /v1/networks/{network}") {
                let words = route.split(separator: " ").map(String.init)
                let (method, path) = (words[0], words[1])
                if drafting.contains(where: { path.contains("{recommendation}/\($0)") }) { continue }
                if open.contains(path), method == "GET" || path.hasSuffix("{recommendation}") { continue }
                // Whoever is in it already is told so.
                if path.hasSuffix("/join-requests"), method == "POST" { continue }
                // Public, by a key of its own.
                if path.hasSuffix("/calendar.ics") { continue }
                let place = path.replacing("{network}", with: server.network.id.text)
                    .replacing("{recommendation}", with: draft.id).replacing(/\{[a-zA-Z]+\}/, with: UUID().text)
                let reply = try await server.send(method, place, method == "GET" ? nil : "{}", as: council)
                #expect(reply.status == 403, "\(route): \(reply.status)")
                refused += 1
            }
            #expect(refused > 30)
            let published = "\(server.home)/recommendations"
            #expect(try await server.send("GET", published, as: council).status == 403)
            let other = try await server.draft(by: coordinator)
            #expect(try await other.publish(by: coordinator).status == 200)
            #expect(try await other.send("GET", as: council).status == 403, "the record is theirs to read")
        }
    }

    @Test func neitherHRNorACoordinatorIsInvited() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, other) = (try await server.person(.hr), try await server.person(.member, .coordinator))
            let draft = try await server.draft(by: coordinator)
            for person in [hr, other] {
                let path = "coauthors/\(person.membership.text)"
                #expect(
                    try await draft.send("PUT", path, "{\"bench\":\"administration\"}", as: coordinator).status == 409
                )
            }
            let nobody = "coauthors/\(UUID().text)"
            #expect(try await draft.send("PUT", nobody, "{\"bench\":\"science\"}", as: coordinator).status == 404)
            let nonsense = "coauthors/\(other.membership.text)"
            #expect(try await draft.send("PUT", nonsense, "{\"bench\":\"x\"}", as: coordinator).pointers == ["/bench"])
            #expect(try await draft.send("GET", as: hr).status == 403)
        }
    }

    @Test func whatWasSaidStaysWithItsBenchWhenSomebodyLeaves() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (council, stays) = (try await server.person(.council, name: "Bea"), try await server.person(.council))
            let draft = try await server.draft(by: coordinator)
            try await draft.invite(council, to: .science, by: coordinator)
            let said = "{\"paragraph\":2,\"version\":1,\"text\":\"Reicht das?\"}"
            let comment = try await draft.send("POST", "comments", said, as: council)
            #expect(comment.json["displayName"].string == "Bea", "\(comment.text)")
            let until = "{\"until\":\"\(server.day(in: 3))\"}"
            #expect(try await draft.send("PUT", "review", until, as: coordinator).status == 200)
            let vote = "{\"quality\":2,\"effect\":5}"
            #expect(try await draft.send("PUT", "review/vote", vote, as: council).status == 403, "it is their own text")
            #expect(try await draft.send("PUT", "review/vote", vote, as: stays).status == 200)
            let export = try await server.send("GET", "/v1/me/export", as: council).json["drafting"].array
            #expect(export.map { $0["kind"].string } == ["coauthor", "comment"])
            #expect(export.last?["text"].string == "Reicht das?")
            let votes = try await server.send("GET", "/v1/me/export", as: stays).json["drafting"].array
            #expect(votes.map { $0["effect"].int } == [5])
            for person in [council, stays] {
                #expect(try await server.send("DELETE", "/v1/me", as: person).status == 204)
            }
            let left = try await draft.send("GET", "comments", as: coordinator).json["items"][0]
            #expect(left["bench"].string == "science")
            #expect(left["displayName"] == .null)
            #expect(left["text"].string == "Reicht das?")
            #expect(try await server.count("SELECT count(*) FROM draft_vote") == 0)
            #expect(try await server.count("SELECT count(*) FROM draft_coauthor") == 0)
        }
    }
}
