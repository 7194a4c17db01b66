//! The embedded journal: SQLite in WAL mode with `synchronous=FULL`.
//!
//! One thread writes. It takes all queued changes, makes them one transaction, and sends the news after the commit.
//! This group commit pays for one disk flush per batch. A few connections read. The folder is locked while the journal
//! is open, so two processes cannot write one store.
//!
//! Invariants:
//! - news is sent after the `COMMIT` of its transaction has returned, never before;
//! - the identifiers of entries grow in the order of submission, and `prev` is the identifier of the log's previous
//!   entry.

mod check;
mod checksum;
mod damage;
mod files;
mod known;
mod log_name;
mod reader;
mod readers;
mod record;
mod schema;
mod search_index;
mod searching;
mod store;
mod writer;

pub use check::{Findings, check};
pub use damage::count as damaged_entries;
pub use store::Store;

use super::{Change, Found, Journal, JournalError, News, Page, QUEUE, Range, Restored, Search, Ticket};
use crate::fatal::EndOnPanic;
use app::protocol::{Entry, EntryId, LogId, Timestamp};
use files::Files;
use futures::future::BoxFuture;
use readers::Readers;
use rusqlite::{Connection, ErrorCode, config::DbConfig};
use std::{
    error::Error,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io, iter,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::mpsc::UnboundedSender;

/// Name of the store's file in the data folder.
const FILE: &str = "natter.db";
/// Name of SQLite's write-ahead log beside it.
const WAL: &str = "natter.db-wal";
/// Name of the file that the process with the store holds locked.
const LOCK: &str = "natter.lock";
/// Number of connections that read, and so of concurrent reads.
pub const READERS: usize = 2;
/// Capacity of a connection's cache of prepared statements, larger than the number of statements.
const STATEMENTS: usize = 48;
/// Timeout for another connection's lock. Only a person with a tool can hold one, and the whole chat waits for the
/// writer meanwhile; the timeout is also shorter than the time that a stop leaves for the last commit.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// The reason for which a store could not be opened. Each message is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be created or written.
    #[error("The data folder {folder} cannot be used: {source}.")]
    Folder {
        /// Path of the folder.
        folder: PathBuf,
        /// Cause of the failure.
        source: io::Error,
    },
    /// Another process has locked the folder.
    #[error("The data folder {0} is in use by another Natter. Stop that one, or choose another folder with --data.")]
    InUse(PathBuf),
    /// `natter check` found no store.
    #[error("There is no store at {0}. The folder is named by --data.")]
    Missing(PathBuf),
    /// A later version wrote the store.
    #[error(
        "The store {file} was written by a newer Natter (format {found}; this one reads up to {known}). Nothing was changed."
    )]
    Newer {
        /// Path of the store.
        file: PathBuf,
        /// Format of the store.
        found: i64,
        /// Newest format that this version reads.
        known: i64,
    },
    /// The file is corrupt or not a Natter store.
    #[error("The store {file} is corrupt, or is not a Natter store ({reason}). Nothing was changed.")]
    Damaged {
        /// Path of the file.
        file: PathBuf,
        /// Description of the damage.
        reason: String,
    },
    /// The operating system provides no random numbers.
    #[error("The operating system gives no random numbers: {0}.")]
    NoRandomness(String),
    /// SQLite failed for another reason.
    #[error("The store {file} could not be opened: {source}.")]
    Store {
        /// Path of the store.
        file: PathBuf,
        /// Cause of the failure.
        source: rusqlite::Error,
    },
}

/// The embedded journal. See the [module](self).
pub struct SqliteJournal {
    /// Sender to the writer, `None` once the journal is closed; dropping it ends the writer.
    queue: Mutex<Option<SyncSender<(Ticket, Change)>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Readers>,
    /// Set by a search that finds the index damaged, so that the writer has it made anew.
    index_is_damaged: Arc<AtomicBool>,
    /// Kept open for its lock, which ends with the file handle.
    _lock: File,
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal").finish_non_exhaustive()
    }
}

