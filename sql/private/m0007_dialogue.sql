-- The author's side of the dialogue goes through the mixer like everything that authors say.

GRANT SELECT ON thread TO chorus_mixer;
GRANT SELECT, INSERT ON reply TO chorus_mixer;
-- An answered message is open again when its author has replied.
GRANT UPDATE (state) ON message TO chorus_mixer;
