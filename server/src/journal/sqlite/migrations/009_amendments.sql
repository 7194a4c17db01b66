-- Amendments are entries of the kinds `edit` and `delete`.
--
-- The table's definition is rewritten in place, which reads and changes no row: `ALTER TABLE` would read all rows and
-- refuse a table with a damaged one, and cannot drop a check at all. SQLite documents this way. `RESET` reads the
-- definition anew.
--   target: the entry that an amendment changes.
--   rev: the newest amendment of an entry. The row itself keeps the first text until a deletion empties it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, ' CHECK (kind IN (''message'', ''action'', ''system''))', ''),
                                       'checksum INTEGER', 'checksum INTEGER, target INTEGER, rev INTEGER')
WHERE type = 'table' AND name = 'entries';
PRAGMA writable_schema = RESET;
-- The amendments of each entry. A table of its own needs no look at the entries; an index would.
CREATE TABLE amendments (
    target INTEGER NOT NULL,
    id     INTEGER NOT NULL,
    PRIMARY KEY (target, id)
) STRICT, WITHOUT ROWID;
