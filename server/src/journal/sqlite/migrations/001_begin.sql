-- Times are Unix milliseconds.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given out twice
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,              -- what makes two names the same to people
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    hash       BLOB PRIMARY KEY,                  -- SHA-256 of the token
    user       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE rooms (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO rooms (name, created_at) VALUES ('general', 0), ('random', 0), ('help', 0);

CREATE TABLE members (
    user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    room INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_room ON members (room);

CREATE TABLE entries (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given out twice, whatever is deleted: it is people's cursor
    room      INTEGER NOT NULL REFERENCES rooms (id),
    prev      INTEGER NOT NULL,                   -- the room's entry before this one, 0 for the first
    ts        INTEGER NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('message', 'action', 'system')),
    author    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    from_name TEXT NOT NULL,                      -- as it was when this was written
    text      TEXT NOT NULL,
    client_id TEXT,
    UNIQUE (room, prev)                           -- a chain, never a fork
) STRICT;
CREATE INDEX entries_by_room ON entries (room, id);
CREATE UNIQUE INDEX entries_by_mark ON entries (author, client_id) WHERE client_id IS NOT NULL;
