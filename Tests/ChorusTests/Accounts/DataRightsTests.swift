import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// What people may ask for (GDPR, articles 15 and 17), held against the schema itself: a new table about people is exported and erased, or these tests say so.
@Suite struct DataRightsTests {
    /// Where the export shows what each table holds of a person: a member of it, or a kind of its `other` rows.
    private static let places: [String: String] = [
        "account": "me", "account_network": "other inNetwork", "anon_scope_member": "other askedIn",
        "api_token": "apiTokens", "calendar_key": "other calendarFeed", "consent": "consents",
        "draft_coauthor": "drafting", "draft_comment": "drafting", "draft_vote": "drafting",
        "event": "other organisedEvent", "follow": "follows", "idempotency": "other rememberedRequest",
        "join_request": "other joinRequest", "mail": "other waitingMail", "membership": "me",
        "notification": "notifications", "password_reset": "passwordResets", "provider_link": "providerLinks",
        "provider_session": "other providerSession", "recovery_code": "secondFactor", "rsvp": "rsvps",
        "second_factor": "secondFactor", "session": "other session", "token_grant": "other hasTokens",
    ]

    /// Tables that name an account, a membership or a session.
    private static let tables = """
        SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
        WHERE contype = 'f' AND confrelid IN ('account'::regclass, 'membership'::regclass, 'session'::regclass)
        UNION SELECT 'account'
        """

