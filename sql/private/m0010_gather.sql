-- Answers that arrive together are written together: one transaction, one flush of the log, and what every statement costs before
-- its first row (its plan, and the expressions of all constraints, which PostgreSQL reads anew each time) is paid once.

-- The place of who joins the queue is known from its length; only who stands in it already has to be counted.
CREATE OR REPLACE FUNCTION save_rsvp(
    in_network uuid, in_event uuid, in_membership uuid, in_answer text, in_now timestamptz)
RETURNS TABLE (problem text, status text, waitlist_position bigint)
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
DECLARE
    e event%ROWTYPE;
    old rsvp%ROWTYPE;
    new_status text;
    new_ticket bigint;
BEGIN
    SELECT * INTO e FROM event WHERE network_id = in_network AND id = in_event FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'not-found', NULL::text, NULL::bigint;
        RETURN;
    ELSIF e.is_cancelled AND in_answer IS NOT NULL THEN
        RETURN QUERY SELECT 'event-cancelled', NULL::text, NULL::bigint;
        RETURN;
    ELSIF e.rsvp_until < in_now AND in_answer IS NOT NULL THEN
        RETURN QUERY SELECT 'rsvp-closed', NULL::text, NULL::bigint;
        RETURN;
    END IF;
    SELECT * INTO old FROM rsvp r
    WHERE r.network_id = in_network AND r.event_id = in_event AND r.membership_id = in_membership;

    IF in_answer = 'going' AND old.status IN ('going', 'waitlisted') THEN
        new_status := old.status;
        new_ticket := old.ticket;
    ELSIF in_answer = 'going' AND (e.capacity IS NULL OR (e.going < e.capacity AND e.waitlisted = 0)) THEN
        new_status := 'going';
    ELSIF in_answer = 'going' THEN
        new_status := 'waitlisted';
        new_ticket := e.next_ticket;
    ELSE
        new_status := in_answer;
    END IF;

    IF new_status IS NULL THEN
        DELETE FROM rsvp r WHERE r.network_id = in_network AND r.event_id = in_event AND r.membership_id = in_membership;
    ELSE
        INSERT INTO rsvp AS r (network_id, event_id, membership_id, answer, status, ticket)
        VALUES (in_network, in_event, in_membership, in_answer, new_status, new_ticket)
        ON CONFLICT ON CONSTRAINT rsvp_key
        DO UPDATE SET answer = EXCLUDED.answer, status = EXCLUDED.status, ticket = EXCLUDED.ticket;
    END IF;
    UPDATE event SET
        going = going + (coalesce(new_status, '') = 'going')::int - (coalesce(old.status, '') = 'going')::int,
        maybe = maybe + (coalesce(new_status, '') = 'maybe')::int - (coalesce(old.status, '') = 'maybe')::int,
        waitlisted = waitlisted + (coalesce(new_status, '') = 'waitlisted')::int
            - (coalesce(old.status, '') = 'waitlisted')::int,
        next_ticket = next_ticket + (new_ticket IS NOT NULL AND new_ticket = next_ticket)::int
    WHERE network_id = in_network AND id = in_event;
    IF old.status = 'going' AND new_status IS DISTINCT FROM 'going' AND e.waitlisted > 0 AND NOT e.is_cancelled THEN
        PERFORM promote_waitlist(in_network, in_event);
    END IF;
    RETURN QUERY SELECT NULL::text, new_status, CASE
        WHEN new_ticket = e.next_ticket THEN e.waitlisted + 1::bigint
        WHEN new_ticket IS NOT NULL THEN (
            SELECT count(*) FROM rsvp r
            WHERE r.network_id = in_network AND r.event_id = in_event AND r.ticket <= new_ticket) END;
END
$$;

-- Opened by save_rsvps() alone, for the networks of its batch: chorus_owner can log in nowhere.
CREATE POLICY event_gathered_policy ON event TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));
CREATE POLICY rsvp_gathered_policy ON rsvp TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));

-- Takes many answers at once, each as save_rsvp() would take it, in the order of the lists; `place` counts from one, and an empty
-- answer takes back.
--
-- Events are locked in one order, so that two batches cannot wait for each other. The answers to an event that only add to it are
-- settled together; where somebody leaves a seat or the queue, or answers twice, they are taken one after the other.
CREATE FUNCTION save_rsvps(
    in_networks uuid[], in_events uuid[], in_memberships uuid[], in_answers text[], in_now timestamptz, in_sender text)
