-- The record: everything in it has been released and may be read by HR. Nothing here can be traced to a person.

-- The same second net as in the private database: without the network named, no rows.
CREATE PROCEDURE isolate(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY %I ON %s USING (network_id = nullif(current_setting(''chorus.network_id'', true), '''')::uuid)',
        (SELECT relname FROM pg_class WHERE oid = target) || '_network_policy', target);
END
$$;
REVOKE EXECUTE ON PROCEDURE isolate(regclass) FROM PUBLIC;

CREATE TABLE release (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    number integer NOT NULL,
    round_id uuid NOT NULL,
    round_title text NOT NULL,
    closed_on date NOT NULL,
    scheme text NOT NULL CONSTRAINT release_scheme_check CHECK (scheme IN ('S1', 'S2')),
    k smallint NOT NULL,
    CONSTRAINT release_key PRIMARY KEY (network_id, id),
    CONSTRAINT release_number_unique UNIQUE (network_id, number)
);
CALL isolate('release');
COMMENT ON TABLE release IS 'A numbered, frozen set of cells.';

CREATE TABLE cell (
    network_id uuid NOT NULL,
    release_id uuid NOT NULL,
    id uuid NOT NULL,
    table_name text NOT NULL
        CONSTRAINT cell_table_name_check CHECK (table_name IN ('total', 'item', 'unit', 'item-unit')),
    item_id uuid,
    item_text text,
    unit_id uuid,
    unit_name text,
    at_least integer NOT NULL,
    -- Shares in whole percent and the mean in tenths: the rounded values themselves, so that nothing finer exists here.
    negative smallint NOT NULL CONSTRAINT cell_negative_check CHECK (negative BETWEEN 0 AND 100),
    neutral smallint NOT NULL CONSTRAINT cell_neutral_check CHECK (neutral BETWEEN 0 AND 100),
    positive smallint NOT NULL CONSTRAINT cell_positive_check CHECK (positive BETWEEN 0 AND 100),
    mean_tenths smallint NOT NULL CONSTRAINT cell_mean_tenths_check CHECK (mean_tenths BETWEEN 10 AND 50),
    CONSTRAINT cell_key PRIMARY KEY (network_id, release_id, id),
    CONSTRAINT cell_place_unique UNIQUE NULLS NOT DISTINCT (network_id, release_id, table_name, item_id, unit_id),
    CONSTRAINT cell_release_fkey FOREIGN KEY (network_id, release_id) REFERENCES release (network_id, id)
);
CALL isolate('cell');
COMMENT ON TABLE cell IS 'A rounded sum of whole blocks; a cell without a block has no row, and nothing says why.';

GRANT SELECT ON release, cell TO chorus_hr, chorus_backup;
GRANT SELECT, INSERT ON release, cell TO chorus_release;
