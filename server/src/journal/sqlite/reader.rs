//! Reading the store.

use crate::journal::{JournalError, Page, Range, Restored, SessionHash, StoredUser};
use app::protocol::{Entry, EntryId, EntryKind, RoomName, Timestamp, UserId, UserName};
use rusqlite::{Connection, Row, types::Type};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY_COLUMNS: &str = "id, prev, ts, kind, from_name, text, client_id";

/// The newest entry of each room, by the room's name, with the room's key.
pub(super) type Heads = HashMap<RoomName, (i64, EntryId)>;

/// A few connections, each used by one reader at a time.
pub(super) struct Readers {
    /// As many permits as connections.
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self { permits: Semaphore::new(connections.len()), idle: Mutex::new(connections) }
    }

    /// Reads a page, off the threads that serve connections.
    pub(super) async fn page(self: Arc<Self>, room: RoomName, range: Range) -> Result<Page, JournalError> {
        let failed = |error: &dyn std::fmt::Display| JournalError::Store(error.to_string());
        let work = Arc::clone(&self);
        let _permit = self.permits.acquire().await.map_err(|error| failed(&error))?;
        let reading = tokio::task::spawn_blocking(move || {
            let connection = work.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = connection.ok_or(JournalError::Busy)?;
            let result = page(&connection, &room, range);
            work.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result.map_err(|error| JournalError::Store(error.to_string()))
        });
        reading.await.map_err(|error| failed(&error))?
    }
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn room_name(row: &Row<'_>, column: usize) -> rusqlite::Result<RoomName> {
    let name: String = row.get(column)?;
    RoomName::parse(&name)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// An entry from [`ENTRY_COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let kind: String = row.get(3)?;
    let kind = match kind.as_str() {
        "action" => EntryKind::Action,
        "system" => EntryKind::System,
        _ => EntryKind::Message,
    };
    Ok(Entry {
        id: unsigned(row, 0)?,
        prev: unsigned(row, 1)?,
        ts: Timestamp::from_millis(unsigned(row, 2)?),
        kind,
        from: row.get::<_, String>(4)?.into(),
        text: row.get::<_, String>(5)?.into(),
        client_id: row.get::<_, Option<String>>(6)?.map(Into::into),
    })
}

/// See [`Range`].
pub(super) fn page(connection: &Connection, room: &RoomName, range: Range) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ENTRY_COLUMNS} FROM entries
         WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND id > ?2 AND id < ?3
         ORDER BY id DESC LIMIT ?4"
    ))?;
    let bound = |id: EntryId| i64::try_from(id).unwrap_or(i64::MAX);
    // One more than asked for tells whether there are older ones.
    let limit = i64::try_from(range.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries = statement
        .query_map((room.as_str(), bound(range.after), bound(range.before), limit), entry)?
        .collect::<Result<Vec<_>, _>>()?;
    let more = entries.len() > range.limit;
    entries.truncate(range.limit);
    entries.reverse();
    Ok(Page { entries, more })
}

/// The newest entry of each room.
pub(super) fn heads(connection: &Connection) -> rusqlite::Result<Heads> {
    connection
        .prepare(
            "SELECT name, rooms.id, coalesce((SELECT max(id) FROM entries WHERE entries.room = rooms.id), 0) FROM rooms",
        )?
        .query_map((), |row| Ok((room_name(row, 0)?, (row.get(1)?, unsigned(row, 2)?))))?
        .collect()
}

/// Everything that the chat starts from.
pub(super) fn restore(connection: &Connection, tail: usize) -> rusqlite::Result<Restored> {
    let epoch = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", (), |row| row.get(0))?;
    let last_id = connection.query_row("SELECT coalesce(max(id), 0) FROM entries", (), |row| unsigned(row, 0))?;

    let mut users = connection
        .prepare("SELECT id, name FROM users")?
        .query_map((), |row| {
            let name: String = row.get(1)?;
            let id = UserId(unsigned(row, 0)?);
            Ok((id, StoredUser { id, name: UserName::stored(&name), rooms: Vec::new() }))
        })?
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let mut members = connection
        .prepare("SELECT user, rooms.name FROM members JOIN rooms ON rooms.id = members.room ORDER BY rooms.name")?;
    for member in members.query_map((), |row| Ok((UserId(unsigned(row, 0)?), room_name(row, 1)?)))? {
        let (user, room) = member?;
        if let Some(user) = users.get_mut(&user) {
            user.rooms.push(room);
        }
    }
    let sessions = connection
        .prepare("SELECT hash, user FROM sessions")?
        .query_map((), |row| Ok((row.get::<_, SessionHash>(0)?, UserId(unsigned(row, 1)?))))?
        .collect::<Result<Vec<_>, _>>()?;

    let everything = Range { after: 0, before: EntryId::MAX, limit: tail };
    let rooms = heads(connection)?
        .into_keys()
        .map(|room| page(connection, &room, everything).map(|page| (room, page.entries)))
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(Restored { epoch, last_id, users: users.into_values().collect(), sessions, rooms })
}
