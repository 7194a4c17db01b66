//! Reading the store.

use super::failure;
use crate::journal::{JournalError, Log, Page, Range, Restored, StoredRoom, StoredSession, StoredUser};
use app::protocol::{Entry, EntryId, EntryKind, Timestamp, UserId, UserName, limits::CATCH_UP_BYTES};
use rusqlite::{Connection, OptionalExtension, Row, types::Type};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY_COLUMNS: &str = "id, prev, ts, kind, from_name, text, client_id, author";

/// The newest entry of each log, with the log's key.
pub(super) type Heads = HashMap<Log, (i64, EntryId)>;

/// How long a page waits for a connection at the most. Who waits for longer is told to come back: the line would only
/// grow.
const CONNECTION_WITHIN: Duration = Duration::from_secs(5);

/// A few connections, each used by one reader at a time.
pub(super) struct Readers {
    /// As many permits as connections.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// A connection in use. It goes back when this is dropped, whatever becomes of its reader, and then the next may have it.
struct Lent {
    connection: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle().push(connection);
        }
    }
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self { permits: Arc::new(Semaphore::new(connections.len())), idle: Mutex::new(connections) }
    }

    /// A page, read off the threads that serve connections.
    pub(super) async fn page(self: Arc<Self>, log: Log, range: Range) -> Result<Page, JournalError> {
        self.read(move |connection| page(connection, &log, range)).await
    }

    /// Reads on a connection of its own. The reader has it until it is done, also when nobody waits for it any more.
    async fn read<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let permit = timeout(CONNECTION_WITHIN, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| JournalError::Busy)?.map_err(|_| JournalError::Closed)?;
        let reading = tokio::task::spawn_blocking(move || {
            let connection = self.idle().pop();
            let lent = Lent { connection, readers: self, _permit: permit };
            let connection = lent.connection.as_ref().ok_or(JournalError::Closed)?;
            work(connection).map_err(|error| failure(&error))
        });
        reading.await.map_err(|error| JournalError::Store(error.to_string()))?
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
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

/// See [`Range`] and [`Page`].
pub(super) fn page(connection: &Connection, log: &Log, range: Range) -> rusqlite::Result<Page> {
    page_of_bytes(connection, log, range, CATCH_UP_BYTES)
}

/// A page of so many bytes at the most, or of one entry.
fn page_of_bytes(connection: &Connection, log: &Log, range: Range, most: usize) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ENTRY_COLUMNS} FROM entries
         WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND id > ?2 AND id < ?3
         ORDER BY id DESC LIMIT ?4"
    ))?;
    let bound = |id: EntryId| i64::try_from(id).unwrap_or(i64::MAX);
    // One more than asked for tells whether there are older ones.
    let limit = i64::try_from(range.limit).unwrap_or(i64::MAX).saturating_add(1);
    let newest_first = statement.query_map((log.to_string(), bound(range.after), bound(range.before), limit), entry)?;
    let (mut entries, mut bytes, mut more) = (Vec::new(), 0, false);
    for entry in newest_first {
        let entry = entry?;
        bytes += entry.encoded_at_most();
        more = entries.len() == range.limit || (bytes > most && !entries.is_empty());
        if more {
            break;
        }
        entries.push(entry);
    }
    entries.reverse();
    Ok(Page { entries, more })
}

/// The newest entry of each log.
pub(super) fn heads(connection: &Connection) -> rusqlite::Result<Heads> {
    connection
        .prepare("SELECT name, id, head FROM rooms")?
        .query_map((), |row| Ok((log(row, 0)?, (row.get(1)?, unsigned(row, 2)?))))?
        .collect()
}

/// Everything that the chat starts from.
pub(super) fn restore(connection: &Connection) -> rusqlite::Result<Restored> {
    let meta = |key| connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
    let number = |key| meta(key).map(|value: String| value.parse().unwrap_or_default());
    let mut restored = Restored {
        epoch: meta("epoch")?,
        run: number("runs")?,
        uptime_ms: number("uptime")?,
        last_id: connection.query_row("SELECT coalesce(max(id), 0) FROM entries", (), |row| unsigned(row, 0))?,
        entries: number("entries")?,
        users: users(connection)?,
        ..Restored::default()
    };
    let mut statement = connection.prepare("SELECT name, created_at, head, max(created_at, head_at) FROM rooms")?;
    let stored = |row: &Row<'_>| {
        let at = |column| unsigned(row, column).map(Timestamp::from_millis);
        Ok((log(row, 0)?, StoredRoom { created_at: at(1)?, head: unsigned(row, 2)?, active_at: at(3)? }))
    };
    for row in statement.query_map((), stored)? {
        match row? {
            (Log::Room(room), stored) => drop(restored.rooms.insert(room, stored)),
            (Log::Conversation(pair), stored) => drop(restored.conversations.insert(pair, stored.head)),
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
            "SELECT id, name, has_entries, by_form, seen_uptime, caught_up_to, has_written FROM users WHERE NOT is_forgotten",
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
                seen_uptime_ms: unsigned(row, 4)?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::{task::yield_now, time::Instant};

    fn readers(count: usize) -> Arc<Readers> {
        Arc::new(Readers::new((0..count).map(|_| Connection::open_in_memory().unwrap()).collect()))
    }

    async fn one(readers: &Arc<Readers>) -> Result<i64, JournalError> {
        Arc::clone(readers).read(|connection| connection.query_row("SELECT 1", (), |row| row.get(0))).await
    }

    #[tokio::test]
    async fn readers_that_are_given_up_cost_the_others_nothing() {
        let readers = readers(2);
        for _ in 0..50 {
            let (go, wait) = mpsc::channel::<()>();
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let given_up = tokio::spawn(Arc::clone(&readers).read(move |_| {
                begun.send(()).unwrap();
                Ok(wait.recv().is_ok())
            }));
            has_begun.await.unwrap();
            given_up.abort();
            assert!(given_up.await.unwrap_err().is_cancelled());
            // It is still read, and there is one connection for the others.
            assert_eq!(readers.permits.available_permits(), 1);
            assert_eq!([one(&readers).await, one(&readers).await], [Ok(1), Ok(1)]);
            go.send(()).unwrap();
            while readers.permits.available_permits() < 2 {
                yield_now().await;
            }
        }
        assert_eq!(readers.idle().len(), 2);
    }

    #[tokio::test]
    async fn a_reader_that_panics_gives_its_connection_back() {
        let readers = readers(1);
        for _ in 0..3 {
            let panicked = Arc::clone(&readers).read::<()>(|_| panic!("a fault")).await;
            assert!(matches!(panicked, Err(JournalError::Store(_))), "{panicked:?}");
            assert_eq!(one(&readers).await, Ok(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_waits_for_too_long_is_told_so_and_the_next_is_served() {
        let readers = readers(1);
        let held = Arc::clone(&readers.permits).acquire_owned().await.unwrap();
        let since = Instant::now();
        assert_eq!(one(&readers).await, Err(JournalError::Busy));
        assert_eq!(since.elapsed(), CONNECTION_WITHIN);
        drop(held);
        assert_eq!(one(&readers).await, Ok(1));
    }
}
