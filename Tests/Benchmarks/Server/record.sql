-- The record: what the closed rounds released, and recommendations with evidence, answers and outcomes.
-- psql variables: networks; of each network: releases, recommendations.
\set ON_ERROR_STOP 1
SET synchronous_commit = off;
CREATE SCHEMA bench;
CREATE FUNCTION bench.k(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT md5(n::text)::uuid $$;
GRANT USAGE ON SCHEMA bench TO PUBLIC;

INSERT INTO release
    SELECT bench.k(1 + n), bench.k(10000000 + 1000 * n + r), 1 + r, bench.k(4000000 + 1000 * n + r), 'Round ' || r,
        current_date - 390 + 320 * r / :releases, 'S1', 5
    FROM generate_series(0, :networks - 1) n, generate_series(0, :releases - 1) r;
-- Cell 0 is the total, 1 to 8 the items, 9 to 14 the units, 15 to 62 items by units.
INSERT INTO cell
    SELECT bench.k(1 + n), bench.k(10000000 + 1000 * n + r), bench.k(30000000 + 100000 * n + 100 * r + c),
        CASE WHEN c = 0 THEN 'total' WHEN c < 9 THEN 'item' WHEN c < 15 THEN 'unit' ELSE 'item-unit' END,
        bench.k(4500000 + 10 * n + i), 'I can reach what I need (' || i || ')',
        bench.k(8000000 + 10 * n + u), 'Department ' || u,
        50 + 5 * (c % 40), 20 + c % 10, 30 - c % 10, 50, 30 + c % 15
    FROM generate_series(0, :networks - 1) n, generate_series(0, :releases - 1) r, generate_series(0, 62) c,
        LATERAL (SELECT
            CASE WHEN c BETWEEN 1 AND 8 THEN c - 1 WHEN c >= 15 THEN (c - 15) % 8 END AS i,
            CASE WHEN c BETWEEN 9 AND 14 THEN c - 9 WHEN c >= 15 THEN (c - 15) / 8 END AS u) place;
INSERT INTO recommendation
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), 1 + p, 'Make meeting rooms step-free (' || p || ')',
        repeat('Ramps, doors and lifts decide who can take part. ', 6), bench.k(9000000 + 10 * n + p % 4), NULL,
        'A ramp at each entrance within a year.', current_date - 100 + p % 24, current_date - 10 + p % 24, now()
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1) p;
INSERT INTO evidence
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), 1 + e, bench.k(10000000 + 1000 * n + p % :releases),
        bench.k(30000000 + 100000 * n + p % :releases * 100 + CASE e WHEN 0 THEN 1 + p % 8 ELSE 20 + p % 24 END)
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1) p, generate_series(0, 1) e;
INSERT INTO support
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), 100 + p % 24, 60, 20, 20, now()
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1, 2) p;
INSERT INTO answer
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), 1, (ARRAY['accepted', 'partly', 'declined'])[1 + p % 3],
        repeat('The building office will look at each entrance. ', 3), 'Building office', current_date + 100,
        current_date - 20, now()
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1) p WHERE p % 3 < 2;
INSERT INTO outcome
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), bench.k(40000000 + 100000 * n + 10 * p + o), 1 + o,
        (ARRAY['planned', 'underway'])[1 + o], 'Two of nine entrances have a ramp.', current_date - 10 + o, now()
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1, 3) p, generate_series(0, 1) o;
INSERT INTO reminder
    SELECT bench.k(1 + n), bench.k(11000000 + 10000 * n + p), step, current_date - 20, now()
    FROM generate_series(0, :networks - 1) n, generate_series(0, :recommendations - 1) p,
        unnest(ARRAY['soon', 'last']) AS s (step);
VACUUM ANALYZE;
