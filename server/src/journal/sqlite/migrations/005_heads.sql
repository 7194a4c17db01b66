-- What a start needs to know of the entries, so that it reads none of them.
-- A log's newest entry, 0 for none.
ALTER TABLE rooms ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
-- When something was last said in it, 0 for never.
ALTER TABLE rooms ADD COLUMN head_at INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET head = coalesce((SELECT max(id) FROM entries WHERE entries.room = rooms.id), 0);
UPDATE rooms SET head_at = coalesce((SELECT ts FROM entries WHERE entries.id = head), 0);
-- How many entries there are.
INSERT INTO meta (key, value) SELECT 'entries', count(*) FROM entries;
