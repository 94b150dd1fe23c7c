-- Drafts of recommendations; what is published stands in the record.

CREATE TABLE recommendation (
    network_id uuid NOT NULL CONSTRAINT recommendation_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    state text NOT NULL DEFAULT 'draft'
        CONSTRAINT recommendation_state_check CHECK (state IN ('draft', 'published')),
    title text NOT NULL CONSTRAINT recommendation_title_check CHECK (length(title) BETWEEN 1 AND 300),
    text text NOT NULL CONSTRAINT recommendation_text_check CHECK (length(text) BETWEEN 1 AND 50000),
    theme_id uuid,
    unit_id uuid,
    measure text NOT NULL CONSTRAINT recommendation_measure_check CHECK (length(measure) BETWEEN 1 AND 5000),
    -- Ids of released cells, in the order of the draft.
    evidence_release_ids uuid[] NOT NULL,
    evidence_cell_ids uuid[] NOT NULL,
    number integer,
    published_on date,
    answer_due_on date,
    -- 'open' while members may endorse, 'closing' until the next mix, 'closed' when support is released.
    endorsement text CONSTRAINT recommendation_endorsement_check CHECK (endorsement IN ('open', 'closing', 'closed')),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT recommendation_key PRIMARY KEY (network_id, id),
    CONSTRAINT recommendation_number_unique UNIQUE (network_id, number),
    CONSTRAINT recommendation_theme_fkey FOREIGN KEY (network_id, theme_id) REFERENCES theme (network_id, id),
    CONSTRAINT recommendation_published_check
        CHECK ((state = 'published') = (number IS NOT NULL AND published_on IS NOT NULL AND answer_due_on IS NOT NULL))
);
CALL isolate('recommendation');
COMMENT ON TABLE recommendation IS 'What the network asks for, while it is being written; frozen once published.';

GRANT SELECT, INSERT, UPDATE ON recommendation TO chorus_member;
GRANT SELECT, UPDATE ON recommendation TO chorus_release;
GRANT SELECT ON recommendation TO chorus_backup;
