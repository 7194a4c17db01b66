//! The store's format, and its migrations.

use super::OpenError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// `PRAGMA application_id` of Natter's files: the letters `NATR`.
const APPLICATION_ID: i64 = 0x4e41_5452;

/// Step `n` migrates a store of format `n` to format `n + 1` (`PRAGMA user_version`). Steps are only ever appended.
const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/001_begin.sql"),
    include_str!("migrations/002_people.sql"),
    include_str!("migrations/003_sessions.sql"),
    include_str!("migrations/004_uptime.sql"),
    include_str!("migrations/005_heads.sql"),
    include_str!("migrations/006_checksums.sql"),
    include_str!("migrations/007_reserved_names.sql"),
    include_str!("migrations/008_positions.sql"),
    include_str!("migrations/009_amendments.sql"),
    include_str!("migrations/010_search.sql"),
];

/// The format that this version writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// The first format in which entries have checksums.
pub(super) const CHECKSUMS: i64 = 6;

/// The first format with amendments.
pub(super) const AMENDMENTS: i64 = 9;

/// The reason for which a store cannot be used.
pub(super) enum PrepareError {
    /// A later version wrote the store in this format.
    Newer(i64),
    /// The file belongs to another program.
    NotOurs,
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

/// Explains why the store of a folder cannot be used.
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

/// Returns the format of a Natter store, or 0 for an empty file.
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

/// Checks that the file is empty or a Natter store, then sets the write mode, migrates it to the newest format and
/// counts the start. A file that fails the check is not changed.
///
/// The check takes the same time for any size: it reads SQLite's header and schema, which also reveal a truncated file.
/// The state for the start is read anyway, and each entry is checked when it is read; `natter check` reads everything.
///
/// `epoch` is the random name of a new log.
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
