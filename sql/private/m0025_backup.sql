-- What the login of backups may read, it reads of all networks: a dump is of all of them.
--
-- By a policy, not by BYPASSRLS: that attribute only a superuser may give, and it would open every table at once that somebody
-- grants one day. Here each table says that this one login reads it; it can change nothing, and where it has no right to read
-- (the inbox and its batches, waiting mail, sessions) the policy opens nothing. The inbox has none.

CREATE PROCEDURE open_for_backup(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'CREATE POLICY %I ON %s FOR SELECT TO chorus_backup USING (true)',
        (SELECT relname FROM pg_class WHERE oid = target) || '_backup_policy', target);
END
$$;
REVOKE EXECUTE ON PROCEDURE open_for_backup(regclass) FROM PUBLIC;

-- From here on tables get both policies.
CREATE OR REPLACE PROCEDURE isolate(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY %I ON %s USING (network_id = nullif(current_setting(''chorus.network_id'', true), '''')::uuid)',
        (SELECT relname FROM pg_class WHERE oid = target) || '_network_policy', target);
    CALL public.open_for_backup(target);
END
$$;

DO $$
DECLARE
    isolated record;
BEGIN
    FOR isolated IN
        SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relrowsecurity ORDER BY relname
    LOOP
        CALL open_for_backup(isolated.name);
    END LOOP;
END
$$;

-- What lets somebody in at the moment: who was signed out, or has used a code, must not be let in again by a restore.
REVOKE SELECT ON session, password_reset FROM chorus_backup;
-- A digest of 256 random bits, without which every subscribed calendar would end with a restore.
GRANT SELECT ON calendar_key TO chorus_backup;
