-- The dialogue has an end: clocks of channels, threads that close, texts that their authors take back.

ALTER TABLE message ADD COLUMN acknowledged_on date;
COMMENT ON COLUMN message.acknowledged_on IS 'The day on which the team first did something; a day of the team''s, not the author''s.';

CREATE INDEX thread_message_index ON thread (network_id, message_id);

GRANT UPDATE (state, acknowledged_on) ON message TO chorus_mixer;
GRANT DELETE ON message, thread TO chorus_mixer;
GRANT UPDATE (acknowledged_on) ON message TO chorus_moderator;
-- What the team says goes through the mixer as well.
REVOKE INSERT ON reply FROM chorus_moderator;

-- The author's way back leads through these two functions: who holds a receipt reads one dialogue, and nobody lists any.
REVOKE SELECT ON thread, reply FROM chorus_anonymous;
REVOKE SELECT (network_id, id, batch_day, text, state, reason) ON message FROM chorus_anonymous;

CREATE FUNCTION find_thread(in_lookup bytea) RETURNS TABLE (network_id uuid, message_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT t.network_id, t.message_id FROM public.thread t WHERE t.lookup = in_lookup;
$$;

CREATE FUNCTION read_dialogue(in_network uuid, in_lookup bytea)
RETURNS TABLE (
    state text, reason text, day date, acknowledged_on date, acknowledge_days smallint, answer_days smallint,
    "position" smallint, from_team boolean, said_on date, said text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
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
$$;

-- Whether the author can still read an answer; of the lookup itself the team sees nothing.
CREATE FUNCTION has_thread(in_network uuid, in_message uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM public.thread WHERE network_id = in_network AND message_id = in_message);
$$;

REVOKE EXECUTE ON FUNCTION find_thread(bytea), read_dialogue(uuid, bytea), has_thread(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION has_thread(uuid, uuid) TO chorus_moderator;
GRANT EXECUTE ON FUNCTION find_thread(bytea), read_dialogue(uuid, bytea) TO chorus_anonymous;
