import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The walls down to columns (T9, T27, T28): every list is of somebody who wrote it.
@Suite struct ColumnWallTests {
    private static let rights: [String] = [
        "chorus_anonymous anon_key:select directory_seq epoch is_closed issue_from issue_to key_id n network_id redeem_to scope_id",
        "chorus_job idempotency:select day",
        "chorus_job session:select expires_at",
        "chorus_job webhook:update told_until",
        "chorus_member pending_release:select id is_published network_id round_id",
        "chorus_member webhook_delivery:update attempts due_at state",
        "chorus_mixer anon_key:select key_id network_id redeem_to",
        "chorus_mixer message:update acknowledged_on state",
        "chorus_moderator message:update acknowledged_on reason state summary theme_id",
        "chorus_release privacy_ledger:update noised_on",
        "chorus_release theme_rating:update closes_waited",
    ]

    private static let columns: [String] = [
        "anon_batch: id uuid, is_open bool",
        "anon_inbox: batch_id uuid, receipt_tag bytea, sealed bytea, tag bytea",
        "anon_scope_member: membership_id uuid, network_id uuid, scope_id uuid",
        "contribution: class text, id uuid, key_id bytea, network_id uuid, node_index int4, rating int2, round_id uuid",
        "message: acknowledged_on date, batch_day date, channel_id uuid, id uuid, language text, network_id uuid, reason text, state text = 'inReview'::text, summary text, text text, theme_id uuid, unit_shown uuid",
        "reply: batch_day date, from_team bool, id uuid, message_id uuid, network_id uuid, position int2, text text",
        "spent_token: key_id bytea, network_id uuid, nullifier bytea",
        "theme_rating: closes_waited int2 = 0, id uuid, key_id bytea, network_id uuid, rating int2, theme_id uuid",
        "thread: lookup bytea, message_id uuid, network_id uuid",
        "token_grant: key_id bytea, membership_id uuid, network_id uuid, request_digest bytea",
    ]

    @Test func t27TheRightsOnColumnsAreThoseWrittenHere() async throws {
        try await withServer { server in
            let columns = """
                SELECT r.rolname || ' ' || c.relname || ':' || lower(x.privilege_type) || ' '
                    || string_agg(a.attname, ' ' ORDER BY a.attname COLLATE "C")
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                CROSS JOIN LATERAL aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
                WHERE c.relnamespace = 'public'::regnamespace
                GROUP BY r.rolname, c.relname, x.privilege_type ORDER BY 1
                """
            let other = """
                SELECT r.rolname || ' ' || c.relname FROM pg_roles r CROSS JOIN pg_class c
                WHERE r.rolname LIKE 'chorus%' AND r.rolname NOT IN ('chorus_owner', 'chorus_migrator')
                    AND c.relkind IN ('r', 'v', 'm', 'p') AND c.relnamespace = 'public'::regnamespace
                    AND has_table_privilege(r.oid, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')
                """
            for kind in DatabaseKind.allCases {
                let found = try await server.texts(columns, of: kind)
                #expect(found == (kind == .private ? Self.rights : []))
                let others = try await server.texts(other, of: kind)
                #expect(others == [])
            }
        }
    }

    @Test func t9TheColumnsOfAnonymousTablesAreThoseWrittenHere() async throws {
        try await withServer { server in
            let columns = """
                SELECT table_name || ': ' || string_agg(column_name || ' ' || udt_name || coalesce(' = ' || column_default, ''), ', '
                    ORDER BY column_name COLLATE "C")
                FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name IN ('anon_batch', 'anon_inbox', 'anon_scope_member', 'contribution',
                    'message', 'reply', 'spent_token', 'theme_rating', 'thread', 'token_grant')
                GROUP BY table_name ORDER BY 1
                """
            let found = try await server.texts(columns)
            #expect(found == Self.columns)
        }
    }

    /// A batch carries several networks, and names them: for the owner of the functions that gather alone, who can log in nowhere.
    static let gathered = """
        (polrelid::regclass::text IN ('event', 'rsvp', 'anon_key', 'anon_scope', 'anon_scope_member', 'spent_token', 'token_grant',
                'membership')
            AND polroles = ARRAY['chorus_owner'::regrole::oid]
            AND polname = polrelid::regclass || '_gathered_policy' AND polcmd = '*' AND polwithcheck IS NULL
            AND pg_get_expr(polqual, polrelid) = '(network_id = ANY (( SELECT (NULLIF(current_setting('
                || '''chorus.network_ids''::text, true), ''''::text))::uuid[] AS "nullif")::uuid[]))'
            AND NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'chorus_owner'))
        """

    /// What one login, which can change nothing, reads of all networks.
    static let opened = """
        (polname = polrelid::regclass || '_backup_policy' AND polcmd = 'r' AND polroles = ARRAY['chorus_backup'::regrole::oid]
            AND pg_get_expr(polqual, polrelid) = 'true' AND polwithcheck IS NULL)
        """

    @Test func t28EveryPolicyIsTheSameOneAndNoViewKeepsACopy() async throws {
        try await withServer { server in
            let holes = """
                SELECT 'policy ' || polname || ' of ' || polrelid::regclass FROM pg_policy
                WHERE (polcmd <> '*' OR polwithcheck IS NOT NULL OR pg_get_expr(polqual, polrelid) IS DISTINCT FROM
                    '(network_id = (NULLIF(current_setting(''chorus.network_id''::text, true), ''''::text))::uuid)')
                    AND NOT \(Self.gathered) AND NOT \(Self.opened)
                UNION ALL
                SELECT 'view ' || relname || ' keeps a copy' FROM pg_class
                WHERE relkind = 'm' AND relnamespace = 'public'::regnamespace
                """
            for kind in DatabaseKind.allCases {
                let found = try await server.texts(holes, of: kind)
                #expect(found == [])
            }
        }
    }
}