RETURNS TABLE (place bigint, problem text, status text, waitlist_position bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
-- A batch is small and the tables are not, whatever a plan that is made for any batch expects.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    decided record;
BEGIN
    PERFORM set_config('chorus.network_ids', in_networks::text, true);
    PERFORM FROM (
        SELECT DISTINCT w.network_id, w.id FROM unnest(in_networks, in_events) AS w (network_id, id)
        ORDER BY w.network_id, w.id
    ) wanted
    CROSS JOIN LATERAL (
        SELECT FROM public.event e WHERE e.network_id = wanted.network_id AND e.id = wanted.id FOR UPDATE
    ) locked;

    FOR decided IN
        WITH wish AS (
            SELECT w.network_id, w.event_id, w.membership_id, nullif(w.answer, '') AS answer, w.place, e.next_ticket, e.waitlisted AS queue,
                CASE
                    WHEN e.capacity IS NULL THEN 2147483647
                    WHEN e.waitlisted > 0 THEN 0
                    ELSE greatest(e.capacity - e.going, 0)
                END AS free,
                old.answer AS old_answer, old.status AS old_status, old.ticket AS old_ticket,
                CASE
                    WHEN e.id IS NULL THEN 'not-found'
                    WHEN e.is_cancelled AND w.answer <> '' THEN 'event-cancelled'
                    WHEN e.rsvp_until < in_now AND w.answer <> '' THEN 'rsvp-closed'
                END AS problem,
                count(*) OVER (PARTITION BY w.network_id, w.event_id, w.membership_id) AS repeats
            FROM unnest(in_networks, in_events, in_memberships, in_answers) WITH ORDINALITY
                AS w (network_id, event_id, membership_id, answer, place)
            LEFT JOIN LATERAL (
                SELECT * FROM public.event x WHERE x.network_id = w.network_id AND x.id = w.event_id
            ) e ON true
            LEFT JOIN LATERAL (
                SELECT * FROM public.rsvp r
                WHERE r.network_id = w.network_id AND r.event_id = w.event_id AND r.membership_id = w.membership_id
            ) old ON true
        ), judged AS (
            SELECT *,
                problem IS NULL AND bool_or(
                    problem IS NULL AND (
                        answer IS NULL OR repeats > 1
                        OR (answer <> 'going' AND coalesce(old_status, '') IN ('going', 'waitlisted')))
                ) OVER (PARTITION BY network_id, event_id) AS is_intricate,
                problem IS NULL AND answer = 'going' AND coalesce(old_status, '') NOT IN ('going', 'waitlisted') AS joins
            FROM wish
        ), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY network_id, event_id, joins ORDER BY place) AS rank FROM judged
        ), settled AS (
            SELECT *,
                CASE
                    WHEN NOT joins AND answer = 'going' THEN old_status
                    WHEN joins AND rank > free THEN 'waitlisted'
                    ELSE answer
                END AS new_status,
                CASE WHEN joins AND rank > free THEN next_ticket + rank - free - 1 WHEN answer = 'going' THEN old_ticket END
                    AS new_ticket
            FROM ranked
        ), change AS (
            SELECT * FROM settled
            WHERE problem IS NULL AND NOT is_intricate AND (answer, new_status) IS DISTINCT FROM (old_answer, old_status)
        ), written AS (
            INSERT INTO public.rsvp AS r (network_id, event_id, membership_id, answer, status, ticket)
            SELECT network_id, event_id, membership_id, answer, new_status, new_ticket FROM change
            ON CONFLICT ON CONSTRAINT rsvp_key
            DO UPDATE SET answer = EXCLUDED.answer, status = EXCLUDED.status, ticket = EXCLUDED.ticket
        ), counted AS (
            UPDATE public.event e SET going = e.going + c.going, maybe = e.maybe + c.maybe,
                waitlisted = e.waitlisted + c.waitlisted, next_ticket = e.next_ticket + c.waitlisted
            FROM (
                SELECT network_id, event_id, count(*) FILTER (WHERE joins AND new_status = 'going') AS going,
                    count(*) FILTER (WHERE joins AND new_status = 'waitlisted') AS waitlisted,
                    count(*) FILTER (WHERE new_status = 'maybe') - count(*) FILTER (WHERE old_status = 'maybe') AS maybe
                FROM change
                GROUP BY network_id, event_id
            ) c
            WHERE e.network_id = c.network_id AND e.id = c.event_id AND (c.going, c.waitlisted, c.maybe) <> (0, 0, 0)
        )
        SELECT s.*, CASE
                WHEN joins AND rank > free THEN queue + rank - free
                WHEN new_status = 'waitlisted' AND NOT is_intricate THEN (
                    SELECT count(*) FROM public.rsvp r
                    WHERE r.network_id = s.network_id AND r.event_id = s.event_id AND r.ticket <= s.old_ticket)
            END AS queue_position
        FROM settled s
        ORDER BY s.place
    LOOP
        place := decided.place;
        IF decided.is_intricate THEN
            SELECT o.problem, o.status, o.waitlist_position INTO problem, status, waitlist_position
            FROM public.save_rsvp(
                decided.network_id, decided.event_id, decided.membership_id, decided.answer, in_now) o;
        ELSE
            problem := decided.problem;
            status := CASE WHEN problem IS NULL THEN decided.new_status END;
            waitlist_position := CASE WHEN problem IS NULL THEN decided.queue_position END;
        END IF;
        RETURN NEXT;
    END LOOP;
    PERFORM pg_notify('chorus', concat('events ', in_sender, ' ', (
        SELECT string_agg(DISTINCT w.id::text, ' ') FROM unnest(in_networks) AS w (id))));
