import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What has to be there before a text is frozen, and what travels with it into the record.
@Suite struct PublicationTests {
    @Test func everyNamedBenchHasToSayYesToTheVeryText() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (scientist, office) = (try await server.person(.council), try await server.person(.member))
            let draft = try await server.draft(by: coordinator)
            try await draft.invite(scientist, to: .science, by: coordinator)
            try await draft.invite(office, to: .administration, by: coordinator)
            let benches = "{\"benches\":[\"administration\",\"science\",\"network\"]}"
            #expect(try await draft.change(benches, from: 1, as: coordinator).status == 200)
            let refused = try await draft.publish(by: coordinator)
            #expect(refused.status == 409 && refused.problem == "approval-missing")
            #expect(refused.pointers == ["/approvals/administration", "/approvals/science"])
            #expect(try await draft.approve(.science, version: 1, as: scientist).status == 412, "not what it says")
            #expect(try await draft.approve(.science, version: 2, as: office).status == 403, "not their bench")
            #expect(try await draft.approve(.science, version: 2, as: coordinator).status == 403)
            #expect(try await draft.approve(.science, version: 2, as: scientist).status == 200)
            #expect(try await draft.approve(.administration, version: 2, as: office).status == 200)
            // A changed text takes every yes away, and nobody else's is left.
            #expect(try await draft.change("{\"title\":\"Neu\"}", from: 2, as: office).status == 200)
            let approvals = try await draft.send("GET", "approvals", as: office).json["items"].array
            #expect(approvals.map { $0["isCurrent"].isTrue } == [false, false])
            #expect(try await draft.publish(by: coordinator).problem == "approval-missing")
            #expect(try await draft.approve(.administration, version: 3, as: office).status == 200)
            #expect(try await draft.send("DELETE", "approvals/administration", as: office).status == 204)
            #expect(try await draft.approve(.science, version: 3, as: scientist).status == 200)
            #expect(try await draft.publish(by: coordinator).pointers == ["/approvals/administration"])
            #expect(try await draft.approve(.administration, version: 3, as: office).status == 200)
            #expect(try await draft.publish(by: coordinator).json["state"].string == "published")
            #expect(try await draft.publish(by: coordinator).status == 200, "and again")
            for (method, place, json) in [
                ("PATCH", "", "{\"title\":\"x\"}"), ("PUT", "approvals/network", "{\"version\":3}"),
                ("POST", "comments", "{\"paragraph\":1,\"version\":1,\"text\":\"x\"}"),
                ("PUT", "review", "{\"until\":\"2099-01-01\"}"),
                ("PUT", "consultation", "{\"until\":\"2099-01-01\",\"bodies\":[\"a\"]}"),
            ] {
                let late = try await draft.send(method, place, json, as: coordinator, headers: ["If-Match": "\"4\""])
                #expect(late.status == 409, "\(method) \(place): \(late.status)")
            }
        }
    }

    @Test func aTextMustSayWhereItComesFromAndEvidenceSaysIt() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, people) = (try await server.person(.hr), try await server.people(24))
            let bare = try await server.draft(by: coordinator, "")
            let refused = try await bare.publish(by: coordinator)
            #expect(refused.problem == "provenance-missing")
            #expect(refused.pointers == ["/paragraphs/1", "/paragraphs/2"])
            #expect(try await server.send("GET", bare.record, as: hr).status == 404)
            let round = try await server.openRound(by: coordinator)
            let release = try await server.vote(in: round, people, closedBy: coordinator) { round.ballot($0 % 5 + 1) }
            let id = release["id"].string
            let place = "{\"release\":\"\(id)\",\"table\":\"item\",\"item\":\"\(round.items[0])\"}"
            let draft = try await server.draft(by: coordinator, ",\"evidence\":[\(place)]")
            #expect(try await draft.publish(by: coordinator).status == 200)
            let recorded = try await server.send("GET", draft.record, as: hr).json
            #expect(recorded["provenance"].array.count == 1)
            #expect(recorded["provenance"][0]["paragraph"] == .null)
            #expect(recorded["provenance"][0]["kind"].string == "release")
            #expect(recorded["provenance"][0]["reference"].string == id)
            #expect(recorded["evidence"][0]["releaseNumber"].int == 1)
            #expect(recorded["revision"].int == 1 && recorded["revisedOn"] == .null && recorded["review"] == .null)
        }
    }

    @Test func whatThePanelAndTheBodiesSayTravelsWithTheText() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, outsider) = (try await server.person(.hr), try await server.person(.member))
            var panel: [TestPerson] = []
            for _ in 0..<4 { panel.append(try await server.person(.council)) }
            let draft = try await server.draft(by: coordinator)
            #expect(try await draft.send("GET", "review", as: coordinator).status == 404)
            let until = "{\"until\":\"\(server.day(in: 3))\"}"
            #expect(try await draft.send("PUT", "review", until, as: coordinator).json["isOpen"].isTrue)
            let bodies = "{\"until\":\"\(server.day(in: 5))\",\"bodies\":[\"Personalrat\",\"Beirat\"]}"
            #expect(try await draft.send("PUT", "consultation", bodies, as: coordinator).status == 200)
            #expect(try await draft.send("GET", as: panel[0]).status == 200, "it is before the panel")
            #expect(try await draft.send("GET", "comments", as: panel[0]).status == 403)
            #expect(try await draft.send("GET", as: outsider).status == 404)
            for (person, vote) in zip(panel, [(1, 5), (2, 5), (4, 4), (5, 1)]) {
                let json = "{\"quality\":\(vote.0),\"effect\":\(vote.1)}"
                #expect(try await draft.send("PUT", "review/vote", json, as: person).status == 200)
            }
            let again = try await draft.send("PUT", "review/vote", "{\"quality\":3,\"effect\":5}", as: panel[0])
            #expect(again.json["vote"]["quality"].int == 3)
            #expect(again.json.names == ["version", "until", "isOpen", "vote"], "nothing of others' votes")
            #expect(
                try await draft.send("PUT", "review/vote", "{\"quality\":3,\"effect\":5}", as: outsider).status == 404
            )
            let said = "{\"body\":\"Personalrat\",\"text\":\"Wir stimmen zu.\"}"
            #expect(try await draft.send("POST", "consultation/statements", said, as: panel[1]).status == 201)
            let entered = "{\"body\":\"Beirat\",\"text\":\"Mehr Sprachen.\"}"
            #expect(try await draft.send("POST", "consultation/statements", entered, as: coordinator).status == 201)
            let unasked = "{\"body\":\"Anderer\",\"text\":\"x\"}"
            let refused = try await draft.send("POST", "consultation/statements", unasked, as: coordinator)
            #expect(refused.pointers == ["/body"])
            let heard = try await draft.send("GET", "consultation", as: panel[2]).json
            #expect(
                heard["isOpen"].isTrue
                    && heard["statements"].array.map { $0["body"].string } == ["Personalrat", "Beirat"]
            )
            #expect(try await draft.publish(by: coordinator).pointers == ["/review", "/consultation"])
            clock.pass(days: 4)
            let late = try await draft.send("PUT", "review/vote", "{\"quality\":1,\"effect\":1}", as: panel[0])
            #expect(late.status == 409 && late.problem == "window-closed")
            #expect(try await draft.publish(by: coordinator).pointers == ["/consultation"])
            clock.pass(days: 2)
            for person in [panel[1], coordinator] {
                let late = try await draft.send("POST", "consultation/statements", said, as: person)
                #expect(late.status == 409 && late.problem == "window-closed")
            }
            #expect(try await draft.publish(by: coordinator).status == 200)
            let recorded = try await server.send("GET", draft.record, as: hr).json
            #expect(recorded["review"]["votes"].int == 4)
            #expect(recorded["review"]["quality"].int == 3, "2 3 4 5: the lower median")
            #expect(recorded["review"]["effect"].int == 4)
            #expect(recorded["review"]["ofEarlierText"] == .bool(false))
            #expect(recorded["consultation"].array.map { $0["body"].string } == ["Personalrat", "Beirat"])
            #expect(try await server.count("SELECT count(*) FROM draft_vote") == 0, "how somebody voted is gone")
            let inside = try await draft.send("GET", as: outsider).json
            #expect(inside["consultation"][1]["text"].string == "Mehr Sprachen.")
        }
    }

    @Test func aPanelOfTwoSaysNothingAndVotesOnAnEarlierTextAreMarked() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            var panel: [TestPerson] = []
            for _ in 0..<3 { panel.append(try await server.person(.council)) }
            for count in [2, 3] {
                let draft = try await server.draft(by: coordinator)
                let until = "{\"until\":\"\(server.day(in: 0))\"}"
                #expect(try await draft.send("PUT", "review", until, as: coordinator).status == 200)
                for person in panel.prefix(count) {
                    let vote = "{\"quality\":5,\"effect\":5}"
                    #expect(try await draft.send("PUT", "review/vote", vote, as: person).status == 200)
                }
                #expect(try await draft.change("{\"measure\":\"Plakat\"}", from: 1, as: coordinator).status == 200)
                let ended = "{\"until\":\"\(server.day(in: -1))\"}"
                #expect(try await draft.send("PUT", "review", ended, as: coordinator).json["version"].int == 1)
                #expect(try await draft.publish(by: coordinator).status == 200)
                let review = try await server.send("GET", draft.record, as: hr).json["review"]
                #expect(review["votes"] == (count < 3 ? .null : .integer(3)), "\(review)")
                #expect(review["quality"] == (count < 3 ? .null : .integer(5)))
                #expect(review["ofEarlierText"].isTrue)
            }
            // Put before the panel anew, what it says now is voted on.
            let draft = try await server.draft(by: coordinator)
            let until = "{\"until\":\"\(server.day(in: 2))\"}"
            _ = try await draft.send("PUT", "review", until, as: coordinator)
            _ = try await draft.send("PUT", "review/vote", "{\"quality\":5,\"effect\":5}", as: panel[0])
            #expect(try await draft.change("{\"measure\":\"Plakat\"}", from: 1, as: coordinator).status == 200)
            #expect(try await draft.send("PUT", "review", until, as: coordinator).json["version"].int == 2)
            #expect(try await draft.send("GET", "review", as: panel[0]).json["vote"] == .null)
        }
    }

    @Test func publishedTwiceAtOnceItIsPublishedOnce() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let draft = try await server.draft(by: coordinator)
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let reply = try await draft.publish(by: coordinator)
                        #expect(reply.status == 200, "\(reply.text)")
                        return reply.json["number"].int
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(numbers) == [1])
            let kinds = try await server.audit(as: coordinator).entries.map { $0["kind"].string }
            #expect(kinds.filter { $0 == "publication" }.count == 1)
            #expect(try await server.count("SELECT count(*) FROM recommendation", of: .record) == 1)
        }
    }

    @Test func aYesThatCrossesAChangeNeverCountsForAnotherText() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let scientist = try await server.person(.council)
            for _ in 0..<12 {
                let draft = try await server.draft(by: coordinator)
                try await draft.invite(scientist, to: .science, by: coordinator)
                let named = try await draft.change("{\"benches\":[\"science\"]}", from: 1, as: coordinator)
                #expect(named.status == 200)
                async let yes = draft.approve(.science, version: 2, as: scientist)
                async let change = draft.change("{\"title\":\"Ganz anders\"}", from: 2, as: coordinator)
                async let publication = draft.publish(by: coordinator)
                let (approved, changed, published) = try await (yes, change, publication)
                #expect([200, 412].contains(approved.status), "\(approved.text)")
                #expect([200, 409].contains(published.status), "\(published.text)")
                if published.status == 200 {
                    #expect(published.json["title"].string == "Aushang", "what was agreed to")
                    #expect([409, 412].contains(changed.status))
                } else {
                    #expect(changed.status == 200)
                    #expect(try await draft.publish(by: coordinator).problem == "approval-missing")
                }
            }
        }
    }
}
