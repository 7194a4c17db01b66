//! Damaged entries: a row that cannot be read, or whose checksum does not match.
//!
//! Such an entry keeps its place in its log and has a notice in place of its text, so readers see where something is
//! lost and still get all other entries. The server logs it at the first read.

use super::checksum::Fields;
use app::protocol::{Entry, EntryId, EntryKind, SYSTEM, Timestamp, UserId};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, types::FromSqlError};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, PoisonError},
};

/// Text in place of a damaged one.
pub(super) const TEXT: &str = "This message is damaged in the store.";

/// The columns that [`entry`] reads, in its order.
pub(super) const COLUMNS: &str = "id, prev, ts, kind, from_name, text, client_id, author, room, checksum,
    (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'unchecked'), target, rev";

/// The number of [`COLUMNS`].
pub(super) const COLUMN_COUNT: usize = 13;

/// The largest integer that a browser reads exactly: 2^53 - 1.
const LARGEST: i64 = (1 << 53) - 1;
/// The last time that a browser can show, in Unix milliseconds.
const LAST_MOMENT: i64 = 8_640_000_000_000_000;
/// Upper bound of the damaged entries that one process logs. `natter check` lists the others.
const NAMED: usize = 1_000;

/// The damage of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The row is not where the index says, or its page cannot be read.
    Lost,
    /// The column of this name has a wrong type, invalid UTF-8, or a number out of range.
    Column(&'static str),
    /// The checksum does not match or is missing.
    Checksum,
    /// The newest amendment of the entry cannot be read.
    Amendment,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("its row cannot be found or read"),
            Self::Column(column) => write!(f, "its column {column} cannot be read"),
            Self::Checksum => f.write_str("its checksum does not match"),
            Self::Amendment => f.write_str("its newest amendment cannot be read"),
        }
    }
}

/// Returns the entry in a row of [`COLUMNS`] as it was first stored, or the row's damage.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Result<Entry, Flaw>> {
    let (prev, ts, room) = (row.get_ref(1)?.as_i64(), row.get_ref(2)?.as_i64(), row.get_ref(8)?.as_i64());
    let (kind, from, text) = (row.get_ref(3)?.as_str(), row.get_ref(4)?.as_str(), row.get_ref(5)?.as_str());
    let (client_id, author) = (row.get_ref(6)?.as_str_or_null(), row.get_ref(7)?.as_i64_or_null());
    let (checksum, unchecked) = (row.get_ref(9)?.as_i64_or_null(), row.get_ref(10)?.as_i64_or_null());
    let (target, rev) = (row.get_ref(11)?.as_i64_or_null(), row.get_ref(12)?.as_i64_or_null());
    let id = row.get(0)?;
    let fields = || {
        let author = column("author", author)?;
        let kind = column("kind", kind)?;
        let fields = Fields {
            id: within("id", LARGEST, Ok(id))?,
            room: column("room", room)?,
            prev: within("prev", LARGEST, prev)?,
            ts: within("ts", LAST_MOMENT, ts)?,
            kind,
            author: if kind == EntryKind::System.as_str() { None } else { author },
            from: column("from_name", from)?,
            text: column("text", text)?,
            client_id: column("client_id", client_id)?,
            target: column("target", target)?,
            rev: column("rev", rev)?,
        };
        let is_whole = match column("checksum", checksum)? {
            Some(checksum) => checksum == fields.checksum(),
            // A store without this note is from before the checksums, and has only entries of the kinds of that time.
            None if EntryKind::parse(kind) == EntryKind::Unknown => return Err(Flaw::Column("kind")),
            None => column("unchecked", unchecked)?.is_none_or(|last| id <= last),
        };
        if is_whole { Ok(whole(&fields)) } else { Err(Flaw::Checksum) }
    };
    Ok(fields())
}

/// Returns the entry of an intact row. A kind of a newer version becomes `Unknown`: the checksum proves that it is
/// intact.
fn whole(fields: &Fields<'_>) -> Entry {
    Entry {
        id: fields.id.unsigned_abs(),
        prev: fields.prev.unsigned_abs(),
        ts: Timestamp::from_millis(fields.ts.unsigned_abs()),
        kind: EntryKind::parse(fields.kind),
        from: fields.from.into(),
        text: fields.text.into(),
        client_id: fields.client_id.map(Into::into),
        user_id: fields.author.map(|author| UserId(author.unsigned_abs())),
        target: fields.target.map(i64::unsigned_abs),
        amended: None,
    }
}

