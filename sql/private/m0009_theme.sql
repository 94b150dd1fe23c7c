-- Numbers beside messages are released by the rules of items; sensitive themes by stricter ones; strict rounds with noise.

-- The unit of a number beside a text is released nowhere; stored, it would only help to find the text again.
ALTER TABLE theme_rating DROP COLUMN unit_id, ADD COLUMN closes_waited smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN theme_rating.closes_waited IS 'Through how many monthly closes it has waited; after the third it is deleted unreported.';

CREATE TABLE theme_close (
    network_id uuid NOT NULL CONSTRAINT theme_close_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- YYYY-MM.
    month text NOT NULL CONSTRAINT theme_close_month_check CHECK (month ~ '^\d{4}-\d{2}$'),
    CONSTRAINT theme_close_key PRIMARY KEY (network_id, month)
);
CALL isolate('theme_close');
COMMENT ON TABLE theme_close IS 'Months whose themes are closed: the calendar is fixed, nobody chooses when.';

ALTER TABLE anon_scope ADD COLUMN audience_size integer;
COMMENT ON COLUMN anon_scope.audience_size IS
    'How many were eligible when a restricted scope opened: who left since then is still somebody whom the next audience lacks.';

ALTER TABLE plan_node ADD COLUMN k smallint;
COMMENT ON COLUMN plan_node.k IS 'The fewest people in a block of something sensitive; absent where the network''s k holds.';

-- A round closes once; what it does not release then is deleted at once and waits for nothing.
ALTER TABLE contribution DROP COLUMN closes_waited;


CREATE TABLE privacy_ledger (
    network_id uuid NOT NULL CONSTRAINT privacy_ledger_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    round_id uuid NOT NULL,
    year smallint NOT NULL,
    -- ε as a fraction.
    epsilon_numerator integer NOT NULL CONSTRAINT privacy_ledger_numerator_check CHECK (epsilon_numerator > 0),
    epsilon_denominator integer NOT NULL CONSTRAINT privacy_ledger_denominator_check CHECK (epsilon_denominator > 0),
    -- Absent while it is only reserved: the noise is drawn when the round closes.
    noised_on date,
    CONSTRAINT privacy_ledger_key PRIMARY KEY (network_id, round_id)
);
CALL isolate('privacy_ledger');
COMMENT ON TABLE privacy_ledger IS 'What strict rounds spend of the yearly privacy budget; reserved when they open, before there is any data.';

ALTER TABLE pending_release
    ADD COLUMN kind text NOT NULL DEFAULT 'round' CONSTRAINT pending_release_kind_check CHECK (kind IN ('round', 'themes')),
    ADD COLUMN scheme text NOT NULL DEFAULT 'S1' CONSTRAINT pending_release_scheme_check CHECK (scheme IN ('S1', 'S2'));

ALTER TABLE pending_cell
    -- Absent for the whole of a release.
    ALTER COLUMN item_id DROP NOT NULL,
    -- Counts with their noise and the half-width of the 95 % interval of their sum; of strict rounds only.
    ADD COLUMN noisy_negative integer,
    ADD COLUMN noisy_neutral integer,
    ADD COLUMN noisy_positive integer,
    ADD COLUMN error integer,
    -- A noised cell that says less than its noise is kept, so that its noise is never drawn again, and is not published.
    ADD COLUMN is_shown boolean NOT NULL DEFAULT true;

-- Who had tokens of a key that is over, and who was asked in a round that no rule of admission looks at any more, concerns nobody.
-- For the login of the clock's work only: who could call this for keys that are still good could have tokens twice.
CREATE FUNCTION forget_participants(in_network uuid, in_today date, in_asked_before date) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    DELETE FROM public.token_grant g USING public.anon_key k
    WHERE g.network_id = in_network AND k.network_id = in_network AND k.key_id = g.key_id AND k.redeem_to < in_today;
    DELETE FROM public.anon_scope_member m USING public.round r
    WHERE m.network_id = in_network AND r.network_id = in_network AND r.id = m.scope_id AND r.closes_at < in_asked_before;
$$;
REVOKE EXECUTE ON FUNCTION forget_participants(uuid, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_participants(uuid, date, date) TO chorus_mixer;

GRANT SELECT, DELETE ON theme_rating TO chorus_mixer;
GRANT SELECT, UPDATE (closes_waited), DELETE ON theme_rating TO chorus_release;
REVOKE UPDATE ON contribution FROM chorus_release;
GRANT SELECT ON theme TO chorus_release;
GRANT SELECT, INSERT ON theme_close TO chorus_release;
GRANT SELECT, INSERT ON privacy_ledger TO chorus_member;
GRANT SELECT, UPDATE (noised_on) ON privacy_ledger TO chorus_release;
GRANT SELECT ON theme_close, privacy_ledger TO chorus_backup;
