-- A later text has its place in the order in which the record grew, like everything else that is pulled and told of.

CREATE TRIGGER revision_stamp BEFORE INSERT ON revision FOR EACH ROW EXECUTE FUNCTION stamp_record();
CREATE TRIGGER revision_note AFTER INSERT ON revision
    FOR EACH ROW EXECUTE FUNCTION note_record('recommendation.revised', 'published_on');
