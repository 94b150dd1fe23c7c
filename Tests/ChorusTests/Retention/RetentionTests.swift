import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// What ends by its age goes when its day has come, and what is beside it stays.
@Suite struct RetentionTests {
    @Test func theListOfWhatEndsByAgeIsTheProgramsOwn() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let file = root.appending(path: "Sources/Chorus/Chorus.docc/DataProtection/Retention.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## By age\n").last)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingWhitespace().replacing("`", with: "") } }
        let expected = RetentionRule.allCases.map { rule in
            [
                rule.rawValue, rule.table, "\(rule.days)",
                rule.choice.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "no", rule.statement,
            ]
        }
        #expect(rows == expected)
    }

    @Test func eachRuleDeletesWhatHasItsAgeAndItsNeighboursStay() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let ids = (old: UUID(), new: UUID())
            try await fill(server, ids)
            let tables = ["rsvp", "event", "message", "join_request", "invitation", "api_token", "account"]
            func rows() async throws -> [Int] {
                var counts: [Int] = []
                for table in tables { counts.append(try await server.count("SELECT count(*) FROM \(table)")) }
                return counts
            }
            // One day before anything but what is long over has its age.
            #expect(try await rows() == [2, 2, 2, 3, 2, 2, 4])
            #expect(try await server.parts.endByAge() == false)
            let first = try await rows()
            // Of each kind the old one has gone; its event stays as long as there were answers, and goes now that they are gone.
            #expect(first == [1, 1, 1, 2, 1, 1, 4], "\(first)")
            #expect(try await server.count("SELECT going FROM event WHERE id = '\(ids.new.text)'") == 1)
            #expect(try await server.texts("SELECT text FROM message") == ["neu"])
            #expect(try await server.texts("SELECT text FROM join_request ORDER BY text") == ["neu", "offen"])
            // Nobody uses the account of a year ago; whoever waits for an answer is waited for.
            #expect(try await server.count("SELECT count(*) FROM account WHERE unused_since IS NOT NULL") == 2)
            clock.pass(days: 366)
            _ = try await server.parts.endByAge()
            #expect(try await server.texts("SELECT display_name FROM account ORDER BY 1") == ["Mitglied", "wartet"])
            #expect(try await server.count("SELECT count(*) FROM rsvp") == 0, "the other event is over for a year too")
            #expect(try await server.count("SELECT going FROM event") == 1, "its count stays")
        }
    }

    /// Of each kind one that has its age and one that has not.
    private func fill(_ server: TestServer, _ ids: (old: UUID, new: UUID)) async throws {
        let (network, digest) = (server.network.id.text, "decode(repeat('ab', 32), 'hex')")
        let member = try await server.person(.member, name: "Mitglied")
        let people = (0..<3).map { _ in UUID().text }
        var sql = """
            INSERT INTO account (id, email, display_name, locale) VALUES ('\(people[0])', 'a@example.org', 'unbenutzt', 'de'),
                ('\(people[1])', 'b@example.org', 'wartet', 'de'), ('\(people[2])', 'c@example.org', 'abgelehnt', 'de');
            INSERT INTO channel (network_id, id, name, description, policy, kind)
                VALUES ('\(network)', '\(ids.old.text)', 'Kasten', '', 'Wir lesen', 'feedback');
            UPDATE api_token SET expires_on = current_date - 31 WHERE account_id = '\(member.account)';
            INSERT INTO api_token (token_hash, id, account_id, name, scopes, expires_on)
                VALUES (\(digest), '\(ids.new.text)', '\(member.account)', 'neu', '{read}', current_date - 29);
            INSERT INTO join_request (network_id, id, account_id, text, decision, created_on) VALUES
                ('\(network)', '\(UUID().text)', '\(people[0])', 'alt', 'declined', current_date - 91),
                ('\(network)', '\(UUID().text)', '\(people[2])', 'neu', 'declined', current_date - 89),
                ('\(network)', '\(UUID().text)', '\(people[1])', 'offen', NULL, current_date - 400);

            """
        for (id, name, days) in [(ids.old, "alt", 1_096), (ids.new, "neu", 1)] {
            let event = "current_timestamp - interval '\(days) days'"
            sql += """
                INSERT INTO event (network_id, id, title, description, kind, location, starts_at, ends_at, time_zone, visibility,
                    going, created_at, updated_at)
                    VALUES ('\(network)', '\(id.text)', '\(name)', '', 'meeting', '', \(event) - interval '1 hour', \(event),
                        'Europe/Berlin', 'members', 1, \(event), \(event));
                INSERT INTO rsvp (network_id, event_id, membership_id, answer, status)
                    VALUES ('\(network)', '\(id.text)', '\(member.membership)', 'going', 'going');
                INSERT INTO message (network_id, id, channel_id, batch_day, text, language, state)
                    VALUES ('\(network)', '\(id.text)', '\(ids.old.text)', current_date - \(days), '\(name)', 'de', 'closed');
                INSERT INTO invitation (network_id, code_hash, expires_on)
                    VALUES ('\(network)', sha256('\(name)'), current_date - \(days == 1 ? 29 : 31));

                """
        }
        try await server.run(sql, on: .private)
    }

    /// Whoever comes for an hour now and then is nobody who has gone.
    @Test func whoComesBackComesOffTheListOfUnusedAccounts() async throws {
        try await withServer { server in
            let hash = try PasswordHash(hashing: "ein-langes-wort", cost: server.parts.configuration.passwordCost)
            let (member, back, away) = (try await server.person(.member), UUID(), UUID())
            for (id, name) in [(back, "back"), (away, "away")] {
                try await server.run(
                    """
                    INSERT INTO account (id, email, display_name, locale, unused_since)
                    VALUES ('\(id.text)', '\(name)@example.org', '\(name)', 'de', current_date - 400)
                    """,
                    on: .private
                )
                let set = UpdatePassword(id: id, password: hash, keeping: [])
                _ = try await server.parts.databases.member.execute(set)
            }
            let body = "{\"email\":\"back@example.org\",\"password\":\"ein-langes-wort\"}"
            let signedIn = try await server.send("POST", "/v1/sessions", body)
            let person = TestPerson(account: back, membership: UUID(), token: signedIn.json["token"].string)
            #expect(try await server.send("DELETE", "/v1/sessions/current", as: person).status == 204)
            // On the list by mistake: a membership or a session of the last year keeps an account nevertheless.
            try await server.run(
                "UPDATE account SET unused_since = current_date - 400 WHERE id = '\(member.account)'",
                on: .private
            )
            let before = PostgresDate.today(in: .gmt).adding(days: -365)
            let gone = try await server.parts.deleteUnused(before: before, limit: 10)
            #expect(gone == 1)
            #expect(
                try await server.texts("SELECT display_name FROM account WHERE email = 'back@example.org'") == ["back"]
            )
            #expect(try await server.count("SELECT count(*) FROM account WHERE id = '\(member.account)'") == 1)
        }
    }

    /// More accounts than one step looks at, in every mixture of what keeps them, some of them listed before.
    @Test func onTheListIsWhoeverIsNowhere() async throws {
        try await withServer { server in
            let id = "md5('account ' || n)::uuid"
            try await server.run(
                """
                INSERT INTO account (id, display_name, locale, is_admin, unused_since)
                SELECT \(id), 'a', 'de', n % 13 = 0, CASE WHEN n % 2 = 0 THEN current_date - 40 END FROM generate_series(1, 2500) n;
                INSERT INTO account_network (account_id, network_id)
                SELECT \(id), '\(server.network.id.text)' FROM generate_series(1, 2500, 5) n;
                INSERT INTO join_request (network_id, id, account_id, text, decision, created_on)
                SELECT '\(server.network.id.text)', gen_random_uuid(), \(id), '', CASE WHEN n % 3 = 0 THEN 'declined' END, current_date
                FROM generate_series(1, 2500, 7) n;
                INSERT INTO session (token_hash, account_id, expires_at)
                SELECT sha256(n::text::bytea), \(id), now() + interval '1 hour' * (n % 2 - 0.5) FROM generate_series(1, 2500, 11) n;
                """,
                on: .private
            )
            try await server.parts.noteUnused(on: .today(in: .gmt))
            let listed = try await server.texts(
                "SELECT id || ' ' || unused_since FROM account WHERE unused_since IS NOT NULL"
            )
            let unused = try await server.texts(
                """
                SELECT \(id) || ' ' || CASE WHEN n % 2 = 0 THEN current_date - 40 ELSE current_date END FROM generate_series(1, 2500) n
                WHERE n % 13 <> 0 AND n % 5 <> 1 AND NOT (n % 7 = 1 AND n % 3 <> 0) AND NOT (n % 11 = 1 AND n % 2 = 1)
                """
            )
            #expect(Set(listed) == Set(unused) && listed.count > 1_200)
        }
    }

    /// A place that was given is never taken by the ending of accounts that nobody used until this moment.
    @Test func whoJoinsWhileUnusedAccountsEndIsAMemberOrIsToldSo() async throws {
        try await withServer { server in
            let (network, pool) = (server.network.id, server.parts.databases.member)
            let accounts = (0..<120).map { _ in UUID() }
            let list = accounts.map { "('\($0.text)', 'a', 'de', current_date - 400)" }.joined(separator: ",")
            try await server.run(
                "INSERT INTO account (id, display_name, locale, unused_since) VALUES \(list)",
                on: .private
            )
            let before = PostgresDate.today(in: .gmt).adding(days: -365)
            async let ended = withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 { group.addTask { try await server.parts.deleteUnused(before: before, limit: 4) } }
                return try await group.reduce(0, +)
            }
            let joined = try await withThrowingTaskGroup(of: UUID?.self) { group in
                for account in accounts {
                    group.addTask {
                        let place = InsertMembership(
                            network: network,
                            id: UUID(),
                            account: account,
                            roles: [.member],
                            displayName: "a"
                        )
                        do { _ = try await pool.execute(place, network: network) } catch let error as PostgresError {
                            #expect(error.sqlState == "23503", "gone already: \(error)")
                            return nil
                        }
                        return account
                    }
                }
                return try await group.reduce(into: Set<String>()) { if let id = $1 { $0.insert(id.text) } }
            }
            let gone = try await ended
            let members = try await server.texts("SELECT account_id::text FROM membership")
            #expect(Set(members) == joined)
            #expect(gone + joined.count <= accounts.count && !joined.isEmpty, "\(gone) ended, \(joined.count) joined")
        }
    }

    @Test func aNetworkChoosesForItselfWithinLimits() async throws {
        let clock = TestClock()
        try await withServer(now: clock.now) { server in
            let ids = (old: UUID(), new: UUID())
            try await fill(server, ids)
            let settings = try await server.server.retention(of: server.network.slug, rule: "pastAnswers", days: 3_000)
            #expect(settings.first { $0.rule == "pastAnswers" }?.days == 3_000)
            _ = try await server.parts.endByAge()
            #expect(try await server.count("SELECT count(*) FROM rsvp") == 2)
            #expect(try await server.count("SELECT count(*) FROM event") == 2, "an event with answers stays with them")
            for (rule, days) in [("pastAnswers", 29), ("pastEvents", 179), ("expiredTokens", 90), ("wings", 90)] {
                await #expect(throws: OperationRefusal.self) {
                    try await server.server.retention(of: server.network.slug, rule: rule, days: days)
                }
            }
            _ = try await server.server.retention(of: server.network.slug, rule: "pastAnswers", days: 30)
            _ = try await server.parts.endByAge()
            #expect(try await server.count("SELECT count(*) FROM rsvp") == 1)
        }
    }

    @Test func aRunDeletesABatchAndComesBackForTheRest() async throws {
        try await withServer { server in
            let network = server.network.id.text
            try await server.run(
                """
                INSERT INTO invitation (network_id, code_hash, expires_on)
                SELECT '\(network)', sha256(n::text::bytea), current_date - 100 FROM generate_series(1, 700) n
                """,
                on: .private
            )
            #expect(try await server.parts.endByAge())
            #expect(try await server.count("SELECT count(*) FROM invitation") == 200)
            #expect(try await server.parts.endByAge() == false)
            #expect(try await server.count("SELECT count(*) FROM invitation") == 0)
        }
    }
}