    /// Tables that the records of processing say hold something about one person who has an account.
    private static func recorded() throws -> Set<String> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let file = root.appending(path: "Sources/Chorus/Chorus.docc/DataProtection/RecordsOfProcessing.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let people = ["account holder", "member", "organiser", "person who asks to join"]
        let personal = ["identity", "contact", "participation", "credential"]
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingWhitespace().replacing("`", with: "") } }
        return Set(rows.filter { personal.contains($0[2]) && people.contains($0[3]) }.map { $0[0] })
    }

    @Test func everyTableAboutAPersonIsInTheExport() async throws {
        try await withServer { server in
            let found = Set(try await server.texts(Self.tables))
            #expect(found == Set(Self.places.keys), "\(found.symmetricDifference(Self.places.keys).sorted())")
            let recorded = try Self.recorded()
            #expect(recorded.count > 10)
            #expect(recorded.isSubset(of: found), "\(recorded.subtracting(found).sorted())")

            let person = try await server.person(.member, name: "Zufallsname")
            let empty = try await server.send("GET", "/v1/me/export", as: person).json
            try await fill(server, person, others: try await server.people(1))
            let export = try await server.send("GET", "/v1/me/export", as: person).json
            for (table, place) in Self.places {
                let kind = place.split(separator: " ").last.map(String.init) ?? ""
                if place.hasPrefix("other ") {
                    #expect(export["other"].array.contains { $0["kind"].string == kind }, "\(table)")
                } else if place != "me" {
                    #expect(export[place] != empty[place] || table == "api_token", "\(table)")
                }
            }
            #expect(export["drafting"].array.count == 3)
            #expect(export["me"]["memberships"][0]["displayName"].string == "Zufallsname")
        }
    }

    @Test func erasureLeavesNothingOfAPersonButCounts() async throws {
        try await withServer { server in
            let person = try await server.person(.member, name: "Zufallsname")
            let others = try await server.people(2)
            try await fill(server, person, others: others)
            let session = try await server.session(of: person)
            #expect(try await server.send("DELETE", "/v1/me", as: session).status == 204)
            let email = "\(person.account.text)@example.org"
            for marker in [person.account.text, person.membership.text, "Zufallsname", email, "Bitte um Aufnahme"] {
                for kind in DatabaseKind.allCases {
                    let holders = try await server.texts(Self.holders(of: marker), of: kind)
                    #expect(holders == [], "\(marker)")
                }
            }
            // Its seat is somebody else's, and the counts are those of who is left.
            let counts = "SELECT going || ' ' || maybe || ' ' || waitlisted FROM event WHERE title = 'Voll'"
            #expect(try await server.texts(counts) == ["1 0 1"])
            let answers = "SELECT status FROM rsvp JOIN event ON event.id = event_id WHERE title = 'Voll' ORDER BY 1"
            #expect(try await server.texts(answers) == ["going", "waitlisted"])
            #expect(try await server.count("SELECT count(*) FROM draft_comment WHERE membership_id IS NULL") == 1)
            // The question finds what it looks for.
            #expect(try await server.texts(Self.holders(of: others[0].account.text)).contains("membership"))
        }
    }

    /// Tables with a row that holds a text, in whatever column.
    private static func holders(of marker: String) -> String {
        """
        SELECT t.name FROM (
            SELECT c.relname::text AS name, query_to_xml(format(
                'SELECT count(*) FROM public.%I t WHERE strpos(to_jsonb(t)::text, %L) > 0', c.relname, '\(marker)'),
                false, true, '')::text AS rows
            FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        ) t WHERE t.rows NOT LIKE '%<count>0</count>%'
        """
    }

    /// A row about the person in every table that can hold one.
    private func fill(_ server: TestServer, _ person: TestPerson, others: [TestPerson]) async throws {
        let network = server.network.id.text
        let (account, member, id) = (person.account.text, person.membership.text, UUID().text)
        let digest = "sha256('\(account)')"
        let coordinator = try await server.person(.member, .coordinator, .organiser)
        let event = RSVPTests.newEvent(capacity: 1).replacing("Stammtisch", with: "Voll")
        let made = try await server.send("POST", "\(server.home)/events", event, as: coordinator)
        #expect(made.status == 201, "\(made.text)")
        for guest in [person] + others {
            let path = "\(server.home)/events/\(made.json["id"].string)/rsvp"
            #expect(try await server.send("PUT", path, "{\"answer\":\"going\"}", as: guest).status == 200)
        }
        let draft = try await server.draft(by: coordinator)
        try await server.run(
            """
            INSERT INTO session (token_hash, account_id, expires_at) VALUES (\(digest), '\(account)', '2100-01-01');
            INSERT INTO second_factor (account_id, sealed_secret, begun_on, changed_on)
                VALUES ('\(account)', decode(repeat('ab', 48), 'hex'), current_date, current_date);
            INSERT INTO recovery_code (account_id, code_hash) VALUES ('\(account)', \(digest));
            UPDATE account SET second_factor_on = current_date WHERE id = '\(account)';
            INSERT INTO calendar_key (account_id, key_hash) VALUES ('\(account)', \(digest));
            INSERT INTO idempotency (account_id, key_hash, request_hash, day) VALUES ('\(account)', \(digest), \(digest), current_date);
            INSERT INTO consent (account_id, purpose, text_version, given_on) VALUES ('\(account)', 'mail', '1', current_date)
                ON CONFLICT DO NOTHING;
            INSERT INTO account_network (account_id, network_id) VALUES ('\(account)', '\(network)') ON CONFLICT DO NOTHING;
            INSERT INTO notification (account_id, mail) VALUES ('\(account)', 'daily');
            INSERT INTO join_request (network_id, id, account_id, text, decision, created_on)
                VALUES ('\(network)', '\(id)', '\(account)', 'Bitte um Aufnahme', 'approved', current_date);
            INSERT INTO event (network_id, id, organiser_id, title, description, kind, location, starts_at, ends_at, time_zone,
                visibility, created_at, updated_at)
                VALUES ('\(network)', '\(id)', '\(member)', 'Eigen', '', 'meeting', '', '2100-01-01', '2100-01-02', 'UTC', 'members',
                    now(), now());
            INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set, is_restricted)
                VALUES ('\(network)', '\(id)', 'ballot', 1, 20, true);
            INSERT INTO anon_scope_member (network_id, scope_id, membership_id) VALUES ('\(network)', '\(id)', '\(member)');
            INSERT INTO anon_key (network_id, key_id, scope_id, epoch, n, issue_from, issue_to, redeem_to, directory_seq)
                VALUES ('\(network)', \(digest), '\(id)', 'e', decode(repeat('ab', 256), 'hex'), '2000-01-01', '2000-01-01',
                    '2000-01-01', 1);
            INSERT INTO token_grant (network_id, membership_id, key_id, request_digest)
                VALUES ('\(network)', '\(member)', \(digest), \(digest));
            INSERT INTO draft_coauthor (network_id, recommendation_id, membership_id, bench)
                VALUES ('\(network)', '\(draft.id)', '\(member)', 'science');
            INSERT INTO draft_comment (network_id, recommendation_id, id, position, version, paragraph, bench, membership_id, text,
                written_on) VALUES ('\(network)', '\(draft.id)', '\(id)', 1, 1, 1, 'science', '\(member)', 'Gut', current_date);
            INSERT INTO draft_review (network_id, recommendation_id, version, until_day)
                VALUES ('\(network)', '\(draft.id)', 1, '2100-01-01');
            INSERT INTO draft_vote (network_id, recommendation_id, membership_id, quality, effect)
                VALUES ('\(network)', '\(draft.id)', '\(member)', 4, 5);
            INSERT INTO follow (network_id, recommendation_id, membership_id) VALUES ('\(network)', '\(draft.id)', '\(member)');
            INSERT INTO mail (network_id, id, membership_id, occasion, due_at) VALUES ('\(network)', '\(id)', '\(member)', 'a', '2100-01-01');
            INSERT INTO password_reset (network_id, membership_id, code_hash, made_on, expires_on)
                VALUES ('\(network)', '\(member)', \(digest), current_date, current_date);
            INSERT INTO provider (network_id, issuer, client_id, name, trusts_email, roles)
                VALUES ('\(network)', 'https://id.example', 'chorus', 'Stadt', false, ARRAY['member']);
            INSERT INTO provider_link (network_id, membership_id, issuer, subject_hash, linked_on)
                VALUES ('\(network)', '\(member)', 'https://id.example', \(digest), current_date);
            INSERT INTO provider_session (network_id, token_hash, subject_hash) VALUES ('\(network)', \(digest), \(digest));
            """,
            on: .private
        )
    }
}
