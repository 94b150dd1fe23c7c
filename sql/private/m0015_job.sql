-- Work that the servers owe: whichever of them is free takes what is due, and what a crash leaves undone is done by another.

CREATE TABLE job (
    id uuid CONSTRAINT job_id_key PRIMARY KEY,
    -- A server takes only kinds that it knows, so that an older one leaves those of a newer one alone.
    kind text NOT NULL CONSTRAINT job_kind_check CHECK (kind ~ '^[a-z][A-Za-z]{0,59}$'),
    -- Names a network at most, never a person or what somebody said.
    payload jsonb NOT NULL,
    -- What waits is there once, however many ask for it.
    key text NOT NULL CONSTRAINT job_key_check CHECK (length(key) BETWEEN 1 AND 200),
    -- By the servers' clock. Moved on to the next attempt before the work begins: a crash needs nobody to notice it.
    due_at timestamptz NOT NULL,
    -- Counted before the work begins, so that work that ends its server is given up as well.
    attempts smallint NOT NULL DEFAULT 0 CONSTRAINT job_attempts_check CHECK (attempts >= 0),
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT job_state_check CHECK (state IN ('waiting', 'dead')),
    -- Why the last attempt failed: a kind of error, never a value.
    failure text CONSTRAINT job_failure_check CHECK (length(failure) <= 200)
);
COMMENT ON TABLE job IS
    'Work that is to be done once. A row goes in the transaction that does the work, which for work that comes again adds the next row.';
-- Of those given up there may be several, one for each time.
CREATE UNIQUE INDEX job_key_unique ON job (key) WHERE state = 'waiting';
CREATE INDEX job_due_index ON job (due_at, id) WHERE state = 'waiting';

GRANT SELECT, INSERT, UPDATE, DELETE ON job TO chorus_job;
GRANT SELECT ON job TO chorus_backup;
-- Days are days of the network's wall clock.
GRANT SELECT ON network TO chorus_job;
-- What nobody can use any more is found by its day alone; whose it was this login cannot read.
GRANT SELECT (expires_at), DELETE ON session TO chorus_job;
GRANT SELECT (day), DELETE ON idempotency TO chorus_job;
