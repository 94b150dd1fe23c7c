-- A batch of answers in two statements whose plans are small: what a statement costs before its first row is most of what a batch
-- of ten costs. Events are read once, when they are locked, and the lists say which answers belong to which of them.
DROP FUNCTION save_rsvps(uuid[], uuid[], uuid[], text[], timestamptz, text);

-- Takes many answers at once, each as save_rsvp() would take it, in the order of the lists, and returns what became of each; an
-- empty answer takes back.
--
-- `in_networks` has each network of the batch once, `in_event_networks` and `in_events` each event once, in the one order in which
-- all batches lock events, so that no two wait for each other; `in_places` says, counting from one, which event an answer is to, and
-- `in_repeated` whether the same member answers the same event more than once here.
--
-- The answers to an event that only add to it are settled together; where somebody leaves a seat or the queue, or answers twice,
-- they are taken one after the other.
CREATE FUNCTION save_rsvps(
    in_networks uuid[], in_event_networks uuid[], in_events uuid[],
    in_places integer[], in_memberships uuid[], in_answers text[], in_repeated boolean[],
    in_now timestamptz, in_sender text)
RETURNS TABLE (problem text, status text, waitlist_position bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
-- A batch is small and the tables are not, whatever a plan that is made for any batch expects.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    -- Of the events.
    refusals text[];
    seats integer[];
    queues integer[];
    tickets bigint[];
    -- Of the answers.
    places bigint[];
    problems text[];
    statuses text[];
    positions bigint[];
    intricates boolean[];
    wish integer;
    outcome record;
BEGIN
    PERFORM set_config('chorus.network_ids', in_networks::text, true);
    SELECT array_agg(CASE
            WHEN e.id IS NULL THEN 'not-found'
            WHEN e.is_cancelled THEN 'event-cancelled'
            WHEN e.rsvp_until < in_now THEN 'rsvp-closed'
        END), array_agg(CASE
            WHEN e.capacity IS NULL THEN 2147483647
            WHEN e.waitlisted > 0 THEN 0
            ELSE greatest(e.capacity - e.going, 0)
        END), array_agg(e.waitlisted), array_agg(e.next_ticket)
    INTO refusals, seats, queues, tickets
    FROM unnest(in_event_networks, in_events) AS w (network_id, event_id)
    LEFT JOIN LATERAL (
        SELECT x.id, x.is_cancelled, x.rsvp_until, x.capacity, x.going, x.waitlisted, x.next_ticket
        FROM public.event x WHERE x.network_id = w.network_id AND x.id = w.event_id
        FOR UPDATE
    ) e ON true;

    WITH wish AS (
        SELECT w.event, w.place, w.membership_id, nullif(w.answer, '') AS answer, w.is_repeated,
            old.answer AS old_answer, old.status AS old_status, old.ticket AS old_ticket,
            -- What is over may still be taken back.
            CASE WHEN w.answer <> '' OR refusals[w.event] = 'not-found' THEN refusals[w.event] END AS problem
        FROM unnest(in_places, in_memberships, in_answers, in_repeated) WITH ORDINALITY
            AS w (event, membership_id, answer, is_repeated, place)
        LEFT JOIN LATERAL (
            SELECT r.answer, r.status, r.ticket FROM public.rsvp r
            WHERE r.network_id = in_event_networks[w.event] AND r.event_id = in_events[w.event]
                AND r.membership_id = w.membership_id
        ) old ON true
    ), judged AS (
        SELECT *,
            problem IS NULL AND (
                answer IS NULL OR is_repeated
                OR (answer <> 'going' AND coalesce(old_status, '') IN ('going', 'waitlisted'))) AS takes_away,
            problem IS NULL AND answer = 'going' AND coalesce(old_status, '') NOT IN ('going', 'waitlisted') AS joins
        FROM wish
    ), ranked AS (
        SELECT *,
            count(*) FILTER (WHERE joins) OVER (PARTITION BY event ORDER BY place ROWS UNBOUNDED PRECEDING) AS rank,
            problem IS NULL AND bool_or(takes_away) OVER (
                PARTITION BY event ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS is_intricate
        FROM judged
    ), settled AS (
        SELECT *,
            CASE
                WHEN NOT joins AND answer = 'going' THEN old_status
                WHEN joins AND rank > seats[event] THEN 'waitlisted'
                ELSE answer
            END AS new_status,
            CASE
                WHEN joins AND rank > seats[event] THEN tickets[event] + rank - seats[event] - 1
                WHEN answer = 'going' THEN old_ticket
            END AS new_ticket
        FROM ranked
    ), change AS (
        SELECT * FROM settled
        WHERE problem IS NULL AND NOT is_intricate
            AND (answer IS DISTINCT FROM old_answer OR new_status IS DISTINCT FROM old_status)
    ), written AS (
        INSERT INTO public.rsvp AS r (network_id, event_id, membership_id, answer, status, ticket)
        SELECT in_event_networks[event], in_events[event], membership_id, answer, new_status, new_ticket FROM change
        ON CONFLICT ON CONSTRAINT rsvp_key
        DO UPDATE SET answer = EXCLUDED.answer, status = EXCLUDED.status, ticket = EXCLUDED.ticket
    ), counted AS (
        UPDATE public.event e SET going = e.going + c.going, maybe = e.maybe + c.maybe,
            waitlisted = e.waitlisted + c.waitlisted, next_ticket = e.next_ticket + c.waitlisted
        FROM (
            SELECT event, count(*) FILTER (WHERE joins AND new_status = 'going') AS going,
                count(*) FILTER (WHERE joins AND new_status = 'waitlisted') AS waitlisted,
                count(*) FILTER (WHERE new_status = 'maybe') - count(*) FILTER (WHERE old_status = 'maybe') AS maybe
            FROM change
            GROUP BY event
        ) c
        WHERE e.network_id = in_event_networks[c.event] AND e.id = in_events[c.event]
            AND (c.going, c.waitlisted, c.maybe) <> (0, 0, 0)
    )
    SELECT array_agg(s.place), array_agg(s.problem), array_agg(CASE WHEN s.problem IS NULL THEN new_status END), array_agg(CASE
            WHEN joins AND rank > seats[event] THEN queues[event] + rank - seats[event]
            WHEN s.problem IS NULL AND new_status = 'waitlisted' AND NOT is_intricate THEN (
                SELECT count(*) FROM public.rsvp r
                WHERE r.network_id = in_event_networks[s.event] AND r.event_id = in_events[s.event]
                    AND r.ticket <= s.old_ticket)
        END), array_agg(is_intricate)
    INTO places, problems, statuses, positions, intricates
    FROM settled s;

    IF true = ANY (intricates) THEN
        -- One after the other as they came, which is not how they stand here.
        FOR wish IN SELECT i.index FROM unnest(places, intricates) WITH ORDINALITY AS i (place, is_intricate, index)
            WHERE i.is_intricate ORDER BY i.place
        LOOP
            SELECT o.problem, o.status, o.waitlist_position INTO outcome
            FROM public.save_rsvp(
                in_event_networks[in_places[places[wish]]], in_events[in_places[places[wish]]],
                in_memberships[places[wish]], nullif(in_answers[places[wish]], ''), in_now) o;
            problems[wish] := outcome.problem;
            statuses[wish] := outcome.status;
            positions[wish] := outcome.waitlist_position;
        END LOOP;
    END IF;
    PERFORM pg_notify('chorus', concat('events ', in_sender, ' ', array_to_string(in_networks, ' ')));
    RETURN QUERY
    SELECT a.problem, a.status, a.waitlist_position
    FROM unnest(places, problems, statuses, positions) AS a (place, problem, status, waitlist_position)
    ORDER BY a.place;
END
$$;
REVOKE EXECUTE ON FUNCTION save_rsvps(
    uuid[], uuid[], uuid[], integer[], uuid[], text[], boolean[], timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION save_rsvps(
    uuid[], uuid[], uuid[], integer[], uuid[], text[], boolean[], timestamptz, text) TO chorus_member;
