-- The server's uptime in milliseconds at the deletion of a user who had written an entry. The name stays reserved for a
-- while from then on. Names of users who were deleted before this migration are free.
ALTER TABLE users ADD COLUMN forgotten_uptime INTEGER;
CREATE INDEX users_by_forgotten ON users (forgotten_uptime) WHERE forgotten_uptime IS NOT NULL;
