//! The index of the search: how entries get into it and out of it.
//!
//! Invariants:
//! - each entry after `unindexed` with a [`searched_text`] is in the index under all terms of its present text. What adds
//!   or edits an entry adds the terms in the same transaction. Those of former texts stay, as these themselves do; a
//!   search looks at the present text before it takes an entry;
//! - a deletion takes the entry out of all lists in the same transaction. The file is rid of it by the rewriting of the
//!   lists that follows, in steps between which changes are stored. FTS5 can also rewrite the lists at once, which takes
//!   half a second for a long text among 1,000,000 entries, and everybody would wait for it;
//! - a damaged index refuses no entry. It is given up until the next start, which makes it anew.

use super::{damage, number, reader};
use crate::{
    journal::search::{has_link, searched_text},
    search::{Facet, Folded, document},
};
use app::protocol::{Entry, EntryId, LogId};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, TransactionBehavior, ffi};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Upper bounds of the entries that are added to the index at once while the writer is idle, and of their bytes. A change
/// waits some 10 ms for them.
const AT_ONCE: usize = 200;
const AT_ONCE_BYTES: usize = 64 * 1024;

/// Pages of lists that are rewritten at once while the writer is idle, of 4 KiB each.
const REWRITTEN_AT_ONCE: i64 = 64;

/// Minimum interval between the beginnings of two rewritings, since each writes the whole index.
const REWRITE_EVERY: Duration = Duration::from_secs(60 * 60);

/// `unindexed` of an index that is to be made anew.
const BROKEN: i64 = -1;

const ADD: &str = "INSERT INTO search_terms (rowid, terms) VALUES (?1, ?2)";
/// FTS5 finds the lists in which an entry is by its terms.
const REMOVE: &str = "INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', ?1, ?2)";
/// Makes the index; see there.
const MAKE: &str = include_str!("migrations/010_search.sql");

/// The state of the index.
#[derive(Debug)]
pub(super) struct SearchIndex {
    /// The entries up to this one are not in the index.
    unindexed: EntryId,
    /// `true` if the entries up to `unindexed` cannot be read.
    is_stuck: bool,
    /// `true` if a part of the index is damaged, so that nothing is added or removed any more.
    is_given_up: bool,
    /// `true` if a search found a part of the index damaged.
    found_damaged: Arc<AtomicBool>,
    rewriting: Rewriting,
}

/// The rewriting of the lists after deletions.
#[derive(Debug, Clone, Copy, Default)]
struct Rewriting {
    /// `true` if something was deleted since the last one began.
    is_due: bool,
    is_under_way: bool,
    begun_at: Option<Instant>,
}

impl SearchIndex {
    /// Reads the state, and empties an index that was damaged.
    pub(super) fn open(connection: &Connection) -> Result<Self> {
        let unindexed = noted(connection, "unindexed")?.unwrap_or(BROKEN);
        let is_due = noted(connection, "deleted_terms")?.is_some();
        let mut index = Self {
            unindexed: unindexed.unsigned_abs(),
            is_stuck: false,
            is_given_up: false,
            found_damaged: Arc::default(),
            rewriting: Rewriting { is_due, ..Rewriting::default() },
        };
        if unindexed == BROKEN {
            match make_anew(connection) {
                Err(error) if damage::is_damage(&error) => {
                    tracing::error!(%error, "the index of the search is damaged and cannot be removed; there is no search");
                    index.is_given_up = true;
                }
                made => index.unindexed = made?,
            }
        }
        Ok(index)
    }

    fn is_out_of_use(&self) -> bool {
        self.is_given_up || self.found_damaged.load(Ordering::Relaxed)
    }

