import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

extension TestServer {
    /// Reads something until it is kept for its reader, so that what comes next would be stale if nothing were noticed.
    @discardableResult
    fileprivate func keep(_ path: String, as person: TestPerson) async throws -> TestReply {
        for _ in 0..<500 {
            let reply = try await send("GET", path, as: person)
            if parts.ready.answer(to: path, for: person.membership) != nil { return reply }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never kept: \(path)")
        return try await send("GET", path, as: person)
    }

    fileprivate func makeEvent(_ extra: String = "", by organiser: TestPerson) async throws -> String {
        let body = RSVPTests.newEvent(capacity: nil, extra: ",\"onlineUrl\":\"https://example.org/x\"" + extra)
        let reply = try await send("POST", "\(home)/events", body, as: organiser)
        #expect(reply.status == 201, "\(reply.text)")
        return "\(home)/events/\(reply.json["id"].string)"
    }

    fileprivate func rename(_ path: String, _ title: String, by organiser: TestPerson) async throws {
        let change = "{\"title\":\"\(title)\"}"
        let reply = try await send("PATCH", path, change, as: organiser, headers: ["If-Match": "*"])
        #expect(reply.status == 200, "\(reply.text)")
    }

    fileprivate func rsvp(_ path: String, _ answer: String, as person: TestPerson) async throws -> TestReply {
        try await send("PUT", "\(path)/rsvp", "{\"answer\":\"\(answer)\"}", as: person)
    }

    /// Runs SQL as an operator would, who tells this server nothing.
    fileprivate func runElsewhere(_ sql: String) async throws {
        let configuration = PostgresConfiguration(server.privateURI, maximumConnections: 1)
        try await withPool(configuration, logger: parts.logger) { try await $0.run(sql) }
    }
}

/// Whether something becomes true soon.
private func soon(
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}

private func forAll<Element: Sendable>(
    _ elements: [Element],
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for element in elements { group.addTask { try await body(element) } }
        try await group.waitForAll()
    }
}

/// What is kept in memory is never older than what its reader may know of.
@Suite struct FreshnessTests {
    // MARK: One's own writes

