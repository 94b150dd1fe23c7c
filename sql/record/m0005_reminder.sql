-- How the employer was held to its duty to answer.

CREATE TABLE reminder (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    step text NOT NULL CONSTRAINT reminder_step_check CHECK (step IN ('soon', 'last', 'overdue', 'escalated')),
    on_day date NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- The day belongs to it: what a clock that stood years ahead has added does not keep the step from its right day.
    CONSTRAINT reminder_key PRIMARY KEY (network_id, recommendation_id, step, on_day),
    CONSTRAINT reminder_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id)
);
CALL isolate('reminder');
COMMENT ON TABLE reminder IS 'When the employer was reminded of an answer, when it was overdue, and when that went further; rows are added, never changed.';

GRANT SELECT ON reminder TO chorus_hr, chorus_release, chorus_backup;
GRANT INSERT ON reminder TO chorus_release;

CREATE TRIGGER reminder_change AFTER INSERT OR UPDATE OR DELETE ON reminder
    FOR EACH ROW EXECUTE FUNCTION notify_change();
