-- In which order the record of a network grew, so that whoever reads it again and again misses nothing and is told of what is new.

-- When a row was recorded used to be written before its transaction ended: a reader could see a later row first, and then ask for
-- what came after that one. Now the rows of a network are stamped one transaction after the other: what a reader does not see yet
-- will have a later stamp than all that it sees.
CREATE TABLE record_clock (
    network_id uuid CONSTRAINT record_clock_key PRIMARY KEY,
    recorded_at timestamptz NOT NULL
);
CALL isolate('record_clock');
COMMENT ON TABLE record_clock IS
    'The last stamp of a network''s record: the row that is locked from the first stamp of a transaction until its end.';

CREATE FUNCTION stamp_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    last timestamptz;
    is_own boolean;
    named text := coalesce(current_setting('chorus.network_id', true), '');
BEGIN
    -- For as long as this takes: who inserts must have named the network too, which the policy of the table looks at afterwards.
    PERFORM set_config('chorus.network_id', NEW.network_id::text, true);
    INSERT INTO public.record_clock (network_id, recorded_at) VALUES (NEW.network_id, NEW.recorded_at) ON CONFLICT DO NOTHING;
    SELECT c.recorded_at, c.xmin = pg_current_xact_id()::xid INTO STRICT last, is_own
    FROM public.record_clock c WHERE c.network_id = NEW.network_id FOR UPDATE;
    -- What is committed together has one stamp.
    IF NOT is_own THEN
        last := greatest(NEW.recorded_at, last + interval '1 microsecond');
        UPDATE public.record_clock c SET recorded_at = last WHERE c.network_id = NEW.network_id;
    END IF;
    PERFORM set_config('chorus.network_id', named, true);
    NEW.recorded_at := last;
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION stamp_record() FROM PUBLIC;

ALTER TABLE release ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- What subscribers of the record are told of. It is committed with the row that it tells of, and could be made from it again.
CREATE TABLE change (
    network_id uuid NOT NULL,
    -- Unique to a transaction, whose changes are told of together.
    recorded_at timestamptz NOT NULL,
    id uuid NOT NULL,
    event text NOT NULL CONSTRAINT change_event_check CHECK (event ~ '^[a-z]+\.[a-z]+$'),
    -- The recommendation, or the release.
    subject_id uuid NOT NULL,
    number integer NOT NULL,
    on_day date NOT NULL,
    CONSTRAINT change_key PRIMARY KEY (network_id, recorded_at, id)
);
CALL isolate('change');
COMMENT ON TABLE change IS 'That something was published, answered or overdue, in the order in which the record grew; rows are added, never changed.';

-- Arguments: the name of the event, and the column with its day.
CREATE FUNCTION note_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    entry jsonb := to_jsonb(NEW);
    subject uuid := coalesce(entry ->> 'recommendation_id', entry ->> 'id');
    named text := coalesce(current_setting('chorus.network_id', true), '');
BEGIN
    PERFORM set_config('chorus.network_id', NEW.network_id::text, true);
    INSERT INTO public.change (network_id, recorded_at, id, event, subject_id, number, on_day)
    SELECT NEW.network_id, NEW.recorded_at, gen_random_uuid(), TG_ARGV[0], subject,
        CASE WHEN entry ? 'recommendation_id' THEN (
            SELECT r.number FROM public.recommendation r WHERE r.network_id = NEW.network_id AND r.id = subject
        ) ELSE (entry ->> 'number')::integer END,
        (entry ->> TG_ARGV[1])::date;
    PERFORM set_config('chorus.network_id', named, true);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION note_record() FROM PUBLIC;

CREATE TRIGGER release_stamp BEFORE INSERT ON release FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER recommendation_stamp BEFORE INSERT ON recommendation FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER support_stamp BEFORE INSERT ON support FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER answer_stamp BEFORE INSERT ON answer FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER outcome_stamp BEFORE INSERT ON outcome FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER reminder_stamp BEFORE INSERT ON reminder FOR EACH ROW EXECUTE FUNCTION stamp_record();

CREATE TRIGGER release_note AFTER INSERT ON release
    FOR EACH ROW EXECUTE FUNCTION note_record('release.published', 'closed_on');
CREATE TRIGGER recommendation_note AFTER INSERT ON recommendation
    FOR EACH ROW EXECUTE FUNCTION note_record('recommendation.published', 'published_on');
CREATE TRIGGER answer_note AFTER INSERT ON answer
    FOR EACH ROW EXECUTE FUNCTION note_record('answer.recorded', 'answered_on');
CREATE TRIGGER outcome_note AFTER INSERT ON outcome
    FOR EACH ROW EXECUTE FUNCTION note_record('outcome.recorded', 'on_day');
CREATE TRIGGER reminder_note AFTER INSERT ON reminder
    FOR EACH ROW WHEN (NEW.step = 'overdue') EXECUTE FUNCTION note_record('recommendation.overdue', 'on_day');

GRANT SELECT ON record_clock, change TO chorus_hr, chorus_backup;
