-- Getting back in: a coordinator hands over a code, and whoever has it sets a new password.

CREATE TABLE password_reset (
    network_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    -- SHA-256 of the code, which is random enough for that; absent once it was used, and for a reset by the operator.
    code_hash bytea CONSTRAINT password_reset_code_hash_check CHECK (length(code_hash) = 32),
    -- Days, so that nobody reads here when a coordinator and a member met.
    made_on date NOT NULL,
    expires_on date NOT NULL,
    used_on date,
    -- How often somebody has tried a code on it, rightly or not.
    attempts smallint NOT NULL DEFAULT 0 CONSTRAINT password_reset_attempts_check CHECK (attempts BETWEEN 0 AND 10),
    CONSTRAINT password_reset_key PRIMARY KEY (network_id, membership_id),
    CONSTRAINT password_reset_membership_fkey FOREIGN KEY (network_id, membership_id)
        REFERENCES membership (network_id, id) ON DELETE CASCADE,
    CONSTRAINT password_reset_use_check CHECK (used_on IS NULL OR code_hash IS NULL)
);
CALL isolate('password_reset');
COMMENT ON TABLE password_reset IS
    'The last reset of a member''s password: its code until it is used, and then that there was one, which is news to the member.';

GRANT SELECT, INSERT, UPDATE, DELETE ON password_reset TO chorus_member;
GRANT SELECT ON password_reset TO chorus_backup;

-- A reset is entered in the audit chain, as `{"of":"password","step":…}`: a code was `made`, it was `used`, or an `operator` has set a
-- password; of nobody in particular.
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_kind_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_kind_check
    CHECK (kind IN ('release', 'thresholds', 'roles', 'publication', 'answer', 'export', 'reset'));
