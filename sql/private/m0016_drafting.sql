-- Joint drafting: who writes a recommendation, what it said before, what is said about it, and which benches agree with it.

-- What was written together and can be read, voted and agreed to as one thing.
ALTER TABLE recommendation
    -- Whose yes it needs.
    ADD COLUMN benches text[] NOT NULL DEFAULT '{network}'
        CONSTRAINT recommendation_benches_check CHECK (
            cardinality(benches) BETWEEN 1 AND 4
            AND benches <@ ARRAY['administration', 'civilSociety', 'science', 'network']),
    -- Of which bench the last change was, and on which day; of which person, nobody needs to know.
    ADD COLUMN bench text NOT NULL DEFAULT 'network'
        CONSTRAINT recommendation_bench_check CHECK (bench IN ('administration', 'civilSociety', 'science', 'network')),
    ADD COLUMN written_on date,
    -- Where each paragraph comes from; paragraph 0 is the whole text.
    ADD COLUMN provenance_paragraphs integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN provenance_kinds text[] NOT NULL DEFAULT '{}'
        CONSTRAINT recommendation_provenance_kinds_check
            CHECK (provenance_kinds <@ ARRAY['release', 'eventSummary', 'interviewLog', 'hearing', 'package']),
    ADD COLUMN provenance_references text[] NOT NULL DEFAULT '{}',
    ADD COLUMN provenance_days date[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT recommendation_provenance_check CHECK (
        cardinality(provenance_kinds) = cardinality(provenance_paragraphs)
        AND cardinality(provenance_references) = cardinality(provenance_paragraphs)
        AND cardinality(provenance_days) = cardinality(provenance_paragraphs)),
    -- A later text of a published recommendation is a row of its own, with its own co-authors, approvals and endorsement, under
    -- the same number.
    ADD COLUMN revises uuid,
    ADD COLUMN revision smallint NOT NULL DEFAULT 1,
    ADD CONSTRAINT recommendation_revision_check CHECK ((revision = 1) = (revises IS NULL)),
    ADD CONSTRAINT recommendation_revises_fkey FOREIGN KEY (network_id, revises) REFERENCES recommendation (network_id, id),
    DROP CONSTRAINT recommendation_number_unique,
    ADD CONSTRAINT recommendation_number_unique UNIQUE (network_id, number, revision);
-- One after the other, so that each is compared with the one before.
CREATE UNIQUE INDEX recommendation_revision_unique ON recommendation (network_id, revises, revision) WHERE revises IS NOT NULL;

CREATE TABLE draft_coauthor (
    network_id uuid NOT NULL CONSTRAINT draft_coauthor_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    bench text NOT NULL
        CONSTRAINT draft_coauthor_bench_check CHECK (bench IN ('administration', 'civilSociety', 'science', 'network')),
    CONSTRAINT draft_coauthor_key PRIMARY KEY (network_id, recommendation_id, membership_id),
    CONSTRAINT draft_coauthor_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE,
    CONSTRAINT draft_coauthor_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE
);
CREATE INDEX draft_coauthor_membership_index ON draft_coauthor (network_id, membership_id);
CALL isolate('draft_coauthor');
COMMENT ON TABLE draft_coauthor IS 'Who writes a draft beside the coordinators, and for which bench; those of one draft see each other.';

CREATE TABLE draft_version (
    network_id uuid NOT NULL CONSTRAINT draft_version_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    measure text NOT NULL,
    evidence_release_ids uuid[] NOT NULL,
    evidence_cell_ids uuid[] NOT NULL,
    provenance_paragraphs integer[] NOT NULL,
    provenance_kinds text[] NOT NULL,
    provenance_references text[] NOT NULL,
    provenance_days date[] NOT NULL,
    bench text NOT NULL,
    written_on date,
    CONSTRAINT draft_version_key PRIMARY KEY (network_id, recommendation_id, version),
    CONSTRAINT draft_version_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('draft_version');
COMMENT ON TABLE draft_version IS 'What a draft said before each change; by whom, it says as a bench.';

CREATE TABLE draft_comment (
    network_id uuid NOT NULL CONSTRAINT draft_comment_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    id uuid NOT NULL,
    position integer NOT NULL,
    -- The text it is about: a paragraph of a version, which stays what it is.
    version integer NOT NULL,
    paragraph integer NOT NULL CONSTRAINT draft_comment_paragraph_check CHECK (paragraph >= 1),
    bench text NOT NULL
        CONSTRAINT draft_comment_bench_check CHECK (bench IN ('administration', 'civilSociety', 'science', 'network')),
    -- Whoever leaves is no longer named; what they said for their bench stays.
    membership_id uuid,
    text text NOT NULL CONSTRAINT draft_comment_text_check CHECK (length(text) BETWEEN 1 AND 5000),
    written_on date NOT NULL,
    is_resolved boolean NOT NULL DEFAULT false,
    CONSTRAINT draft_comment_key PRIMARY KEY (network_id, recommendation_id, id),
    CONSTRAINT draft_comment_position_unique UNIQUE (network_id, recommendation_id, position),
    CONSTRAINT draft_comment_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE,
    CONSTRAINT draft_comment_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE SET NULL (membership_id)
);
CREATE INDEX draft_comment_membership_index ON draft_comment (network_id, membership_id);
CALL isolate('draft_comment');
COMMENT ON TABLE draft_comment IS 'What co-authors say about a paragraph.';

CREATE TABLE draft_approval (
    network_id uuid NOT NULL CONSTRAINT draft_approval_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    bench text NOT NULL
        CONSTRAINT draft_approval_bench_check CHECK (bench IN ('administration', 'civilSociety', 'science', 'network')),
    -- It is for this version and for no other.
    version integer NOT NULL,
    approved_on date NOT NULL,
    CONSTRAINT draft_approval_key PRIMARY KEY (network_id, recommendation_id, bench),
    CONSTRAINT draft_approval_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('draft_approval');
COMMENT ON TABLE draft_approval IS 'The yes of a bench to one version of a draft.';

CREATE TABLE draft_review (
    network_id uuid NOT NULL CONSTRAINT draft_review_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    -- What was put before the panel.
    version integer NOT NULL,
    until_day date NOT NULL,
    -- Known from the publication on, when the votes go; absent when so few voted that the numbers would say who voted how.
    votes integer,
    quality smallint CONSTRAINT draft_review_quality_check CHECK (quality BETWEEN 1 AND 5),
    effect smallint CONSTRAINT draft_review_effect_check CHECK (effect BETWEEN 1 AND 5),
    -- Whether the published text is another one than was put before the panel.
    is_earlier boolean,
    CONSTRAINT draft_review_key PRIMARY KEY (network_id, recommendation_id),
    CONSTRAINT draft_review_votes_check CHECK (num_nulls(votes, quality, effect) IN (0, 3) AND votes >= 3),
    CONSTRAINT draft_review_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('draft_review');
COMMENT ON TABLE draft_review IS 'That a draft is before the expert panel, until when, and what came of it.';

CREATE TABLE draft_vote (
    network_id uuid NOT NULL CONSTRAINT draft_vote_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    quality smallint NOT NULL CONSTRAINT draft_vote_quality_check CHECK (quality BETWEEN 1 AND 5),
    effect smallint NOT NULL CONSTRAINT draft_vote_effect_check CHECK (effect BETWEEN 1 AND 5),
    CONSTRAINT draft_vote_key PRIMARY KEY (network_id, recommendation_id, membership_id),
    CONSTRAINT draft_vote_review_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES draft_review (network_id, recommendation_id) ON DELETE CASCADE,
    CONSTRAINT draft_vote_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE
);
CREATE INDEX draft_vote_membership_index ON draft_vote (network_id, membership_id);
CALL isolate('draft_vote');
COMMENT ON TABLE draft_vote IS 'How a member of the panel votes: changeable until the review ends, and gone with the publication.';

CREATE TABLE draft_consultation (
    network_id uuid NOT NULL CONSTRAINT draft_consultation_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    bodies text[] NOT NULL CONSTRAINT draft_consultation_bodies_check CHECK (cardinality(bodies) BETWEEN 1 AND 20),
    until_day date NOT NULL,
    CONSTRAINT draft_consultation_key PRIMARY KEY (network_id, recommendation_id),
    CONSTRAINT draft_consultation_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE
);
CALL isolate('draft_consultation');
COMMENT ON TABLE draft_consultation IS 'Which advisory bodies are asked about a draft, and until when.';

CREATE TABLE draft_statement (
    network_id uuid NOT NULL CONSTRAINT draft_statement_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    id uuid NOT NULL,
    position integer NOT NULL,
    body text NOT NULL CONSTRAINT draft_statement_body_check CHECK (length(body) BETWEEN 1 AND 200),
    text text NOT NULL CONSTRAINT draft_statement_text_check CHECK (length(text) BETWEEN 1 AND 10000),
    stated_on date NOT NULL,
    CONSTRAINT draft_statement_key PRIMARY KEY (network_id, recommendation_id, id),
    CONSTRAINT draft_statement_position_unique UNIQUE (network_id, recommendation_id, position),
    CONSTRAINT draft_statement_consultation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES draft_consultation (network_id, recommendation_id) ON DELETE CASCADE
);
CALL isolate('draft_statement');
COMMENT ON TABLE draft_statement IS 'What an advisory body says about a draft; published with it. Of the body, not of whoever entered it.';

GRANT SELECT, INSERT, UPDATE, DELETE ON draft_coauthor, draft_approval, draft_vote TO chorus_member;
GRANT SELECT, INSERT, UPDATE ON draft_comment, draft_review, draft_consultation TO chorus_member;
GRANT SELECT, INSERT ON draft_version, draft_statement TO chorus_member;
GRANT SELECT ON draft_coauthor, draft_version, draft_comment, draft_approval, draft_review, draft_vote, draft_consultation, draft_statement
    TO chorus_backup;
