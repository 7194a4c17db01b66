//! The store itself: one connection that writes and reads. The writer's thread drives a store on a file, the simulator
//! one in memory.

use super::{
    BUSY_TIMEOUT, failure, files::Files, known::Known, reader, record::Transaction, schema, search_index::SearchIndex,
    searching,
};
use crate::journal::{
    Change, Found, JournalError, News, NodeId, Page, Position, Range, Restored, Search, Ticket,
    rules::{self, Decisions, Presence, PresenceChanges},
};
use app::protocol::{Entry, EntryId, LogId};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A connection that writes, with the logs' heads and the presence.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) heads: reader::Heads,
    known: Known,
    pub(super) index: SearchIndex,
    /// Position of the last fact.
    pub(super) position: Position,
    pub(super) presence: Presence,
    /// `None` for a store in memory.
    pub(super) files: Option<Files>,
    /// `true` if deleted words may still be in the write-ahead log.
    pub(super) has_deleted: bool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Creates a store in memory, for the simulator. While `commits` is `false` every commit fails, as on a full disk.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if SQLite fails.
    pub fn in_memory(epoch: &str, commits: Arc<AtomicBool>) -> Result<Self, JournalError> {
        let make = || {
            let mut connection = Connection::open_in_memory()?;
            connection.pragma_update(None, "foreign_keys", true)?;
            super::prepare_statements_once(&connection)?;
            match schema::prepare(&mut connection, epoch) {
                Ok(()) => {}
                Err(schema::PrepareError::Sqlite(error)) => return Err(error),
                Err(_) => return Err(rusqlite::Error::InvalidQuery),
            }
            connection.commit_hook(Some(move || !commits.load(Ordering::Relaxed)))?;
            Self::over(connection, None)
        };
        make().map_err(|error| failure(&error))
    }

    /// Opens a store over a connection, without presence.
    pub(super) fn over(connection: Connection, files: Option<Files>) -> rusqlite::Result<Self> {
        let (heads, position) = (reader::heads(&connection)?, reader::position(&connection)?);
        let index = SearchIndex::open(&connection)?;
        let (known, presence) = Default::default();
        Ok(Self { connection, heads, known, index, position, presence, files, has_deleted: false })
    }

    /// Makes the changes of a node, in one transaction if possible.
    pub fn write(&mut self, node: NodeId, batch: &[(Ticket, Change)]) -> News {
        match self.check_files() {
            Ok(()) => write_together(self, node, batch),
            Err(error) => presence_alone(self, node, batch, &error),
        }
    }

    /// Removes deleted words from the files: SQLite has overwritten them in the store, and the write-ahead log is moved
    /// there and emptied. A reader can prevent that for a moment; the next call tries again.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if SQLite fails.
    pub(super) fn forget_deleted(&mut self) -> Result<(), JournalError> {
        if !self.has_deleted {
            return Ok(());
        }
        let empty = || {
            // Nobody waits for a reader here.
            self.connection.busy_timeout(Duration::ZERO)?;
            let is_busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0));
            self.connection.busy_timeout(BUSY_TIMEOUT)?;
            is_busy
        };
        self.has_deleted = empty().map_err(|error| failure(&error))?;
        Ok(())
    }

    /// Does a part of what the index of the search needs while nothing is written: it takes in older entries, and gets
    /// rid of deleted ones. Returns `false` if there is nothing to do, or it failed and is to be tried later.
    pub(super) fn tend_index(&mut self) -> bool {
        self.index.tend(&self.connection).unwrap_or_else(|error| {
            if self.index.may_have_caused(&error) {
                tracing::error!(%error, "the index of the search is damaged");
                self.index.give_up(true);
            } else {
                tracing::debug!(%error, "the index of the search stays as it is for now");
            }
            false
        })
    }

    /// Clears the presence, as if the process with the store had ended.
    pub fn restart(&mut self) {
        self.presence = Presence::default();
    }

    /// Checks that the written files will be found again.
    pub(super) fn check_files(&self) -> Result<(), JournalError> {
        self.files.as_ref().map_or(Ok(()), Files::check)
    }

    /// Returns the state from which the chat of a node starts.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if it cannot be read.
    pub fn restored(&self, node: NodeId) -> Result<Restored, JournalError> {
        let restored = reader::restore(&self.connection, &self.heads).map_err(|error| failure(&error))?;
        Ok(Restored { node, position: self.position, present: self.presence.all(), ..restored })
    }

    /// See [`Journal::page`](crate::journal::Journal::page).
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if it cannot be read.
    pub fn page(&self, log: &LogId, range: Range) -> Result<Page, JournalError> {
        reader::page(&self.connection, log, range).map_err(|error| failure(&error))
    }

    /// See [`Journal::around`](crate::journal::Journal::around).
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if it cannot be read.
    pub fn around(&self, log: &LogId, id: EntryId, limit: usize) -> Result<Option<Page>, JournalError> {
        reader::around(&self.connection, log, id, limit).map_err(|error| failure(&error))
    }

    /// See [`Journal::versions`](crate::journal::Journal::versions).
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if it cannot be read.
    pub fn versions(&self, log: &LogId, id: EntryId) -> Result<Vec<Entry>, JournalError> {
        reader::versions(&self.connection, log, id).map_err(|error| failure(&error))
    }

    /// See [`Journal::search`](crate::journal::Journal::search).
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if it cannot be read.
    pub fn search(&self, search: &Search) -> Result<Found, JournalError> {
        searching::search(&self.connection, search).map_err(|error| failure(&error))
    }
}

