-- The audit chain: every release, change of thresholds or of roles, publication, answer and export of a network, one after the
-- other. Each entry holds the hash of the one before, so that nobody can change what has been without its being seen.

CREATE TABLE audit_head (
    network_id uuid CONSTRAINT audit_head_key PRIMARY KEY
        CONSTRAINT audit_head_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    position bigint NOT NULL CONSTRAINT audit_head_position_check CHECK (position >= 0),
    hash bytea NOT NULL CONSTRAINT audit_head_hash_check CHECK (length(hash) = 32)
);
CALL isolate('audit_head');
COMMENT ON TABLE audit_head IS
    'The end of a network''s chain: the row that is locked while an entry is added, and what shows that none was cut off.';

CREATE TABLE audit_entry (
    network_id uuid NOT NULL CONSTRAINT audit_entry_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    position bigint NOT NULL CONSTRAINT audit_entry_position_check CHECK (position >= 1),
    -- A day of the network; an instant could be laid beside a mix or a sign-in.
    day date NOT NULL CONSTRAINT audit_entry_day_check CHECK (day BETWEEN DATE '2000-01-01' AND DATE '9999-12-31'),
    -- What stands in `content`:
    -- release      which release of what, by which rules, and a digest of the cells that the record shows
    -- thresholds   k, d and minSet before (null for a new network) and after
    -- roles        roles beyond plain membership before and after, of nobody in particular: neither an account nor a membership
    -- publication  which recommendation under which number, when an answer is due, and a digest of its text
    -- answer       which version of the answer to which recommendation, the decision, and a digest of its text
    -- export       what was taken, how many rows, and in which role
    kind text NOT NULL CONSTRAINT audit_entry_kind_check
        CHECK (kind IN ('release', 'thresholds', 'roles', 'publication', 'answer', 'export')),
    -- Canonical JSON (RFC 8785), as it went into the hash: text, because jsonb would not give the same bytes back. Ids of things,
    -- numbers, days and digests: plain ASCII, and no room for what anybody wrote.
    content text NOT NULL CONSTRAINT audit_entry_content_check CHECK (content ~ '^\{[ -~]*\}$' AND length(content) <= 1000),
    -- Of the entry before; zeros for the first.
    previous bytea NOT NULL CONSTRAINT audit_entry_previous_check CHECK (length(previous) = 32),
    -- SHA-256 of the canonical JSON of everything else in the row.
    hash bytea NOT NULL CONSTRAINT audit_entry_hash_check CHECK (length(hash) = 32),
    CONSTRAINT audit_entry_key PRIMARY KEY (network_id, position)
);
CREATE INDEX audit_entry_content_index ON audit_entry (network_id, kind, content);
CALL isolate('audit_entry');
COMMENT ON TABLE audit_entry IS
    'What was done with a network''s voice, for its coordinators and councils; nothing in it is about a person.';

-- Adds an entry to a network's chain and returns its position. It is the only way in, and there is none to change or remove:
-- no login has a right for that.
--
-- Whoever adds another entry to the same chain waits for the lock on its head until this transaction ends, and then sees this
-- entry: one chain, without forks or gaps, of the transactions that were committed.
--
-- A release, a publication and an answer happen once, and are entered once, so that a crash between the two databases can be
-- repaired by saying them again.
CREATE FUNCTION append_audit(in_network uuid, in_kind text, in_day date, in_content text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    head public.audit_head%ROWTYPE;
    found_position bigint;
    new_hash bytea;
BEGIN
    INSERT INTO public.audit_head (network_id, position, hash)
    VALUES (in_network, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT DO NOTHING;
    SELECT h.* INTO STRICT head FROM public.audit_head h WHERE h.network_id = in_network FOR UPDATE;
    IF in_kind IN ('release', 'publication', 'answer') THEN
        SELECT e.position INTO found_position FROM public.audit_entry e
        WHERE e.network_id = in_network AND e.kind = in_kind AND e.content = in_content
        LIMIT 1;
        IF FOUND THEN
            RETURN found_position;
        END IF;
    END IF;
    -- Canonical JSON: the names stand in the order of their letters, and no value but `content` has anything to escape.
    new_hash := sha256(convert_to(concat(
        '{"content":', in_content, ',"day":"', to_char(in_day, 'YYYY-MM-DD'), '","kind":"', in_kind,
        '","network":"', in_network, '","position":', head.position + 1,
        ',"previous":"', encode(head.hash, 'hex'), '","v":1}'), 'UTF8'));
    INSERT INTO public.audit_entry (network_id, position, day, kind, content, previous, hash)
    VALUES (in_network, head.position + 1, in_day, in_kind, in_content, head.hash, new_hash);
    UPDATE public.audit_head h SET position = head.position + 1, hash = new_hash WHERE h.network_id = in_network;
    RETURN head.position + 1;
END
$$;
REVOKE EXECUTE ON FUNCTION append_audit(uuid, text, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_audit(uuid, text, date, text) TO chorus_member, chorus_release;
GRANT SELECT ON audit_head, audit_entry TO chorus_member, chorus_backup;