END
$$;
REVOKE EXECUTE ON FUNCTION save_rsvps(uuid[], uuid[], uuid[], text[], timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION save_rsvps(uuid[], uuid[], uuid[], text[], timestamptz, text) TO chorus_member;

-- Opened by stage_submissions() alone, for the networks of its batch.
CREATE POLICY anon_key_gathered_policy ON anon_key TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));
CREATE POLICY spent_token_gathered_policy ON spent_token TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));

-- Puts sealed submissions into the batch while it is open; returns the tags of those that are in it now. What is missing was not
-- taken: its key is closed, its token spent, or the batch has its tag already.
CREATE FUNCTION stage_submissions(
    in_batch uuid, in_tags bytea[], in_receipt_tags bytea[], in_sealed bytea[],
    in_networks uuid[], in_keys bytea[], in_nullifiers bytea[])
RETURNS SETOF bytea
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM set_config('chorus.network_ids', in_networks::text, true);
    IF NOT public.hold_batch(in_batch) THEN RETURN; END IF;
    -- Keys are held like the batch: closing a round waits for the ballots that are being written.
    PERFORM FROM (
        SELECT DISTINCT w.network_id, w.key_id FROM unnest(in_networks, in_keys) AS w (network_id, key_id)
        ORDER BY w.network_id, w.key_id
    ) wanted
    CROSS JOIN LATERAL (
        SELECT FROM public.anon_key k WHERE k.network_id = wanted.network_id AND k.key_id = wanted.key_id FOR SHARE
    ) held;
    RETURN QUERY
    INSERT INTO public.anon_inbox AS i (batch_id, tag, receipt_tag, sealed)
    SELECT in_batch, w.tag, w.receipt_tag, w.sealed
    FROM unnest(in_tags, in_receipt_tags, in_sealed, in_networks, in_keys, in_nullifiers)
        AS w (tag, receipt_tag, sealed, network_id, key_id, nullifier)
    WHERE EXISTS (
            SELECT FROM public.anon_key k
            WHERE k.network_id = w.network_id AND k.key_id = w.key_id AND NOT k.is_closed)
        AND NOT EXISTS (
            SELECT FROM public.spent_token s
            WHERE s.network_id = w.network_id AND s.key_id = w.key_id AND s.nullifier = w.nullifier)
    -- Not even inside one batch does a row's place tell when it came.
    ORDER BY random()
    ON CONFLICT DO NOTHING
    RETURNING i.tag;
END
$$;
REVOKE EXECUTE ON FUNCTION stage_submissions(uuid, bytea[], bytea[], bytea[], uuid[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stage_submissions(uuid, bytea[], bytea[], bytea[], uuid[], bytea[], bytea[]) TO chorus_anonymous;

-- One at a time, which nobody does any more.
DROP FUNCTION hold_key(uuid, bytea);

-- Opened by find_bearers() alone, for the networks of its batch.
CREATE POLICY membership_gathered_policy ON membership TO chorus_owner
    USING (network_id = ANY ((SELECT nullif(current_setting('chorus.network_ids', true), '')::uuid[])::uuid[]));

-- Who each of some credentials belongs to, and the account's place in the network that goes with it; `place` counts from one. A
-- network that is none finds no membership.
CREATE FUNCTION find_bearers(in_hashes bytea[], in_networks uuid[], in_now timestamptz, in_today date)
RETURNS TABLE (
    place bigint, expires_at timestamptz, account_id uuid, is_admin boolean, scopes text[],
    network_id uuid, membership_id uuid, roles text[], unit_id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('chorus.network_ids', in_networks::text, true);
    RETURN QUERY
    SELECT w.place, t.expires_at, a.id, a.is_admin, t.scopes, m.network_id, m.id, m.roles, m.unit_id
    FROM unnest(in_hashes, in_networks) WITH ORDINALITY AS w (token_hash, network_id, place)
    CROSS JOIN LATERAL (
        SELECT s.account_id, NULL::text[] AS scopes, s.expires_at
        FROM public.session s WHERE s.token_hash = w.token_hash AND s.expires_at > in_now
        UNION ALL
        SELECT p.account_id, p.scopes, (p.expires_on + 1)::timestamp AT TIME ZONE 'UTC'
        FROM public.api_token p WHERE p.token_hash = w.token_hash AND p.expires_on >= in_today
    ) t
    JOIN public.account a ON a.id = t.account_id
    LEFT JOIN public.membership m ON m.network_id = w.network_id AND m.account_id = a.id AND m.state = 'active';
END
$$;
REVOKE EXECUTE ON FUNCTION find_bearers(bytea[], uuid[], timestamptz, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_bearers(bytea[], uuid[], timestamptz, date) TO chorus_member;
