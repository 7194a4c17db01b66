//! The one thread that writes.

use super::reader::{ENTRY_COLUMNS, Heads, entry};
use crate::journal::{Change, Completion, Draft, JournalError, Outcome, Ticket};
use app::protocol::{Entry, EntryId, EntryKind, RoomName, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::sync::mpsc::Receiver;
use tokio::sync::mpsc::UnboundedSender;

/// Changes in one transaction at the most: it bounds how long the first of them waits for the last.
const BATCH: usize = 512;

/// What a transaction knows of the rooms' newest entries: those of the store, and over them its own, which count only
/// once it is committed.
struct Rooms<'store> {
    stored: &'store Heads,
    changed: Heads,
}

impl Rooms<'_> {
    /// The key and the newest entry of a room, which is made if it is not there.
    fn get_or_make(
        &mut self,
        connection: &Connection,
        room: &RoomName,
        at: Timestamp,
    ) -> rusqlite::Result<(i64, EntryId)> {
        if let Some(known) = self.changed.get(room).or_else(|| self.stored.get(room)) {
            return Ok(*known);
        }
        let key = connection
            .prepare_cached("INSERT INTO rooms (name, created_at) VALUES (?1, ?2) RETURNING id")?
            .query_row((room.as_str(), millis(at)), |row| row.get(0))?;
        self.changed.insert(room.clone(), (key, 0));
        Ok((key, 0))
    }
}

/// Writes until the queue is closed and empty.
pub(super) fn run(
    mut connection: Connection,
    mut heads: Heads,
    queue: &Receiver<(Ticket, Change)>,
    completions: &UnboundedSender<Vec<Completion>>,
) {
    while let Ok(first) = queue.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(queue.try_iter().take(BATCH - 1)).collect();
        if completions.send(write(&mut connection, &mut heads, &batch)).is_err() {
            // Nobody listens any more, so nobody may be told of what comes next either.
            return;
        }
    }
    // A store that was closed in order is one file.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the store");
    }
}

/// Writes a batch as one transaction. If that fails, each change gets its own, so that one which the store refuses
/// costs the others nothing.
fn write(connection: &mut Connection, heads: &mut Heads, batch: &[(Ticket, Change)]) -> Vec<Completion> {
    match commit(connection, heads, batch) {
        Ok(outcomes) => batch
            .iter()
            .zip(outcomes)
            .map(|((ticket, _), outcome)| Completion { ticket: *ticket, result: Ok(outcome) })
            .collect(),
        Err(_) if batch.len() > 1 => batch.chunks(1).flat_map(|change| write(connection, heads, change)).collect(),
        Err(error) => {
            tracing::error!(%error, "the store refused a change");
            let failed = |ticket| Completion { ticket, result: Err(JournalError::Store(error.to_string())) };
            batch.iter().map(|(ticket, _)| failed(*ticket)).collect()
        }
    }
}

/// Makes all changes of a batch, or none, and returns what became of each.
fn commit(
    connection: &mut Connection,
    heads: &mut Heads,
    batch: &[(Ticket, Change)],
) -> rusqlite::Result<Vec<Outcome>> {
    let mut rooms = Rooms { stored: heads, changed: Heads::new() };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcomes =
        batch.iter().map(|(_, change)| apply(&transaction, &mut rooms, change)).collect::<Result<Vec<_>, _>>()?;
    transaction.commit()?;
    let changed = rooms.changed;
    heads.extend(changed);
    Ok(outcomes)
}

fn apply(connection: &Connection, rooms: &mut Rooms<'_>, change: &Change) -> rusqlite::Result<Outcome> {
    match change {
        Change::CreateUser { name, session, at } => {
            let user: Option<i64> = connection
                .prepare_cached(
                    "INSERT INTO users (name, name_key, created_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (name_key) DO NOTHING RETURNING id",
                )?
                .query_row((name.as_str(), name.key().as_str(), millis(*at)), |row| row.get(0))
                .optional()?;
            let Some(user) = user else {
                return Ok(Outcome::NameTaken);
            };
            connection
                .prepare_cached("INSERT INTO sessions (hash, user, created_at) VALUES (?1, ?2, ?3)")?
                .execute((session, user, millis(*at)))?;
            let user = UserId(user.unsigned_abs());
            join(connection, rooms, user, &RoomName::general(), *at)?;
            Ok(Outcome::Created(user))
        }
        Change::Join { user, room, at } => {
            join(connection, rooms, *user, room, *at)?;
            Ok(Outcome::Done)
        }
        Change::Leave { user, room } => {
            connection
                .prepare_cached(
                    "DELETE FROM members WHERE user = ?1 AND room = (SELECT id FROM rooms WHERE name = ?2)",
                )?
                .execute((number(user.0), room.as_str()))?;
            Ok(Outcome::Done)
        }
        Change::Append(draft) => append(connection, rooms, draft),
    }
}

fn join(
    connection: &Connection,
    rooms: &mut Rooms<'_>,
    user: UserId,
    room: &RoomName,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let (room, _) = rooms.get_or_make(connection, room, at)?;
    connection
        .prepare_cached("INSERT INTO members (user, room) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((number(user.0), room))?;
    Ok(())
}

fn append(connection: &Connection, rooms: &mut Rooms<'_>, draft: &Draft) -> rusqlite::Result<Outcome> {
    if let Some(client_id) = &draft.client_id
        && let Some((room, entry)) = stored(connection, draft.author, client_id)?
    {
        return Ok(Outcome::Repeated(room, entry));
    }
    let (room, head) = rooms.get_or_make(connection, &draft.room, draft.at)?;
    let kind = match draft.kind {
        EntryKind::Message => "message",
        EntryKind::Action => "action",
        EntryKind::System => "system",
    };
    let id: i64 = connection
        .prepare_cached(
            "INSERT INTO entries (room, prev, ts, kind, author, from_name, text, client_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
        )?
        .query_row(
            (
                room,
                number(head),
                millis(draft.at),
                kind,
                number(draft.author.0),
                &*draft.from,
                &*draft.text,
                draft.client_id.as_deref(),
            ),
            |row| row.get(0),
        )?;
    let entry = Entry {
        id: id.unsigned_abs(),
        prev: head,
        ts: draft.at,
        from: draft.from.clone(),
        text: draft.text.clone(),
        kind: draft.kind,
        client_id: draft.client_id.clone(),
    };
    rooms.changed.insert(draft.room.clone(), (room, entry.id));
    Ok(Outcome::Appended(entry))
}

/// The entry that an author stored under a mark, with its room.
fn stored(connection: &Connection, author: UserId, client_id: &str) -> rusqlite::Result<Option<(RoomName, Entry)>> {
    connection
        .prepare_cached(&format!(
            "SELECT {ENTRY_COLUMNS}, (SELECT name FROM rooms WHERE rooms.id = room) FROM entries
             WHERE author = ?1 AND client_id = ?2"
        ))?
        .query_row((number(author.0), client_id), |row| {
            let room: String = row.get(7)?;
            let room = RoomName::parse(&room).map_err(|_| rusqlite::Error::InvalidQuery)?;
            Ok((room, entry(row)?))
        })
        .optional()
}

/// A number for a column. Ids stay below 2^53 and times do so for long.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn millis(at: Timestamp) -> i64 {
    number(at.as_millis())
}
