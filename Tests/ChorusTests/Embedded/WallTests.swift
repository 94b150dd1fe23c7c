import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// The walls inside the databases (anonymity.md, section 6), read from PostgreSQL's own catalogue and tried.
@Suite struct WallTests {
    /// r reads, a adds, w changes, d deletes; in brackets some columns only.
    ///
    /// A new right has to be written here by somebody.
    private static let privateRights = [
        "chorus_anonymous anon_batch:r anon_directory:r anon_directory_version:r anon_inbox:ra anon_key:(r) anon_key_network:r "
            + "anon_scope:r channel:r item:r network:r spent_token:r theme:r unit:r",
        "chorus_backup account:r account_network:r adoption:r anon_directory:r anon_directory_version:r anon_key:r "
            + "anon_key_network:r anon_scope:r anon_scope_member:r answer_duty_contact:r api_token:r audit_entry:r "
            + "audit_head:r calendar_key:r channel:r consent:r contribution:r draft_approval:r draft_coauthor:r draft_comment:r "
            + "draft_consultation:r draft_review:r draft_statement:r draft_version:r draft_vote:r event:r follow:r idempotency:r invitation:r item:r job:r "
            + "join_request:r mail_slot:r membership:r message:r migration:r network:r notification:r package:r pending_cell:r "
            + "pending_release:r plan_leaf:r plan_node:r privacy_ledger:r "
            + "provider:r provider_link:r recommendation:r recovery_code:r reply:r retention:r round:r rsvp:r "
            + "rule_binding:r rule_catalogue:r second_factor:r spent_token:r suggestion_dismissal:r theme:r theme_close:r "
            + "theme_rating:r thread:r token_grant:r trusted_town:r unit:r webhook:r webhook_delivery:r",
        "chorus_job idempotency:(r)d job:rawd network:r peer:rawd session:(r)d webhook:r(w) webhook_delivery:rawd",
        "chorus_member account:rawd account_network:rawd adoption:ra anon_directory:raw anon_directory_version:ra "
            + "anon_key:raw anon_key_network:ra anon_scope:raw anon_scope_member:ra answer_duty_contact:raw api_token:rawd "
            + "audit_entry:r audit_head:r calendar_key:rawd channel:raw consent:rawd draft_approval:rawd draft_coauthor:rawd "
            + "draft_comment:raw draft_consultation:raw draft_review:raw draft_statement:ra draft_version:ra draft_vote:rawd event:rawd follow:rad idempotency:rawd "
            + "invitation:rawd item:raw join_request:rawd mail:rawd mail_slot:raw membership:rawd network:raw notification:raw "
            + "package:ra password_reset:rawd pending_release:(r) plan_leaf:ra plan_node:ra privacy_ledger:ra "
            + "provider:rawd provider_link:rad provider_logout:rad provider_session:rad recommendation:raw recovery_code:rawd retention:raw round:raw "
            + "rsvp:rawd rule_binding:raw rule_catalogue:raw second_factor:rawd session:rawd suggestion_dismissal:rawd theme:raw "
            + "trusted_town:rawd unit:rawd webhook:rad webhook_delivery:ra(w)",
        "chorus_mixer anon_batch:rwd anon_inbox:rad anon_key:(r) anon_scope:r channel:r contribution:a message:ra(w)d mix_clock:raw network:r "
            + "plan_leaf:r reply:ra spent_token:rad theme:r theme_rating:rad thread:rad unit:r",
        "chorus_moderator channel:r message:r(w) network:r reply:r theme:r unit:r",
        "chorus_release contribution:rd item:r network:r pending_cell:ra pending_release:raw plan_node:r privacy_ledger:r(w) recommendation:rw "
            + "round:rw theme:r theme_close:ra theme_rating:r(w)d unit:r",
    ]
    private static let recordRights = [
        "chorus_backup answer:r cell:r change:r evidence:r migration:r outcome:r provenance:r recommendation:r record_clock:r release:r "
            + "reminder:r review:r revision:r statement:r support:r",
        "chorus_hr answer:ra cell:r change:r evidence:r outcome:ra provenance:r recommendation:r record_clock:r "
            + "release:r reminder:r review:r revision:r statement:r support:r",
        "chorus_release answer:r cell:ra evidence:ra outcome:r provenance:ra recommendation:ra release:ra "
            + "reminder:ra review:ra revision:ra statement:ra support:ra",
    ]

