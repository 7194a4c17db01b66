-- The data about entries that a start needs, so that it reads no entry.
-- The log's newest entry, 0 for none.
ALTER TABLE rooms ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
-- Time of the log's newest entry, 0 for none.
ALTER TABLE rooms ADD COLUMN head_at INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET head = coalesce((SELECT max(id) FROM entries WHERE entries.room = rooms.id), 0);
UPDATE rooms SET head_at = coalesce((SELECT ts FROM entries WHERE entries.id = head), 0);
-- The number of entries.
INSERT INTO meta (key, value) SELECT 'entries', count(*) FROM entries;
