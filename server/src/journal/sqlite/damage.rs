//! Entries that are not as they were stored: a row that cannot be read, or whose checksum is another.
//!
//! Such an entry keeps its place in its log, and says in place of its text that it is damaged: whoever reads the log sees
//! where something is lost, and all other entries. It is named in the log of the server when it is first read.

use super::checksum::Fields;
use app::protocol::{Entry, EntryId, EntryKind, SYSTEM, Timestamp, UserId};
use rusqlite::{Connection, ErrorCode, Row, types::FromSqlError};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, PoisonError},
};

/// What is read in the place of a text that is damaged.
pub(super) const TEXT: &str = "This message is damaged in the store.";

/// The columns that [`entry`] reads, in its order.
pub(super) const COLUMNS: &str = "id, prev, ts, kind, from_name, text, client_id, author, room, checksum,
    (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'unchecked')";

/// The greatest number that a browser reads as it is: 2^53 - 1.
const LARGEST: i64 = (1 << 53) - 1;
/// The last moment that a browser can show, in Unix milliseconds.
const LAST_MOMENT: i64 = 8_640_000_000_000_000;
/// Damaged entries that are named in the log of the server, while it runs. What else is damaged, `natter check` says.
const NAMED: usize = 1_000;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The row is not where the index says it is, or its page cannot be read.
    Lost,
    /// The value of this column is of another type, is no UTF-8, or is a number that cannot be.
    Column(&'static str),
    /// It has another checksum, or none though it should have one.
    Checksum,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("its row cannot be found or read"),
            Self::Column(column) => write!(f, "its column {column} cannot be read"),
            Self::Checksum => f.write_str("its checksum does not match"),
        }
    }
}

/// The entry in a row of [`COLUMNS`], or what is wrong with the row.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Result<Entry, Flaw>> {
    let (prev, ts, room) = (row.get_ref(1)?.as_i64(), row.get_ref(2)?.as_i64(), row.get_ref(8)?.as_i64());
    let (kind, from, text) = (row.get_ref(3)?.as_str(), row.get_ref(4)?.as_str(), row.get_ref(5)?.as_str());
    let (client_id, author) = (row.get_ref(6)?.as_str_or_null(), row.get_ref(7)?.as_i64_or_null());
    let (checksum, unchecked) = (row.get_ref(9)?.as_i64_or_null(), row.get_ref(10)?.as_i64_or_null());
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
            author: if kind == kind_name(EntryKind::System) { None } else { author },
            from: column("from_name", from)?,
            text: column("text", text)?,
            client_id: column("client_id", client_id)?,
        };
        let is_whole = match column("checksum", checksum)? {
            Some(checksum) => checksum == fields.checksum(),
            // A store without the note is older than the checksums.
            None => column("unchecked", unchecked)?.is_none_or(|last| id <= last),
        };
        if is_whole { whole(&fields) } else { Err(Flaw::Checksum) }
    };
    Ok(fields())
}

/// The name of a kind in the store.
pub(super) const fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Message => "message",
        EntryKind::Action => "action",
        EntryKind::System => "system",
    }
}

/// The kind of a name in the store.
fn kind_of(name: &str) -> Option<EntryKind> {
    [EntryKind::Message, EntryKind::Action, EntryKind::System].into_iter().find(|kind| kind_name(*kind) == name)
}

fn whole(fields: &Fields<'_>) -> Result<Entry, Flaw> {
    let kind = kind_of(fields.kind).ok_or(Flaw::Column("kind"))?;
    Ok(Entry {
        id: fields.id.unsigned_abs(),
        prev: fields.prev.unsigned_abs(),
        ts: Timestamp::from_millis(fields.ts.unsigned_abs()),
        kind,
        from: fields.from.into(),
        text: fields.text.into(),
        client_id: fields.client_id.map(Into::into),
        user_id: fields.author.map(|author| UserId(author.unsigned_abs())),
    })
}

fn column<T>(name: &'static str, value: Result<T, FromSqlError>) -> Result<T, Flaw> {
    value.map_err(|_| Flaw::Column(name))
}

fn within(name: &'static str, most: i64, value: Result<i64, FromSqlError>) -> Result<i64, Flaw> {
    column(name, value).ok().filter(|value| (0..=most).contains(value)).ok_or(Flaw::Column(name))
}

/// The entry in a row of [`COLUMNS`], or what is shown in its place.
pub(super) fn entry(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Entry> {
    let flaw = match read(row)? {
        Ok(entry) => return Ok(entry),
        Err(flaw) => flaw,
    };
    let (id, room) = (row.get(0)?, row.get_ref(8)?.as_i64().unwrap_or_default());
    let ts = within("ts", LAST_MOMENT, row.get_ref(2)?.as_i64()).unwrap_or_default();
    Ok(Entry { ts: Timestamp::from_millis(ts.unsigned_abs()), ..in_place_of(connection, room, id, flaw)? })
}

/// The entry that an index has at this place, or what is shown there when the table does not have it.
pub(super) fn entry_at(connection: &Connection, room: i64, id: i64) -> rusqlite::Result<Entry> {
    let stored = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE id = ?1"))?
        .query_row([id], |row| entry(connection, row));
    match stored {
        Err(error) if is_damage(&error) || error == rusqlite::Error::QueryReturnedNoRows => {
            in_place_of(connection, room, id, Flaw::Lost)
        }
        entry => entry,
    }
}

/// What is shown in the place of a damaged entry. That of the entry before is taken from an index: a wrong one would
/// look like a gap that never closes.
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
    })
}

/// Gives those of a page's entries, oldest first, whose moment is lost that of the entry before, or else after.
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

/// These rows without the damaged ones, which are named in the log of the server as what they are.
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

/// Whether a row could be read, and what is in it is no value of ours.
pub(super) const fn is_of_a_row(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// Whether SQLite found the file damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// The entries that were named, each with its file.
static NAMED_ONCE: Mutex<BTreeSet<(String, i64)>> = Mutex::new(BTreeSet::new());

/// Names an entry in the log of the server, if that was not done yet.
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

/// Adds what is not there yet to a set of so many at the most; whether it did.
fn insert_below<T: Ord>(set: &mut BTreeSet<T>, most: usize, value: T) -> bool {
    set.len() < most && set.insert(value)
}

/// How many damaged entries were read since the start: 1,000 at the most.
#[must_use]
pub fn count() -> usize {
    NAMED_ONCE.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The entries of a file that were named.
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