    private static let rights = """
        SELECT r.rolname || ' ' || string_agg(c.relname || ':' || p.letters, ' ' ORDER BY c.relname COLLATE "C")
        FROM pg_roles r
        CROSS JOIN pg_class c
        CROSS JOIN LATERAL (
            SELECT concat(
                CASE WHEN has_table_privilege(r.oid, c.oid, 'SELECT') THEN 'r'
                    WHEN has_any_column_privilege(r.oid, c.oid, 'SELECT') THEN '(r)' END,
                CASE WHEN has_table_privilege(r.oid, c.oid, 'INSERT') THEN 'a' END,
                CASE WHEN has_table_privilege(r.oid, c.oid, 'UPDATE') THEN 'w'
                    WHEN has_any_column_privilege(r.oid, c.oid, 'UPDATE') THEN '(w)' END,
                CASE WHEN has_table_privilege(r.oid, c.oid, 'DELETE') THEN 'd' END) AS letters
        ) p
        WHERE r.rolname LIKE 'chorus%' AND r.rolname NOT IN ('chorus_owner', 'chorus_migrator')
            AND c.relkind IN ('r', 'v', 'm', 'p') AND c.relnamespace = 'public'::regnamespace AND p.letters <> ''
        GROUP BY r.rolname ORDER BY r.rolname COLLATE "C"
        """

    @Test func t27TheRightsOfEveryLoginAreThoseWrittenHere() async throws {
        try await withServer { server in
            let found = (
                private: try await server.texts(Self.rights, of: .private),
                record: try await server.texts(Self.rights, of: .record)
            )
            #expect(found.private == Self.privateRights)
            #expect(found.record == Self.recordRights)
        }
    }

    /// Whatever this finds is a hole.
    private static let holes = """
        SELECT 'table ' || c.relname || ' has no forced policy' FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            AND c.relname NOT IN ('account_network', 'anon_key_network', 'thread')
        UNION ALL
        SELECT 'policy ' || polname || ' does not fail closed' FROM pg_policy
        WHERE pg_get_expr(polqual, polrelid) NOT LIKE
            '%network_id = (NULLIF(current_setting(''chorus.network_id''::text, true), ''''::text))::uuid%'
            AND NOT \(ColumnWallTests.gathered) AND NOT \(ColumnWallTests.opened)
        UNION ALL
        SELECT 'view ' || relname || ' asks with the rights of its owner' FROM pg_class
        WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
            AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
        UNION ALL
        SELECT 'function ' || proname || ' has no pinned path' FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s LIKE 'search_path=%, pg_temp')
        UNION ALL
        SELECT 'function ' || proname || ' is for everybody' FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('public', p.oid, 'EXECUTE')
        UNION ALL
        SELECT 'login ' || r.rolname || ' owns ' || c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE c.relnamespace = 'public'::regnamespace AND r.rolname <> 'chorus_owner'
        UNION ALL
        SELECT 'login ' || rolname || ' may too much' FROM pg_roles
        WHERE rolname LIKE 'chorus%' AND rolname NOT IN ('chorus_owner', 'chorus_migrator')
            AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
        UNION ALL
        SELECT 'login ' || m.rolname || ' is a member of ' || g.rolname FROM pg_auth_members x
        JOIN pg_roles m ON m.oid = x.member JOIN pg_roles g ON g.oid = x.roleid
        WHERE m.rolname LIKE 'chorus%' AND m.rolname <> 'chorus_migrator'
        UNION ALL
        SELECT 'everybody has rights on the database' WHERE has_database_privilege('public', current_database(), 'TEMP')
            OR has_database_privilege('public', current_database(), 'CONNECT')
            OR has_schema_privilege('public', 'public', 'USAGE') OR has_schema_privilege('public', 'public', 'CREATE')
        """

