-- Tells every server that listens what changed, so that none goes on answering from what it has kept. No payload names a person:
-- any login may listen.
CREATE FUNCTION notify_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
    IF TG_ARGV[0] = 'people' THEN
        PERFORM pg_notify('chorus', 'people');
    ELSE
        PERFORM pg_notify('chorus', 'network ' || (CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END ->> TG_ARGV[0]));
    END IF;
    RETURN NULL;
END
$$;

-- What is only added was not kept by anybody.
CREATE TRIGGER account_change AFTER UPDATE OF is_admin OR DELETE ON account
    FOR EACH ROW EXECUTE FUNCTION notify_change('people');
CREATE TRIGGER session_change AFTER UPDATE OR DELETE ON session
    FOR EACH ROW EXECUTE FUNCTION notify_change('people');
CREATE TRIGGER api_token_change AFTER UPDATE OR DELETE ON api_token
    FOR EACH ROW EXECUTE FUNCTION notify_change('people');
CREATE TRIGGER network_change AFTER UPDATE ON network
    FOR EACH ROW EXECUTE FUNCTION notify_change('id');
CREATE TRIGGER membership_change AFTER UPDATE OR DELETE ON membership
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
-- The counts are not in this list: they change with the answers, of which save_rsvps() tells.
CREATE TRIGGER event_change AFTER INSERT OR DELETE OR UPDATE OF series_id, organiser_id, title, description, kind, location,
    online_url, starts_at, ends_at, time_zone, capacity, visibility, rsvp_until, is_cancelled, version ON event
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
CREATE TRIGGER recommendation_change AFTER INSERT OR UPDATE OR DELETE ON recommendation
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
-- What a submission is held against.
CREATE TRIGGER anon_key_change AFTER UPDATE OR DELETE ON anon_key
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
CREATE TRIGGER channel_change AFTER UPDATE OR DELETE ON channel
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
CREATE TRIGGER theme_change AFTER UPDATE OR DELETE ON theme
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
CREATE TRIGGER unit_change AFTER UPDATE OR DELETE ON unit
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
CREATE TRIGGER item_change AFTER UPDATE OR DELETE ON item
    FOR EACH ROW EXECUTE FUNCTION notify_change('network_id');
