-- Amendments are entries of the kinds `edit` and `delete`.
-- The entry that an amendment changes.
ALTER TABLE entries ADD COLUMN target INTEGER;
-- The newest amendment of an entry. The row itself keeps the first text until a deletion empties it.
ALTER TABLE entries ADD COLUMN rev INTEGER;
CREATE INDEX entries_by_target ON entries (target) WHERE target IS NOT NULL;
-- SQLite cannot drop a check, and to copy a large table would take minutes. Removing the check from the table's
-- definition changes no row, and is the way that SQLite documents. `RESET` reads the definition anew.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (kind IN (''message'', ''action'', ''system''))', '')
WHERE type = 'table' AND name = 'entries';
PRAGMA writable_schema = RESET;
