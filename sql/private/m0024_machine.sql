-- Several servers on one database: which of them live, and up to where the clock's mix has been done.

CREATE TABLE peer (
    id uuid CONSTRAINT peer_id_key PRIMARY KEY,
    -- Digests of what lies in the server's data directory: of its secrets, and of an id that only servers with the same directory have.
    secrets bytea NOT NULL CONSTRAINT peer_secrets_check CHECK (length(secrets) = 32),
    directory bytea NOT NULL CONSTRAINT peer_directory_check CHECK (length(directory) = 32),
    takes_anonymous boolean NOT NULL,
    -- By the database's clock: who has not been seen for a minute is gone.
    seen_at timestamptz NOT NULL
);
COMMENT ON TABLE peer IS
    'The servers that run on this database. One whose files do not go with the others'' is refused before it changes anything.';

CREATE TABLE mix_clock (
    is_only boolean DEFAULT true CONSTRAINT mix_clock_only_key PRIMARY KEY CONSTRAINT mix_clock_only_check CHECK (is_only),
    -- An hour on the clock, the same for every server; it says nothing of what was mixed.
    tick timestamptz NOT NULL
);
COMMENT ON TABLE mix_clock IS
    'The last mix on the clock: however many servers there are, a network waits for company through the same number of mixes.';

GRANT SELECT, INSERT, UPDATE, DELETE ON peer TO chorus_job;
GRANT SELECT, INSERT, UPDATE ON mix_clock TO chorus_mixer;
-- A backup has neither: what is restored begins alone.

-- What a database that is spread over machines by `network_id` asks of the schema; elsewhere it changes nothing (ManyTowns).

-- A key of a network's rows begins with the network. The lookup is an HMAC of 256 random bits, and unique without a rule.
ALTER TABLE thread DROP CONSTRAINT thread_key, ADD CONSTRAINT thread_key PRIMARY KEY (network_id, lookup);
CREATE INDEX thread_lookup_index ON thread (lookup);

ALTER TABLE anon_key_network DROP CONSTRAINT anon_key_network_key,
    ADD CONSTRAINT anon_key_network_key PRIMARY KEY (network_id, key_id);
CREATE INDEX anon_key_network_key_index ON anon_key_network (key_id);

-- Who leaves is taken off events and comments before the membership goes, by a statement: no rule may set a column to null in a row
-- whose network stands in the same key.
ALTER TABLE event DROP CONSTRAINT event_organiser_fkey,
    ADD CONSTRAINT event_organiser_fkey FOREIGN KEY (network_id, organiser_id) REFERENCES membership (network_id, id);
ALTER TABLE draft_comment DROP CONSTRAINT draft_comment_membership_fkey,
    ADD CONSTRAINT draft_comment_membership_fkey FOREIGN KEY (network_id, membership_id) REFERENCES membership (network_id, id);
-- Themes are never deleted one by one.
ALTER TABLE message DROP CONSTRAINT message_theme_fkey,
    ADD CONSTRAINT message_theme_fkey FOREIGN KEY (network_id, theme_id) REFERENCES theme (network_id, id);