    @Test func nobodyReadsOlderThanTheirOwnAnswer() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await server.makeEvent(by: organiser)
            let list = "\(server.home)/events"
            let people = try await server.people(10)
            try await server.keep(path, as: people[0])
            try await server.keep(list, as: people[0])
            try await forAll(Array(people.enumerated())) { index, person in
                for round in 0..<5 {
                    let answer = ["going", "maybe", "declined"][(index + round) % 3]
                    #expect(try await server.rsvp(path, answer, as: person).status == 200)
                    let detail = try await server.send("GET", path, as: person).json
                    #expect(detail["myRsvp"]["answer"].string == answer)
                    #expect((detail["onlineUrl"] != .null) == (answer == "going"))
                    let item = try await server.send("GET", list, as: person).json["items"][0]
                    #expect(item["myRsvp"]["answer"].string == answer)
                }
                #expect(try await server.send("DELETE", "\(path)/rsvp", as: person).status == 204)
                #expect(try await server.send("GET", path, as: person).json["myRsvp"] == .null)
            }
            #expect(try await server.send("GET", path, as: people[0]).json["going"].int == 0)
        }
    }

    @Test func whatAnOrganiserChangesIsSeenByEverybodyAtOnce() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let path = try await server.makeEvent(by: organiser)
            let list = "\(server.home)/events"
            let readers = try await server.people(4) + [organiser]
            for round in 0..<5 {
                try await forAll(readers) { reader in
                    try await server.keep(path, as: reader)
                    try await server.keep(list, as: reader)
                }
                try await server.rename(path, "Titel \(round)", by: organiser)
                try await forAll(readers) { reader in
                    let detail = try await server.send("GET", path, as: reader).json
                    #expect(detail["title"].string == "Titel \(round)")
                    let items = try await server.send("GET", list, as: reader).json["items"]
                    #expect(items[0]["title"].string == "Titel \(round)")
                }
            }
            for reader in readers { try await server.keep(list, as: reader) }
            _ = try await server.makeEvent(by: organiser)
            #expect(try await server.send("GET", list, as: readers[0]).json["items"].array.count == 2)
            for reader in readers { try await server.keep(path, as: reader) }
            #expect(try await server.send("DELETE", path, as: organiser).status == 204)
            for reader in readers {
                #expect(try await server.send("GET", path, as: reader).json["cancelled"].isTrue)
            }
        }
    }

    // MARK: Rights

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

    // MARK: The record

    @Test func whatHRAnswersIsSeenAtOnceByBothSides() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let (hr, member) = (try await server.person(.hr), try await server.person(.member))
            let (inside, outside) = ("\(server.home)/recommendations", "\(server.record)/recommendations")
            try await server.keep(inside, as: member)
            try await server.keep(outside, as: hr)
            let draft = "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[]}"
            let id = try await server.send("POST", inside, draft, as: coordinator).json["id"].string
            let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
            #expect(try await server.send("PUT", "\(inside)/\(id)/publication", due, as: coordinator).status == 200)
            #expect(try await server.keep(inside, as: member).json["items"].array.count == 1)
            #expect(try await server.keep(outside, as: hr).json["items"].array.count == 1)
            let answer = "{\"decision\":\"accepted\",\"text\":\"Ja.\",\"responsible\":\"Amt\",\"dueOn\":null}"
            #expect(try await server.send("PUT", "\(outside)/\(id)/answer", answer, as: hr).status == 200)
            for (path, reader) in [(inside, member), (outside, hr)] {
                let items = try await server.send("GET", path, as: reader).json["items"]
                #expect(items[0]["answer"]["decision"].string == "accepted", "\(items)")
            }
        }
    }

    /// The mixer is no request: only the database tells that it has released something.
    @Test func aReleaseAppearsAfterTheMix() async throws {
        try await withServer { server in
            let coordinator = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let people = try await server.people(20)
            let round = try await server.openRound(by: coordinator)
            // All of them before the first ballot, which is too early as long as few have tokens.
            let tokens = try await withThrowingTaskGroup(of: [Token].self) { group in
                for person in people {
                    group.addTask { try await server.wallet(of: person).tokens[round.id] ?? [] }
                }
                return try await group.reduce(into: []) { $0 += $1.prefix(1) }
            }
            try await forAll(Array(tokens.enumerated())) { index, token in
                let reply = try await server.submit(token, round.ballot(index % 5 + 1))
                #expect(reply.status == 202, "\(reply.text)")
            }
            let closure = "\(server.home)/rounds/\(round.id.text)/closure"
            #expect(try await server.send("PUT", closure, as: coordinator).status == 202, "ballots wait for the mix")
            let (inside, outside) = ("\(server.home)/releases", "\(server.record)/releases")
            #expect(try await server.keep(inside, as: people[0]).json["items"].array.isEmpty)
            #expect(try await server.keep(outside, as: hr).json["items"].array.isEmpty)
            try await server.mix()
            for (path, reader) in [(inside, people[0]), (outside, hr)] {
                let appears = try await soon {
                    try await server.send("GET", path, as: reader).json["items"].array.count == 1
                }
                #expect(appears)
            }
        }
    }

    // MARK: Other processes

    @Test func whatAnotherServerChangesIsSeenSoon() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser, .coordinator)
            let (member, hr) = (try await server.person(.member), try await server.person(.hr))
            let list = "\(server.home)/events"
            try await server.withSecondServer { other in
                let path = try await other.makeEvent(by: organiser)
                try await server.keep(path, as: member)
                #expect(try await other.rsvp(path, "going", as: member).status == 200)
                let seesAnswer = try await soon {
                    try await server.send("GET", path, as: member).json["myRsvp"]["answer"].string == "going"
                }
                #expect(seesAnswer)
                try await server.keep(list, as: member)
                try await other.rename(path, "Neu", by: organiser)
                let seesTitle = try await soon {
                    try await server.send("GET", list, as: member).json["items"][0]["title"].string == "Neu"
                }
                #expect(seesTitle)

                let inside = "\(server.record)/recommendations"
                try await server.keep(inside, as: hr)
                let draft = "{\"title\":\"Aushang\",\"text\":\"Text\",\"measure\":\"Aushang\",\"evidence\":[]}"
                let drafts = "\(server.home)/recommendations"
                let id = try await other.send("POST", drafts, draft, as: organiser).json["id"].string
                let due = "{\"answerDueOn\":\"\(PostgresDate.today(in: .gmt).adding(days: 30))\"}"
                _ = try await other.send("PUT", "\(drafts)/\(id)/publication", due, as: organiser)
                let seesRecord = try await soon {
                    try await server.send("GET", inside, as: hr).json["items"].array.count == 1
                }
                #expect(seesRecord)
            }
        }
    }

    @Test func whoLosesARightElsewhereLosesItHereSoon() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .coordinator)
            let list = "\(server.home)/events"
            try await server.withSecondServer { other in
                let suspended = try await server.person(.member)
                try await server.keep(list, as: suspended)
                try await other.runElsewhere(
                    "UPDATE membership SET state = 'suspended' WHERE id = '\(suspended.membership)'"
                )
                #expect(try await soon { try await server.send("GET", list, as: suspended).status == 404 })

                let removed = try await server.person(.member)
                try await server.keep(list, as: removed)
                let path = "\(server.home)/memberships/\(removed.membership.text)"
                #expect(try await other.send("DELETE", path, as: organiser).status == 204)
                #expect(try await soon { try await server.send("GET", list, as: removed).status == 404 })

                let signedOut = try await server.session(of: try await server.person(.member))
                try await server.keep(list, as: signedOut)
                #expect(try await other.send("DELETE", "/v1/sessions/current", as: signedOut).status == 204)
                #expect(try await soon { try await server.send("GET", list, as: signedOut).status == 401 })

                // An addition tells nobody; so nobody who is missing may be remembered.
                let welcome = try await server.person()
                #expect(try await server.send("GET", list, as: welcome).status == 404)
                let new = InsertMembership(
                    network: server.network.id,
                    account: welcome.account,
                    roles: [.member],
                    displayName: "Neu"
                )
                _ = try await other.parts.databases.member.execute(new, network: server.network.id)
                #expect(try await server.send("GET", list, as: welcome).status == 200)
            }
        }
    }

    @Test func aDeafServerUsesNothingThatItHasKept() async throws {
        try await withServer { server in
            let organiser = try await server.person(.member, .organiser)
            let member = try await server.person(.member)
            let path = try await server.makeEvent(by: organiser)
            let listening = """
                SELECT pid::text FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()
                """
            let known = try await server.texts(listening)
            let database = try await server.texts("SELECT current_database()::text")[0]
            try await server.withSecondServer { deaf in
                #expect(try await soon { try await server.texts(listening).count > known.count })
                let own = Set(try await server.texts(listening)).subtracting(known).joined(separator: ",")
                try await deaf.keep(path, as: member)
                // It cannot listen again, but what it has open goes on.
                try await server.rename(path, "Vorher", by: organiser)
                #expect(try await soon { try await deaf.keep(path, as: member).json["title"].string == "Vorher" })
                try await TestCluster.run("ALTER DATABASE \(database) WITH ALLOW_CONNECTIONS false")
                try await TestCluster.run("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[\(own)]) AS d (pid)")
                try await server.rename(path, "Ungehört", by: organiser)
                let isRight = try await soon(within: Changes.patience + .seconds(5)) {
                    try await deaf.send("GET", path, as: member).json["title"].string == "Ungehört"
                }
                #expect(isRight)
                #expect(deaf.parts.changes.mark(server.network.id, .content) == nil)
                for round in 0..<5 {
                    try await server.rename(path, "Stille \(round)", by: organiser)
                    let seen = try await deaf.send("GET", path, as: member)
                    #expect(seen.json["title"].string == "Stille \(round)", "at once, because nothing is kept")
                    #expect(deaf.parts.ready.answer(to: path, for: member.membership) == nil)
                }
                try await TestCluster.run("ALTER DATABASE \(database) WITH ALLOW_CONNECTIONS true")
                #expect(try await deaf.keep(path, as: member).json["title"].string == "Stille 4")
                try await server.rename(path, "Wieder da", by: organiser)
                let hears = try await soon {
                    try await deaf.send("GET", path, as: member).json["title"].string == "Wieder da"
                }
                #expect(hears)
            }
        }
    }

    // MARK: Somebody else's

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
