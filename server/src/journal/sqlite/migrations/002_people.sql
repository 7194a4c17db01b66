-- A conversation is a log like a room. Its row in `rooms` has the name `@a:b`, where a and b are its users' numbers,
-- the smaller first; no room's name can have an `@`.

-- Whether the user ever wrote something, or has a conversation.
ALTER TABLE users ADD COLUMN has_entries INTEGER NOT NULL DEFAULT 0;
UPDATE users SET has_entries = 1 WHERE id IN (SELECT author FROM entries WHERE kind <> 'system');
-- When the user was last connected, to the hour.
ALTER TABLE users ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE users SET seen_at = unixepoch() * 1000;
-- Up to which entry the user was sent everything, at the least.
ALTER TABLE users ADD COLUMN caught_up_to INTEGER NOT NULL DEFAULT 0;
-- Whether the user came in by the page's form, and so may be reading without a connection.
ALTER TABLE users ADD COLUMN by_form INTEGER NOT NULL DEFAULT 0;
-- A user who wrote and is gone keeps the row, for the entries' sake, with `-` and the number in `name_key`, which is
-- nobody's name.
ALTER TABLE users ADD COLUMN is_forgotten INTEGER NOT NULL DEFAULT 0;

UPDATE rooms SET created_at = unixepoch() * 1000 WHERE created_at = 0;

-- How far each user has read each log.
CREATE TABLE reads (
    user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    id   INTEGER NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX reads_by_room ON reads (room);

-- Without these every user that is forgotten would cost a walk over all entries.
CREATE INDEX entries_by_author ON entries (author);

-- How often the store was opened: what numbers the events that are not stored.
INSERT INTO meta (key, value) VALUES ('runs', '0');
