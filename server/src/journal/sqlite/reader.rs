//! Reading the store.

use super::failure;
use crate::journal::{JournalError, Log, Page, Range, Restored, StoredRoom, StoredSession, StoredUser};
use app::protocol::{Entry, EntryId, EntryKind, Timestamp, UserId, UserName};
use rusqlite::{Connection, OptionalExtension, Row, types::Type};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY_COLUMNS: &str = "id, prev, ts, kind, from_name, text, client_id, author";

/// The newest entry of each log, with the log's key.
pub(super) type Heads = HashMap<Log, (i64, EntryId)>;

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
    pub(super) async fn page(self: Arc<Self>, log: Log, range: Range) -> Result<Page, JournalError> {
        let failed = |error: &dyn std::fmt::Display| JournalError::Store(error.to_string());
        let work = Arc::clone(&self);
        let _permit = self.permits.acquire().await.map_err(|error| failed(&error))?;
        let reading = tokio::task::spawn_blocking(move || {
            let connection = work.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = connection.ok_or(JournalError::Busy)?;
            let result = page(&connection, &log, range);
            work.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result.map_err(|error| failure(&error))
        });
        reading.await.map_err(|error| failed(&error))?
    }
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn user_id(row: &Row<'_>, column: usize) -> rusqlite::Result<UserId> {
    unsigned(row, column).map(UserId)
}

/// The name of a log.
pub(super) fn log(row: &Row<'_>, column: usize) -> rusqlite::Result<Log> {
    let name: String = row.get(column)?;
    Log::stored(&name).ok_or_else(|| {
        let reason = format!("{name:?} names no log");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason.into())
    })
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
        user_id: if kind == EntryKind::System { None } else { row.get::<_, Option<i64>>(7)?.map(author) },
    })
}

fn author(id: i64) -> UserId {
    UserId(id.unsigned_abs())
}

/// See [`Range`].
pub(super) fn page(connection: &Connection, log: &Log, range: Range) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ENTRY_COLUMNS} FROM entries
         WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND id > ?2 AND id < ?3
         ORDER BY id DESC LIMIT ?4"
    ))?;
    let bound = |id: EntryId| i64::try_from(id).unwrap_or(i64::MAX);
    // One more than asked for tells whether there are older ones.
    let limit = i64::try_from(range.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries = statement
        .query_map((log.to_string(), bound(range.after), bound(range.before), limit), entry)?
        .collect::<Result<Vec<_>, _>>()?;
    let more = entries.len() > range.limit;
    entries.truncate(range.limit);
    entries.reverse();
    Ok(Page { entries, more })
}

/// The newest entry of each log.
pub(super) fn heads(connection: &Connection) -> rusqlite::Result<Heads> {
    connection
        .prepare(
            "SELECT name, rooms.id, coalesce((SELECT max(id) FROM entries WHERE entries.room = rooms.id), 0) FROM rooms",
        )?
        .query_map((), |row| Ok((log(row, 0)?, (row.get(1)?, unsigned(row, 2)?))))?
        .collect()
}

/// Everything that the chat starts from, with the newest `tail` entries of each log.
pub(super) fn restore(connection: &Connection, tail: usize) -> rusqlite::Result<Restored> {
    let meta = |key| connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
    let run: String = meta("runs")?;
    let (last_id, entries) = connection.query_row("SELECT coalesce(max(id), 0), count(*) FROM entries", (), |row| {
        Ok((unsigned(row, 0)?, unsigned(row, 1)?))
    })?;
    let mut restored = Restored {
        epoch: meta("epoch")?,
        run: run.parse().unwrap_or_default(),
        last_id,
        entries,
        users: users(connection)?,
        ..Restored::default()
    };
    let everything = Range { after: 0, before: EntryId::MAX, limit: tail };
    let mut statement = connection.prepare("SELECT name, created_at FROM rooms")?;
    for row in statement.query_map((), |row| Ok((log(row, 0)?, Timestamp::from_millis(unsigned(row, 1)?))))? {
        let (log, created_at) = row?;
        let newest = page(connection, &log, everything)?.entries;
        match log {
            Log::Room(room) => drop(restored.rooms.insert(room, StoredRoom { created_at, newest })),
            Log::Conversation(pair) => drop(restored.conversations.insert(pair, newest)),
        }
    }
    let known: BTreeSet<UserId> = restored.users.iter().map(|user| user.id).collect();
    let is_gone = |user: &UserId| !known.contains(user);
    let gone: BTreeSet<UserId> = restored.conversations.keys().flat_map(|pair| pair.users()).filter(is_gone).collect();
    let mut name = connection.prepare("SELECT name FROM users WHERE id = ?1")?;
    for user in gone {
        if let Some(name) = name.query_row([user.0.cast_signed()], |row| row.get::<_, String>(0)).optional()? {
            restored.forgotten.insert(user, UserName::stored(&name));
        }
    }
    Ok(restored)
}

fn users(connection: &Connection) -> rusqlite::Result<Vec<StoredUser>> {
    let mut users = connection
        .prepare(
            "SELECT id, name, has_entries, by_form, seen_at, caught_up_to, has_written FROM users WHERE NOT is_forgotten",
        )?
        .query_map((), |row| {
            let (id, name): (_, String) = (user_id(row, 0)?, row.get(1)?);
            let user = StoredUser {
                id,
                name: UserName::stored(&name),
                rooms: Vec::new(),
                reads: Vec::new(),
                sessions: Vec::new(),
                has_entries: row.get(2)?,
                has_written: row.get(6)?,
                by_form: row.get(3)?,
                seen_at: Timestamp::from_millis(unsigned(row, 4)?),
                caught_up_to: unsigned(row, 5)?,
            };
            Ok((id, user))
        })?
        .collect::<Result<BTreeMap<_, _>, _>>()?;

    let mut members = connection
        .prepare("SELECT user, rooms.name FROM members JOIN rooms ON rooms.id = members.room ORDER BY rooms.name")?;
    for member in members.query_map((), |row| Ok((user_id(row, 0)?, log(row, 1)?)))? {
        if let (user, Log::Room(room)) = member?
            && let Some(user) = users.get_mut(&user)
        {
            user.rooms.push(room);
        }
    }
    let mut reads =
        connection.prepare("SELECT user, rooms.name, reads.id FROM reads JOIN rooms ON rooms.id = reads.room")?;
    for read in reads.query_map((), |row| Ok((user_id(row, 0)?, log(row, 1)?, unsigned(row, 2)?)))? {
        let (user, log, id) = read?;
        if let Some(user) = users.get_mut(&user) {
            user.reads.push((log, id));
        }
    }
    let mut sessions = connection.prepare("SELECT user, hash, renewed_at FROM sessions")?;
    let session = |row: &Row<'_>| {
        let renewed_at = Timestamp::from_millis(unsigned(row, 2)?);
        Ok((user_id(row, 0)?, StoredSession { hash: row.get(1)?, renewed_at }))
    };
    for session in sessions.query_map((), session)? {
        let (user, session) = session?;
        if let Some(user) = users.get_mut(&user) {
            user.sessions.push(session);
        }
    }
    Ok(users.into_values().collect())
}
