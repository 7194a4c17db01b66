-- When the session was last renewed, to the day: its browser forgets it 365 days later.
ALTER TABLE sessions ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET renewed_at = created_at;

-- Whether the user ever wrote something. `has_entries` is set, too, for a user who was only written to.
ALTER TABLE users ADD COLUMN has_written INTEGER NOT NULL DEFAULT 0;
UPDATE users SET has_written = 1 WHERE id IN (SELECT author FROM entries WHERE kind <> 'system');