    /// Returns the flag that a search sets which finds the index damaged.
    pub(super) fn found_damaged(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.found_damaged)
    }

    /// Adds an entry under the terms of its text, which can be one of several that it has had.
    pub(super) fn add(&self, connection: &Connection, at: (&LogId, i64), entry: &Entry) -> Result<()> {
        if entry.id > self.unindexed { self.put(connection, at, entry) } else { Ok(()) }
    }

    fn put(&self, connection: &Connection, at: (&LogId, i64), entry: &Entry) -> Result<()> {
        let Some(text) = searched_text(entry) else { return Ok(()) };
        let terms = terms(at, entry, &[Folded::of(text)], has_link(text));
        self.change(connection, ADD, entry.id, &terms)
    }

    /// Takes an entry out of the lists of all texts that it has had.
    pub(super) fn remove(
        &mut self,
        connection: &Connection,
        at: (&LogId, i64),
        entry: &Entry,
        texts: &[String],
    ) -> Result<()> {
        if entry.id <= self.unindexed {
            return Ok(());
        }
        let folded: Vec<Folded> = texts.iter().map(|text| Folded::of(text)).collect();
        let terms = terms(at, entry, &folded, texts.iter().any(|text| has_link(text)));
        self.rewriting.is_due = true;
        note(connection, "deleted_terms", 1)?;
        self.change(connection, REMOVE, entry.id, &terms)
    }

    fn change(&self, connection: &Connection, statement: &str, id: EntryId, terms: &str) -> Result<()> {
        if self.is_out_of_use() {
            return note(connection, "unindexed", BROKEN);
        }
        connection.prepare_cached(statement)?.execute((number(id), terms)).map(drop)
    }

    /// Returns `true` if the index may have caused an error: FTS5 writes some of its lists at the commit only, and where
    /// it reads wrong numbers, it may write two parts of a list under one of them.
    pub(super) fn may_have_caused(&self, error: &rusqlite::Error) -> bool {
        let is_doubled = error.sqlite_error().is_some_and(|it| it.extended_code == ffi::SQLITE_CONSTRAINT_PRIMARYKEY);
        !self.is_given_up && (is_doubled || damage::is_damage(error))
    }

    /// Sets whether the index is given up.
    pub(super) fn give_up(&mut self, is_given_up: bool) {
        self.is_given_up = is_given_up;
    }

    /// Does a part of what is to be done while the writer is idle. Returns `false` if there is nothing.
    pub(super) fn tend(&mut self, connection: &Connection) -> Result<bool> {
        if self.is_out_of_use() {
            return Ok(false);
        }
        Ok(self.fill(connection)? || self.rewrite(connection)?)
    }

    /// Adds some of the entries that are not in the index yet. Returns `false` if there are none.
    fn fill(&mut self, connection: &Connection) -> Result<bool> {
        if self.unindexed == 0 || self.is_stuck {
            return Ok(false);
        }
        let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let (mut part, is_last) = match unindexed_entries(connection, self.unindexed) {
            Err(error) if damage::is_damage(&error) => {
                tracing::error!(%error, "older entries cannot be searched, because a part of the store is damaged");
                self.is_stuck = true;
                return Ok(false);
            }
            part => part?,
        };
        part.reverse();
        let unindexed = if is_last { 0 } else { part.first().map_or(0, |(_, _, entry)| entry.id - 1) };
        for (log, key, entry) in &part {
            if let Some(log) = log {
                self.put(connection, (log, *key), entry)?;
            }
        }
        note(connection, "unindexed", number(unindexed))?;
        begun.commit()?;
        self.unindexed = unindexed;
        Ok(true)
    }

    /// Rewrites some of the lists, without the entries that were taken out of them. Returns `false` if that is done, or
    /// not due.
    fn rewrite(&mut self, connection: &Connection) -> Result<bool> {
        let Rewriting { is_due, is_under_way, begun_at } = self.rewriting;
        let is_time = begun_at.is_none_or(|at| at.elapsed() >= REWRITE_EVERY);
        let goes_on = is_under_way || is_due && is_time;
        if !goes_on {
            return Ok(false);
        }
        let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        // A negative number begins: all lists are to become one.
        let pages = if is_under_way { REWRITTEN_AT_ONCE } else { -REWRITTEN_AT_ONCE };
        if !is_under_way {
            self.rewriting = Rewriting { is_due: false, is_under_way: true, begun_at: Some(Instant::now()) };
        }
        let before = connection.total_changes();
        connection
            .prepare_cached("INSERT INTO search_terms (search_terms, rank) VALUES ('merge', ?1)")?
            .execute([pages])?;
        // SQLite documents this as the sign of the end.
        let is_done = connection.total_changes() - before < 2;
        if is_done && !self.rewriting.is_due {
            connection.execute("DELETE FROM meta WHERE key = 'deleted_terms'", ())?;
        }
        begun.commit()?;
        self.rewriting.is_under_way = !is_done;
        Ok(!is_done)
    }
}

/// Makes the index anew, without an entry, and returns the newest entry that it lacks.
fn make_anew(connection: &Connection) -> Result<EntryId> {
    let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    connection.execute_batch("DROP TABLE search_terms; DELETE FROM meta WHERE key = 'unindexed'")?;
    connection.execute_batch(MAKE)?;
    let newest = reader::position(connection)?;
    note(connection, "unindexed", number(newest))?;
    begun.commit()?;
    Ok(newest)
}

/// An entry with the key of its log, and the log if its name can be read.
type Unindexed = (Option<LogId>, i64, Entry);

/// Reads the newest entries that are not in the index, newest first, and `true` if there are no others. A damaged entry
/// has no text to be found by.
fn unindexed_entries(connection: &Connection, up_to: EntryId) -> Result<(Vec<Unindexed>, bool)> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {}, {} FROM entries WHERE id <= ?1 ORDER BY id DESC",
        damage::COLUMNS,
        reader::LOG
    ))?;
    let rows = select.query_map([number(up_to)], |row| {
        let entry = damage::entry(connection, row, None)?;
        Ok((reader::log(row, damage::COLUMN_COUNT).ok(), row.get(8).unwrap_or_default(), entry))
    })?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    for row in rows {
        if part.len() == AT_ONCE || bytes > AT_ONCE_BYTES {
            return Ok((part, false));
        }
        let row: Unindexed = row?;
        bytes += row.2.text.len();
        part.push(row);
    }
    Ok((part, true))
}

/// Reads a number of `meta`.
pub(super) fn noted(connection: &Connection, key: &str) -> Result<Option<i64>> {
    let stored = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1";
    connection.prepare_cached(stored)?.query_row([key], |row| row.get(0)).optional()
}

fn note(connection: &Connection, key: &str, number: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, CAST(?2 AS TEXT))
             ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute((key, number))
        .map(drop)
}

/// Returns the terms of an entry: its facets, and those of texts that it has had.
fn terms((log, key): (&LogId, i64), entry: &Entry, texts: &[Folded], has_link: bool) -> String {
    let from = Folded::of(&entry.from);
    let mut facets = vec![Facet::In(key), Facet::Under(from.chars())];
    match log {
        LogId::Room(_) => facets.push(Facet::InARoom),
        LogId::Conversation(pair) => facets.extend(pair.users().map(Facet::Of)),
    }
    facets.extend(entry.user_id.map(Facet::By));
    facets.extend(has_link.then_some(Facet::Link));
    let mut terms = document(texts);
    for facet in facets {
        terms.push_str(&facet.term());
        terms.push(' ');
    }
    terms
}
