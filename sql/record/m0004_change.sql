-- Tells every server that listens what changed, so that none goes on answering from what it has kept.
CREATE FUNCTION notify_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('chorus', 'network ' || CASE TG_OP WHEN 'DELETE' THEN OLD.network_id ELSE NEW.network_id END);
    RETURN NULL;
END
$$;

-- Cells and evidence come in one transaction with what they belong to.
CREATE TRIGGER release_change AFTER INSERT OR UPDATE OR DELETE ON release
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER recommendation_change AFTER INSERT OR UPDATE OR DELETE ON recommendation
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER support_change AFTER INSERT OR UPDATE OR DELETE ON support
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER answer_change AFTER INSERT OR UPDATE OR DELETE ON answer
    FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER outcome_change AFTER INSERT OR UPDATE OR DELETE ON outcome
    FOR EACH ROW EXECUTE FUNCTION notify_change();
