-- What ends by its age: how long a network keeps what only it can judge, and since when an account is used by nobody.

CREATE TABLE retention (
    network_id uuid NOT NULL CONSTRAINT retention_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- A rule of the program; without a row its own number of days holds.
    rule text NOT NULL CONSTRAINT retention_rule_check CHECK (rule ~ '^[a-z][A-Za-z]{0,59}$'),
    days integer NOT NULL CONSTRAINT retention_days_check CHECK (days BETWEEN 1 AND 36500),
    CONSTRAINT retention_key PRIMARY KEY (network_id, rule)
);
CALL isolate('retention');
COMMENT ON TABLE retention IS 'For how many days a network keeps something, where it has said so.';

ALTER TABLE account ADD COLUMN unused_since date;
COMMENT ON COLUMN account.unused_since IS
    'Since when it is in no network, asks to join none and is signed in nowhere; absent for all others.';
CREATE INDEX account_unused_index ON account (unused_since) WHERE unused_since IS NOT NULL;

-- Of which keys a member has tokens, for nobody but that member, who may ask for a copy of all that is stored (GDPR Art. 15). How many
-- members have tokens of a key is public; who they are, no list tells.
CREATE FUNCTION list_own_grants(in_network uuid, in_membership uuid) RETURNS TABLE (scope_id uuid, epoch text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT k.scope_id, k.epoch FROM public.token_grant g
    JOIN public.anon_key k ON k.network_id = in_network AND k.key_id = g.key_id
    WHERE g.network_id = in_network AND g.membership_id = in_membership
    ORDER BY k.scope_id, k.epoch;
$$;
REVOKE EXECUTE ON FUNCTION list_own_grants(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_own_grants(uuid, uuid) TO chorus_member;

GRANT SELECT, INSERT, UPDATE ON retention TO chorus_member;
GRANT SELECT ON retention TO chorus_backup;
