-- Releases of themes and of strict rounds.

ALTER TABLE release
    ADD COLUMN kind text NOT NULL DEFAULT 'round' CONSTRAINT release_kind_check CHECK (kind IN ('round', 'themes'));
COMMENT ON COLUMN release.kind IS 'Of a round''s items, or of the themes of a month''s messages.';

ALTER TABLE cell
    -- Counts with their noise, and the half-width of the 95 % interval of their sum; of strict rounds only.
    ADD COLUMN noisy_negative integer,
    ADD COLUMN noisy_neutral integer,
    ADD COLUMN noisy_positive integer,
    ADD COLUMN error integer,
    ADD CONSTRAINT cell_noise_check CHECK (num_nulls(noisy_negative, noisy_neutral, noisy_positive, error) IN (0, 4));
