-- Networks, the people in them, and how they prove who they are.
-- Migrations of this database run as chorus_owner, who owns everything and can log in nowhere.

-- Puts the second net under a network's table: with no network set, or another one, its rows do not exist,
-- not even for their owner. (The first wall is that a login has no right on what its duty does not need.)
CREATE PROCEDURE isolate(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY %I ON %s USING (network_id = nullif(current_setting(''chorus.network_id'', true), '''')::uuid)',
        (SELECT relname FROM pg_class WHERE oid = target) || '_network_policy', target);
END
$$;
REVOKE EXECUTE ON PROCEDURE isolate(regclass) FROM PUBLIC;

CREATE TABLE network (
    id uuid CONSTRAINT network_id_key PRIMARY KEY,
    slug text NOT NULL
        CONSTRAINT network_slug_unique UNIQUE
        CONSTRAINT network_slug_check CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,39}$'),
    name text NOT NULL CONSTRAINT network_name_check CHECK (length(name) BETWEEN 1 AND 200),
    employer text NOT NULL CONSTRAINT network_employer_check CHECK (length(employer) BETWEEN 1 AND 200),
    time_zone text NOT NULL,
    locale text NOT NULL CONSTRAINT network_locale_check CHECK (locale IN ('de', 'de-simple', 'en')),
    -- Disclosure thresholds may only be raised; the floors are those of the protocol.
    k smallint NOT NULL DEFAULT 5 CONSTRAINT network_k_check CHECK (k BETWEEN 3 AND 50),
    d smallint NOT NULL DEFAULT 2 CONSTRAINT network_d_check CHECK (d >= 2 OR (d = 1 AND k = 3)),
    min_set smallint NOT NULL DEFAULT 20 CONSTRAINT network_min_set_check CHECK (min_set >= 10),
    key_notice_days smallint NOT NULL DEFAULT 7
        CONSTRAINT network_key_notice_days_check CHECK (key_notice_days BETWEEN 0 AND 60),
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE network IS
    'One staff network of one employer: the tenant. A reference table: it names networks and holds nothing of their insides.';

CREATE TABLE account (
    id uuid CONSTRAINT account_id_key PRIMARY KEY,
    -- Lower case, so that one address is one account. Absent for the service accounts of HR systems.
    email text CONSTRAINT account_email_unique UNIQUE
        CONSTRAINT account_email_check CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    display_name text NOT NULL CONSTRAINT account_display_name_check CHECK (length(display_name) BETWEEN 1 AND 120),
    locale text NOT NULL CONSTRAINT account_locale_check CHECK (locale IN ('de', 'de-simple', 'en')),
    -- scrypt; absent when the account signs in by token only (imported rosters, service accounts).
    password_hash bytea,
    password_salt bytea,
    password_cost smallint,
    is_admin boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT account_password_check
        CHECK ((password_hash IS NULL) = (password_salt IS NULL) AND (password_hash IS NULL) = (password_cost IS NULL))
);
COMMENT ON TABLE account IS
    'A person (or an HR system) that can sign in. What networks it is in stands in account_network and membership only.';

CREATE TABLE session (
    token_hash bytea CONSTRAINT session_token_hash_key PRIMARY KEY
        CONSTRAINT session_token_hash_check CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL CONSTRAINT session_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_account_index ON session (account_id);
COMMENT ON TABLE session IS 'SHA-256 of each live session token; the token itself is only with its bearer.';

CREATE TABLE api_token (
    token_hash bytea CONSTRAINT api_token_token_hash_key PRIMARY KEY
        CONSTRAINT api_token_token_hash_check CHECK (length(token_hash) = 32),
    id uuid NOT NULL CONSTRAINT api_token_id_unique UNIQUE,
    account_id uuid NOT NULL CONSTRAINT api_token_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT api_token_name_check CHECK (length(name) BETWEEN 1 AND 120),
    scopes text[] NOT NULL,
    expires_on date NOT NULL
);
CREATE INDEX api_token_account_index ON api_token (account_id);
COMMENT ON TABLE api_token IS 'SHA-256 of each token made for a program; shown once, when it is made.';

CREATE TABLE account_network (
    account_id uuid NOT NULL CONSTRAINT account_network_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    network_id uuid NOT NULL CONSTRAINT account_network_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    CONSTRAINT account_network_key PRIMARY KEY (account_id, network_id)
);
COMMENT ON TABLE account_network IS
    'Where to look for an account''s memberships, so that no statement ever needs to search all networks.';

CREATE TABLE consent (
    account_id uuid NOT NULL CONSTRAINT consent_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    purpose text NOT NULL CONSTRAINT consent_purpose_check CHECK (purpose IN ('membership', 'mail')),
    text_version text NOT NULL,
    given_on date NOT NULL,
    withdrawn_on date,
    CONSTRAINT consent_key PRIMARY KEY (account_id, purpose)
);
COMMENT ON TABLE consent IS
    'GDPR Art. 9(2)(a): which text was agreed to and when. Withdrawing the one for membership leaves every network and deletes.';

CREATE TABLE unit (
    network_id uuid NOT NULL CONSTRAINT unit_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL CONSTRAINT unit_name_check CHECK (length(name) BETWEEN 1 AND 200),
    parent_id uuid,
    position integer NOT NULL,
    CONSTRAINT unit_key PRIMARY KEY (network_id, id),
    CONSTRAINT unit_parent_fkey FOREIGN KEY (network_id, parent_id) REFERENCES unit (network_id, id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT unit_parent_check CHECK (parent_id <> id)
);
CALL isolate('unit');
COMMENT ON TABLE unit IS 'The employer''s organisational units, a tree; replaced as a whole.';

CREATE TABLE membership (
    network_id uuid NOT NULL CONSTRAINT membership_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT membership_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'active' CONSTRAINT membership_state_check CHECK (state IN ('active', 'suspended')),
    roles text[] NOT NULL
        CONSTRAINT membership_roles_check CHECK (
            cardinality(roles) > 0
            AND roles <@ ARRAY['member', 'organiser', 'moderator', 'coordinator', 'hr', 'council']
            -- HR sees the record only; whoever is HR of this employer is nothing else in its network.
            AND (NOT 'hr' = ANY (roles) OR roles = ARRAY['hr'])),
    unit_id uuid,
    display_name text NOT NULL
        CONSTRAINT membership_display_name_check CHECK (length(display_name) BETWEEN 1 AND 120),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT membership_key PRIMARY KEY (network_id, id),
    CONSTRAINT membership_account_unique UNIQUE (network_id, account_id),
    CONSTRAINT membership_unit_fkey FOREIGN KEY (network_id, unit_id) REFERENCES unit (network_id, id)
        DEFERRABLE INITIALLY DEFERRED
);
CALL isolate('membership');
COMMENT ON TABLE membership IS
    'A person''s place in a network. The list belongs to the network, never to the employer: membership reveals origin (GDPR Art. 9).';

CREATE TABLE invitation (
    network_id uuid NOT NULL CONSTRAINT invitation_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL CONSTRAINT invitation_code_hash_check CHECK (length(code_hash) = 32),
    expires_on date NOT NULL,
    CONSTRAINT invitation_key PRIMARY KEY (network_id, code_hash)
);
CALL isolate('invitation');
COMMENT ON TABLE invitation IS
    'One unused invitation code; its row goes when it is used, so that nobody can tell who was invited by which.';

CREATE TABLE join_request (
    network_id uuid NOT NULL CONSTRAINT join_request_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT join_request_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    text text NOT NULL CONSTRAINT join_request_text_check CHECK (length(text) <= 2000),
    decision text CONSTRAINT join_request_decision_check CHECK (decision IN ('approved', 'declined')),
    reason text CONSTRAINT join_request_reason_check CHECK (length(reason) <= 2000),
    created_on date NOT NULL,
    CONSTRAINT join_request_key PRIMARY KEY (network_id, id),
    CONSTRAINT join_request_account_unique UNIQUE (network_id, account_id)
);
CALL isolate('join_request');
COMMENT ON TABLE join_request IS 'Somebody with an account asks a coordinator to be let in.';

CREATE TABLE idempotency (
    account_id uuid NOT NULL CONSTRAINT idempotency_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    key_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    -- Absent while the first request is under way. AES-256-GCM under a key derived from the client's own
    -- Idempotency-Key: an answer may hold codes that are shown once, and this table must not keep them readable.
    sealed_response bytea,
    day date NOT NULL,
    CONSTRAINT idempotency_key PRIMARY KEY (account_id, key_hash)
);
COMMENT ON TABLE idempotency IS 'What a repeated POST with the same Idempotency-Key is answered; erased after two days.';

GRANT SELECT, INSERT, UPDATE ON network TO chorus_member;
GRANT SELECT ON network TO chorus_anonymous, chorus_moderator, chorus_mixer, chorus_release;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON account, session, api_token, account_network, consent, unit, membership, invitation, join_request, idempotency
    TO chorus_member;
GRANT SELECT ON unit TO chorus_moderator, chorus_mixer, chorus_release;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO chorus_backup;