fn column<T>(name: &'static str, value: Result<T, FromSqlError>) -> Result<T, Flaw> {
    value.map_err(|_| Flaw::Column(name))
}

fn within(name: &'static str, most: i64, value: Result<i64, FromSqlError>) -> Result<i64, Flaw> {
    column(name, value).ok().filter(|value| (0..=most).contains(value)).ok_or(Flaw::Column(name))
}

/// Returns the entry in a row of [`COLUMNS`] with its newest amendment, or the damage of either.
pub(super) fn present(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Result<Entry, Flaw>> {
    let mut entry = match read(row)? {
        Ok(entry) => entry,
        flaw => return Ok(flaw),
    };
    let Some(rev) = row.get_ref(12)?.as_i64_or_null().ok().flatten() else {
        return Ok(Ok(entry));
    };
    let newest = intact_at(connection, rev)?;
    let is_amended = newest.is_some_and(|newest| entry.amend(&newest));
    Ok(if is_amended { Ok(entry) } else { Err(Flaw::Amendment) })
}

/// Returns the entry in a row of [`COLUMNS`] in its present state, or the notice in its place. See [`Journal::page`].
///
/// `room` is the key of the log in which the row was looked up, or `None` for a lookup by other columns.
///
/// [`Journal::page`]: crate::journal::Journal::page
pub(super) fn entry(connection: &Connection, row: &Row<'_>, room: Option<i64>) -> rusqlite::Result<Entry> {
    let mut entry = match present(connection, row)? {
        Ok(entry) => entry,
        Err(flaw) => return notice(connection, row, room, flaw),
    };
    if let Some(target) = entry.target.filter(|_| entry.kind == EntryKind::Edit) {
        let newest: Option<i64> = connection
            .prepare_cached("SELECT rev FROM entries WHERE id = ?1")?
            .query_row([target.cast_signed()], |row| Ok(row.get_ref(0)?.as_i64().ok()))
            .optional()?
            .flatten();
        if newest.is_some_and(|newest| newest.unsigned_abs() > entry.id) {
            entry.text = "".into();
        }
    }
    Ok(entry)
}

/// Returns the entry in a row of [`COLUMNS`] as it was first stored, or the notice in its place.
pub(super) fn stored(connection: &Connection, row: &Row<'_>, room: Option<i64>) -> rusqlite::Result<Entry> {
    match read(row)? {
        Ok(entry) => Ok(entry),
        Err(flaw) => notice(connection, row, room, flaw),
    }
}

/// Returns the entry of an intact row as it was first stored.
pub(super) fn intact_at(connection: &Connection, id: i64) -> rusqlite::Result<Option<Entry>> {
    let stored = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE id = ?1"))?
        .query_row([id], |row| Ok(read(row)?.ok()))
        .optional();
    match stored {
        Err(error) if is_damage(&error) => Ok(None),
        stored => stored.map(Option::flatten),
    }
}

/// Returns the notice in place of a damaged row.
fn notice(connection: &Connection, row: &Row<'_>, room: Option<i64>, flaw: Flaw) -> rusqlite::Result<Entry> {
    let id = row.get(0)?;
    // The row's own key may be the damaged part.
    let room = room.unwrap_or(row.get_ref(8)?.as_i64().unwrap_or_default());
    let ts = within("ts", LAST_MOMENT, row.get_ref(2)?.as_i64()).unwrap_or_default();
    Ok(Entry { ts: Timestamp::from_millis(ts.unsigned_abs()), ..in_place_of(connection, room, id, flaw)? })
}

/// Returns the entry at an index's place, or the notice in its place if the table does not have it.
pub(super) fn entry_at(connection: &Connection, room: i64, id: i64) -> rusqlite::Result<Entry> {
    let stored = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE id = ?1"))?
        .query_row([id], |row| entry(connection, row, Some(room)));
    match stored {
        Err(error) if is_damage(&error) || error == rusqlite::Error::QueryReturnedNoRows => {
            in_place_of(connection, room, id, Flaw::Lost)
        }
        entry => entry,
    }
}

/// Returns the notice in place of a damaged entry. `prev` is taken from an index: a wrong one would look like a gap
/// that never closes.
fn in_place_of(connection: &Connection, room: i64, id: i64, flaw: Flaw) -> rusqlite::Result<Entry> {
    name_once(connection, room, id, flaw);
    let prev: i64 = connection
        .prepare_cached("SELECT coalesce(max(id), 0) FROM entries WHERE room = ?1 AND id < ?2")?
        .query_row((room, id), |row| row.get(0))?;
    Ok(Entry {
        id: id.unsigned_abs(),
        prev: EntryId::try_from(prev).unwrap_or(0),
        ts: Timestamp::from_millis(0),
        kind: EntryKind::System,
        from: SYSTEM.into(),
        text: TEXT.into(),
        client_id: None,
        user_id: None,
        target: None,
        amended: None,
    })
}

/// Fills the lost times of a page's entries, oldest first, with the time of the entry before, or else of the entry
/// after.
pub(super) fn guess_moments(entries: &mut [Entry]) {
    let lost = Timestamp::from_millis(0);
    let mut last = entries.iter().map(|entry| entry.ts).find(|ts| *ts != lost).unwrap_or(lost);
    for entry in entries {
        if entry.ts == lost && &*entry.text == TEXT {
            entry.ts = last;
        }
        last = entry.ts;
    }
}

/// Filters damaged rows out, and logs them as `what`.
pub(super) fn readable<T>(
    what: &str,
    rows: impl Iterator<Item = rusqlite::Result<T>>,
) -> impl Iterator<Item = rusqlite::Result<T>> {
    rows.filter(move |row| {
        let damaged = row.as_ref().err().filter(|error| is_of_a_row(error));
        if let Some(error) = damaged {
            tracing::error!("A {what} is damaged in the store and left out: {error}. See `natter check`");
        }
        damaged.is_none()
    })
}

/// Returns `true` if the row was read and contains an invalid value.
pub(super) const fn is_of_a_row(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// Returns `true` if SQLite found the file damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Entries that were logged, each with its file.
static NAMED_ONCE: Mutex<BTreeSet<(String, i64)>> = Mutex::new(BTreeSet::new());

/// Logs a damaged entry unless that has been done.
fn name_once(connection: &Connection, room: i64, id: i64, flaw: Flaw) {
    let log = connection.query_row("SELECT name FROM rooms WHERE id = ?1", [room], |row| row.get::<_, String>(0));
    let log = log.unwrap_or_default();
    let mut named = NAMED_ONCE.lock().unwrap_or_else(PoisonError::into_inner);
    if insert_below(&mut named, NAMED, (connection.path().unwrap_or_default().to_owned(), id)) {
        tracing::error!("Entry {id} in {log} is damaged in the store: {flaw}. `natter check` reads all entries");
        if named.len() == NAMED {
            tracing::error!("{NAMED} entries are damaged; further ones are not named here");
        }
    }
}

/// Inserts a value into a set that holds at most `most`. Returns `true` if the value was inserted.
fn insert_below<T: Ord>(set: &mut BTreeSet<T>, most: usize, value: T) -> bool {
    set.len() < most && set.insert(value)
}

/// Returns the number of damaged entries that were read since the start, at most 1,000.
#[must_use]
pub fn count() -> usize {
    NAMED_ONCE.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Returns the logged entries of a file.
#[cfg(test)]
pub(super) fn named_in(file: &std::path::Path) -> Vec<i64> {
    let named = NAMED_ONCE.lock().unwrap_or_else(PoisonError::into_inner);
    named.iter().filter(|(path, _)| std::path::Path::new(path) == file).map(|(_, id)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_most_damaged_entries_one_more_is_not_named() {
        let mut named = BTreeSet::new();
        let told = (1..=NAMED + 1).filter(|id| insert_below(&mut named, NAMED, *id)).count();
        assert_eq!((told, named.len()), (NAMED, NAMED));
        assert!(!insert_below(&mut BTreeSet::from([7]), NAMED, 7), "named before");
    }
}
