-- Milliseconds for which the server has run, over all its starts. Absence is measured by them, so neither a wrong clock
-- nor a time without a server makes a user absent.
INSERT INTO meta (key, value) VALUES ('uptime', '0');
-- The uptime at the user's last connection, to the hour.
ALTER TABLE users ADD COLUMN seen_uptime INTEGER NOT NULL DEFAULT 0;
