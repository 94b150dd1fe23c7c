-- Signing in where members are known already: an OpenID Provider for a network, set up by the operator.

CREATE TABLE provider (
    network_id uuid NOT NULL CONSTRAINT provider_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    issuer text NOT NULL CONSTRAINT provider_issuer_check CHECK (length(issuer) BETWEEN 8 AND 300),
    client_id text NOT NULL CONSTRAINT provider_client_id_check CHECK (length(client_id) BETWEEN 1 AND 255),
    -- Sealed under a key from a file outside the database; absent for a client that has none and proves itself by PKCE alone.
    sealed_secret bytea,
    name text NOT NULL CONSTRAINT provider_name_check CHECK (length(name) BETWEEN 1 AND 80),
    -- Whether an address that the provider says it has verified may find a member; never an address that it only names.
    trusts_email boolean NOT NULL,
    -- Who may come by it: whoever runs the provider can sign in as anybody who does.
    roles text[] NOT NULL CONSTRAINT provider_roles_check CHECK (
        cardinality(roles) > 0 AND roles <@ ARRAY['member', 'organiser', 'moderator', 'coordinator', 'hr', 'council']),
    CONSTRAINT provider_key PRIMARY KEY (network_id)
);
CALL isolate('provider');
COMMENT ON TABLE provider IS 'Where members of a network may sign in, as the operator has set it up; of no person.';

CREATE TABLE provider_link (
    network_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    issuer text NOT NULL CONSTRAINT provider_link_issuer_check CHECK (length(issuer) BETWEEN 8 AND 300),
    -- HMAC of issuer and subject under a key from a file outside the database: a dump does not lead into the provider's directory.
    subject_hash bytea NOT NULL CONSTRAINT provider_link_subject_hash_check CHECK (length(subject_hash) = 32),
    linked_on date NOT NULL,
    CONSTRAINT provider_link_key PRIMARY KEY (network_id, membership_id),
    CONSTRAINT provider_link_subject_unique UNIQUE (network_id, subject_hash),
    CONSTRAINT provider_link_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE
);
CALL isolate('provider_link');
COMMENT ON TABLE provider_link IS
    'Who comes by a provider is which member: by issuer and subject, and never by an address, which somebody else may have tomorrow.';

CREATE TABLE provider_session (
    network_id uuid NOT NULL CONSTRAINT provider_session_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT provider_session_session_fkey REFERENCES session (token_hash) ON DELETE CASCADE,
    subject_hash bytea NOT NULL CONSTRAINT provider_session_subject_hash_check CHECK (length(subject_hash) = 32),
    -- Of the provider's own session, where it names one.
    sid_hash bytea CONSTRAINT provider_session_sid_hash_check CHECK (length(sid_hash) = 32),
    CONSTRAINT provider_session_key PRIMARY KEY (network_id, token_hash)
);
CREATE INDEX provider_session_token_index ON provider_session (token_hash);
CREATE INDEX provider_session_subject_index ON provider_session (network_id, subject_hash);
CALL isolate('provider_session');
COMMENT ON TABLE provider_session IS
    'Which session came by a provider, so that signing out there ends it here (OpenID Connect Back-Channel Logout 1.0).';

CREATE TABLE provider_logout (
    network_id uuid NOT NULL CONSTRAINT provider_logout_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- HMAC of the logout token's own id.
    token_hash bytea NOT NULL CONSTRAINT provider_logout_token_hash_check CHECK (length(token_hash) = 32),
    forget_at timestamptz NOT NULL,
    CONSTRAINT provider_logout_key PRIMARY KEY (network_id, token_hash)
);
CALL isolate('provider_logout');
COMMENT ON TABLE provider_logout IS 'Logout tokens that were used, for the minutes in which each would be good again.';

GRANT SELECT, INSERT, UPDATE, DELETE ON provider TO chorus_member;
GRANT SELECT, INSERT, DELETE ON provider_link, provider_session, provider_logout TO chorus_member;
-- Which session came by it ends with the session, and that is in no backup.
GRANT SELECT ON provider, provider_link TO chorus_backup;

-- A provider is entered in the audit chain when it is set up, changed or taken away, because whoever runs it learns who comes.
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_kind_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_kind_check
    CHECK (kind IN ('release', 'thresholds', 'roles', 'publication', 'answer', 'export', 'reset', 'provider'));
