-- What people are told: news of what concerns them, mail that says no more than that there is some, and reminders to the employer.

CREATE TABLE follow (
    network_id uuid NOT NULL,
    recommendation_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    CONSTRAINT follow_key PRIMARY KEY (network_id, recommendation_id, membership_id),
    CONSTRAINT follow_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE,
    CONSTRAINT follow_membership_fkey FOREIGN KEY (network_id, membership_id) REFERENCES membership (network_id, id)
        ON DELETE CASCADE
);
CREATE INDEX follow_membership_index ON follow (network_id, membership_id);
CALL isolate('follow');
COMMENT ON TABLE follow IS 'Which recommendations a member wants to hear of; shown to nobody else, and without a time.';

CREATE TABLE notification (
    account_id uuid CONSTRAINT notification_key PRIMARY KEY
        CONSTRAINT notification_account_fkey REFERENCES account (id) ON DELETE CASCADE,
    mail text NOT NULL DEFAULT 'weekly'
        CONSTRAINT notification_mail_check CHECK (mail IN ('none', 'weekly', 'daily', 'atOnce')),
    calendar_alarms boolean NOT NULL DEFAULT true,
    -- Up to where the account has read its news.
    read_until timestamptz
);
COMMENT ON TABLE notification IS 'How a person wants to be told; who has no row has chosen nothing and gets what is the default.';

-- What news are made of, where nothing else says since when.
ALTER TABLE event ADD COLUMN moved_at timestamptz;
COMMENT ON COLUMN event.moved_at IS 'When its time or place changed last.';
ALTER TABLE round ADD COLUMN opened_at timestamptz;
COMMENT ON COLUMN round.opened_at IS 'When it was opened, which is not always when that was planned.';
ALTER TABLE rsvp ADD COLUMN promoted_at timestamptz;
COMMENT ON COLUMN rsvp.promoted_at IS 'When somebody who waited got a seat.';

CREATE FUNCTION note_move() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.moved_at := NEW.updated_at;
    RETURN NEW;
END
$$;
CREATE TRIGGER event_move BEFORE UPDATE OF starts_at, ends_at, location, online_url ON event
    FOR EACH ROW
    WHEN ((OLD.starts_at, OLD.ends_at, OLD.location, OLD.online_url)
        IS DISTINCT FROM (NEW.starts_at, NEW.ends_at, NEW.location, NEW.online_url))
    EXECUTE FUNCTION note_move();

CREATE FUNCTION note_opening() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.opened_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER round_opening BEFORE UPDATE OF state ON round
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state = 'open') EXECUTE FUNCTION note_opening();

CREATE FUNCTION note_promotion() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.promoted_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER rsvp_promotion BEFORE UPDATE OF status ON rsvp
    FOR EACH ROW WHEN (OLD.status = 'waitlisted' AND NEW.status = 'going') EXECUTE FUNCTION note_promotion();

CREATE TABLE mail_slot (
    network_id uuid NOT NULL CONSTRAINT mail_slot_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    rhythm text NOT NULL CONSTRAINT mail_slot_rhythm_check CHECK (rhythm IN ('weekly', 'daily', 'atOnce')),
    until timestamptz NOT NULL,
    -- What `until` was before it moved: the news between the two are those that a mail is for.
    before timestamptz,
    CONSTRAINT mail_slot_key PRIMARY KEY (network_id, rhythm)
);
CALL isolate('mail_slot');
COMMENT ON TABLE mail_slot IS 'Up to where a network''s news have been looked through for those who want mail in some rhythm.';

CREATE TABLE mail (
    network_id uuid NOT NULL CONSTRAINT mail_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    -- To a member, or to an address that the network has named for reminders.
    membership_id uuid,
    email text CONSTRAINT mail_email_check CHECK (length(email) BETWEEN 3 AND 254),
    -- Only reminders are about something; what news a mail is for stands nowhere.
    recommendation_id uuid,
    step text CONSTRAINT mail_step_check CHECK (step IN ('soon', 'last', 'overdue', 'escalated')),
    -- The same person and the same occasion are the same mail.
    occasion text NOT NULL CONSTRAINT mail_occasion_check CHECK (length(occasion) BETWEEN 1 AND 100),
    due_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0 CONSTRAINT mail_attempts_check CHECK (attempts >= 0),
    CONSTRAINT mail_key PRIMARY KEY (network_id, id),
    CONSTRAINT mail_occasion_unique UNIQUE NULLS NOT DISTINCT (network_id, occasion, membership_id, email),
    CONSTRAINT mail_membership_fkey FOREIGN KEY (network_id, membership_id) REFERENCES membership (network_id, id)
        ON DELETE CASCADE,
    CONSTRAINT mail_recommendation_fkey FOREIGN KEY (network_id, recommendation_id)
        REFERENCES recommendation (network_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_recipient_check CHECK (num_nonnulls(membership_id, email) = 1),
    CONSTRAINT mail_reminder_check CHECK ((recommendation_id IS NULL) = (step IS NULL)),
    CONSTRAINT mail_address_check CHECK (email IS NULL OR step IS NOT NULL)
);
CREATE INDEX mail_due_index ON mail (network_id, due_at, id);
CREATE INDEX mail_membership_index ON mail (network_id, membership_id);
CALL isolate('mail');
COMMENT ON TABLE mail IS 'Mail that has not been handed over yet; a row goes when it has been, or is given up. Backups leave it out.';

CREATE TABLE answer_duty_contact (
    network_id uuid CONSTRAINT answer_duty_contact_key PRIMARY KEY
        CONSTRAINT answer_duty_contact_network_fkey REFERENCES network (id) ON DELETE CASCADE,
    -- Days from the due date until the delay goes further.
    grace_days smallint NOT NULL CONSTRAINT answer_duty_contact_grace_check CHECK (grace_days BETWEEN 0 AND 365),
    deputy_name text,
    deputy_email text,
    body_names text[] NOT NULL,
    body_emails text[] NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT answer_duty_contact_deputy_check CHECK ((deputy_name IS NULL) = (deputy_email IS NULL)),
    CONSTRAINT answer_duty_contact_body_check CHECK (cardinality(body_names) = cardinality(body_emails))
);
CALL isolate('answer_duty_contact');
COMMENT ON TABLE answer_duty_contact IS
    'Who beside HR is reminded of answers that the employer owes, and whom it concerns when one stays out.';

GRANT SELECT, INSERT, DELETE ON follow TO chorus_member;
GRANT SELECT, INSERT, UPDATE ON notification, mail_slot, answer_duty_contact TO chorus_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail TO chorus_member;
GRANT SELECT ON follow, notification, mail_slot, answer_duty_contact TO chorus_backup;
