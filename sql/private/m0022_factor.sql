-- A second proof at sign-in: a code that an app of the owner's makes anew every half minute (RFC 6238), and codes on paper for the day
-- on which the app is lost.

-- Here and not beside the secret: a session is made from the same row of the account that its password was read from, so that who
-- signs in by password alone at the moment of the change is out.
ALTER TABLE account ADD COLUMN second_factor_on date;
COMMENT ON COLUMN account.second_factor_on IS 'Since which day signing in needs a code beside the password; absent without one.';

CREATE TABLE second_factor (
    account_id uuid CONSTRAINT second_factor_key PRIMARY KEY
        CONSTRAINT second_factor_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    -- AES-256-GCM with a key outside the databases; absent once it was removed.
    sealed_secret bytea CONSTRAINT second_factor_sealed_secret_check CHECK (length(sealed_secret) BETWEEN 28 AND 200),
    -- The half minute of the last code that was taken: none is taken twice. It tells when somebody signed in, so it goes within a day.
    last_step bigint,
    begun_on date NOT NULL,
    -- A day; news to the owner. Absent until the first code was right.
    changed_on date,
    CONSTRAINT second_factor_step_check CHECK (last_step IS NULL OR sealed_secret IS NOT NULL)
);
COMMENT ON TABLE second_factor IS
    'The secret that an account''s codes come from; asked for at sign-in as soon as account.second_factor_on says so.';

CREATE TABLE recovery_code (
    account_id uuid NOT NULL CONSTRAINT recovery_code_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    -- SHA-256 of 80 random bits. Without a key, so that these codes are good still when the sealing key is lost.
    code_hash bytea NOT NULL CONSTRAINT recovery_code_code_hash_check CHECK (length(code_hash) = 32),
    CONSTRAINT recovery_code_key PRIMARY KEY (account_id, code_hash)
);
COMMENT ON TABLE recovery_code IS 'Unused codes in place of the app''s; a row goes when its code is used.';

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factor, recovery_code TO chorus_member;
GRANT SELECT ON second_factor, recovery_code TO chorus_backup;
