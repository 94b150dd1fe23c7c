/// Rows that each released schema could hold, and the questions that compare what came of them.
enum UpgradeData {
    /// Copies every row away before an upgrade.
    static let keep = """
        CREATE SCHEMA kept;
        DO $$
        DECLARE kept record;
        BEGIN
            FOR kept IN SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                EXECUTE format('CREATE TABLE kept.%I AS SELECT * FROM public.%I', kept.name, kept.name);
            END LOOP;
        END
        $$
        """

    /// Tables with rows from before.
    static let kept = """
        SELECT t.name FROM (
            SELECT c.relname::text AS name,
                query_to_xml(format('SELECT count(*) FROM kept.%I', c.relname), false, true, '')::text AS rows
            FROM pg_class c WHERE c.relnamespace = 'kept'::regnamespace
        ) t WHERE t.rows NOT LIKE '%<count>0</count>%'
        """

    /// Tables in which some row of before is not found again, whatever columns it has got or lost since.
    static let lost = """
        SELECT t.name FROM (
            SELECT c.relname::text AS name, query_to_xml(format(
                'SELECT count(*) FROM kept.%1$I old_row WHERE NOT EXISTS (SELECT FROM public.%1$I new_row WHERE to_jsonb(new_row) @> (to_jsonb(old_row) - %2$L::text[]))',
                c.relname, coalesce((
                    SELECT array_agg(a.attname::text) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT EXISTS (
                        SELECT FROM pg_attribute n WHERE n.attrelid = format('public.%I', c.relname)::regclass
                            AND n.attname = a.attname AND NOT n.attisdropped)), '{}')), false, true, '')::text AS rows
            FROM pg_class c WHERE c.relnamespace = 'kept'::regnamespace
        ) t WHERE t.rows NOT LIKE '%<count>0</count>%'
        """

    /// All that a schema consists of, one line each.
    static let catalogue = """
        SELECT concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
        UNION ALL
        SELECT concat_ws(' ', 'table', relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), array_to_string(
            ARRAY(SELECT x::text FROM unnest(relacl) x ORDER BY x::text), ','), obj_description(oid, 'pg_class'))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
        UNION ALL
        SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT concat_ws(' ', 'policy', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = 'public'
        UNION ALL
        SELECT concat_ws(' ', 'routine', oid::regprocedure, md5(pg_get_functiondef(oid)), array_to_string(
            ARRAY(SELECT x::text FROM unnest(proacl) x ORDER BY x::text), ','))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        """

    private static let town = "'11111111-1111-1111-1111-111111111111'"
    private static let other = "'22222222-2222-2222-2222-222222222222'"
    private static let digest = "decode(repeat('ab', 32), 'hex')"

    static let people = """
        INSERT INTO network (id, slug, name, employer, time_zone, locale) VALUES (\(town), 'alt', 'Alt', 'Stadt', 'Europe/Berlin', 'de');
        INSERT INTO account (id, email, display_name, locale) VALUES (\(town), 'ada@example.org', 'Ada', 'de'), (\(other), NULL, 'HR', 'en');
        INSERT INTO session (token_hash, account_id, expires_at) VALUES (\(digest), \(town), '2030-01-01');
        INSERT INTO api_token (token_hash, id, account_id, name, scopes, expires_on)
            VALUES (\(digest), \(town), \(other), 'hr', '{read}', '2030-01-01');
        INSERT INTO account_network (account_id, network_id) VALUES (\(town), \(town)), (\(other), \(town));
        INSERT INTO consent (account_id, purpose, text_version, given_on) VALUES (\(town), 'membership', '1', '2026-01-01');
        INSERT INTO unit (network_id, id, name, parent_id, position) VALUES (\(town), \(town), 'Amt', NULL, 0), (\(town), \(other), 'Team', \(town), 1);
        INSERT INTO membership (network_id, id, account_id, roles, unit_id, display_name)
            VALUES (\(town), \(town), \(town), '{member,coordinator}', \(other), 'Ada'), (\(town), \(other), \(other), '{hr}', NULL, 'HR');
        INSERT INTO invitation (network_id, code_hash, expires_on) VALUES (\(town), \(digest), '2026-02-01');
        INSERT INTO join_request (network_id, id, account_id, text, created_on) VALUES (\(town), \(town), \(other), 'Bitte', '2026-01-02');
        INSERT INTO idempotency (account_id, key_hash, request_hash, day) VALUES (\(town), 'a', 'b', '2026-01-03');
        """

