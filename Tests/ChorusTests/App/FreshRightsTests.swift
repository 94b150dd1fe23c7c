import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Who loses a right, or a credential, has lost it with the next request, whatever is kept.
@Suite struct FreshRightsTests {
    @Test func aRoleThatIsTakenEndsWithTheNextRequest() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let member = try await server.person(.member)
            let events = "\(server.home)/events"
            let releases = "\(server.record)/releases"
            func give(_ roles: String) async throws {
                let path = "\(server.home)/memberships/\(member.membership.text)"
                let body = "{\"roles\":[\(roles)]}"
                let reply = try await server.send("PATCH", path, body, as: coordinator, headers: ["If-Match": "*"])
                #expect(reply.status == 200, "\(reply.text)")
            }
            try await server.keep(events, as: member)
            #expect(try await server.send("GET", releases, as: member).status == 403)
            try await give("\"hr\"")
            #expect(try await server.send("GET", events, as: member).status == 403)
            try await server.keep(releases, as: member)
            try await give("\"member\"")
            #expect(try await server.send("GET", releases, as: member).status == 403)
            try await server.keep(events, as: member)
            let path = "\(server.home)/memberships/\(member.membership.text)"
            #expect(try await server.send("DELETE", path, as: coordinator).status == 204)
            #expect(try await server.send("GET", events, as: member).status == 404)
        }
    }

    @Test func whoSignsOutOrLosesATokenIsNobodyWithTheNextRequest() async throws {
        try await withServer { server in
            let events = "\(server.home)/events"
            let person = try await server.person(.member)
            let (first, second) = (try await server.session(of: person), try await server.session(of: person))
            func token(_ credential: String) -> TestPerson {
                TestPerson(account: person.account, membership: person.membership, token: credential)
            }
            let day = PostgresDate.today(in: .gmt).adding(days: 30)
            let new = "{\"name\":\"x\",\"scopes\":[\"read\"],\"expiresOn\":\"\(day)\"}"
            let made = try await server.send("POST", "/v1/me/api-tokens", new, as: first)
            #expect(made.status == 201, "\(made.text)")
            let program = token(made.json["token"].string)
            for reader in [first, second, program] { try await server.keep(events, as: reader) }

            let gone = "/v1/me/api-tokens/\(made.json["id"].string)"
            #expect(try await server.send("DELETE", gone, as: first).status == 204)
            #expect(try await server.send("GET", events, as: program).status == 401)

            try await server.keep(events, as: second)
            #expect(try await server.send("DELETE", "/v1/sessions/current", as: second).status == 204)
            #expect(try await server.send("GET", events, as: second).status == 401)
            #expect(try await server.send("GET", events, as: first).status == 200)
        }
    }

    @Test func aNewPasswordEndsAllOtherSessionsAtOnce() async throws {
        try await withServer { server in
            let events = "\(server.home)/events"
            let person = try await server.person(.member)
            let (own, other) = (try await server.session(of: person), try await server.session(of: person))
            let old = try PasswordHash(hashing: "Kirschkernkissen 7", cost: server.parts.configuration.passwordCost)
            let set = UpdatePassword(id: person.account, password: old, keeping: Credential(text: own.token).hash)
            _ = try await server.parts.databases.member.execute(set)
            let third = try await server.session(of: person)
            try await server.keep(events, as: own)
            try await server.keep(events, as: third)
            let change = "{\"current\":\"Kirschkernkissen 7\",\"password\":\"Apfelbaumschere 19 rot\"}"
            let changed = try await server.send("PUT", "/v1/me/password", change, as: own)
            #expect(changed.status == 204, "\(changed.text)")
            #expect(try await server.send("GET", events, as: third).status == 401)
            #expect(try await server.send("GET", events, as: other).status == 401)
            #expect(try await server.send("GET", events, as: own).status == 200)
        }
    }

    @Test func nobodyIsGivenSomebodyElsesAnswer() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let (hr, churner) = (try await server.person(.hr), try await server.person(.member))
            let path = try await server.makeEvent(by: organiser)
            let list = "\(server.home)/events"
            let people = try await server.people(8)
            let answers: [String?] = ["going", "maybe", "declined", nil]
            for (index, person) in people.enumerated() {
                if let answer = answers[index % 4] { _ = try await server.rsvp(path, answer, as: person) }
            }
            let stranger = try await stranger(to: server)
            try await server.keep("\(server.record)/releases", as: hr)
            try await server.keep("\(server.home)/releases", as: people[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, person) in people.enumerated() {
                    group.addTask {
                        for _ in 0..<10 {
                            let detail = try await server.send("GET", path, as: person).json
                            let item = try await server.send("GET", list, as: person).json["items"][0]
                            for seen in [detail, item] {
                                #expect(seen["myRsvp"]["answer"].string == answers[index % 4] ?? "")
                                #expect((seen["onlineUrl"] != .null) == (index % 4 == 0))
                            }
                            #expect(try await server.send("GET", "\(server.record)/releases", as: person).status == 403)
                        }
                    }
                }
                group.addTask { () async throws -> Void in
                    for _ in 0..<10 {
                        #expect(try await server.rsvp(path, "maybe", as: churner).status == 200)
                        let own = try await server.send("GET", path, as: organiser).json
                        #expect(own["onlineUrl"] != .null)
                        for place in [path, list, "\(server.home)/releases"] {
                            try await refused(place, hr, stranger, on: server)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func refused(_ path: String, _ hr: TestPerson, _ stranger: TestPerson, on server: TestServer) async throws {
        #expect(try await server.send("GET", path, as: hr).status == 403)
        #expect(try await server.send("GET", path, as: stranger).status == 404)
        #expect(try await server.send("GET", path).status == 401)
    }

    /// A member of another network of the same server.
    private func stranger(to server: TestServer) async throws -> TestPerson {
        let network = UUID()
        try await server.run(
            """
            INSERT INTO network (id, slug, name, employer, time_zone, locale)
            VALUES ('\(network)', 'netz-\(network.text.prefix(8))', 'Netz', 'Stadt', 'Europe/Berlin', 'de')
            """,
            on: .private
        )
        let person = try await server.person()
        let new = InsertMembership(network: network, account: person.account, roles: [.member], displayName: "X")
        _ = try await server.parts.databases.member.execute(new, network: network)
        return person
    }
}
