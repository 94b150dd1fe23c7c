-- Rules that find drafts in released numbers, and a record that everybody may read.

ALTER TABLE network ADD COLUMN public_record boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN network.public_record IS
    'Whether what the record has of recommendations is shown to everybody; members see that it is.';

CREATE TABLE rule_catalogue (
    network_id uuid CONSTRAINT rule_catalogue_key PRIMARY KEY
        CONSTRAINT rule_catalogue_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- As it was uploaded; absent again when the network went back to the starter set, so that its versions go on counting.
    content text CONSTRAINT rule_catalogue_content_check CHECK (length(content) BETWEEN 2 AND 262144),
    version integer NOT NULL
);
CALL isolate('rule_catalogue');
COMMENT ON TABLE rule_catalogue IS 'Rules of a network''s own in place of the starter set that travels in the program.';

CREATE TABLE rule_binding (
    network_id uuid NOT NULL CONSTRAINT rule_binding_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    rule text NOT NULL CONSTRAINT rule_binding_rule_check CHECK (rule ~ '^[a-z0-9](-?[a-z0-9]){1,59}$'),
    -- What the rule looks at; both empty where the program proposes it from themes and words. An item or a theme that is no
    -- longer there is looked at in old releases all the same.
    item_ids uuid[] NOT NULL,
    theme_ids uuid[] NOT NULL,
    is_enabled boolean NOT NULL,
    -- In percent, or in tenths of the mean; with what it was said of, because a new catalogue may ask for something else.
    threshold smallint CONSTRAINT rule_binding_threshold_range_check CHECK (threshold BETWEEN 0 AND 100),
    threshold_of text CONSTRAINT rule_binding_threshold_of_check
        CHECK (threshold_of IN ('negative', 'neutral', 'positive', 'mean')),
    version integer NOT NULL,
    CONSTRAINT rule_binding_key PRIMARY KEY (network_id, rule),
    CONSTRAINT rule_binding_threshold_check CHECK ((threshold IS NULL) = (threshold_of IS NULL))
);
CALL isolate('rule_binding');
COMMENT ON TABLE rule_binding IS 'What a network has said about a rule: which items and themes it is about, and from where on.';

CREATE TABLE suggestion_dismissal (
    network_id uuid NOT NULL CONSTRAINT suggestion_dismissal_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- A digest of the rule and the released cells that raised it: newer numbers are another suggestion.
    suggestion_id uuid NOT NULL,
    reason text NOT NULL CONSTRAINT suggestion_dismissal_reason_check CHECK (length(reason) BETWEEN 1 AND 2000),
    dismissed_on date NOT NULL,
    CONSTRAINT suggestion_dismissal_key PRIMARY KEY (network_id, suggestion_id)
);
CALL isolate('suggestion_dismissal');
COMMENT ON TABLE suggestion_dismissal IS 'Suggestions that coordinators have put away, and why; not who did.';

GRANT SELECT, INSERT, UPDATE ON rule_catalogue, rule_binding TO chorus_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON suggestion_dismissal TO chorus_member;
GRANT SELECT ON rule_catalogue, rule_binding, suggestion_dismissal TO chorus_backup;

-- What was rewritten is read by theme; a message without a summary has no place here.
CREATE INDEX message_theme_index ON message (network_id, theme_id) WHERE summary IS NOT NULL;
