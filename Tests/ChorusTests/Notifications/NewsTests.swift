import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What people are told inside Chorus: of what concerns them, and of nothing else.
@Suite struct NewsTests {
    /// A published recommendation.
    static func publish(_ server: TestServer, by coordinator: TestPerson, title: String = "Aushang") async throws
        -> String
    {
        let draft =
            "{\"title\":\"\(title)\",\"text\":\"Zu wenige.\",\"measure\":\"Aushang\",\"evidence\":[],\(TestServer.provenance)}"
        let made = try await server.send("POST", "\(server.home)/recommendations", draft, as: coordinator)
        let id = made.json["id"].string
        let path = "\(server.home)/recommendations/\(id)/publication"
        let due = PostgresDate.today(in: server.network.zone, at: server.parts.now()).adding(days: 30)
        let published = try await server.send("PUT", path, "{\"answerDueOn\":\"\(due)\"}", as: coordinator)
        #expect(published.status == 200, "\(published.text)")
        return id
    }

    static func answer(_ server: TestServer, _ id: String, by hr: TestPerson) async throws {
        let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
        let given = try await server.send("PUT", "\(server.record)/recommendations/\(id)/answer", answer, as: hr)
        #expect(given.status == 200, "\(given.text)")
    }

    private func news(_ server: TestServer, of person: TestPerson, _ query: String = "") async throws -> TestReply {
        let reply = try await server.send("GET", "/v1/me/news\(query)", as: person)
        #expect(reply.status == 200, "\(reply.text)")
        return reply
    }

    private func kinds(_ reply: TestReply) -> [String] { reply.json["items"].array.map { $0["kind"].string } }