    static let life = """
        INSERT INTO event (network_id, id, organiser_id, title, description, kind, location, starts_at, ends_at, time_zone, capacity,
            visibility, going, created_at, updated_at)
            VALUES (\(town), \(town), \(town), 'Treffen', '', 'meeting', 'Saal', '2026-03-01 10:00+00', '2026-03-01 12:00+00',
                'Europe/Berlin', 1, 'members', 1, '2026-01-01', '2026-01-01');
        INSERT INTO rsvp (network_id, event_id, membership_id, answer, status) VALUES (\(town), \(town), \(town), 'going', 'going');
        INSERT INTO calendar_key (account_id, key_hash) VALUES (\(town), \(digest));
        INSERT INTO anon_directory (network_id, seq, prev) VALUES (\(town), 1, \(digest));
        INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set) VALUES (\(town), \(town), 'message', 3, 20);
        INSERT INTO anon_key (network_id, key_id, scope_id, epoch, n, issue_from, issue_to, redeem_to, directory_seq)
            VALUES (\(town), \(digest), \(town), '2026-W01', decode(repeat('ab', 256), 'hex'), '2026-01-01', '2026-01-07', '2026-01-14', 1);
        INSERT INTO anon_key_network (key_id, network_id) VALUES (\(digest), \(town));
        INSERT INTO anon_scope_member (network_id, scope_id, membership_id) VALUES (\(town), \(town), \(town));
        INSERT INTO token_grant (network_id, membership_id, key_id, request_digest) VALUES (\(town), \(town), \(digest), \(digest));
        INSERT INTO spent_token (network_id, key_id, nullifier) VALUES (\(town), \(digest), \(digest));
        INSERT INTO anon_batch (id, is_open) VALUES (\(town), true);
        INSERT INTO anon_inbox (batch_id, tag, receipt_tag, sealed) VALUES (\(town), 'a', 'b', 'c');
        INSERT INTO channel (network_id, id, name, description, policy, kind) VALUES (\(town), \(town), 'Kasten', '', 'Wir lesen', 'feedback');
        INSERT INTO theme (network_id, id, channel_id, name, is_sensitive, position) VALUES (\(town), \(town), \(town), 'Alltag', false, 0);
        INSERT INTO message (network_id, id, channel_id, batch_day, theme_id, text, language)
            VALUES (\(town), \(town), \(town), '2026-01-05', \(town), 'Frage', 'de');
        INSERT INTO thread (lookup, network_id, message_id) VALUES (\(digest), \(town), \(town));
        INSERT INTO reply (network_id, id, message_id, from_team, batch_day, position, text)
            VALUES (\(town), \(town), \(town), true, '2026-01-06', 1, 'Antwort');
        INSERT INTO theme_rating (network_id, id, key_id, theme_id, unit_id, rating) VALUES (\(town), \(town), \(digest), \(town), \(other), 4);
        INSERT INTO round (network_id, id, title, opens_at, closes_at, audience_event_id, scheme, state)
            VALUES (\(town), \(town), 'Klima', '2026-01-01', '2026-01-08', \(town), 'S1', 'open');
        INSERT INTO item (network_id, round_id, id, text, theme_id, position) VALUES (\(town), \(town), \(town), 'Respekt?', \(town), 0);
        INSERT INTO plan_node (network_id, round_id, index, item_id, population) VALUES (\(town), \(town), 0, \(town), 20);
        INSERT INTO plan_leaf (network_id, round_id, item_id, node_index) VALUES (\(town), \(town), \(town), 0);
        INSERT INTO contribution (network_id, id, round_id, key_id, node_index, class, rating)
            VALUES (\(town), \(town), \(town), \(digest), 0, 'positive', 5);
        INSERT INTO pending_release (network_id, id, number, round_id, title, closed_on, k, is_endorsement)
            VALUES (\(town), \(town), 1, \(other), 'Früher', '2026-01-01', 5, false);
        INSERT INTO pending_cell (network_id, release_id, id, item_id, item_text, at_least, negative, neutral, positive, mean_tenths)
            VALUES (\(town), \(town), \(town), \(town), 'Respekt?', 5, 20, 20, 60, 35);
        INSERT INTO recommendation (network_id, id, state, title, text, measure, evidence_release_ids, evidence_cell_ids, number,
            published_on, answer_due_on, endorsement)
            VALUES (\(town), \(town), 'published', 'Aushang', 'Weil', 'Tun', '{}', '{}', 1, '2026-01-01', '2026-02-01', 'open'),
                (\(town), \(other), 'draft', 'Entwurf', 'Weil', 'Tun', '{}', '{}', NULL, NULL, NULL, NULL);
        """

