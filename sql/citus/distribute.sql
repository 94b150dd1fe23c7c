-- Spreads the private database over the machines of a Citus cluster (12 or later), by network. On the coordinator, as the login that
-- migrates, after `chorus migrate`, and again after every later one:
--
--     psql -X -v ON_ERROR_STOP=1 -d "$CHORUS_DATABASE_URL" -f sql/citus/distribute.sql
--
-- It may be repeated: what is spread already stays as it is. The record stays on one machine; streaming replicas serve its reads.
-- Servers must not run meanwhile. `chorus doctor` says what is missing.

-- Each statement that a login sends inside a transaction sees the same network on the machine that holds its rows.
DO $$
DECLARE
    login text;
BEGIN
    FOREACH login IN ARRAY ARRAY['chorus_member', 'chorus_anonymous', 'chorus_moderator', 'chorus_mixer', 'chorus_release', 'chorus_job',
        'chorus_backup', 'chorus_owner']
    LOOP
        EXECUTE format('ALTER ROLE %I SET citus.propagate_set_commands = %L', login, 'local');
    END LOOP;
END
$$;

BEGIN;
-- Reference tables and tables that refer to them in one transaction need one connection to each machine.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
-- Three triggers note an instant in the row that changes, with nothing but that row. The others tell servers what changed; on another
-- machine nobody would hear them.
SET LOCAL citus.enable_unsafe_triggers = on;

\ir functions.sql

DO $$
DECLARE
    deaf record;
BEGIN
    FOR deaf IN
        SELECT t.tgname, t.tgrelid::regclass AS place FROM pg_trigger t
        JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attname = 'network_id'
        WHERE t.tgfoid = 'notify_change'::regproc AND NOT t.tgisinternal
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', deaf.tgname, deaf.place);
    END LOOP;
END
$$;

-- What is copied to every machine, because rows of networks are joined with it or refer to it.
CREATE TEMPORARY TABLE spread_reference (name text) ON COMMIT DROP;
INSERT INTO spread_reference VALUES ('network'), ('account'), ('consent'), ('notification'), ('calendar_key'), ('session'), ('api_token'), ('second_factor'), ('recovery_code');

-- Every table with a network in its rows; all others (the inbox, jobs, servers) stay on the coordinator.
CREATE TEMPORARY TABLE spread_network ON COMMIT DROP AS
SELECT c.oid::regclass AS place FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = c.oid);

-- Foreign keys are made anew when both of their tables are where they belong.
CREATE TEMPORARY TABLE spread_foreign ON COMMIT DROP AS
SELECT f.conrelid::regclass AS place, f.conname AS name, pg_get_constraintdef(f.oid) AS rule FROM pg_constraint f
WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace AND EXISTS (
    SELECT FROM spread_network n WHERE n.place IN (f.conrelid, f.confrelid)
    UNION ALL
    SELECT FROM spread_reference r WHERE r.name::regclass IN (f.conrelid, f.confrelid)
        AND NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = r.name::regclass));

DO $$
DECLARE
    step record;
BEGIN
    FOR step IN SELECT * FROM spread_foreign LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', step.place, step.name);
    END LOOP;
    FOR step IN
        SELECT r.name FROM spread_reference r
        WHERE NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = r.name::regclass)
    LOOP
        PERFORM create_reference_table(step.name);
    END LOOP;
    -- The same group of machines for all, so that what belongs to a network is in one place.
    FOR step IN SELECT place FROM spread_network ORDER BY place::text = 'unit' DESC, place::text LOOP
        IF step.place = 'unit'::regclass THEN
            PERFORM create_distributed_table('unit', 'network_id', colocate_with => 'none');
        ELSE
            PERFORM create_distributed_table(step.place::text, 'network_id', colocate_with => 'unit');
        END IF;
    END LOOP;
    FOR step IN SELECT * FROM spread_foreign ORDER BY place::text, name LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', step.place, step.name, step.rule);
    END LOOP;
END
$$;
COMMIT;