    @Test func whoFollowsIsToldOfAnswerAndOutcomeAndNobodyLearnsWhoFollows() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (follower, other) = (try await server.person(.member), try await server.person(.member))
            let hr = try await server.person(.hr)
            let id = try await Self.publish(server, by: coordinator)
            let path = "\(server.home)/recommendations/\(id)"
            for _ in 0..<2 { #expect(try await server.send("PUT", "\(path)/follow", as: follower).status == 204) }
            let own = try await server.send("GET", path, as: follower)
            #expect(own.json["following"] == .bool(true))
            for person in [other, coordinator] {
                let seen = try await server.send("GET", path, as: person)
                #expect(seen.json["following"] == .bool(false))
            }
            let list = try await server.send("GET", "\(server.home)/recommendations", as: follower)
            #expect(!list.text.contains("following"), "what many share says nothing of one")
            for person in [hr, coordinator] {
                let record = try await server.send("GET", "\(server.record)/recommendations/\(id)", as: person)
                #expect(!record.text.contains("follow"))
            }
            #expect(try await server.send("PUT", "\(path)/follow", as: hr).status == 403)

            try await Self.answer(server, id, by: hr)
            clock.pass(seconds: 60)
            let outcome = "{\"status\":\"done\",\"text\":\"Hängt.\",\"on\":\"2026-11-20\"}"
            let made = try await server.send("POST", "\(server.record)/recommendations/\(id)/outcomes", outcome, as: hr)
            #expect(made.status == 201)
            let told = try await news(server, of: follower)
            #expect(kinds(told) == ["outcome", "answer"], "\(told.text)")
            #expect(told.json["items"][0]["subject"].string == id)
            #expect(told.json["items"][0]["title"].string == "Aushang")
            #expect(try await kinds(news(server, of: other)) == [])
            let export = try await server.send("GET", "/v1/me/export", as: follower)
            #expect(export.json["follows"][0]["recommendation"].string == id)

            // One at a time, none missing and none twice.
            let first = try await news(server, of: follower, "?limit=1")
            let next = try await news(server, of: follower, "?limit=1&after=\(first.json["next"].string)")
            #expect(kinds(first) + kinds(next) == ["outcome", "answer"])
            #expect(next.json["next"] == .null)

            // Up to the older of the two.
            let at = told.json["items"][1]["at"].string
            let mark = try await server.send("PUT", "/v1/me/news/read", "{\"until\":\"\(at)\"}", as: follower)
            #expect(mark.status == 204)
            clock.pass(days: 1)
            let later = try await server.send(
                "PUT",
                "/v1/me/news/read",
                "{\"until\":\"2999-01-01T00:00:00Z\"}",
                as: follower
            )
            #expect(later.status == 204)
            // What is kept is when the news came, not when somebody looked at them a day later.
            let day = clock.now().addingTimeInterval(-80_000)
            let kept = "SELECT count(*) FROM notification WHERE read_until < '\(RFC3339.string(day))'"
            #expect(try await server.count(kept) == 1)
            let all = try await news(server, of: follower)
            #expect(all.json["items"].array.map { $0["read"] } == [.bool(true), .bool(true)])
            #expect(try await server.send("DELETE", "\(path)/follow", as: follower).status == 204)
            #expect(try await kinds(news(server, of: follower)) == [])
            _ = try await server.send("PUT", "\(path)/follow", as: follower)
            #expect(try await server.send("DELETE", "/v1/me", as: follower).status == 204)
            let left = try await server.count(
                "SELECT (SELECT count(*) FROM follow) + (SELECT count(*) FROM notification)"
            )
            #expect(left == 0)
        }
    }

    @Test func whoComesIsToldThatItMovesOrIsCancelledAndThatASeatIsFree() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let (first, second, declined) = (
                try await server.person(.member), try await server.person(.member), try await server.person(.member)
            )
            let made = try await server.send(
                "POST",
                "\(server.home)/events",
                RSVPTests.newEvent(capacity: 1),
                as: organiser
            )
            let path = "\(server.home)/events/\(made.json["id"].string)"
            for (person, answer) in [(first, "going"), (second, "going"), (declined, "declined")] {
                _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: person)
            }
            #expect(try await kinds(news(server, of: second)) == [])
            _ = try await server.send("DELETE", "\(path)/rsvp", as: first)
            #expect(try await kinds(news(server, of: second)) == ["seat"])
            func change(_ json: String) async throws {
                let reply = try await server.send("PATCH", path, json, as: organiser, headers: ["If-Match": "*"])
                #expect(reply.status == 200, "\(reply.text)")
            }
            try await change("{\"title\":\"Anders\"}")
            #expect(try await kinds(news(server, of: second)) == ["seat"], "another title is no other place")
            try await change("{\"location\":\"Anderswo\"}")
            #expect(try await Set(kinds(news(server, of: second))) == ["event-moved", "seat"])
            _ = try await server.send("DELETE", path, as: organiser)
            #expect(try await kinds(news(server, of: second)) == ["event-cancelled"])
            for person in [first, declined] { #expect(try await kinds(news(server, of: person)) == []) }
        }
    }

    @Test func roundsAndReleasesAreNewsAndMessagesAreNot() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let coordinator = try await server.person(.member, .coordinator, .moderator)
            let (hr, people) = (try await server.person(.hr), try await server.people(20))
            let round = try await server.openRound(by: coordinator)
            // The database notes openings by its own clock, which goes on while this one stands.
            clock.pass(seconds: 300)
            #expect(try await kinds(news(server, of: people[0])) == ["round-opened"])
            let channel = try await server.channel(by: coordinator)
            var wallets: [TestWallet] = []
            for person in people { wallets.append(try await server.wallet(of: person)) }
            let token = wallets[0].tokens[server.network.id]?.first
            let posted = try await server.submit(token, TestServer.message("Hallo", channel: channel))
            #expect(posted.status == 202)
            try await server.mix()
            for person in [people[0], coordinator] {
                #expect(try await kinds(news(server, of: person)) == ["round-opened"], "nothing of the channels")
            }
            try await server.run(
                "UPDATE round SET closes_at = now() + interval '1 day', opens_at = opens_at - interval '9 days', "
                    + "opened_at = opened_at - interval '9 days'",
                on: .private
            )
            #expect(try await kinds(news(server, of: people[1])) == ["round-closing", "round-opened"])
            for (index, wallet) in wallets.enumerated() {
                let voted = try await server.submit(wallet.tokens[round.id]?.first, round.ballot(1 + index % 5))
                #expect(voted.status == 202, "\(voted.text)")
            }
            try await server.mix()
            let closure = "\(server.home)/rounds/\(round.id.text)/closure"
            #expect(try await server.send("PUT", closure, as: coordinator).status == 200)
            #expect(try await kinds(news(server, of: hr)) == [], "a release is news the day after")
            clock.pass(days: 2)
            #expect(try await kinds(news(server, of: hr)) == ["release"])
            #expect(try await kinds(news(server, of: people[2])) == ["release", "round-opened"])
        }
    }

    @Test func aCursorOfAnotherListIsRefused() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            for cursor in ["AAAA", "MTIzHzEfMg", "!"] {
                let reply = try await server.send("GET", "/v1/me/news?after=\(cursor)", as: member)
                #expect(reply.problem == "malformed", "\(reply.text)")
            }
        }
    }
}
