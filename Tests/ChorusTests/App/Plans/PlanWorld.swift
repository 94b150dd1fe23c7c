/// Databases full of people and what they did, as SQL with `:scale`: a thousand people, or a multiple of them.
///
/// Ids are made of numbers (`md5('m7')` is a member), so that statements can name them. What one person, event, message or
/// release has of its own does not grow with the world.
enum PlanWorld {
    static let `private` = """
        SET session_replication_role = replica;
        SET synchronous_commit = off;
        -- Half of the people are in one network, the others in ever more of them.
        CREATE TEMPORARY TABLE place AS
            SELECT m, md5('m' || m)::uuid AS id, md5('a' || m)::uuid AS account_id, n, md5('n' || n)::uuid AS network_id
            FROM generate_series(0, 1000 * :scale - 1) m
            CROSS JOIN LATERAL (SELECT CASE WHEN m < 500 * :scale THEN 0 ELSE 1 + m % (50 * :scale) END AS n) half
            UNION ALL
            -- Twenty visitors, who have not done anything yet.
            SELECT NULL, md5('w' || w)::uuid, md5('w' || w)::uuid, 0, md5('n0')::uuid FROM generate_series(0, 19) w;
        CREATE TEMPORARY TABLE known AS SELECT * FROM place WHERE m IS NOT NULL;
        INSERT INTO network (id, slug, name, employer, time_zone, locale)
            SELECT md5('n' || n)::uuid, 'netz-' || n, 'Netz', 'Stadt', 'Europe/Berlin', 'de'
            FROM generate_series(0, 50 * :scale) n;
        INSERT INTO account (id, display_name, locale) SELECT account_id, 'A', 'de' FROM place;
        INSERT INTO session SELECT sha256(('t' || m)::bytea), account_id, now() + interval '1 day' FROM known;
        INSERT INTO second_factor (account_id, sealed_secret, begun_on, changed_on)
            SELECT account_id, decode(repeat('01', 48), 'hex'), current_date, current_date FROM place;
        INSERT INTO api_token
            SELECT sha256(('p' || m)::bytea), md5('p' || m)::uuid, account_id, 'x', '{read}', current_date + 9 FROM known;
        INSERT INTO membership (network_id, id, account_id, roles, display_name)
            SELECT network_id, id, account_id, '{member}', 'A' FROM place;

        -- Half of those of the first network are over.
        CREATE TEMPORARY TABLE happening AS
            SELECT e, md5('n' || CASE WHEN e < 200 * :scale THEN 0 ELSE 1 + e % (50 * :scale) END)::uuid AS network_id,
                now() + (e - 100 * :scale) * interval '1 hour' AS starts
            FROM generate_series(0, 400 * :scale - 1) e;
        INSERT INTO event (network_id, id, title, description, kind, location, starts_at, ends_at, time_zone, capacity,
                visibility, going, waitlisted, next_ticket, created_at, updated_at)
            SELECT network_id, md5('e' || e)::uuid, 'Treffen', repeat('Wir treffen uns. ', 10), 'meeting', 'Rathaus', starts,
                starts + interval '90 minutes', 'Europe/Berlin', 7, 'members', 7, 3, 4, now(), now()
            FROM happening;
        INSERT INTO rsvp (network_id, event_id, membership_id, answer, status, ticket)
            SELECT network_id, md5('e' || e)::uuid, md5('m' || (e * 7 + r) % (500 * :scale))::uuid, 'going',
                CASE WHEN r < 7 THEN 'going' ELSE 'waitlisted' END, CASE WHEN r >= 7 THEN r - 6 END
            FROM happening, generate_series(0, 9) r;

        CREATE TEMPORARY TABLE signing AS
            SELECT n, k, md5('n' || n)::uuid AS network_id, sha256(('k' || n || ' ' || k)::bytea) AS key_id,
                md5('s' || n || ' ' || k % 2)::uuid AS scope_id
            FROM generate_series(0, 50 * :scale) n, generate_series(0, 3) k;
        INSERT INTO anon_scope (network_id, id, kind, tokens_per_member, min_set, is_restricted)
            SELECT network_id, scope_id, 'message', 3, 20, k = 1 FROM signing WHERE k < 2;
        INSERT INTO anon_key (network_id, key_id, scope_id, epoch, n, sealed_private, issue_from, issue_to, redeem_to,
                directory_seq)
            SELECT network_id, key_id, scope_id, 'e' || k, decode(repeat('01', 256), 'hex'),
                decode(repeat('02', 300), 'hex'), current_date, current_date, current_date, k + 1
            FROM signing;
        INSERT INTO anon_key_network SELECT key_id, network_id FROM anon_key;
        INSERT INTO anon_scope_member SELECT network_id, md5('s' || n || ' 1')::uuid, id FROM place;
        INSERT INTO token_grant
            SELECT p.network_id, p.id, s.key_id, sha256('r') FROM known p JOIN signing s ON s.n = p.n
            WHERE p.m % 2 = 0 OR s.k > 1;
        INSERT INTO spent_token
            SELECT p.network_id, s.key_id, sha256(('x' || m)::bytea) FROM known p JOIN signing s ON s.n = p.n AND s.k = p.m % 4;
        INSERT INTO anon_batch VALUES (md5('b')::uuid, true), (md5('c')::uuid, false);
        INSERT INTO anon_inbox
            SELECT md5(CASE m % 2 WHEN 0 THEN 'b' ELSE 'c' END)::uuid, sha256(('i' || m)::bytea),
                sha256(('j' || m)::bytea), sha256('s')
            FROM known;

        INSERT INTO channel (network_id, id, name, description, policy, kind)
            SELECT network_id, md5('c' || n)::uuid, 'Kasten', '', '', 'feedback' FROM signing WHERE k = 0;
        INSERT INTO message (network_id, id, channel_id, batch_day, text, language)
            SELECT network_id, md5('g' || m)::uuid, md5('c' || n)::uuid, current_date - m % 60, repeat('Mehr Licht. ', 10), 'de'
            FROM known;
        INSERT INTO thread SELECT sha256(('l' || m)::bytea), network_id, md5('g' || m)::uuid FROM known;
        INSERT INTO reply
            SELECT network_id, md5('r' || m || ' ' || p)::uuid, md5('g' || m)::uuid, true, current_date, p, 'Danke.'
            FROM known, generate_series(1, 2) p;
        INSERT INTO recommendation (network_id, id, state, title, text, measure, evidence_release_ids, evidence_cell_ids, number,
                published_on, answer_due_on)
            SELECT md5('n' || CASE WHEN p < 200 * :scale THEN 0 ELSE 1 + p % (5 * :scale) END)::uuid, md5('p' || p)::uuid,
                'published', 'Rampe', repeat('Rampen. ', 20), 'Bauen', '{}', '{}', p + 1, current_date, current_date
            FROM generate_series(0, 400 * :scale - 1) p;
        INSERT INTO round (network_id, id, title, opens_at, closes_at, scheme, state)
            SELECT network_id, md5('q' || n || ' ' || k)::uuid, 'Klima', now() - k * interval '30 days',
                now() + (20 - k * 30) * interval '1 day', 'S1', CASE k WHEN 0 THEN 'open' ELSE 'closed' END
            FROM signing;
        INSERT INTO follow
            SELECT network_id, md5('p' || (m * 3 + f) % (200 * :scale))::uuid, id FROM known, generate_series(0, 4) f WHERE n = 0;
        INSERT INTO password_reset (network_id, membership_id, made_on, expires_on)
            SELECT network_id, id, current_date, current_date + 2 FROM known WHERE m % 3 = 0;
        ANALYZE;
        """

