-- Rounds: items, the frozen plan, and the numbers on their way to a release.

CREATE TABLE round (
    network_id uuid NOT NULL CONSTRAINT round_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    title text NOT NULL CONSTRAINT round_title_check CHECK (length(title) BETWEEN 1 AND 200),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    -- The event whose people are asked; absent when the whole network is.
    audience_event_id uuid,
    scheme text NOT NULL CONSTRAINT round_scheme_check CHECK (scheme IN ('S1', 'S2')),
    state text NOT NULL DEFAULT 'draft' CONSTRAINT round_state_check CHECK (state IN ('draft', 'open', 'closing', 'closed')),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT round_key PRIMARY KEY (network_id, id),
    CONSTRAINT round_event_fkey FOREIGN KEY (network_id, audience_event_id) REFERENCES event (network_id, id),
    CONSTRAINT round_time_check CHECK (closes_at > opens_at)
);
CALL isolate('round');
COMMENT ON TABLE round IS 'A time-boxed set of items with one anonymous ballot per member.';

CREATE TABLE item (
    network_id uuid NOT NULL,
    round_id uuid NOT NULL,
    -- The same id in a later round is the same question asked again.
    id uuid NOT NULL,
    text text NOT NULL CONSTRAINT item_text_check CHECK (length(text) BETWEEN 1 AND 2000),
    theme_id uuid,
    position smallint NOT NULL,
    CONSTRAINT item_key PRIMARY KEY (network_id, round_id, id),
    CONSTRAINT item_round_fkey FOREIGN KEY (network_id, round_id) REFERENCES round (network_id, id) ON DELETE CASCADE,
    CONSTRAINT item_theme_fkey FOREIGN KEY (network_id, theme_id) REFERENCES theme (network_id, id)
);
CALL isolate('item');
COMMENT ON TABLE item IS 'One rated question.';

CREATE TABLE plan_node (
    network_id uuid NOT NULL,
    -- Id of the round, or of the recommendation whose endorsements are counted.
    round_id uuid NOT NULL,
    index integer NOT NULL,
    item_id uuid NOT NULL,
    unit_id uuid,
    unit_name text,
    parent_index integer,
    population integer NOT NULL,
    CONSTRAINT plan_node_key PRIMARY KEY (network_id, round_id, index)
);
CALL isolate('plan_node');
COMMENT ON TABLE plan_node IS 'Where numbers go and how they are coarsened; frozen when the round opens.';

CREATE TABLE plan_leaf (
    network_id uuid NOT NULL,
    round_id uuid NOT NULL,
    item_id uuid NOT NULL,
    -- What the voter chose; no unit is one of the choices.
    unit_id uuid,
    node_index integer NOT NULL,
    CONSTRAINT plan_leaf_choice_unique UNIQUE NULLS NOT DISTINCT (network_id, round_id, item_id, unit_id)
);
CALL isolate('plan_leaf');
COMMENT ON TABLE plan_leaf IS 'The leaf that takes an answer, by item and chosen unit.';

CREATE TABLE contribution (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    key_id bytea NOT NULL,
    node_index integer NOT NULL,
    class text NOT NULL CONSTRAINT contribution_class_check CHECK (class IN ('negative', 'neutral', 'positive')),
    rating smallint NOT NULL CONSTRAINT contribution_rating_check CHECK (rating BETWEEN 1 AND 5),
    closes_waited smallint NOT NULL DEFAULT 0,
    CONSTRAINT contribution_key PRIMARY KEY (network_id, id)
);
CREATE INDEX contribution_round_index ON contribution (network_id, round_id);
CALL isolate('contribution');
COMMENT ON TABLE contribution IS 'One number of one ballot, apart from the others of the same ballot; deleted when it is released.';

CREATE TABLE pending_release (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    number integer NOT NULL,
    round_id uuid NOT NULL,
    title text NOT NULL,
    closed_on date NOT NULL,
    k smallint NOT NULL,
    -- Absent for endorsements, which become the support of a recommendation.
    is_endorsement boolean NOT NULL,
    is_published boolean NOT NULL DEFAULT false,
    CONSTRAINT pending_release_key PRIMARY KEY (network_id, id),
    CONSTRAINT pending_release_round_unique UNIQUE (network_id, round_id),
    CONSTRAINT pending_release_number_unique UNIQUE (network_id, number)
);
CALL isolate('pending_release');
COMMENT ON TABLE pending_release IS
    'A release between the two databases: frozen in the transaction that deletes its contributions, then copied to the record.';

CREATE TABLE pending_cell (
    network_id uuid NOT NULL,
    release_id uuid NOT NULL,
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_text text NOT NULL,
    unit_id uuid,
    unit_name text,
    at_least integer NOT NULL,
    negative smallint NOT NULL,
    neutral smallint NOT NULL,
    positive smallint NOT NULL,
    mean_tenths smallint NOT NULL,
    CONSTRAINT pending_cell_key PRIMARY KEY (network_id, release_id, id),
    CONSTRAINT pending_cell_release_fkey FOREIGN KEY (network_id, release_id)
        REFERENCES pending_release (network_id, id) ON DELETE CASCADE
);
CALL isolate('pending_cell');
COMMENT ON TABLE pending_cell IS 'The rounded cells of a release, as the record gets them; nothing finer is kept.';

GRANT SELECT, INSERT, UPDATE ON round, item TO chorus_member;
GRANT SELECT, INSERT ON plan_node, plan_leaf TO chorus_member;
GRANT SELECT (network_id, id, round_id, is_published) ON pending_release TO chorus_member;
GRANT SELECT ON item TO chorus_anonymous;
GRANT SELECT ON plan_leaf TO chorus_mixer;
GRANT INSERT ON contribution TO chorus_mixer;
GRANT SELECT, UPDATE ON round TO chorus_release;
GRANT SELECT ON item, plan_node TO chorus_release;
GRANT SELECT, UPDATE, DELETE ON contribution TO chorus_release;
GRANT SELECT, INSERT, UPDATE ON pending_release TO chorus_release;
GRANT SELECT, INSERT ON pending_cell TO chorus_release;
GRANT SELECT ON round, item, plan_node, plan_leaf, contribution, pending_release, pending_cell TO chorus_backup;
