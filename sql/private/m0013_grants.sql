-- Tokens that many members ask for at the same moment are noted in one transaction, with one flush of the log.

-- Opened by grant_tokens() alone, for the networks of its batch: chorus_owner can log in nowhere.
CREATE POLICY token_grant_gathered_policy ON token_grant TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));
CREATE POLICY anon_scope_gathered_policy ON anon_scope TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));
CREATE POLICY anon_scope_member_gathered_policy ON anon_scope_member TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));

-- Notes who gets tokens of which keys, and returns for each line of the lists what is noted now, with what is needed to sign;
-- `place` counts from one. Who has tokens of a key already keeps the first note; without a note there are none.
--
-- Notes are written in one order, so that two batches cannot wait for each other. That order is the keys' and the members', whose
-- ids are random: not even inside one batch does a row's place tell who asked first.
CREATE FUNCTION grant_tokens(in_networks uuid[], in_memberships uuid[], in_keys bytea[], in_digests bytea[])
RETURNS TABLE (place bigint, request_digest bytea, sealed_private bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
-- A batch is small and the tables are not, whatever a plan that is made for any batch expects.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('chorus.network_ids', (SELECT array_agg(DISTINCT n.id)::text FROM unnest(in_networks) AS n (id)), true);
    INSERT INTO public.token_grant (network_id, membership_id, key_id, request_digest)
    SELECT w.network_id, w.membership_id, w.key_id, w.request_digest
    FROM unnest(in_networks, in_memberships, in_keys, in_digests) WITH ORDINALITY
        AS w (network_id, membership_id, key_id, request_digest, place)
    JOIN public.anon_key k ON k.network_id = w.network_id AND k.key_id = w.key_id
    JOIN public.anon_scope s ON s.network_id = k.network_id AND s.id = k.scope_id
    WHERE NOT s.is_restricted OR EXISTS (
        SELECT FROM public.anon_scope_member p
        WHERE p.network_id = w.network_id AND p.scope_id = s.id AND p.membership_id = w.membership_id)
    -- Of two requests of one member the first is noted.
    ORDER BY w.network_id, w.key_id, w.membership_id, w.place
    ON CONFLICT DO NOTHING;
    -- A statement of its own, which sees what another process noted while this one waited for it.
    RETURN QUERY
    SELECT w.place, g.request_digest, k.sealed_private
    FROM unnest(in_networks, in_memberships, in_keys) WITH ORDINALITY AS w (network_id, membership_id, key_id, place)
    -- The limit keeps the three conditions together: taken apart, two of them would read all grants of a key.
    CROSS JOIN LATERAL (
        SELECT t.request_digest FROM public.token_grant t
        WHERE t.network_id = w.network_id AND t.key_id = w.key_id AND t.membership_id = w.membership_id LIMIT 1
    ) g
    JOIN public.anon_key k ON k.network_id = w.network_id AND k.key_id = w.key_id;
END
$$;
REVOKE EXECUTE ON FUNCTION grant_tokens(uuid[], uuid[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grant_tokens(uuid[], uuid[], bytea[], bytea[]) TO chorus_member;
-- The function is the only way to a note; of who else has tokens no member's request needs to know more than their number.
REVOKE SELECT, INSERT ON token_grant FROM chorus_member;

-- How long the longest event of a network is: what ends after an instant began no longer before it.
CREATE INDEX event_length_index ON event (network_id, (extract(epoch FROM ends_at - starts_at)));
