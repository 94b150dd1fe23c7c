-- The private database: members, events, messages, and the million contributions.
-- psql variables: networks, events, members, hot (members of network 0), granted (of them), contributions, messages;
-- of each network: releases, recommendations.
\set ON_ERROR_STOP 1
SET synchronous_commit = off;
-- Foreign keys of sets that are made from one another hold by themselves; to check them one by one takes too long.
SET session_replication_role = replica;
SET work_mem = '128MB';

-- Where pgbench's roles find the ids: MD5 of a number, so that the locality of indexes is that of random UUIDs.
CREATE SCHEMA bench;
CREATE FUNCTION bench.k(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT md5(n::text)::uuid $$;
GRANT USAGE ON SCHEMA bench TO PUBLIC;

CREATE TABLE bench.person AS
    SELECT m, n, bench.k(1 + n) AS network_id, bench.k(1000000 + m) AS id, bench.k(5000000 + m) AS account_id,
        ARRAY['member'] AS roles, 'Member ' || m AS name, 'member ' || m AS credential
    FROM (
        SELECT m, CASE WHEN m < :hot THEN 0 ELSE 1 + (m - :hot) % (:networks - 1) END AS n
        FROM generate_series(0, :members - 1) m) placed;
-- Ten systems of HR and two coordinators for each network.
INSERT INTO bench.person
    SELECT :members + 12 * n + i, n, bench.k(1 + n), bench.k(1000000 + :members + 12 * n + i),
        bench.k(5000000 + :members + 12 * n + i),
        CASE WHEN i < 10 THEN ARRAY['hr'] ELSE ARRAY['member', 'organiser', 'moderator', 'coordinator'] END,
        'Staff ' || n || '/' || i, CASE WHEN i < 10 THEN 'hr ' ELSE 'coordinator ' END || n || '/' || i
    FROM generate_series(0, :networks - 1) n, generate_series(0, 11) i;

INSERT INTO account (id, email, display_name, locale)
    SELECT account_id, 'member' || m || '@town.example', name, 'de' FROM bench.person ORDER BY account_id;
INSERT INTO account_network SELECT account_id, network_id FROM bench.person ORDER BY account_id;
INSERT INTO api_token
    SELECT sha256(token::bytea), bench.k(7000000 + m), account_id, 'benchmark', ARRAY['read', 'write'], current_date + 365
    FROM (
        SELECT *, translate(rtrim(encode(sha256(credential::bytea), 'base64'), '='), '+/', '-_') AS token
        FROM bench.person) p
    ORDER BY 1;
INSERT INTO unit
    SELECT bench.k(1 + n), bench.k(8000000 + 10 * n + u), 'Department ' || u, NULL, u
    FROM generate_series(0, :networks - 1) n, generate_series(0, 5) u;
INSERT INTO membership (network_id, id, account_id, roles, unit_id, display_name)
    SELECT network_id, id, account_id, roles, bench.k(8000000 + 10 * n + m % 6), name FROM bench.person
    ORDER BY network_id, id;

-- Half of the members of the smaller networks have this week's tokens already.
INSERT INTO token_grant
    SELECT p.network_id, p.id, k.key_id, sha256(p.credential::bytea)
    FROM bench.person p
    JOIN anon_key k ON k.network_id = p.network_id AND current_date BETWEEN k.issue_from AND k.issue_to
    WHERE p.m < :hot + (:members - :hot) / 2 AND p.m >= :hot OR p.n = 0 AND p.m < :granted;

INSERT INTO event (network_id, id, organiser_id, title, description, kind, location, starts_at, ends_at, time_zone,
        capacity, visibility, rsvp_until, going, created_at, updated_at)
    SELECT bench.k(1 + n), bench.k(2000000 + e), bench.k(1000000 + :members + 12 * n + 10),
        'Staff network gathering ' || e, 'We meet, listen and plan.', 'meeting',
        'Room ' || e % 17 || ', Building ' || e % 5, starts, starts + interval '2 hours', 'Europe/Berlin',
        20 + (e * 7919) % 200, 'members', starts, 20, now(), now()
    FROM (
        SELECT e, e % :networks AS n,
            date_trunc('hour', now()) + make_interval(days => 1 + e / :networks, hours => e % 9) AS starts
        FROM generate_series(0, :events - 1) e) placed;
INSERT INTO rsvp (network_id, event_id, membership_id, answer, status)
    SELECT bench.k(1 + n), bench.k(2000000 + e),
        bench.k(1000000 + CASE WHEN n = 0 THEN j ELSE :hot + n - 1 + (:networks - 1) * j END), 'going', 'going'
    FROM generate_series(0, :events - 1) e, generate_series(0, 19) r,
        LATERAL (SELECT e % :networks AS n) n,
        LATERAL (SELECT (e / :networks * 31 + r * 17) % ((:members - :hot) / (:networks - 1)) AS j) j;

INSERT INTO channel
    SELECT bench.k(1 + n), bench.k(3000000 + n), 'Box', 'What is on your mind', 'We read everything.', 'feedback', 7, 90
    FROM generate_series(0, :networks - 1) n;
INSERT INTO theme
    SELECT bench.k(1 + n), bench.k(9000000 + 10 * n + t), bench.k(3000000 + n),
        (ARRAY['access', 'pay', 'growth', 'belonging'])[1 + t], NULL, false, t
    FROM generate_series(0, :networks - 1) n, generate_series(0, 3) t;
INSERT INTO message (network_id, id, channel_id, batch_day, theme_id, text, language, state)
    SELECT bench.k(1 + n), bench.k(6000000 + i), bench.k(3000000 + n), current_date - i % 60,
        bench.k(9000000 + 10 * n + i % 4), repeat('More step-free routes and quiet rooms, please. ', 1 + i % 7), 'en', 'open'
    FROM generate_series(0, :messages - 1) i, LATERAL (SELECT i % :networks AS n) n;
INSERT INTO reply
    SELECT bench.k(1 + i % :networks), bench.k(6500000 + i), bench.k(6000000 + i), true, current_date - i % 30, 1,
        'Thank you. We have asked the building office and will say what it answers.'
    FROM generate_series(0, :messages - 1, 2) i;
-- Copied by the driver, which knows the pepper outside the database.
CREATE TABLE bench.receipt (lookup bytea, message_id uuid, n int);

-- Closed rounds for each network, whose contributions went with their release, and an open one, where they wait.
INSERT INTO round
    SELECT bench.k(1 + n), bench.k(4000000 + 1000 * n + r), 'Round ' || r,
        now() - interval '400 days' + r * interval '320 days' / :releases,
        now() - interval '390 days' + r * interval '320 days' / :releases + (r = :releases)::int * interval '100 days', NULL, 'S1',
        CASE WHEN r < :releases THEN 'closed' ELSE 'open' END
    FROM generate_series(0, :networks - 1) n, generate_series(0, :releases) r;
INSERT INTO item
    SELECT bench.k(1 + n), bench.k(4000000 + 1000 * n + r), bench.k(4500000 + 10 * n + i), 'I can reach what I need (' || i || ')',
        bench.k(9000000 + 10 * n + i % 4), i
    FROM generate_series(0, :networks - 1) n, generate_series(0, :releases) r, generate_series(0, 7) i;
INSERT INTO plan_node
    SELECT bench.k(1 + n), bench.k(4000000 + 1000 * n + :releases), 7 * i + u, bench.k(4500000 + 10 * n + i),
        CASE WHEN u < 6 THEN bench.k(8000000 + 10 * n + u) END, CASE WHEN u < 6 THEN 'Department ' || u END,
        CASE WHEN u < 6 THEN 7 * i + 6 END, CASE WHEN u < 6 THEN 270 ELSE 1630 END, NULL
    FROM generate_series(0, :networks - 1) n, generate_series(0, 7) i, generate_series(0, 6) u;
INSERT INTO plan_leaf
    SELECT network_id, round_id, item_id, unit_id, index FROM plan_node;
INSERT INTO contribution
    SELECT bench.k(1 + n), id, bench.k(4000000 + 1000 * n + :releases), sha256('key'), f / :networks % 56,
        (ARRAY['negative', 'negative', 'neutral', 'positive', 'positive'])[rating], rating
    FROM (
        SELECT f, f % :networks AS n, 1 + (f * 7) % 5 AS rating, bench.k(20000000 + f) AS id
        FROM generate_series(0, :contributions - 1) f) given
    ORDER BY 1, 2;
-- Each ballot of eight items spent a token.
INSERT INTO spent_token
    SELECT k.network_id, k.key_id, sha256(('spent ' || t)::bytea)
    FROM (
        SELECT DISTINCT ON (network_id) network_id, key_id FROM anon_key
        WHERE current_date BETWEEN issue_from AND issue_to
        ORDER BY network_id, key_id) k,
        generate_series(1, :contributions / 8 / :networks) t
    ORDER BY 1, 2, 3;
INSERT INTO pending_release
    SELECT bench.k(1 + n), bench.k(10000000 + 1000 * n + r), 1 + r, bench.k(4000000 + 1000 * n + r), 'Round ' || r,
        current_date - 390 + 320 * r / :releases, 5, false, true
    FROM generate_series(0, :networks - 1) n, generate_series(0, :releases - 1) r;
INSERT INTO recommendation
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), 'published', 'Make meeting rooms step-free (' || p || ')',
        repeat('Ramps, doors and lifts decide who can take part. ', 6), bench.k(9000000 + 10 * n + p % 4), NULL,
        'A ramp at each entrance within a year.',
        ARRAY[bench.k(10000000 + 1000 * n + r), bench.k(10000000 + 1000 * n + r)],
        ARRAY[bench.k(30000000 + 100000 * n + r * 100 + 1 + p % 8), bench.k(30000000 + 100000 * n + r * 100 + 20 + p % 24)],
        1 + p, current_date - 100 + p % 24, current_date - 10 + p % 24, 'closed'
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1) p, LATERAL (SELECT p % :releases AS r) r;