impl SqliteJournal {
    /// Opens or creates the store in a folder and migrates it to the newest format. News goes to `listener`, once per
    /// commit; the channel is unbounded because [`QUEUE`] bounds its contents.
    ///
    /// Returns the journal and the state from which the chat starts.
    ///
    /// # Errors
    /// Returns [`OpenError`]; nothing in the folder was changed then, except for the lock file.
    pub fn open(folder: &Path, listener: UnboundedSender<News>) -> Result<(Self, Restored), OpenError> {
        let lock = lock(folder)?;
        let file = folder.join(FILE);
        let explain = |error| explained(folder, error);
        // A process that was killed leaves its log, with words that it may have deleted.
        let has_deleted = fs::metadata(folder.join(WAL)).is_ok_and(|log| log.len() > 0);
        let mut connection = connect(&file).map_err(explain)?;
        let epoch = getrandom::u64().map_err(|error| OpenError::NoRandomness(error.to_string()))?;
        schema::prepare(&mut connection, &format!("{epoch:016x}")).map_err(|error| schema::explained(folder, error))?;
        let mut store = Store::over(connection, None).map_err(explain)?;
        store.has_deleted = has_deleted;
        let restored = reader::restore(&store.connection, &store.heads).map_err(explain)?;
        let restored = Restored { node: writer::NODE, position: store.position, ..restored };

        let readers = (0..READERS).map(|_| connect(&file)).collect::<Result<Vec<_>, _>>().map_err(explain)?;
        let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
        store.files = Some(Files::of([FILE, WAL, LOCK].map(|name| folder.join(name))).map_err(unusable)?);
        let index_is_damaged = store.index.found_damaged();
        let (queue, waiting) = sync_channel(QUEUE);
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                let _end = EndOnPanic("the journal's writer");
                writer::run(store, &waiting, &listener);
            })
            .map_err(unusable)?;
        let journal = Self {
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            readers: Arc::new(Readers::new(readers)),
            index_is_damaged,
            _lock: lock,
        };
        Ok((journal, restored))
    }
}

impl Journal for SqliteJournal {
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(JournalError::Closed)?;
        queue.try_send((ticket, change)).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::Busy,
            TrySendError::Disconnected(_) => JournalError::Closed,
        })
    }

    fn page(&self, log: &LogId, range: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        let (readers, log) = (Arc::clone(&self.readers), log.clone());
        Box::pin(async move { readers.read(move |connection| reader::page(connection, &log, range)).await })
    }

    fn around(&self, log: &LogId, id: EntryId, limit: usize) -> BoxFuture<'static, Result<Option<Page>, JournalError>> {
        let (readers, log) = (Arc::clone(&self.readers), log.clone());
        Box::pin(async move { readers.read(move |connection| reader::around(connection, &log, id, limit)).await })
    }

    fn versions(&self, log: &LogId, id: EntryId) -> BoxFuture<'static, Result<Vec<Entry>, JournalError>> {
        let (readers, log) = (Arc::clone(&self.readers), log.clone());
        Box::pin(async move { readers.read(move |connection| reader::versions(connection, &log, id)).await })
    }

    fn search(&self, search: Search) -> BoxFuture<'static, Result<Found, JournalError>> {
        let (readers, found_damaged) = (Arc::clone(&self.readers), Arc::clone(&self.index_is_damaged));
        Box::pin(async move {
            let found = readers.read(move |connection| searching::search(connection, &search)).await;
            if matches!(found, Err(JournalError::Damaged(_))) {
                found_damaged.store(true, Ordering::Relaxed);
            }
            found
        })
    }

    fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the journal's writer had panicked");
        }
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.close();
    }
}

/// Explains why the store of a folder could not be opened.
fn explained(folder: &Path, source: rusqlite::Error) -> OpenError {
    let file = folder.join(FILE);
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { file, reason: source.to_string() }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::Folder { folder: folder.to_owned(), source: io::Error::other(source.to_string()) }
        }
        _ => OpenError::Store { file, source },
    }
}

/// Creates the folder if necessary and locks it for this process.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(unusable)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK)).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Opens a connection that waits for locks and enforces foreign keys. It changes nothing in the file.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Damaged pages are detected when they are read, before the damage spreads.
    connection.pragma_update(None, "cell_size_check", true)?;
    // Deleted words are overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    prepare_statements_once(&connection)?;
    Ok(connection)
}

/// Caches prepared statements and keeps SQLite from planning them anew for each bound, since the plans are equal.
fn prepare_statements_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Returns SQLite's error with its chain of causes on one line.
fn failure(error: &rusqlite::Error) -> JournalError {
    let chain = iter::successors(Some(error as &dyn Error), |error| (*error).source());
    let chain = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if damage::is_damage(error) { JournalError::Damaged(chain) } else { JournalError::Store(chain) }
}

/// Converts a number for a column. Identifiers stay below 2^53, and times will for long.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn millis(at: Timestamp) -> i64 {
    number(at.as_millis())
}

#[cfg(test)]
mod tests;
