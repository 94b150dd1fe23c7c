-- Events, who comes, and the waitlist.

CREATE TABLE event (
    network_id uuid NOT NULL CONSTRAINT event_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    -- Occurrences of one recurrence rule share it.
    series_id uuid,
    organiser_id uuid,
    title text NOT NULL CONSTRAINT event_title_check CHECK (length(title) BETWEEN 1 AND 200),
    description text NOT NULL CONSTRAINT event_description_check CHECK (length(description) <= 10000),
    kind text NOT NULL CONSTRAINT event_kind_check CHECK (kind IN (
        'meeting', 'empowerment', 'training', 'coaching', 'consultation', 'hearing', 'conference', 'information')),
    location text NOT NULL CONSTRAINT event_location_check CHECK (length(location) <= 500),
    online_url text CONSTRAINT event_online_url_check CHECK (length(online_url) <= 2000),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    capacity integer CONSTRAINT event_capacity_check CHECK (capacity BETWEEN 1 AND 100000),
    visibility text NOT NULL CONSTRAINT event_visibility_check CHECK (visibility IN ('members', 'network', 'public')),
    rsvp_until timestamptz,
    is_cancelled boolean NOT NULL DEFAULT false,
    -- Kept under the lock of this row, together with the answers that they count.
    going integer NOT NULL DEFAULT 0,
    maybe integer NOT NULL DEFAULT 0,
    waitlisted integer NOT NULL DEFAULT 0,
    -- The next place in the queue: first come, first served needs an order, and a clock gives none.
    next_ticket bigint NOT NULL DEFAULT 1,
    -- SEQUENCE of RFC 5545, section 3.8.7.4.
    sequence integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT event_key PRIMARY KEY (network_id, id),
    CONSTRAINT event_organiser_fkey FOREIGN KEY (network_id, organiser_id) REFERENCES membership (network_id, id)
        ON DELETE SET NULL (organiser_id),
    CONSTRAINT event_time_check CHECK (ends_at > starts_at)
);
CREATE INDEX event_start_index ON event (network_id, starts_at, id);
CALL isolate('event');
COMMENT ON TABLE event IS 'An event as in RFC 5545; times are instants, the zone says how to show them.';

CREATE TABLE rsvp (
    network_id uuid NOT NULL,
    event_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    answer text NOT NULL CONSTRAINT rsvp_answer_check CHECK (answer IN ('going', 'maybe', 'declined')),
    status text NOT NULL CONSTRAINT rsvp_status_check CHECK (status IN ('going', 'waitlisted', 'maybe', 'declined')),
    ticket bigint CONSTRAINT rsvp_ticket_check CHECK ((ticket IS NOT NULL) = (status = 'waitlisted')),
    CONSTRAINT rsvp_key PRIMARY KEY (network_id, event_id, membership_id),
    CONSTRAINT rsvp_event_fkey FOREIGN KEY (network_id, event_id) REFERENCES event (network_id, id) ON DELETE CASCADE,
    CONSTRAINT rsvp_membership_fkey FOREIGN KEY (network_id, membership_id) REFERENCES membership (network_id, id)
        ON DELETE CASCADE,
    CONSTRAINT rsvp_status_answer_check CHECK (
        status = answer OR (status = 'waitlisted' AND answer = 'going'))
);
CREATE UNIQUE INDEX rsvp_ticket_index ON rsvp (network_id, event_id, ticket) WHERE ticket IS NOT NULL;
CREATE INDEX rsvp_membership_index ON rsvp (network_id, membership_id);
CALL isolate('rsvp');
COMMENT ON TABLE rsvp IS 'One member''s answer to one event; closed events reveal origin as membership does.';

CREATE TABLE calendar_key (
    account_id uuid CONSTRAINT calendar_key_key PRIMARY KEY
        CONSTRAINT calendar_key_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    key_hash bytea NOT NULL CONSTRAINT calendar_key_hash_unique UNIQUE
);
COMMENT ON TABLE calendar_key IS 'SHA-256 of the key in the address of a personal calendar feed.';

-- Gives free seats to those who wait, in order. Its caller holds the lock of the event's row.
CREATE FUNCTION promote_waitlist(in_network uuid, in_event uuid) RETURNS void
LANGUAGE sql
SET search_path = public, pg_temp
AS $$
    WITH free AS (
        SELECT coalesce(capacity, 2147483647) - going AS seats FROM event WHERE network_id = in_network AND id = in_event
    ), promoted AS (
        UPDATE rsvp SET status = 'going', ticket = NULL
        WHERE network_id = in_network AND event_id = in_event AND membership_id IN (
            SELECT membership_id FROM rsvp
            WHERE network_id = in_network AND event_id = in_event AND ticket IS NOT NULL
            ORDER BY ticket
            LIMIT greatest(0, (SELECT seats FROM free)))
        RETURNING 1
    )
    UPDATE event
    SET going = going + (SELECT count(*) FROM promoted), waitlisted = waitlisted - (SELECT count(*) FROM promoted)
    WHERE network_id = in_network AND id = in_event AND EXISTS (SELECT FROM promoted);
$$;

-- Takes an answer, or with a null answer takes it back: the only place where seats are given. One statement of the
-- server calls it; the event's row is locked first, so that two answers to one event are taken one after the other.
CREATE FUNCTION save_rsvp(in_network uuid, in_event uuid, in_membership uuid, in_answer text, in_now timestamptz)
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
    RETURN QUERY SELECT NULL::text, new_status, CASE WHEN new_ticket IS NOT NULL THEN (
        SELECT count(*) FROM rsvp r
        WHERE r.network_id = in_network AND r.event_id = in_event AND r.ticket <= new_ticket) END;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON event, rsvp, calendar_key TO chorus_member;
GRANT EXECUTE ON FUNCTION promote_waitlist(uuid, uuid), save_rsvp(uuid, uuid, uuid, text, timestamptz) TO chorus_member;
GRANT SELECT ON event, rsvp TO chorus_backup;
