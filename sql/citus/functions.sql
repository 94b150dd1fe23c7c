-- The functions of the private database as a cluster needs them: with the same names, rights and answers.
--
-- Citus finds out where a statement goes from `network_id = …` in the statement itself: in PL/pgSQL from its variables, in functions
-- of the language SQL not at all. And a batch of several networks is several statements: each network in turn is set by SET LOCAL,
-- which is passed on to the machine that holds it, and the policies there open it.

CREATE OR REPLACE FUNCTION promote_waitlist(in_network uuid, in_event uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
DECLARE
    free bigint;
    promoted bigint;
BEGIN
    SELECT greatest(0, coalesce(e.capacity, 2147483647) - e.going) INTO free
    FROM public.event e WHERE e.network_id = in_network AND e.id = in_event;
    UPDATE public.rsvp r SET status = 'going', ticket = NULL
    WHERE r.network_id = in_network AND r.event_id = in_event AND r.membership_id IN (
        SELECT w.membership_id FROM public.rsvp w
        WHERE w.network_id = in_network AND w.event_id = in_event AND w.ticket IS NOT NULL
        ORDER BY w.ticket LIMIT free);
    GET DIAGNOSTICS promoted = ROW_COUNT;
    IF promoted > 0 THEN
        UPDATE public.event e SET going = e.going + promoted, waitlisted = e.waitlisted - promoted
        WHERE e.network_id = in_network AND e.id = in_event;
    END IF;
END
$$;

-- One answer after the other, each where its network is.
CREATE OR REPLACE FUNCTION save_rsvps(
    in_networks uuid[], in_event_networks uuid[], in_events uuid[],
    in_places integer[], in_memberships uuid[], in_answers text[], in_repeated boolean[],
    in_now timestamptz, in_sender text)
RETURNS TABLE (problem text, status text, waitlist_position bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wish record;
    outcome record;
    problems text[] := array_fill(NULL::text, ARRAY[cardinality(in_places)]);
    statuses text[] := problems;
    positions bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(in_places)]);
BEGIN
    -- In the one order in which all batches lock events.
    FOR wish IN
        SELECT p.place, w.event, in_event_networks[w.event] AS network_id, in_events[w.event] AS event_id
        FROM unnest(in_places) WITH ORDINALITY AS w (event, place)
        CROSS JOIN LATERAL (SELECT w.place::integer AS place) p
        ORDER BY w.event, w.place
    LOOP
        EXECUTE format('SET LOCAL chorus.network_id = %L', wish.network_id);
        SELECT o.problem, o.status, o.waitlist_position INTO outcome
        FROM public.save_rsvp(
            wish.network_id, wish.event_id, in_memberships[wish.place], nullif(in_answers[wish.place], ''), in_now) o;
        problems[wish.place] := outcome.problem;
        statuses[wish.place] := outcome.status;
        positions[wish.place] := outcome.waitlist_position;
    END LOOP;
    SET LOCAL chorus.network_id = '';
    PERFORM pg_notify('chorus', concat('events ', in_sender, ' ', array_to_string(in_networks, ' ')));
    RETURN QUERY SELECT * FROM unnest(problems, statuses, positions);
END
$$;

-- The inbox is on the coordinator, keys and spent tokens are where their network is.
CREATE OR REPLACE FUNCTION stage_submissions(
    in_batch uuid, in_tags bytea[], in_receipt_tags bytea[], in_sealed bytea[],
    in_networks uuid[], in_keys bytea[], in_nullifiers bytea[])
RETURNS SETOF bytea
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    wish record;
    is_good boolean;
    good integer[] := '{}';
