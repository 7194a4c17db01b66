//! The embedded journal: SQLite in WAL mode with `synchronous=FULL`.
//!
//! One thread writes. It takes everything that waits, makes all of it one transaction, and reports after the commit:
//! group commit, which pays the disk's flush once for many changes. A few connections read. The folder is locked for
//! as long as the journal is open, so two processes cannot write one store.
//!
//! Invariants:
//! - a completion is sent after the `COMMIT` of its transaction returned, never before;
//! - entries' ids grow in the order of submission, and `prev` is the id of the log's entry before.

mod check;
mod checksum;
mod damage;
mod files;
mod reader;
mod schema;
mod store;
mod writer;

pub use check::{Findings, check};
pub use damage::count as damaged_entries;
pub use store::Store;

use super::{Change, Completion, Journal, JournalError, Log, Page, QUEUE, Range, Restored, Ticket};
use crate::fatal::EndOnPanic;
use files::Files;
use futures::future::BoxFuture;
use reader::Readers;
use rusqlite::{Connection, ErrorCode, config::DbConfig};
use std::{
    error::Error,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io, iter,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::mpsc::UnboundedSender;

/// The store's file in the data folder.
const FILE: &str = "natter.db";
/// SQLite's log of what is not in that file yet.
const WAL: &str = "natter.db-wal";
/// The file that is locked while a process has the folder.
const LOCK: &str = "natter.lock";
/// Connections that read; as many pages are read at once.
pub const READERS: usize = 2;
/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 32;
/// How long a statement waits for another connection's lock. Nobody but a person with a tool can hold one, and everybody
/// in the chat waits for the writer meanwhile; it is also less than what a stop leaves the store for its last commit.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a store could not be opened. Each is one sentence for the person who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("The data folder {folder} cannot be used: {source}.")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it.
    #[error("The data folder {0} is in use by another Natter. Stop that one, or choose another folder with --data.")]
    InUse(PathBuf),
    /// There is none to be checked.
    #[error("There is no store at {0}. The folder is named by --data.")]
    Missing(PathBuf),
    /// A later version wrote it.
    #[error(
        "The store {file} was written by a newer Natter (format {found}; this one reads up to {known}). Nothing was changed."
    )]
    Newer {
        /// Which.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// It is not a whole store of ours.
    #[error("The store {file} is corrupt, or is not a Natter store ({reason}). Nothing was changed.")]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system gives no random numbers.
    #[error("The operating system gives no random numbers: {0}.")]
    NoRandomness(String),
    /// Something else.
    #[error("The store {file} could not be opened: {source}.")]
    Store {
        /// Which.
        file: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// See the [module](self).
pub struct SqliteJournal {
    /// Empty once the journal is closed, which ends the writer.
    queue: Mutex<Option<SyncSender<(Ticket, Change)>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Readers>,
    /// Held, not used: the lock ends with the file.
    _lock: File,
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal").finish_non_exhaustive()
    }
}

impl SqliteJournal {
    /// Opens the store in a folder, or makes both, and brings it to the newest format. Completions go to
    /// `completions`, a batch for each commit; the channel is unbounded because [`QUEUE`] bounds what can be in it.
    ///
    /// Returns what the store holds.
    ///
    /// # Errors
    /// [`OpenError`]; nothing in the folder was changed then, but for the lock file.
    pub fn open(folder: &Path, completions: UnboundedSender<Vec<Completion>>) -> Result<(Self, Restored), OpenError> {
        let lock = lock(folder)?;
        let file = folder.join(FILE);
        let explain = |error| explained(folder, error);
        let mut connection = connect(&file).map_err(explain)?;
        let epoch = getrandom::u64().map_err(|error| OpenError::NoRandomness(error.to_string()))?;
        schema::prepare(&mut connection, &format!("{epoch:016x}")).map_err(|error| schema::explained(folder, error))?;
        let heads = reader::heads(&connection).map_err(explain)?;
        let restored = reader::restore(&connection, &heads).map_err(explain)?;

        let readers = (0..READERS).map(|_| connect(&file)).collect::<Result<Vec<_>, _>>().map_err(explain)?;
        let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
        let files = Files::of([FILE, WAL, LOCK].map(|name| folder.join(name))).map_err(unusable)?;
        let (queue, waiting) = sync_channel(QUEUE);
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                let _end = EndOnPanic("the journal's writer");
                writer::run(Store { connection, heads, files: Some(files) }, &waiting, &completions);
            })
            .map_err(unusable)?;
        let journal = Self {
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            readers: Arc::new(Readers::new(readers)),
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

    fn page(&self, log: &Log, range: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        let (readers, log) = (Arc::clone(&self.readers), log.clone());
        Box::pin(async move { readers.page(log, range).await })
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

/// Why the store of a folder cannot be opened.
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

/// Makes the folder if it is not there, and takes it for this process.
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

/// A connection that waits for locks and checks references. It changes nothing in the file.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A damaged page is noticed when it is read, before it spreads.
    connection.pragma_update(None, "cell_size_check", true)?;
    prepare_statements_once(&connection)?;
    Ok(connection)
}

/// Keeps prepared statements, and lets SQLite not plan them anew for each bound: the plans are the same.
fn prepare_statements_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// What SQLite says, with everything behind it, on one line.
fn failure(error: &rusqlite::Error) -> JournalError {
    let chain = iter::successors(Some(error as &dyn Error), |error| (*error).source());
    let chain = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if damage::is_damage(error) { JournalError::Damaged(chain) } else { JournalError::Store(chain) }
}

#[cfg(test)]
mod tests;
