//! The store's format and the way from each to the next.

use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Marks a file as natter's (`PRAGMA application_id`): the letters `NATR`.
const APPLICATION_ID: i64 = 0x4e41_5452;

/// Up to this size, in bytes, the whole file is checked before it is used. The check reads every page (some 100 MB a
/// second on a slow disk); a larger store would keep people waiting, and its damage shows when it is read.
const CHECKED_UP_TO: u64 = 256 * 1024 * 1024;

/// Step `n` brings a store of format `n` to format `n + 1` (`PRAGMA user_version`). Steps are only ever added.
const MIGRATIONS: [&str; 5] = [
    include_str!("migrations/001_begin.sql"),
    include_str!("migrations/002_people.sql"),
    include_str!("migrations/003_sessions.sql"),
    include_str!("migrations/004_uptime.sql"),
    include_str!("migrations/005_heads.sql"),
];

/// The format that this version writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// Why a store cannot be used.
pub(super) enum PrepareError {
    /// A later version wrote it, in this format.
    Newer(i64),
    /// It is not whole, or not ours.
    Damaged(String),
    /// Anything else.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for PrepareError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Checks that the file is a whole store of ours, or empty; then sets how it is written and brings it to the newest
/// format; counts that it was opened. What fails the check is left as it was.
///
/// `epoch` is the new log's random name, for a store that is made here.
pub(super) fn prepare(connection: &mut Connection, file: &Path, epoch: &str) -> Result<(), PrepareError> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let is_empty = tables == 0 && application == 0 && format == 0;
    if !is_empty && application != APPLICATION_ID {
        return Err(PrepareError::Damaged("it has another program's mark".to_owned()));
    }
    if format > NEWEST {
        return Err(PrepareError::Newer(format));
    }
    if file.metadata().is_ok_and(|file| file.len() <= CHECKED_UP_TO) {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
        if verdict != "ok" {
            let on_one_line = verdict.split_whitespace().collect::<Vec<_>>().join(" ");
            return Err(PrepareError::Damaged(on_one_line));
        }
    }

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
