-- The key directory as a chain: every version names the digest of the one before, and none is ever changed or removed.

CREATE TABLE anon_directory_version (
    network_id uuid NOT NULL
        CONSTRAINT anon_directory_version_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    seq integer NOT NULL CONSTRAINT anon_directory_version_seq_check CHECK (seq >= 1),
    -- Digest of the version before this one; zeros for the first.
    prev bytea NOT NULL CONSTRAINT anon_directory_version_prev_check CHECK (length(prev) = 32),
    -- SHA-256 of the web client that was served when the version began.
    bundle bytea NOT NULL CONSTRAINT anon_directory_version_bundle_check CHECK (length(bundle) = 32),
    -- SHA-256 of the canonical JSON of the version: keys up to this one, without counts.
    digest bytea NOT NULL CONSTRAINT anon_directory_version_digest_check CHECK (length(digest) = 32),
    CONSTRAINT anon_directory_version_key PRIMARY KEY (network_id, seq)
);
CALL isolate('anon_directory_version');
COMMENT ON TABLE anon_directory_version IS 'The chain that clients pin: a key or a client that only some are shown would break it.';

ALTER TABLE anon_directory DROP COLUMN seq, DROP COLUMN prev;
COMMENT ON TABLE anon_directory IS 'A row to lock while a network''s directory gets its next version.';

-- Nobody may update or delete: the chain only grows.
GRANT SELECT, INSERT ON anon_directory_version TO chorus_member;
GRANT SELECT ON anon_directory_version TO chorus_anonymous, chorus_backup;

-- When a key is over, its private part and its nullifiers go (anonymity.md, section 3.1).
GRANT DELETE ON spent_token TO chorus_mixer;
GRANT SELECT (redeem_to) ON anon_key TO chorus_mixer;
