-- A conversation is a log like a room. Its row in `rooms` has the name `@a:b`, where a and b are its users' ids, the
-- smaller first; a room's name cannot contain an `@`.

-- 1 for a user with an entry or a conversation.
ALTER TABLE users ADD COLUMN has_entries INTEGER NOT NULL DEFAULT 0;
UPDATE users SET has_entries = 1 WHERE id IN (SELECT author FROM entries WHERE kind <> 'system');
-- Time of the user's last connection, to the hour.
ALTER TABLE users ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE users SET seen_at = unixepoch() * 1000;
-- The user has received every entry up to this one, and possibly later ones.
ALTER TABLE users ADD COLUMN caught_up_to INTEGER NOT NULL DEFAULT 0;
-- 1 for a user who signed in by the page's form, and so may be reading without a connection.
ALTER TABLE users ADD COLUMN by_form INTEGER NOT NULL DEFAULT 0;
-- 1 for a deleted user with entries, whose row stays for their sake. Its `name_key` is `-` and the id, which no name
-- has.
ALTER TABLE users ADD COLUMN is_forgotten INTEGER NOT NULL DEFAULT 0;

UPDATE rooms SET created_at = unixepoch() * 1000 WHERE created_at = 0;

-- The read mark of each user in each log.
CREATE TABLE reads (
    user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    id   INTEGER NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX reads_by_room ON reads (room);

-- Without this index each deletion of a user would scan all entries.
CREATE INDEX entries_by_author ON entries (author);

-- The number of times the store was opened. It numbers the events that are not stored.
INSERT INTO meta (key, value) VALUES ('runs', '0');
