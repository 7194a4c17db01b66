-- CRC-32 of the parts of an entry that people read: see `checksum.rs`. An older entry has none and is accepted as it
-- is: computing one would rewrite the whole table, and would confirm an entry that may be damaged already.
ALTER TABLE entries ADD COLUMN checksum INTEGER;
-- The last entry without a checksum.
INSERT INTO meta (key, value) VALUES ('unchecked', (SELECT coalesce(max(id), 0) FROM entries));
