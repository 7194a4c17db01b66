-- The position of the last fact. Entries and all other facts share one sequence, so the ids of entries have gaps from
-- here on.
INSERT INTO meta (key, value)
SELECT 'position', max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entries'), 0),
                       coalesce((SELECT max(id) FROM entries), 0));