BEGIN
    IF NOT public.hold_batch(in_batch) THEN RETURN; END IF;
    FOR wish IN
        SELECT w.network_id, w.key_id, w.nullifier, w.place::integer AS place
        FROM unnest(in_networks, in_keys, in_nullifiers) WITH ORDINALITY AS w (network_id, key_id, nullifier, place)
        ORDER BY w.network_id, w.key_id, w.place
    LOOP
        EXECUTE format('SET LOCAL chorus.network_id = %L', wish.network_id);
        -- Held like the batch: closing a round waits for the ballots that are being written.
        SELECT NOT k.is_closed INTO is_good FROM public.anon_key k
        WHERE k.network_id = wish.network_id AND k.key_id = wish.key_id FOR SHARE;
        IF is_good THEN
            PERFORM FROM public.spent_token s
            WHERE s.network_id = wish.network_id AND s.key_id = wish.key_id AND s.nullifier = wish.nullifier;
            IF NOT FOUND THEN good := good || wish.place; END IF;
        END IF;
    END LOOP;
    SET LOCAL chorus.network_id = '';
    RETURN QUERY
    INSERT INTO public.anon_inbox AS i (batch_id, tag, receipt_tag, sealed)
    SELECT in_batch, in_tags[g.place], in_receipt_tags[g.place], in_sealed[g.place] FROM unnest(good) AS g (place)
    -- Not even inside one batch does a row's place tell when it came.
    ORDER BY random()
    ON CONFLICT DO NOTHING
    RETURNING i.tag;
END
$$;