/// Writes a batch as one transaction. If that fails, each change gets its own transaction, so that a refused change
/// does not affect the others; if the database is locked, all are refused at once, because each would wait for the same
/// lock.
fn write_together(store: &mut Store, node: NodeId, batch: &[(Ticket, Change)]) -> News {
    let made = commit(store, node, batch).or_else(|error| commit_without_index(store, node, batch, error));
    match made {
        Ok(news) => news,
        Err(error) if batch.len() > 1 && error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) => {
            let mut news = News::default();
            batch.chunks(1).for_each(|change| news.extend(write_together(store, node, change)));
            news
        }
        Err(error) if batch.len() > 1 => presence_alone(store, node, batch, &failure(&error)),
        Err(error) => refused(store, batch, &failure(&error)),
    }
}

/// Makes the changes again without the index of the search, which is given up if that helps.
fn commit_without_index(
    store: &mut Store,
    node: NodeId,
    batch: &[(Ticket, Change)],
    error: rusqlite::Error,
) -> rusqlite::Result<News> {
    if !store.index.may_have_caused(&error) {
        return Err(error);
    }
    store.index.give_up(true);
    let made = commit(store, node, batch);
    store.index.give_up(made.is_ok());
    if made.is_ok() {
        tracing::error!(%error, "the index of the search is damaged; it is made anew at the next start");
    }
    made
}

/// Refuses the changes that would be written and makes those of presence, which work even if the disk is full.
fn presence_alone(store: &mut Store, node: NodeId, batch: &[(Ticket, Change)], error: &JournalError) -> News {
    let mut news = News::default();
    for part in batch.chunk_by(|(_, one), (_, next)| one.is_presence() == next.is_presence()) {
        let is_presence = part.first().is_some_and(|(_, change)| change.is_presence());
        let taken = if is_presence { commit(store, node, part).ok() } else { None };
        news.extend(taken.unwrap_or_else(|| refused(store, part, error)));
    }
    news
}

/// Returns the answers to refused changes.
fn refused(store: &Store, batch: &[(Ticket, Change)], error: &JournalError) -> News {
    rules::refused(store.position, batch.iter().map(|(ticket, _)| *ticket), error)
}

/// Makes all changes of a batch, or none.
fn commit(store: &mut Store, node: NodeId, batch: &[(Ticket, Change)]) -> rusqlite::Result<News> {
    try_commit(store, node, batch).inspect_err(|_| store.known.clear())
}

/// Makes all changes of a batch, or returns the error with rows of the aborted transaction in [`Known`].
fn try_commit(store: &mut Store, node: NodeId, batch: &[(Ticket, Change)]) -> rusqlite::Result<News> {
    let Store { connection, heads, known, index, position, presence, has_deleted, .. } = store;
    // Presence needs no transaction.
    let writes = !batch.iter().all(|(_, change)| change.is_presence());
    let begin = || rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    let begun = writes.then(begin).transpose()?;
    let mut record = Transaction::new(connection, heads, known, index);
    let mut changes = PresenceChanges::to(presence);
    let mut decisions = Decisions::after(*position, &mut record, &mut changes);
    for (ticket, change) in batch {
        decisions.take(node, *ticket, change)?;
    }
    let (last, news) = decisions.finish();
    if begun.is_some() {
        record.note_heads()?;
        if last > *position {
            record.note_position(last)?;
        }
    }
    *has_deleted |= record.has_deleted();
    let (logs, changes) = (record.into_changed(), changes.into_changed());
    if let Some(transaction) = begun {
        transaction.commit()?;
    }
    *position = last;
    changes.commit(presence);
    for (log, head) in logs {
        match head {
            Some(head) => heads.insert(log, head),
            None => heads.remove(&log),
        };
    }
    Ok(news)
}
