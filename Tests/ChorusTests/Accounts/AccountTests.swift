import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

@Suite struct AccountTests {
    private static let password = "richtig-pferd-batterie"

    private func code(_ server: TestServer) async throws -> String {
        let coordinator = try await server.person(.member, .coordinator)
        let body = "{\"count\":1,\"expiresOn\":\"\(PostgresDateText.inAMonth)\"}"
        return try await server.send("POST", "\(server.home)/invitations", body, as: coordinator).json["codes"][0]
            .string
    }

    private func account(_ code: String, _ email: String) -> String {
        """
        {"invitation":"\(code)","email":"\(email)","password":"\(Self.password)","displayName":"Ada","locale":"de"}
        """
    }

    private func bearer(_ reply: TestReply) -> TestPerson {
        TestPerson(account: UUID(), membership: UUID(), token: reply.json["token"].string)
    }

    @Test func anInvitationLetsOnePersonInWhoThenSignsIn() async throws {
        try await withServer { server in
            let code = try await code(server)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        try await server.send("POST", "/v1/accounts", account(code, "a\(index)@example.org")).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1)
            #expect(statuses.count { $0 == 422 } == 5)
            let email = try #require(
                try await (0..<6).asyncFirst {
                    try await server.count("SELECT count(*) FROM account WHERE email = 'a\($0)@example.org'") == 1
                }
            )
            let right = "{\"email\":\"a\(email)@example.org\",\"password\":\"\(Self.password)\"}"
            let session = try await server.send("POST", "/v1/sessions", right)
            #expect(session.status == 201)
            #expect(session.json["memberships"][0]["network"].string == server.network.id.text)
            let me = try await server.send("GET", "/v1/me", as: bearer(session))
            #expect(me.json["displayName"].string == "Ada")
            #expect(try await server.send("DELETE", "/v1/sessions/current", as: bearer(session)).status == 204)
            #expect(try await server.send("GET", "/v1/me", as: bearer(session)).status == 401)
        }
    }

    @Test func aWrongPasswordAndAnUnknownAccountAreAnsweredAlike() async throws {
        // The clock stands, so that all attempts fall into one minute.
        try await withServer(now: TestClock().now) { server in
            _ = try await server.send("POST", "/v1/accounts", account(try await code(server), "known@example.org"))
            var bodies: [JSONValue] = []
            for email in ["known@example.org", "nobody@example.org"] {
                let reply = try await server.send(
                    "POST",
                    "/v1/sessions",
                    "{\"email\":\"\(email)\",\"password\":\"falsch\"}"
                )
                #expect(reply.status == 401)
                bodies.append(reply.json["detail"])
            }
            #expect(bodies[0] == bodies[1])
            var last = 0
            for _ in 0..<25 {
                last = try await server.send(
                    "POST",
                    "/v1/sessions",
                    "{\"email\":\"known@example.org\",\"password\":\"falsch\"}"
                ).status
            }
            #expect(last == 429)
        }
    }

    @Test func aCookieFromAnotherSiteIsRefused() async throws {
        try await withServer { server in
            let member = try await server.person(.member)
            let cookie = ["Cookie": "__Host-chorus=\(member.token)"]
            #expect(try await server.send("GET", "/v1/me", headers: cookie).status == 200)
            let foreign = cookie.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }
            #expect(try await server.send("PATCH", "/v1/me", "{}", headers: foreign).problem == "cross-origin")
            let own = cookie.merging(["Sec-Fetch-Site": "same-origin"]) { $1 }
            #expect(try await server.send("PATCH", "/v1/me", "{\"locale\":\"en\"}", headers: own).status == 200)
        }
    }

    @Test func erasureLeavesNothingAndFreesTheSeat() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let people = try await server.people(2)
            let event = try await server.send(
                "POST",
                "\(server.home)/events",
                RSVPTests.newEvent(capacity: 1),
                as: organiser
            )
            let path = "\(server.home)/events/\(event.json["id"].string)"
            for person in people {
                _ = try await server.send("PUT", "\(path)/rsvp", "{\"answer\":\"going\"}", as: person)
            }
            #expect(try await server.send("GET", "/v1/me/export", as: people[0]).json["rsvps"].array.count == 1)
            #expect(try await server.send("DELETE", "/v1/me", as: people[0]).status == 204)
            for table in [
                "account WHERE id", "membership WHERE account_id", "api_token WHERE account_id",
                "account_network WHERE account_id",
            ] {
                #expect(try await server.count("SELECT count(*) FROM \(table) = '\(people[0].account)'") == 0)
            }
            #expect(try await server.send("GET", path, as: people[1]).json["myRsvp"]["status"].string == "going")
        }
    }

    @Test func hrSeesTheRecordOnlyAndTheLastCoordinatorStays() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            for path in ["events", "memberships", "channels", "rounds", "recommendations", "units"] {
                #expect(try await server.send("GET", "\(server.home)/\(path)", as: hr).status == 403)
            }
            #expect(try await server.send("GET", "\(server.record)/releases", as: hr).status == 200)
            #expect(try await server.send("GET", "\(server.record)/releases", as: coordinator).status == 403)
            #expect(try await server.send("DELETE", "\(server.home)/memberships/me", as: coordinator).status == 409)
            let member = try await server.person(.member)
            #expect(try await server.send("GET", "\(server.home)/memberships", as: member).status == 403)
            let list = try await server.send("GET", "\(server.home)/memberships?limit=2", as: coordinator)
            #expect(list.json["items"].array.count == 2)
            let next = try await server.send(
                "GET",
                "\(server.home)/memberships?limit=2&after=\(list.json["next"].string)",
                as: coordinator
            )
            #expect(next.json["items"].array.count == 1)
        }
    }
}

extension Sequence {
    fileprivate func asyncFirst(where isWanted: (Element) async throws -> Bool) async rethrows -> Element? {
        for element in self where try await isWanted(element) { return element }
        return nil
    }
}