    static let directory = """
        INSERT INTO anon_directory_version (network_id, seq, prev, bundle, digest) VALUES (\(town), 1, \(digest), \(digest), \(digest));
        """
    static let dialogue = "UPDATE message SET acknowledged_on = '2026-01-06'"
    static let themes = """
        INSERT INTO theme_close (network_id, month) VALUES (\(town), '2026-01');
        INSERT INTO privacy_ledger (network_id, round_id, year, epsilon_numerator, epsilon_denominator)
            VALUES (\(town), \(town), 2026, 1, 2);
        """
    static let audit = """
        SELECT set_config('chorus.network_id', \(town), false);
        SELECT append_audit(\(town), 'thresholds', '2026-01-01', '{"k":5}');
        """
    static let jobs = """
        INSERT INTO job (id, kind, payload, key, due_at) VALUES (\(town), 'forgetExpired', '{}', 'forgetExpired', '2030-01-01');
        """
    static let drafting = """
        INSERT INTO draft_coauthor (network_id, recommendation_id, membership_id, bench) VALUES (\(town), \(other), \(town), 'network');
        INSERT INTO draft_comment (network_id, recommendation_id, id, position, version, paragraph, bench, membership_id, text, written_on)
            VALUES (\(town), \(other), \(town), 1, 1, 1, 'network', \(town), 'Gut', '2026-01-01');
        INSERT INTO draft_review (network_id, recommendation_id, version, until_day) VALUES (\(town), \(other), 1, '2026-02-01');
        INSERT INTO draft_vote (network_id, recommendation_id, membership_id, quality, effect) VALUES (\(town), \(other), \(town), 4, 5);
        INSERT INTO follow (network_id, recommendation_id, membership_id) VALUES (\(town), \(town), \(town));
        INSERT INTO notification (account_id, mail) VALUES (\(town), 'daily');
        INSERT INTO mail (network_id, id, membership_id, occasion, due_at) VALUES (\(town), \(town), \(town), 'news', '2030-01-01');
        INSERT INTO suggestion_dismissal (network_id, suggestion_id, reason, dismissed_on) VALUES (\(town), \(town), 'Nein', '2026-01-01');
        INSERT INTO webhook (network_id, id, url, events, sealed_secret, created_on, told_until)
            VALUES (\(town), \(town), 'https://hr.example', '{answer.recorded}', 'a', '2026-01-01', '2026-01-01');
        """
    static let resets = """
        INSERT INTO password_reset (network_id, membership_id, code_hash, made_on, expires_on)
            VALUES (\(town), \(town), \(digest), '2026-01-01', '2026-01-03');
        """

    static let releases = """
        INSERT INTO release (network_id, id, number, round_id, round_title, closed_on, scheme, k)
            VALUES (\(town), \(town), 1, \(other), 'Früher', '2026-01-01', 'S1', 5);
        INSERT INTO cell (network_id, release_id, id, table_name, at_least, negative, neutral, positive, mean_tenths)
            VALUES (\(town), \(town), \(town), 'total', 5, 20, 20, 60, 35);
        """
    static let answers = """
        INSERT INTO recommendation (network_id, id, number, title, text, measure, published_on, answer_due_on, recorded_at)
            VALUES (\(town), \(town), 1, 'Aushang', 'Weil', 'Tun', '2026-01-01', '2026-02-01', '2026-01-01');
        INSERT INTO evidence (network_id, recommendation_id, position, release_id, cell_id) VALUES (\(town), \(town), 0, \(town), \(town));
        INSERT INTO support (network_id, recommendation_id, at_least, yes, no, abstain, recorded_at)
            VALUES (\(town), \(town), 20, 80, 10, 10, '2026-01-20');
        INSERT INTO answer (network_id, recommendation_id, version, decision, text, responsible, answered_on, recorded_at)
            VALUES (\(town), \(town), 1, 'accepted', '', 'Amt', '2026-01-15', '2026-01-15');
        INSERT INTO outcome (network_id, recommendation_id, id, position, status, text, on_day, recorded_at)
            VALUES (\(town), \(town), \(town), 1, 'done', 'Hängt', '2026-01-20', '2026-01-20');
        """
    static let reminders = """
        INSERT INTO reminder (network_id, recommendation_id, step, on_day, recorded_at)
            VALUES (\(town), \(town), 'soon', '2026-01-20', '2026-01-20');
        """
    static let revisions = """
        INSERT INTO revision (network_id, recommendation_id, revision, id, title, text, measure, published_on, recorded_at)
            VALUES (\(town), \(town), 2, \(other), 'Aushang', 'Weil sonst', 'Tun', '2026-02-01', '2026-02-01');
        INSERT INTO statement (network_id, recommendation_id, revision, position, body, text, stated_on)
            VALUES (\(town), \(town), 1, 1, 'Beirat', 'Ja', '2026-01-10');
        """
}
