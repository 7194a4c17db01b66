//! The store itself: what is written and read on one connection. The writer's thread drives one on a file, the simulator
//! one in memory.

use super::{failure, files::Files, reader, schema, writer};
use crate::journal::{Change, Completion, JournalError, Log, Page, Range, Restored, Ticket};
use rusqlite::Connection;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// One connection that writes, and what it knows of the logs' ends.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) heads: reader::Heads,
    /// Nothing for a store that is on no disk.
    pub(super) files: Option<Files>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// A store that is on no disk, for the simulator. While `commits` is `false` every commit fails, as on a full disk.
    ///
    /// # Errors
    /// [`JournalError::Store`] when SQLite cannot make it.
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
            let heads = reader::heads(&connection)?;
            Ok(Self { connection, heads, files: None })
        };
        make().map_err(|error| failure(&error))
    }

    /// Makes changes, all in one transaction if that can be, and says what became of each.
    pub fn write(&mut self, batch: &[(Ticket, Change)]) -> Vec<Completion> {
        match self.check_files() {
            Ok(()) => writer::write(&mut self.connection, &mut self.heads, batch),
            Err(error) => writer::refused(batch, &error),
        }
    }

    /// Whether what is written now will be found.
    pub(super) fn check_files(&self) -> Result<(), JournalError> {
        self.files.as_ref().map_or(Ok(()), Files::check)
    }

    /// What a chat starts from.
    ///
    /// # Errors
    /// [`JournalError::Store`] when it cannot be read.
    pub fn restored(&self) -> Result<Restored, JournalError> {
        reader::restore(&self.connection, &self.heads).map_err(|error| failure(&error))
    }

    /// See [`Journal::page`](crate::journal::Journal::page).
    ///
    /// # Errors
    /// [`JournalError::Store`] when it cannot be read.
    pub fn page(&self, log: &Log, range: Range) -> Result<Page, JournalError> {
        reader::page(&self.connection, log, range).map_err(|error| failure(&error))
    }
}
