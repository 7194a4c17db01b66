//! Amendments: what an edit or a deletion changes in the rows of its target, and in the index of the search.

use super::{Transaction, fields};
use crate::journal::sqlite::{checksum::Fields, damage, number};
use app::protocol::{Entry, EntryId, EntryKind, LogId, UserId};
use rusqlite::Result;

impl Transaction<'_> {
    /// Notes an amendment in the row of its target. A deletion empties the texts of the target and of its edits.
    pub(super) fn amend(&mut self, key: i64, author: UserId, target: EntryId, amendment: &Entry) -> Result<()> {
        let rev = Some(number(amendment.id));
        if amendment.kind != EntryKind::Delete {
            return self.rewrite(key, author, target, rev, false);
        }
        self.has_deleted = true;
        self.rewrite(key, author, target, rev, true)?;
        let mut edits = self.connection.prepare_cached("SELECT id FROM amendments WHERE target = ?1 AND id < ?2")?;
        let edits = edits.query_map((number(target), rev), |row| row.get(0))?.collect::<Result<Vec<i64>>>()?;
        edits.into_iter().try_for_each(|edit| self.rewrite(key, author, edit.unsigned_abs(), None, true))
    }

    /// Adds an entry to the index of the search as it will be after an amendment, or removes it. One that is damaged stays
    /// as it is, and is not found.
    pub(super) fn index_amended(&mut self, at: (&LogId, i64), target: EntryId, amendment: &Entry) -> Result<()> {
        let connection = self.connection;
        // The newest amendment so far may be damaged; this one needs the first text alone.
        let Some(mut entry) = damage::intact_at(connection, number(target))? else { return Ok(()) };
        if amendment.kind == EntryKind::Delete {
            let texts = connection
                .prepare_cached(
                    "SELECT text FROM entries
                     WHERE id IN (SELECT ?1 UNION ALL SELECT id FROM amendments WHERE target = ?1)",
                )?
                .query_map([number(target)], |row| row.get(0))?
                .filter(|text| !text.as_ref().is_err_and(damage::is_of_a_row))
                .collect::<Result<Vec<String>>>()?;
            return self.index.remove(connection, at, &entry, &texts);
        }
        entry.amend(amendment);
        self.index.add(connection, at, &entry)
    }

    /// Rewrites a row of an author, with its checksum.
    fn rewrite(&self, key: i64, author: UserId, id: EntryId, rev: Option<i64>, is_emptied: bool) -> Result<()> {
        let stored = self
            .connection
            .prepare_cached(&format!("SELECT {} FROM entries WHERE id = ?1", damage::COLUMNS))?
            .query_row([number(id)], |row| damage::stored(self.connection, row, Some(key)))?;
        let fields = Fields { rev, ..fields(key, author, &stored) };
        let fields = if is_emptied { Fields { text: "", ..fields } } else { fields };
        self.connection
            .prepare_cached("UPDATE entries SET text = ?2, rev = ?3, checksum = ?4 WHERE id = ?1")?
            .execute((fields.id, fields.text, fields.rev, fields.checksum()))
            .map(drop)
    }
}
