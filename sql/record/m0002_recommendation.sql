-- Published recommendations, the employer's answers, and what came of them. Rows are added, never changed.

CREATE TABLE recommendation (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    theme_id uuid,
    unit_id uuid,
    measure text NOT NULL,
    published_on date NOT NULL,
    answer_due_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT recommendation_key PRIMARY KEY (network_id, id),
    CONSTRAINT recommendation_number_unique UNIQUE (network_id, number)
);
CALL isolate('recommendation');
COMMENT ON TABLE recommendation IS 'What the network asks for, numbered and frozen.';

CREATE TABLE evidence (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    position smallint NOT NULL,
    release_id uuid NOT NULL,
    cell_id uuid NOT NULL,
    CONSTRAINT evidence_key PRIMARY KEY (network_id, recommendation_id, position),
    CONSTRAINT evidence_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id),
    CONSTRAINT evidence_cell_fkey FOREIGN KEY (network_id, release_id, cell_id)
        REFERENCES cell (network_id, release_id, id)
);
CALL isolate('evidence');
COMMENT ON TABLE evidence IS 'The released cells that a recommendation rests on; numbers come from nowhere else.';

CREATE TABLE support (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    at_least integer NOT NULL,
    yes smallint NOT NULL CONSTRAINT support_yes_check CHECK (yes BETWEEN 0 AND 100),
    no smallint NOT NULL CONSTRAINT support_no_check CHECK (no BETWEEN 0 AND 100),
    abstain smallint NOT NULL CONSTRAINT support_abstain_check CHECK (abstain BETWEEN 0 AND 100),
    recorded_at timestamptz NOT NULL,
    CONSTRAINT support_key PRIMARY KEY (network_id, recommendation_id),
    CONSTRAINT support_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id)
);
CALL isolate('support');
COMMENT ON TABLE support IS 'How members stand to a recommendation, released by the same rules as every other number.';

CREATE TABLE answer (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    version smallint NOT NULL,
    decision text NOT NULL CONSTRAINT answer_decision_check CHECK (decision IN ('accepted', 'partly', 'declined')),
    text text NOT NULL CONSTRAINT answer_text_check CHECK (length(text) <= 20000),
    responsible text NOT NULL CONSTRAINT answer_responsible_check CHECK (length(responsible) BETWEEN 1 AND 300),
    due_on date,
    answered_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT answer_key PRIMARY KEY (network_id, recommendation_id, version),
    CONSTRAINT answer_reason_check CHECK (decision = 'accepted' OR length(text) > 0),
    CONSTRAINT answer_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id)
);
CALL isolate('answer');
COMMENT ON TABLE answer IS 'What the employer says; a later version does not erase an earlier one.';

CREATE TABLE outcome (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    id uuid NOT NULL,
    position smallint NOT NULL,
    status text NOT NULL CONSTRAINT outcome_status_check CHECK (status IN ('planned', 'underway', 'done', 'stopped')),
    text text NOT NULL CONSTRAINT outcome_text_check CHECK (length(text) BETWEEN 1 AND 20000),
    on_day date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT outcome_key PRIMARY KEY (network_id, recommendation_id, id),
    CONSTRAINT outcome_position_unique UNIQUE (network_id, recommendation_id, position),
    CONSTRAINT outcome_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id)
);
CALL isolate('outcome');
COMMENT ON TABLE outcome IS 'What happened after the answer.';

GRANT SELECT ON recommendation, evidence, support, answer, outcome TO chorus_hr, chorus_release, chorus_backup;
GRANT INSERT ON recommendation, evidence, support TO chorus_release;
GRANT INSERT ON answer, outcome TO chorus_hr;
