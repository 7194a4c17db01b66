-- The index of the search, over the terms that `search::grams` makes of an entry's texts. FTS5 keeps the lists of entries
-- by term alone, and no text. Under some names, such as `search`, a virtual table comes first in SQLite's list of tables,
-- and its check of the file then no longer reports pages that nothing refers to.
CREATE VIRTUAL TABLE search_terms USING fts5(
    terms,
    content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
-- The entries up to this one are not in the index yet. The writer adds them when it has nothing else to do.
INSERT INTO meta (key, value) SELECT 'unindexed', value FROM meta WHERE key = 'position';