    @Test func t28PoliciesAreForcedPathsPinnedAndNothingIsForEverybody() async throws {
        try await withServer { server in
            for kind in DatabaseKind.allCases {
                let holes = try await server.texts(Self.holes, of: kind)
                #expect(holes.isEmpty, "\(kind): \(holes)")
            }
            // The questions find what they look for.
            try await server.run(
                """
                CREATE TABLE open_table (network_id uuid);
                CREATE VIEW open_view AS SELECT * FROM membership;
                CREATE FUNCTION open_function() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
                GRANT EXECUTE ON FUNCTION open_function() TO PUBLIC;
                """,
                on: .private
            )
            let found = try await server.texts(Self.holes, of: .private)
            for name in ["table open_table", "view open_view", "open_function has no", "open_function is for", "owns"] {
                #expect(found.contains { $0.contains(name) }, "\(name): \(found)")
            }
        }
    }

    @Test func t29AnInjectedCommandEscapesFromNoPool() async throws {
        try await withServer { server in
            let attacks = [
                "SET ROLE chorus_owner", "SET ROLE chorus_member_admin", "SET SESSION AUTHORIZATION chorus_migrator",
                "SET LOCAL ROLE chorus_migrator", "CREATE TEMPORARY TABLE membership (id int)",
                "CREATE TABLE mine (id int)",
                "CREATE FUNCTION public.now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "SET row_security = off; SELECT * FROM unit",
                "ALTER TABLE unit DISABLE ROW LEVEL SECURITY", "SET log_statement = 'all'",
                "COPY unit TO '/tmp/stolen'",
                "COPY (SELECT 1) TO PROGRAM 'cat'", "SELECT pg_read_file('/etc/passwd')", "LOAD 'auto_explain'",
                "GRANT chorus_owner TO CURRENT_USER",
            ]
            for (name, pool) in server.parts.databases.all {
                for attack in attacks {
                    do {
                        try await pool.transaction { try await $0.run(attack) }
                        Issue.record("\(name): \(attack) was allowed")
                    } catch {
                        let state = (error as? PostgresError)?.sqlState ?? ""
                        // Not permitted; no such role; not there for this login.
                        #expect(["42501", "22023", "42P01"].contains(state), "\(name): \(attack): \(state)")
                    }
                }
            }
        }
    }

    @Test func t29WhoeverNamesNoNetworkSeesNone() async throws {
        try await withServer { server in
            _ = try await server.people(3)
            let member = server.parts.databases.member
            let anybody = try await member.transaction { try await $0.execute(CountMemberships()) }
            #expect(anybody == [0])
            let here = try await member.execute(CountMemberships(), network: server.network.id)
            #expect(here == [3])
            // The network ends with its transaction, whatever a connection is used for next.
            for _ in 0..<50 {
                let next = try await member.execute(CountMemberships())
                #expect(next == [0])
            }
        }
    }

    @Test func t30HRSeesNothingOfTheRawTables() async throws {
        try await withServer { server in
            let hr = server.parts.databases.hr
            let tables = try await hr.execute(VisibleTables())
            let known = [
                "answer", "cell", "change", "evidence", "outcome", "provenance", "recommendation", "record_clock",
                "release",
                "reminder", "review", "revision", "statement", "support",
            ]
            #expect(Set(tables) == Set(known))
            let statistics = try await hr.execute(VisibleStatistics())
            #expect(Set(statistics).isSubset(of: tables))
            // Counters are of the whole cluster: how much was written elsewhere, and when.
            for view in ["pg_stat_database", "pg_stat_activity", "pg_stat_user_tables", "pg_stat_replication"] {
                let error = await #expect(throws: PostgresError.self, "\(view)") {
                    try await hr.transaction { try await $0.run("SELECT * FROM \(view)") }
                }
                #expect(error?.sqlState == "42501")
            }
        }
    }
}

private struct CountMemberships: PostgresStatement {
    static let sql = "SELECT count(*) FROM membership"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> Int { try row.next() }
}

private struct VisibleTables: PostgresStatement {
    static let sql = """
        SELECT c.relname::text FROM pg_class c
        WHERE c.relkind IN ('r', 'v', 'm') AND c.relnamespace = 'public'::regnamespace
            AND has_any_column_privilege(c.oid, 'SELECT')
        """
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}

private struct VisibleStatistics: PostgresStatement {
    static let sql = "SELECT DISTINCT tablename::text FROM pg_stats WHERE schemaname = 'public'"
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
