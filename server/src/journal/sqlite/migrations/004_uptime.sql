-- Milliseconds for which the server has run, over all its starts. Absence is counted in them: neither a clock that was wrong
-- nor a time without a server makes anybody absent.
INSERT INTO meta (key, value) VALUES ('uptime', '0');
-- At which of them the user was last connected, to the hour.
ALTER TABLE users ADD COLUMN seen_uptime INTEGER NOT NULL DEFAULT 0;
