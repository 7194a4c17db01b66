-- Time of the session's last renewal, to the day: its browser forgets it 365 days later.
ALTER TABLE sessions ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET renewed_at = created_at;

-- 1 for a user who wrote an entry. `has_entries` is also 1 for a user who only received private messages.
ALTER TABLE users ADD COLUMN has_written INTEGER NOT NULL DEFAULT 0;
UPDATE users SET has_written = 1 WHERE id IN (SELECT author FROM entries WHERE kind <> 'system');