-- Sessions, tokens and accounts are everywhere, memberships where their network is.
CREATE OR REPLACE FUNCTION find_bearers(in_hashes bytea[], in_networks uuid[], in_now timestamptz, in_today date)
RETURNS TABLE (
    place bigint, expires_at timestamptz, account_id uuid, is_admin boolean, scopes text[],
    network_id uuid, membership_id uuid, roles text[], unit_id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    bearer record;
BEGIN
    FOR bearer IN
        SELECT w.place, t.expires_at, t.account_id, t.scopes, w.network_id
        FROM unnest(in_hashes, in_networks) WITH ORDINALITY AS w (token_hash, network_id, place)
        CROSS JOIN LATERAL (
            SELECT s.account_id, NULL::text[] AS scopes, s.expires_at
            FROM public.session s WHERE s.token_hash = w.token_hash AND s.expires_at > in_now
            UNION ALL
            SELECT p.account_id, p.scopes, (p.expires_on + 1)::timestamp AT TIME ZONE 'UTC'
            FROM public.api_token p WHERE p.token_hash = w.token_hash AND p.expires_on >= in_today
        ) t
    LOOP
        place := bearer.place;
        expires_at := bearer.expires_at;
        scopes := bearer.scopes;
        SELECT a.id, a.is_admin INTO account_id, is_admin FROM public.account a WHERE a.id = bearer.account_id;
        EXECUTE format('SET LOCAL chorus.network_id = %L', bearer.network_id);
        SELECT m.network_id, m.id, m.roles, m.unit_id INTO network_id, membership_id, roles, unit_id
        FROM public.membership m
        WHERE m.network_id = bearer.network_id AND m.account_id = bearer.account_id AND m.state = 'active';
        RETURN NEXT;
    END LOOP;
    SET LOCAL chorus.network_id = '';
END
$$;

-- Notes are written in the order of keys and members, network by network.
CREATE OR REPLACE FUNCTION grant_tokens(in_networks uuid[], in_memberships uuid[], in_keys bytea[], in_digests bytea[])
RETURNS TABLE (place bigint, request_digest bytea, sealed_private bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wish record;
    scope record;
BEGIN
    FOR wish IN
        SELECT w.network_id, w.membership_id, w.key_id, w.digest, w.place
        FROM unnest(in_networks, in_memberships, in_keys, in_digests) WITH ORDINALITY
            AS w (network_id, membership_id, key_id, digest, place)
        ORDER BY w.network_id, w.key_id, w.membership_id, w.place
    LOOP
        EXECUTE format('SET LOCAL chorus.network_id = %L', wish.network_id);
        SELECT s.id, s.is_restricted, k.sealed_private INTO scope
        FROM public.anon_key k JOIN public.anon_scope s ON s.network_id = k.network_id AND s.id = k.scope_id
        WHERE k.network_id = wish.network_id AND k.key_id = wish.key_id;
        CONTINUE WHEN NOT FOUND;
        IF scope.is_restricted THEN
            PERFORM FROM public.anon_scope_member p
            WHERE p.network_id = wish.network_id AND p.scope_id = scope.id AND p.membership_id = wish.membership_id;
        END IF;
        IF NOT scope.is_restricted OR FOUND THEN
            INSERT INTO public.token_grant (network_id, membership_id, key_id, request_digest)
            VALUES (wish.network_id, wish.membership_id, wish.key_id, wish.digest)
            ON CONFLICT DO NOTHING;
        END IF;
        SELECT g.request_digest INTO request_digest FROM public.token_grant g
        WHERE g.network_id = wish.network_id AND g.key_id = wish.key_id AND g.membership_id = wish.membership_id;
        IF FOUND THEN
            place := wish.place;
            sealed_private := scope.sealed_private;
            RETURN NEXT;
        END IF;
    END LOOP;
    SET LOCAL chorus.network_id = '';
END
$$;

CREATE OR REPLACE FUNCTION count_grants(in_network uuid, in_key bytea) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN (SELECT count(*) FROM public.token_grant WHERE network_id = in_network AND key_id = in_key);
END
$$;

-- The one question whose network is not known yet; it is asked of all machines, by an index on each.
CREATE OR REPLACE FUNCTION find_thread(in_lookup bytea) RETURNS TABLE (network_id uuid, message_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT t.network_id, t.message_id FROM public.thread t WHERE t.lookup = in_lookup;
END
$$;

CREATE OR REPLACE FUNCTION read_dialogue(in_network uuid, in_lookup bytea)
RETURNS TABLE (
    state text, reason text, day date, acknowledged_on date, acknowledge_days smallint, answer_days smallint,
    "position" smallint, from_team boolean, said_on date, said text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.state, m.reason, m.batch_day, m.acknowledged_on, c.acknowledge_days, c.answer_days,
        d.position, d.from_team, d.said_on, d.said
    FROM public.thread t
    JOIN public.message m ON m.network_id = in_network AND m.id = t.message_id
    JOIN public.channel c ON c.network_id = in_network AND c.id = m.channel_id
    CROSS JOIN LATERAL (
        SELECT 0::smallint AS position, false AS from_team, m.batch_day AS said_on, m.text AS said
        UNION ALL
        SELECT r.position, r.from_team, r.batch_day, r.text FROM public.reply r
        WHERE r.network_id = in_network AND r.message_id = m.id
    ) d
    WHERE t.lookup = in_lookup AND t.network_id = in_network
    ORDER BY d.position;
END
$$;

CREATE OR REPLACE FUNCTION has_thread(in_network uuid, in_message uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.thread WHERE network_id = in_network AND message_id = in_message);
END
$$;

CREATE OR REPLACE FUNCTION forget_participants(in_network uuid, in_today date, in_asked_before date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM public.token_grant g USING public.anon_key k
    WHERE g.network_id = in_network AND k.network_id = in_network AND k.key_id = g.key_id AND k.redeem_to < in_today;
    DELETE FROM public.anon_scope_member m USING public.round r
    WHERE m.network_id = in_network AND r.network_id = in_network AND r.id = m.scope_id AND r.closes_at < in_asked_before;
END
$$;

CREATE OR REPLACE FUNCTION list_own_grants(in_network uuid, in_membership uuid) RETURNS TABLE (scope_id uuid, epoch text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT k.scope_id, k.epoch FROM public.token_grant g
    JOIN public.anon_key k ON k.network_id = in_network AND k.key_id = g.key_id
    WHERE g.network_id = in_network AND g.membership_id = in_membership
    ORDER BY k.scope_id, k.epoch;
END
$$;
