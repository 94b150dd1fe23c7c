-- Where a published text comes from, what was said about it before, and its later texts. Rows are added, never changed; no login
-- deletes a recommendation, and what an owner deletes takes all of this with it.

CREATE TABLE revision (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    -- The first text stands in `recommendation`.
    revision smallint NOT NULL CONSTRAINT revision_revision_check CHECK (revision >= 2),
    -- Under which members endorse this text and no other.
    id uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    measure text NOT NULL,
    published_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT revision_key PRIMARY KEY (network_id, recommendation_id, revision),
    CONSTRAINT revision_id_unique UNIQUE (network_id, id),
    CONSTRAINT revision_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('revision');
COMMENT ON TABLE revision IS 'A later text of a recommendation under the same number; the earlier ones stay as they were.';

-- Evidence and support are of one text.
ALTER TABLE evidence
    ADD COLUMN revision smallint NOT NULL DEFAULT 1,
    DROP CONSTRAINT evidence_key,
    ADD CONSTRAINT evidence_key PRIMARY KEY (network_id, recommendation_id, revision, position);
ALTER TABLE support
    ADD COLUMN revision smallint NOT NULL DEFAULT 1,
    DROP CONSTRAINT support_key,
    ADD CONSTRAINT support_key PRIMARY KEY (network_id, recommendation_id, revision);

CREATE TABLE provenance (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    revision smallint NOT NULL,
    position integer NOT NULL,
    -- Counted from one; absent for the whole text.
    paragraph integer CONSTRAINT provenance_paragraph_check CHECK (paragraph >= 1),
    kind text NOT NULL CONSTRAINT provenance_kind_check
        CHECK (kind IN ('release', 'eventSummary', 'interviewLog', 'hearing', 'package')),
    reference text NOT NULL CONSTRAINT provenance_reference_check CHECK (length(reference) BETWEEN 1 AND 300),
    on_day date NOT NULL,
    CONSTRAINT provenance_key PRIMARY KEY (network_id, recommendation_id, revision, position),
    CONSTRAINT provenance_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('provenance');
COMMENT ON TABLE provenance IS 'Where what a published text says comes from.';

CREATE TABLE review (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    revision smallint NOT NULL,
    -- Absent when fewer than three voted.
    votes integer,
    quality smallint,
    effect smallint,
    -- Whether the panel voted on another text than the published one.
    is_earlier boolean NOT NULL,
    CONSTRAINT review_key PRIMARY KEY (network_id, recommendation_id, revision),
    CONSTRAINT review_votes_check CHECK (num_nulls(votes, quality, effect) IN (0, 3) AND votes >= 3),
    CONSTRAINT review_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('review');
COMMENT ON TABLE review IS 'What the expert panel thinks of a text: medians of at least three votes.';

CREATE TABLE statement (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    revision smallint NOT NULL,
    position integer NOT NULL,
    body text NOT NULL,
    text text NOT NULL,
    stated_on date NOT NULL,
    CONSTRAINT statement_key PRIMARY KEY (network_id, recommendation_id, revision, position),
    CONSTRAINT statement_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('statement');
COMMENT ON TABLE statement IS 'What advisory bodies said about a text before it was published.';

GRANT SELECT ON revision, provenance, review, statement TO chorus_hr, chorus_release, chorus_backup;
GRANT INSERT ON revision, provenance, review, statement TO chorus_release;

CREATE TRIGGER revision_change AFTER INSERT OR UPDATE OR DELETE ON revision
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER provenance_change AFTER INSERT OR UPDATE OR DELETE ON provenance
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER review_change AFTER INSERT OR UPDATE OR DELETE ON review
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER statement_change AFTER INSERT OR UPDATE OR DELETE ON statement
    FOR EACH ROW EXECUTE FUNCTION notify_change();
