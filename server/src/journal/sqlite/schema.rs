//! The store's format and the way from each to the next.

use super::OpenError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Marks a file as natter's (`PRAGMA application_id`): the letters `NATR`.
const APPLICATION_ID: i64 = 0x4e41_5452;

/// Step `n` brings a store of format `n` to format `n + 1` (`PRAGMA user_version`). Steps are only ever added.
const MIGRATIONS: [&str; 7] = [
    include_str!("migrations/001_begin.sql"),
    include_str!("migrations/002_people.sql"),
    include_str!("migrations/003_sessions.sql"),
    include_str!("migrations/004_uptime.sql"),
    include_str!("migrations/005_heads.sql"),
    include_str!("migrations/006_checksums.sql"),
    include_str!("migrations/007_reserved_names.sql"),
];

/// The format that this version writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// The first format in which entries have checksums.
pub(super) const CHECKSUMS: i64 = 6;

/// Why a store cannot be used.
pub(super) enum PrepareError {
    /// A later version wrote it, in this format.
    Newer(i64),
    /// It is not ours.
    NotOurs,
    /// Anything else.
    Sqlite(rusqlite::Error),
}

/// Why the store of a folder cannot be used.
pub(super) fn explained(folder: &Path, error: PrepareError) -> OpenError {
    let file = folder.join(super::FILE);
    match error {
        PrepareError::Newer(found) => OpenError::Newer { file, found, known: NEWEST },
        PrepareError::NotOurs => OpenError::Damaged { file, reason: "it has another program's mark".to_owned() },
        PrepareError::Sqlite(source) => super::explained(folder, source),
    }
}

impl From<rusqlite::Error> for PrepareError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// The format of a store of ours, or 0 for an empty file.
pub(super) fn format(connection: &Connection) -> Result<i64, PrepareError> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let is_empty = tables == 0 && application == 0 && format == 0;
    if !is_empty && (application != APPLICATION_ID || format < 1) {
        return Err(PrepareError::NotOurs);
    }
    if format > NEWEST { Err(PrepareError::Newer(format)) } else { Ok(format) }
}

/// Checks that the file is a store of ours, or empty; then sets how it is written and brings it to the newest format; counts
/// that it was opened. What fails the check is left as it was.
///
/// The check takes the same time for any size: SQLite's header and schema, which also tell that the file has its length. What
/// the chat starts from is read anyway, and each entry is checked when it is read; `natter check` reads everything.
///
/// `epoch` is the new log's random name, for a store that is made here.
pub(super) fn prepare(connection: &mut Connection, epoch: &str) -> Result<(), PrepareError> {
    let format = format(connection)?;
    let is_empty = format == 0;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in MIGRATIONS.iter().skip(usize::try_from(format).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    if is_empty {
        transaction.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?1)", [epoch])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.execute("UPDATE meta SET value = value + 1 WHERE key = 'runs'", ())?;
    transaction.pragma_update(None, "user_version", NEWEST)?;
    transaction.commit()?;
    Ok(())
}
