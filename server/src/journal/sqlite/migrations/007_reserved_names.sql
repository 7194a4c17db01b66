-- For how many milliseconds the server had run, over all its starts, when a user who had written something was forgotten. The
-- name stays reserved for a while from then on. Names of users who were forgotten before this are free.
ALTER TABLE users ADD COLUMN forgotten_uptime INTEGER;
CREATE INDEX users_by_forgotten ON users (forgotten_uptime) WHERE forgotten_uptime IS NOT NULL;
