-- Anonymous input: keys, grants, the inbox, and what comes out of it.
-- In the tables of this file that hold anonymous input stands no instant, no serial and no time-ordered id.

CREATE TABLE anon_directory (
    network_id uuid CONSTRAINT anon_directory_key PRIMARY KEY
        CONSTRAINT anon_directory_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    seq integer NOT NULL,
    -- Digest of the version before this one; zeros for the first.
    prev bytea NOT NULL CONSTRAINT anon_directory_prev_check CHECK (length(prev) = 32)
);
CALL isolate('anon_directory');
COMMENT ON TABLE anon_directory IS 'Which version of its key directory a network shows; each names the one before.';

CREATE TABLE anon_scope (
    network_id uuid NOT NULL CONSTRAINT anon_scope_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- Id of the network, round, recommendation or channel.
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT anon_scope_kind_check CHECK (kind IN ('message', 'ballot', 'endorsement')),
    tokens_per_member smallint NOT NULL CONSTRAINT anon_scope_tokens_check CHECK (tokens_per_member BETWEEN 1 AND 20),
    min_set smallint NOT NULL CONSTRAINT anon_scope_min_set_check CHECK (min_set >= 10),
    -- Only those in anon_scope_member may have tokens.
    is_restricted boolean NOT NULL DEFAULT false,
    CONSTRAINT anon_scope_key PRIMARY KEY (network_id, id)
);
CALL isolate('anon_scope');
COMMENT ON TABLE anon_scope IS 'What tokens are for.';

CREATE TABLE anon_scope_member (
    network_id uuid NOT NULL,
    scope_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    CONSTRAINT anon_scope_member_key PRIMARY KEY (network_id, scope_id, membership_id),
    CONSTRAINT anon_scope_member_scope_fkey FOREIGN KEY (network_id, scope_id) REFERENCES anon_scope (network_id, id)
        ON DELETE CASCADE,
    CONSTRAINT anon_scope_member_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE
);
CALL isolate('anon_scope_member');
COMMENT ON TABLE anon_scope_member IS 'Who was eligible when a round for the people of one event opened.';

CREATE TABLE anon_key (
    network_id uuid NOT NULL,
    key_id bytea NOT NULL CONSTRAINT anon_key_id_check CHECK (length(key_id) = 32),
    scope_id uuid NOT NULL,
    epoch text NOT NULL,
    n bytea NOT NULL CONSTRAINT anon_key_n_check CHECK (length(n) = 256),
    -- Sealed with a key from a file outside the database; gone when the key is over.
    sealed_private bytea,
    issue_from date NOT NULL,
    issue_to date NOT NULL,
    redeem_to date NOT NULL,
    -- A round that has closed takes no more ballots, whatever day it is.
    is_closed boolean NOT NULL DEFAULT false,
    directory_seq integer NOT NULL,
    CONSTRAINT anon_key_key PRIMARY KEY (network_id, key_id),
    CONSTRAINT anon_key_epoch_unique UNIQUE (network_id, scope_id, epoch),
    CONSTRAINT anon_key_scope_fkey FOREIGN KEY (network_id, scope_id) REFERENCES anon_scope (network_id, id)
        ON DELETE CASCADE,
    CONSTRAINT anon_key_days_check CHECK (issue_from <= issue_to AND issue_to <= redeem_to)
);
CALL isolate('anon_key');
COMMENT ON TABLE anon_key IS 'One signing key per scope and epoch.';

CREATE TABLE anon_key_network (
    key_id bytea CONSTRAINT anon_key_network_key PRIMARY KEY,
    network_id uuid NOT NULL CONSTRAINT anon_key_network_network_fkey REFERENCES network (id) ON DELETE CASCADE
);
COMMENT ON TABLE anon_key_network IS
    'Which network a key is of: a submission names only its key, and no statement searches all networks.';

CREATE TABLE token_grant (
    network_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    key_id bytea NOT NULL,
    -- SHA-256 of the blinded values that were signed: the same ones may be signed again when the answer was lost.
    request_digest bytea NOT NULL CONSTRAINT token_grant_digest_check CHECK (length(request_digest) = 32),
    CONSTRAINT token_grant_key PRIMARY KEY (network_id, key_id, membership_id),
    CONSTRAINT token_grant_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE,
    CONSTRAINT token_grant_key_fkey FOREIGN KEY (network_id, key_id) REFERENCES anon_key (network_id, key_id)
        ON DELETE CASCADE
);
CALL isolate('token_grant');
COMMENT ON TABLE token_grant IS 'Who has tokens of a key: the anonymity set. Neither when, nor what was signed.';