    static let record = """
        SET session_replication_role = replica;
        SET synchronous_commit = off;
        CREATE TEMPORARY TABLE closed AS
            SELECT r, md5('n' || CASE WHEN r < 60 * :scale THEN 0 ELSE 1 + r % (5 * :scale) END)::uuid AS network_id
            FROM generate_series(0, 120 * :scale - 1) r;
        INSERT INTO release (network_id, id, number, round_id, round_title, closed_on, scheme, k)
            SELECT network_id, md5('r' || r)::uuid, r + 1, md5('o' || r)::uuid, 'Klima', current_date, 'S1', 5 FROM closed;
        -- Four items of the whole, and of three units.
        INSERT INTO cell (network_id, release_id, id, table_name, item_id, item_text, unit_id, unit_name, at_least, negative,
                neutral, positive, mean_tenths)
            SELECT network_id, md5('r' || r)::uuid, md5('c' || r || ' ' || u || ' ' || i)::uuid,
                CASE u WHEN 0 THEN 'item' ELSE 'item-unit' END, md5('i' || i)::uuid, 'Respekt?',
                CASE WHEN u > 0 THEN md5('u' || u)::uuid END, CASE WHEN u > 0 THEN 'Amt' END, 50, 20, 30, 50, 33
            FROM closed, generate_series(0, 3) u, generate_series(0, 3) i;
        CREATE TEMPORARY TABLE asked AS
            SELECT p, md5('p' || p)::uuid AS id,
                md5('n' || CASE WHEN p < 200 * :scale THEN 0 ELSE 1 + p % (5 * :scale) END)::uuid AS network_id
            FROM generate_series(0, 400 * :scale - 1) p;
        INSERT INTO recommendation (network_id, id, number, title, text, measure, published_on, answer_due_on, recorded_at)
            SELECT network_id, id, p + 1, 'Rampe', repeat('Rampen. ', 20), 'Bauen', current_date, current_date, now()
            FROM asked;
        INSERT INTO revision
            SELECT network_id, id, 2, md5('t' || p)::uuid, 'Rampe', repeat('Rampen. ', 20), 'Bauen', current_date, now() FROM asked;
        INSERT INTO support SELECT network_id, id, 50, 60, 20, 20, now(), 2 FROM asked;
        INSERT INTO answer SELECT network_id, id, 1, 'accepted', 'Ja.', 'Amt', current_date, current_date, now() FROM asked;
        INSERT INTO outcome
            SELECT network_id, id, md5('w' || p || ' ' || o)::uuid, o, 'planned', 'Bald.', current_date, now()
            FROM asked, generate_series(1, 2) o;
        INSERT INTO reminder
            SELECT network_id, id, step, current_date, now() FROM asked, unnest(ARRAY['soon', 'last', 'overdue']) AS s (step);
        ANALYZE;
        """
}
