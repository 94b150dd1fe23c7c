import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Where somebody is signed in, and ending it from afar.
@Suite struct OwnSessionTests {
    private func list(_ server: TestServer, _ person: TestPerson) async throws -> [JSONValue] {
        let reply = try await server.send("GET", "/v1/me/sessions", as: person)
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.json["next"] == .null)
        return reply.json["items"].array
    }

    @Test func sessionsAreListedByDayAndNothingElseIsKnownOfThem() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now, configure: { $0.passwordCost = 10 }) { server in
            let first = try await server.signedIn()
            let day = PostgresDate.today(in: .gmt, at: clock.now())
            clock.pass(seconds: 86_400)
            let token = try #require(try await server.signIn(first.email))
            let second = TestPerson(account: first.person.account, membership: UUID(), token: token)
            let found = try await list(server, second)
            #expect(found.map { $0["createdOn"].string } == [day.adding(days: 1).description, day.description])
            #expect(found.map { $0["isCurrent"] } == [.bool(true), .bool(false)])
            #expect(found.allSatisfy { $0.names == ["createdOn", "id", "isCurrent", "lastUsedOn"] })
            #expect(try await list(server, first.person).map { $0["id"] } == found.map { $0["id"] }, "the same ids")
            #expect(try await list(server, first.person).map { $0["isCurrent"] } == [.bool(false), .bool(true)])
            let other = try await server.signedIn()
            #expect(try await list(server, other.person).count == 1)
            // What is over is not shown.
            clock.pass(seconds: Double(SessionRoutes.lifetime) - 3_600)
            #expect(try await list(server, second).count == 1)
        }
    }

    @Test func endingASessionEndsItAtOnceOnEveryServer() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let first = try await server.signedIn()
            let token = try #require(try await server.signIn(first.email))
            let second = TestPerson(account: first.person.account, membership: first.person.membership, token: token)
            let events = "\(server.home)/events"
            try await server.withSecondServer { other in
                try await server.keep(events, as: second)
                try await other.keep(events, as: second)
                let found = try await list(server, first.person)
                let id = try #require(found.first { $0["isCurrent"] == .bool(false) })["id"].string
                let ended = try await server.send("DELETE", "/v1/me/sessions/\(id)", as: first.person)
                #expect(ended.status == 204)
                #expect(ended.headers["set-cookie"] == nil, "who asks stays signed in")
                #expect(try await server.send("GET", events, as: second).status == 401)
                #expect(try await soon { try await other.send("GET", events, as: second).status == 401 })
                #expect(try await server.send("DELETE", "/v1/me/sessions/\(id)", as: first.person).status == 404)
            }
            #expect(try await server.send("GET", events, as: first.person).status == 200)
            let own = try await list(server, first.person)
            let last = try await server.send(
                "DELETE",
                "/v1/me/sessions/\(own[0]["id"].string)",
                as: first.person
            )
            #expect(last.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await server.send("GET", events, as: first.person).status == 401)
        }
    }

    @Test func allOthersEndAtOnceAndNobodyElses() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let (one, other) = (try await server.signedIn(), try await server.signedIn())
            let tokens = [try await server.signIn(one.email), try await server.signIn(one.email)].compactMap(\.self)
            #expect(tokens.count == 2)
            #expect(try await server.send("DELETE", "/v1/me/sessions", as: one.person).status == 204)
            for token in tokens {
                let elsewhere = TestPerson(account: one.person.account, membership: UUID(), token: token)
                #expect(try await server.send("GET", "/v1/me", as: elsewhere).status == 401)
            }
            #expect(try await server.send("GET", "/v1/me", as: one.person).status == 200, "who asks stays signed in")
            #expect(try await server.send("GET", "/v1/me", as: other.person).status == 200)
            let program = try await server.person(.member)
            #expect(try await server.send("DELETE", "/v1/me/sessions", as: program).status == 403)
        }
    }

    @Test func nobodyEndsSessionsOfOthersOrByAToken() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let (one, other) = (try await server.signedIn(), try await server.signedIn([.member, .coordinator]))
            let id = try await list(server, one.person)[0]["id"].string
            #expect(try await server.send("DELETE", "/v1/me/sessions/\(id)", as: other.person).status == 404)
            #expect(try await server.send("DELETE", "/v1/me/sessions/nonsense", as: one.person).status == 404)
            #expect(try await server.send("DELETE", "/v1/me/sessions/\(id)").status == 401)
            let program = try await server.person(.member)
            #expect(try await server.send("GET", "/v1/me/sessions", as: program).status == 403)
            #expect(try await server.send("DELETE", "/v1/me/sessions/\(id)", as: program).status == 403)
            #expect(try await list(server, one.person).count == 1)
            // By the way: HR and councils have sessions as everybody has.
            let hr = try await server.signedIn([.hr])
            #expect(try await list(server, hr.person).count == 1)
        }
    }
}