CREATE TABLE spent_token (
    network_id uuid NOT NULL,
    key_id bytea NOT NULL,
    nullifier bytea NOT NULL CONSTRAINT spent_token_nullifier_check CHECK (length(nullifier) = 32),
    CONSTRAINT spent_token_key PRIMARY KEY (network_id, key_id, nullifier),
    CONSTRAINT spent_token_key_fkey FOREIGN KEY (network_id, key_id) REFERENCES anon_key (network_id, key_id)
        ON DELETE CASCADE
);
CALL isolate('spent_token');
COMMENT ON TABLE spent_token IS 'Tokens that counted; written by the mixer in random order, dies with the key.';

CREATE TABLE anon_batch (
    id uuid CONSTRAINT anon_batch_key PRIMARY KEY,
    is_open boolean NOT NULL
);
CREATE UNIQUE INDEX anon_batch_open_unique ON anon_batch (is_open) WHERE is_open;
COMMENT ON TABLE anon_batch IS 'The batch that takes submissions, and those that are being mixed. Its key is in a file, never here.';

CREATE TABLE anon_inbox (
    batch_id uuid NOT NULL CONSTRAINT anon_inbox_batch_fkey REFERENCES anon_batch (id),
    -- HMAC under the batch key of the nullifier: one token once in a batch.
    tag bytea NOT NULL,
    -- HMAC under the batch key of the receipt id: "queued" for the author.
    receipt_tag bytea NOT NULL,
    -- AES-256-GCM under the batch key; network, token and text stand only in here.
    sealed bytea NOT NULL,
    CONSTRAINT anon_inbox_key PRIMARY KEY (batch_id, tag)
);
CREATE INDEX anon_inbox_receipt_index ON anon_inbox (batch_id, receipt_tag);
COMMENT ON TABLE anon_inbox IS 'Acknowledged and not yet mixed; unreadable once the batch key is destroyed.';

CREATE TABLE channel (
    network_id uuid NOT NULL CONSTRAINT channel_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL CONSTRAINT channel_name_check CHECK (length(name) BETWEEN 1 AND 200),
    description text NOT NULL CONSTRAINT channel_description_check CHECK (length(description) <= 5000),
    policy text NOT NULL CONSTRAINT channel_policy_check CHECK (length(policy) <= 10000),
    kind text NOT NULL CONSTRAINT channel_kind_check CHECK (kind IN ('feedback', 'suggestion', 'report')),
    acknowledge_days smallint,
    answer_days smallint,
    CONSTRAINT channel_key PRIMARY KEY (network_id, id)
);
CALL isolate('channel');
COMMENT ON TABLE channel IS 'Where anonymous messages go.';

CREATE TABLE theme (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT theme_name_check CHECK (length(name) BETWEEN 1 AND 200),
    group_name text CONSTRAINT theme_group_check CHECK (length(group_name) BETWEEN 1 AND 200),
    is_sensitive boolean NOT NULL,
    position smallint NOT NULL,
    CONSTRAINT theme_key PRIMARY KEY (network_id, id),
    CONSTRAINT theme_channel_fkey FOREIGN KEY (network_id, channel_id) REFERENCES channel (network_id, id)
        ON DELETE CASCADE
);
CALL isolate('theme');
COMMENT ON TABLE theme IS 'What a message or an item is about.';

CREATE TABLE message (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    batch_day date NOT NULL,
    theme_id uuid,
    unit_shown uuid,
    text text NOT NULL,
    language text NOT NULL,
    state text NOT NULL DEFAULT 'inReview'
        CONSTRAINT message_state_check CHECK (state IN ('inReview', 'open', 'answered', 'closed', 'rejected')),
    reason text CONSTRAINT message_reason_check CHECK (length(reason) <= 2000),
    -- A moderator's own words: the only text that may reach the record.
    summary text CONSTRAINT message_summary_check CHECK (length(summary) <= 10000),
    CONSTRAINT message_key PRIMARY KEY (network_id, id),
    CONSTRAINT message_channel_fkey FOREIGN KEY (network_id, channel_id) REFERENCES channel (network_id, id),
    CONSTRAINT message_theme_fkey FOREIGN KEY (network_id, theme_id) REFERENCES theme (network_id, id)
        ON DELETE SET NULL (theme_id)
);
CREATE INDEX message_channel_index ON message (network_id, channel_id, id);
CALL isolate('message');
COMMENT ON TABLE message IS 'One anonymous text: day, theme, words. Nothing says who, or when on that day.';

CREATE TABLE thread (
    lookup bytea CONSTRAINT thread_key PRIMARY KEY CONSTRAINT thread_lookup_check CHECK (length(lookup) = 32),
    network_id uuid NOT NULL,
    message_id uuid NOT NULL,
    CONSTRAINT thread_message_fkey FOREIGN KEY (network_id, message_id) REFERENCES message (network_id, id)
        ON DELETE CASCADE
);
COMMENT ON TABLE thread IS 'HMAC of a receipt under a pepper outside the database, and the message it leads back to.';

