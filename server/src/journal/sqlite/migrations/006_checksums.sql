-- CRC-32 of what people read of an entry: see `checksum.rs`. An entry that was stored before this has none, and is taken as it
-- is: to give it one would write the whole table anew, and call right what may be damaged already.
ALTER TABLE entries ADD COLUMN checksum INTEGER;
-- The last of those.
INSERT INTO meta (key, value) VALUES ('unchecked', (SELECT coalesce(max(id), 0) FROM entries));
