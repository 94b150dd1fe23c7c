-- What leaves a network on its own: notices to HR's systems that the record has grown, and recommendations to other towns.

CREATE TABLE webhook (
    network_id uuid NOT NULL CONSTRAINT webhook_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    url text NOT NULL CONSTRAINT webhook_url_check CHECK (length(url) BETWEEN 1 AND 500),
    events text[] NOT NULL CONSTRAINT webhook_events_check CHECK (cardinality(events) BETWEEN 1 AND 20),
    -- Sealed under a key from a file outside the database: who reads a dump can sign nothing.
    sealed_secret bytea NOT NULL,
    created_on date NOT NULL,
    -- Up to where in the record its receiver has been, or waits to be, told.
    told_until timestamptz NOT NULL,
    CONSTRAINT webhook_key PRIMARY KEY (network_id, id)
);
CALL isolate('webhook');
COMMENT ON TABLE webhook IS 'Where a system of HR wants to be told that the record has grown; of no person.';

CREATE TABLE webhook_delivery (
    network_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    -- Of the change in the record: what is found twice is told once.
    id uuid NOT NULL,
    event text NOT NULL,
    subject_id uuid,
    number integer,
    on_day date NOT NULL,
    -- Counted, and moved on to the next attempt, before the attempt begins: a crash needs nobody to notice it.
    attempts smallint NOT NULL DEFAULT 0 CONSTRAINT webhook_delivery_attempts_check CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT webhook_delivery_state_check CHECK (state IN ('waiting', 'dead')),
    -- A status code or a kind of error.
    failure text CONSTRAINT webhook_delivery_failure_check CHECK (length(failure) <= 200),
    failed_on date,
    CONSTRAINT webhook_delivery_key PRIMARY KEY (network_id, webhook_id, id),
    CONSTRAINT webhook_delivery_webhook_fkey FOREIGN KEY (network_id, webhook_id) REFERENCES webhook (network_id, id)
        ON DELETE CASCADE
);
CALL isolate('webhook_delivery');
COMMENT ON TABLE webhook_delivery IS 'What a receiver has not confirmed yet, or never did; ids, a number and a day.';

GRANT SELECT, INSERT, DELETE ON webhook TO chorus_member;
GRANT SELECT, INSERT, UPDATE (state, attempts, due_at) ON webhook_delivery TO chorus_member;
GRANT SELECT, UPDATE (told_until) ON webhook TO chorus_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO chorus_job;
GRANT SELECT ON webhook, webhook_delivery TO chorus_backup;

CREATE TABLE trusted_town (
    network_id uuid NOT NULL CONSTRAINT trusted_town_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- SHA-256 of the public key.
    key_id bytea NOT NULL CONSTRAINT trusted_town_key_id_check CHECK (length(key_id) = 32),
    public_key bytea NOT NULL CONSTRAINT trusted_town_public_key_check CHECK (sha256(public_key) = key_id),
    name text NOT NULL CONSTRAINT trusted_town_name_check CHECK (length(name) BETWEEN 1 AND 200),
    trusted_on date NOT NULL,
    CONSTRAINT trusted_town_key PRIMARY KEY (network_id, key_id)
);
CALL isolate('trusted_town');
COMMENT ON TABLE trusted_town IS 'Whose signed recommendations this network takes over.';

CREATE TABLE package (
    network_id uuid NOT NULL CONSTRAINT package_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- SHA-256 of the whole document: the same package twice is one.
    digest bytea NOT NULL CONSTRAINT package_digest_check CHECK (length(digest) = 32),
    recommendation_id uuid NOT NULL,
    -- Canonical JSON, as it was signed: text, because jsonb would not give the same bytes back.
    document text NOT NULL,
    -- Where it was written first.
    origin_network_id uuid NOT NULL,
    origin_recommendation_id uuid NOT NULL,
    imported_on date NOT NULL,
    CONSTRAINT package_key PRIMARY KEY (network_id, digest),
    CONSTRAINT package_recommendation_fkey FOREIGN KEY (network_id, recommendation_id) REFERENCES recommendation (network_id, id)
);
CREATE INDEX package_recommendation_index ON package (network_id, recommendation_id);
CREATE INDEX package_origin_index ON package (network_id, origin_network_id, origin_recommendation_id);
CALL isolate('package');
COMMENT ON TABLE package IS 'Signed recommendations of other towns, from which drafts were made here.';

CREATE TABLE adoption (
    network_id uuid NOT NULL CONSTRAINT adoption_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    recommendation_id uuid NOT NULL,
    -- Of the town: this network's own id, or the one that a package names.
    town_id uuid NOT NULL,
    town text NOT NULL CONSTRAINT adoption_town_check CHECK (length(town) BETWEEN 1 AND 200),
    stage text NOT NULL CONSTRAINT adoption_stage_check CHECK (stage IN ('draft', 'pilot', 'standard')),
    on_day date NOT NULL,
    CONSTRAINT adoption_key PRIMARY KEY (network_id, recommendation_id, town_id, stage),
    CONSTRAINT adoption_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id)
);
CALL isolate('adoption');
COMMENT ON TABLE adoption IS 'Which town has a recommendation as a draft, on trial or as its standard, and since when.';

GRANT SELECT, INSERT, UPDATE, DELETE ON trusted_town TO chorus_member;
GRANT SELECT, INSERT ON package, adoption TO chorus_member;
GRANT SELECT ON trusted_town, package, adoption TO chorus_backup;
