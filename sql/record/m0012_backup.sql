-- What the login of backups may read, it reads of all networks; why by a policy, stands in the migration of the private database.

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

GRANT SELECT ON migration TO chorus_backup;
