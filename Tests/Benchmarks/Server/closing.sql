-- A round that is closing, with the ballots that the mixer has written.
-- psql variables: number (of the round), ballots.
\set ON_ERROR_STOP 1
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
CREATE SCHEMA IF NOT EXISTS bench;
CREATE OR REPLACE FUNCTION bench.k(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT md5(n::text)::uuid $$;

INSERT INTO round
    VALUES (bench.k(1), bench.k(4000000 + :number), 'Round', now() - interval '20 days', now(), NULL, 'S1', 'closing');
INSERT INTO item
    SELECT bench.k(1), bench.k(4000000 + :number), bench.k(4500000 + i), 'I can reach what I need (' || i || ')', NULL, i
    FROM generate_series(0, 9) i;
-- Each item's tree: the network, six units below it, and the rest.
INSERT INTO plan_node
    SELECT bench.k(1), bench.k(4000000 + :number), 8 * i + u, bench.k(4500000 + i),
        CASE WHEN u BETWEEN 1 AND 6 THEN bench.k(8000000 + u) END, CASE WHEN u BETWEEN 1 AND 6 THEN 'Department ' || u END,
        CASE WHEN u > 0 THEN 8 * i END, CASE WHEN u > 0 THEN :ballots ELSE 0 END, NULL
    FROM generate_series(0, 9) i, generate_series(0, 7) u;

-- Filled first and indexed afterwards, for time.
ALTER TABLE contribution DROP CONSTRAINT contribution_key;
DROP INDEX contribution_round_index;
INSERT INTO contribution
    SELECT bench.k(1), gen_random_uuid(), bench.k(4000000 + :number), sha256('key'), 8 * i + 1 + b % 7,
        (ARRAY['negative', 'negative', 'neutral', 'positive', 'positive'])[rating], rating
    FROM generate_series(0, :ballots - 1) b, generate_series(0, 9) i, LATERAL (SELECT 1 + (b / 7 + i) % 5 AS rating) r;
ALTER TABLE contribution ADD CONSTRAINT contribution_key PRIMARY KEY (network_id, id);
CREATE INDEX contribution_round_index ON contribution (network_id, round_id);
VACUUM ANALYZE contribution;
CHECKPOINT;