CREATE TABLE reply (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    from_team boolean NOT NULL,
    batch_day date NOT NULL,
    -- Order within a thread; says nothing across threads.
    position smallint NOT NULL,
    text text NOT NULL CONSTRAINT reply_text_check CHECK (length(text) BETWEEN 1 AND 10000),
    CONSTRAINT reply_key PRIMARY KEY (network_id, id),
    CONSTRAINT reply_position_unique UNIQUE (network_id, message_id, position),
    CONSTRAINT reply_message_fkey FOREIGN KEY (network_id, message_id) REFERENCES message (network_id, id)
        ON DELETE CASCADE
);
CALL isolate('reply');
COMMENT ON TABLE reply IS 'The dialogue after a message.';

CREATE TABLE theme_rating (
    network_id uuid NOT NULL,
    id uuid NOT NULL,
    key_id bytea NOT NULL,
    theme_id uuid,
    unit_id uuid,
    rating smallint NOT NULL CONSTRAINT theme_rating_rating_check CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT theme_rating_key PRIMARY KEY (network_id, id)
);
CALL isolate('theme_rating');
COMMENT ON TABLE theme_rating IS 'The number beside a message, apart from its text; waits for the release of themes.';

-- Holds the batch open for this transaction: the mixer, which closes it under FOR UPDATE, waits for those who are writing.
CREATE FUNCTION hold_batch(in_batch uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM (SELECT id FROM public.anon_batch WHERE id = in_batch AND is_open FOR SHARE) held);
$$;

-- Holds a key open for this transaction: closing a round waits for the ballots that are being written, and from its
-- commit on no other is. (FOR SHARE needs a right that the anonymous login must not have.)
CREATE FUNCTION hold_key(in_network uuid, in_key bytea) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT FROM public.anon_key WHERE network_id = in_network AND key_id = in_key AND NOT is_closed FOR SHARE
        ) held);
$$;

-- Opens a batch, unless another process was quicker; returns the one that is open.
CREATE FUNCTION open_batch(in_batch uuid) RETURNS uuid
LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    INSERT INTO public.anon_batch (id, is_open) SELECT in_batch, true WHERE in_batch IS NOT NULL ON CONFLICT DO NOTHING;
    SELECT id FROM public.anon_batch WHERE is_open;
$$;

-- How many members have tokens of a key: a number, for a login that may see no member.
CREATE FUNCTION count_grants(in_network uuid, in_key bytea) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT count(*) FROM public.token_grant WHERE network_id = in_network AND key_id = in_key;
$$;

REVOKE EXECUTE ON FUNCTION hold_key(uuid, bytea), hold_batch(uuid), open_batch(uuid), count_grants(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_key(uuid, bytea) TO chorus_anonymous;
GRANT EXECUTE ON FUNCTION hold_batch(uuid), open_batch(uuid) TO chorus_anonymous, chorus_mixer;
GRANT EXECUTE ON FUNCTION count_grants(uuid, bytea) TO chorus_anonymous, chorus_member;

GRANT SELECT, INSERT, UPDATE ON anon_directory, anon_scope, anon_key TO chorus_member;
GRANT SELECT, INSERT ON anon_key_network, anon_scope_member, token_grant TO chorus_member;
GRANT SELECT, INSERT, UPDATE ON channel, theme TO chorus_member;

GRANT SELECT ON anon_directory, anon_scope, anon_key_network, spent_token, channel, theme, unit, thread TO chorus_anonymous;
GRANT SELECT (network_id, key_id, scope_id, epoch, n, issue_from, issue_to, redeem_to, is_closed, directory_seq)
    ON anon_key TO chorus_anonymous;
GRANT SELECT ON anon_batch TO chorus_anonymous;
GRANT SELECT, INSERT ON anon_inbox TO chorus_anonymous;
-- The author's way back: by a receipt, never by a list.
GRANT SELECT (network_id, id, batch_day, text, state, reason) ON message TO chorus_anonymous;
GRANT SELECT ON reply TO chorus_anonymous;

GRANT SELECT ON channel, theme TO chorus_moderator;
GRANT SELECT, UPDATE (state, reason, theme_id, summary) ON message TO chorus_moderator;
GRANT SELECT, INSERT ON reply TO chorus_moderator;

GRANT SELECT, UPDATE, DELETE ON anon_batch TO chorus_mixer;
GRANT SELECT, INSERT, DELETE ON anon_inbox TO chorus_mixer;
GRANT SELECT ON anon_scope, channel, theme TO chorus_mixer;
GRANT SELECT (network_id, key_id) ON anon_key TO chorus_mixer;
GRANT SELECT, INSERT ON spent_token, message TO chorus_mixer;
GRANT INSERT ON thread, theme_rating TO chorus_mixer;

GRANT SELECT ON anon_directory, anon_scope, anon_scope_member, anon_key, anon_key_network, token_grant, spent_token, channel,
    theme, message, thread, reply, theme_rating TO chorus_backup;
