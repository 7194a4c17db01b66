//! The one thread that writes.

use super::{
    checksum::Fields,
    damage, failure,
    reader::{Heads, log},
    store::Store,
};
use crate::journal::{Change, Completion, Draft, JournalError, Log, Outcome, PROBE, Ticket};
use app::protocol::{Entry, EntryId, EntryKind, RoomName, SYSTEM, Timestamp, UserId, UserName};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};
use std::{
    collections::HashMap,
    iter,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};
use tokio::sync::mpsc::UnboundedSender;

/// Changes in one transaction at the most. It bounds how long the first of them waits for the last.
const BATCH: usize = 128;

/// How often the store's files are looked for while nothing is written.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a probe stores, in random bytes, each of which is two letters there: 16 pages. The largest entry, a text of
/// 16 kB with its rows in the indexes, takes some 12.
const PROBE_BYTES: i64 = 32 * 1024;

/// What a transaction knows of the logs' newest entries: those of the store, and over them its own, which count only
/// once it is committed.
struct Logs<'store> {
    stored: &'store Heads,
    /// Nothing for a log that is removed.
    changed: HashMap<Log, Option<(i64, EntryId)>>,
    /// How many entries it added.
    added: u64,
}

impl Logs<'_> {
    /// The key and the newest entry of a log.
    fn get(&self, log: &Log) -> Option<(i64, EntryId)> {
        self.changed.get(log).copied().unwrap_or_else(|| self.stored.get(log).copied())
    }

    /// The same, and whether the log was made for it.
    fn get_or_make(
        &mut self,
        connection: &Connection,
        log: &Log,
        at: Timestamp,
    ) -> rusqlite::Result<(i64, EntryId, bool)> {
        if let Some((key, head)) = self.get(log) {
            return Ok((key, head, false));
        }
        let key = connection
            .prepare_cached("INSERT INTO rooms (name, created_at) VALUES (?1, ?2) RETURNING id")?
            .query_row((log.to_string(), millis(at)), |row| row.get(0))?;
        self.changed.insert(log.clone(), Some((key, 0)));
        Ok((key, 0, true))
    }
}

/// Writes until the queue is closed and empty.
pub(super) fn run(
    mut store: Store,
    queue: &Receiver<(Ticket, Change)>,
    completions: &UnboundedSender<Vec<Completion>>,
) {
    let mut is_whole = true;
    loop {
        let answers = match queue.recv_timeout(LOOK_EVERY) {
            Ok(first) => {
                let batch: Vec<_> = iter::once(first).chain(queue.try_iter().take(BATCH - 1)).collect();
                store.write(&batch)
            }
            Err(RecvTimeoutError::Timeout) => {
                let looked = store.check_files();
                let was_whole = std::mem::replace(&mut is_whole, looked.is_ok());
                // As the answer to a probe that nobody made: whoever hears it makes the next ones.
                looked
                    .err()
                    .filter(|_| was_whole)
                    .map(|error| refused(&[(PROBE, Change::Probe)], &error))
                    .unwrap_or_default()
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if !answers.is_empty() && completions.send(answers).is_err() {
            // Nobody listens any more, so nobody may be told of what comes next either.
            return;
        }
    }
    // A store that was closed in order is one file.
    if let Err(error) = store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the store");
    }
}

/// Writes a batch as one transaction. If that fails, each change gets its own, so that one which the store refuses
/// costs the others nothing; but a lock is in the way of all, and each alone would wait for it anew.
pub(super) fn write(connection: &mut Connection, heads: &mut Heads, batch: &[(Ticket, Change)]) -> Vec<Completion> {
    match commit(connection, heads, batch) {
        Ok(outcomes) => batch
            .iter()
            .zip(outcomes)
            .map(|((ticket, _), outcome)| Completion { ticket: *ticket, result: Ok(outcome) })
            .collect(),
        Err(error) if batch.len() > 1 && error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) => {
            batch.chunks(1).flat_map(|change| write(connection, heads, change)).collect()
        }
        Err(error) => refused(batch, &failure(&error)),
    }
}

/// The answer to changes that were not made.
pub(super) fn refused(batch: &[(Ticket, Change)], error: &JournalError) -> Vec<Completion> {
    batch.iter().map(|(ticket, _)| Completion { ticket: *ticket, result: Err(error.clone()) }).collect()
}

/// Makes all changes of a batch, or none, and returns what became of each.
fn commit(
    connection: &mut Connection,
    heads: &mut Heads,
    batch: &[(Ticket, Change)],
) -> rusqlite::Result<Vec<Outcome>> {
    let mut logs = Logs { stored: heads, changed: HashMap::new(), added: 0 };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcomes =
        batch.iter().map(|(_, change)| apply(&transaction, &mut logs, change)).collect::<Result<Vec<_>, _>>()?;
    note_heads(&transaction, &logs)?;
    transaction.commit()?;
    for (log, head) in logs.changed {
        match head {
            Some(head) => heads.insert(log, head),
            None => heads.remove(&log),
        };
    }
    Ok(outcomes)
}

/// Writes down what a start reads in place of the entries: once for each log, however many were added.
fn note_heads(connection: &Connection, logs: &Logs<'_>) -> rusqlite::Result<()> {
    if logs.added == 0 {
        return Ok(());
    }
    let mut note = connection
        .prepare_cached("UPDATE rooms SET head = ?2, head_at = (SELECT ts FROM entries WHERE id = ?2) WHERE id = ?1")?;
    for (key, head) in logs.changed.values().flatten().filter(|(_, head)| *head > 0) {
        note.execute((key, number(*head)))?;
    }
    connection
        .prepare_cached("UPDATE meta SET value = value + ?1 WHERE key = 'entries'")?
        .execute([number(logs.added)])?;
    Ok(())
}

fn apply(connection: &Connection, logs: &mut Logs<'_>, change: &Change) -> rusqlite::Result<Outcome> {
    match change {
        Change::CreateUser { name, session, by_form, at } => {
            let user: Option<i64> = connection
                .prepare_cached(
                    "INSERT INTO users (name, name_key, created_at, seen_at, by_form, seen_uptime)
                     VALUES (?1, ?2, ?3, ?3, ?4, (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'uptime'))
                     ON CONFLICT (name_key) DO NOTHING RETURNING id",
                )?
                .query_row((name.as_str(), name.key().as_str(), millis(*at), by_form), |row| row.get(0))
                .optional()?;
            let Some(user) = user else {
                return Ok(Outcome::NameTaken);
            };
            connection
                .prepare_cached("INSERT INTO sessions (hash, user, created_at, renewed_at) VALUES (?1, ?2, ?3, ?3)")?
                .execute((session, user, millis(*at)))?;
            let user = UserId(user.unsigned_abs());
            join(connection, logs, user, RoomName::general(), *at)?;
            Ok(Outcome::Created(user))
        }
        Change::Rename { user, name, rooms, at } => rename(connection, logs, *user, name, rooms, *at),
        Change::Forget { user, only_silent, uptime_ms } => forget(connection, logs, *user, *only_silent, *uptime_ms),
        Change::Seen { users, at, uptime_ms } => {
            let uptime = number(*uptime_ms);
            connection
                .prepare_cached(
                    "UPDATE meta SET value = max(CAST(value AS INTEGER), CAST(?1 AS INTEGER)) WHERE key = 'uptime'",
                )?
                .execute([uptime])?;
            let mut statement = connection.prepare_cached(
                "UPDATE users SET seen_at = max(seen_at, ?2), caught_up_to = max(caught_up_to, ?3),
                 seen_uptime = max(seen_uptime, ?4) WHERE id = ?1",
            )?;
            for (user, caught_up_to) in users {
                statement.execute((number(user.0), millis(*at), number(*caught_up_to), uptime))?;
            }
            Ok(Outcome::Done)
        }
        Change::Join { user, room, at } => {
            let is_new = join(connection, logs, *user, room.clone(), *at)?;
            Ok(Outcome::Joined { is_new })
        }
        Change::Leave { user, room } => {
            connection
                .prepare_cached(
                    "DELETE FROM members WHERE user = ?1 AND room = (SELECT id FROM rooms WHERE name = ?2)",
                )?
                .execute((number(user.0), room.as_str()))?;
            let is_removed = remove_if_empty(connection, logs, room)?;
            Ok(Outcome::Left(is_removed.then(|| room.clone()).into_iter().collect()))
        }
        Change::Append(draft) => append(connection, logs, draft),
        Change::Recall { author, client_id, kind, text } => {
            let stored = stored(connection, *author, client_id)?.filter(|(_, entry)| says(entry, *kind, text));
            Ok(stored.map_or(Outcome::Done, |(log, entry)| Outcome::Repeated(log, entry)))
        }
        Change::EndSessions { sessions } => {
            let mut end = connection.prepare_cached("DELETE FROM sessions WHERE hash = ?1")?;
            for session in sessions {
                end.execute([session])?;
            }
            Ok(Outcome::Done)
        }
        Change::RenewSession { session, at } => {
            connection
                .prepare_cached("UPDATE sessions SET renewed_at = ?2 WHERE hash = ?1")?
                .execute((session, millis(*at)))?;
            Ok(Outcome::Done)
        }
        Change::Read { user, log, id } => {
            if let Some((log, _)) = logs.get(log) {
                mark_read(connection, *user, log, *id)?;
            }
            Ok(Outcome::Done)
        }
        Change::Probe => {
            // Random, because SQLite does not write what is there already, and a full disk would not refuse it.
            connection
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES ('probe', hex(randomblob(?1)))
                     ON CONFLICT DO UPDATE SET value = excluded.value",
                )?
                .execute([PROBE_BYTES])?;
            Ok(Outcome::Done)
        }
    }
}

fn rename(
    connection: &Connection,
    logs: &mut Logs<'_>,
    user: UserId,
    name: &UserName,
    rooms: &[RoomName],
    at: Timestamp,
) -> rusqlite::Result<Outcome> {
    let old = name_of(connection, user)?;
    let changed = connection
        .prepare_cached("UPDATE OR IGNORE users SET name = ?2, name_key = ?3 WHERE id = ?1")?
        .execute((number(user.0), name.as_str(), name.key().as_str()))?;
    if changed == 0 {
        return Ok(Outcome::NameTaken);
    }
    let text: Arc<str> = app::protocol::renamed(&old, name.as_str()).into();
    let mut lines = Vec::with_capacity(rooms.len());
    for room in rooms {
        let log = Log::Room(room.clone());
        if let Some(place) = logs.get(&log) {
            let line = NewEntry {
                author: user,
                from: SYSTEM.into(),
                kind: EntryKind::System,
                text: Arc::clone(&text),
                client_id: None,
                at,
            };
            lines.push((room.clone(), insert(connection, logs, log, place, line)?));
        }
    }
    Ok(Outcome::Renamed(lines))
}

/// The name that a user has now; one that is not there has none.
fn name_of(connection: &Connection, user: UserId) -> rusqlite::Result<String> {
    let name = connection
        .prepare_cached("SELECT name FROM users WHERE id = ?1")?
        .query_row([number(user.0)], |row| row.get(0))
        .optional()?;
    Ok(name.unwrap_or_default())
}

/// Takes everything of a user away but the entries. Who has none leaves nothing at all.
fn forget(
    connection: &Connection,
    logs: &mut Logs<'_>,
    user: UserId,
    only_silent: bool,
    uptime_ms: u64,
) -> rusqlite::Result<Outcome> {
    let key = number(user.0);
    let has_entries = connection
        .prepare_cached("SELECT has_entries FROM users WHERE id = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    if only_silent && has_entries == Some(true) {
        return Ok(Outcome::Done);
    }
    let rooms = connection
        .prepare_cached("SELECT name FROM rooms JOIN members ON members.room = rooms.id WHERE members.user = ?1")?
        .query_map([key], |row| log(row, 0))?
        .filter(|room| !room.as_ref().is_err_and(damage::is_of_a_row))
        .collect::<Result<Vec<_>, _>>()?;
    for statement in [
        "DELETE FROM members WHERE user = ?1",
        "DELETE FROM sessions WHERE user = ?1",
        "DELETE FROM reads WHERE user = ?1",
        "DELETE FROM users WHERE id = ?1 AND NOT has_entries",
    ] {
        connection.prepare_cached(statement)?.execute([key])?;
    }
    connection
        .prepare_cached(
            "UPDATE users SET is_forgotten = 1, name_key = '-' || id, forgotten_uptime = CASE WHEN has_written THEN ?2 END
             WHERE id = ?1",
        )?
        .execute((key, number(uptime_ms)))?;
    let mut removed = Vec::new();
    for room in rooms.iter().filter_map(Log::room) {
        if remove_if_empty(connection, logs, room)? {
            removed.push(room.clone());
        }
    }
    Ok(Outcome::Left(removed))
}

/// Makes a user a member, who has read what was said before; whether the room was made for it.
fn join(
    connection: &Connection,
    logs: &mut Logs<'_>,
    user: UserId,
    room: RoomName,
    at: Timestamp,
) -> rusqlite::Result<bool> {
    let (room, head, is_new) = logs.get_or_make(connection, &Log::Room(room), at)?;
    let joined = connection
        .prepare_cached("INSERT INTO members (user, room) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((number(user.0), room))?;
    if joined > 0 && head > 0 {
        mark_read(connection, user, room, head)?;
    }
    Ok(is_new)
}

/// Moves a user's read mark in a log, never back.
fn mark_read(connection: &Connection, user: UserId, log: i64, id: EntryId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO reads (user, room, id) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET id = max(id, excluded.id)",
        )?
        .execute((number(user.0), log, number(id)))?;
    Ok(())
}

/// Removes a room that has neither members nor entries, if it is no default one; whether it did.
fn remove_if_empty(connection: &Connection, logs: &mut Logs<'_>, room: &RoomName) -> rusqlite::Result<bool> {
    let log = Log::Room(room.clone());
    let Some((key, 0)) = logs.get(&log).filter(|_| !room.is_default()) else {
        return Ok(false);
    };
    let removed = connection
        .prepare_cached("DELETE FROM rooms WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE room = ?1)")?
        .execute([key])?;
    if removed > 0 {
        logs.changed.insert(log, None);
    }
    Ok(removed > 0)
}

fn append(connection: &Connection, logs: &mut Logs<'_>, draft: &Draft) -> rusqlite::Result<Outcome> {
    if let Some(client_id) = &draft.client_id
        && let Some((log, entry)) = stored(connection, draft.author, client_id)?
    {
        // The conversation that is meant by a name may be another one by now: names change hands.
        let is_there = log == draft.log || (log.room().is_none() && draft.log.room().is_none());
        let is_repeat = is_there && says(&entry, draft.kind, &draft.text);
        return Ok(if is_repeat { Outcome::Repeated(log, entry) } else { Outcome::MarkUsed });
    }
    let place = match &draft.log {
        Log::Room(_) => logs.get(&draft.log),
        Log::Conversation(_) => {
            let (key, head, _) = logs.get_or_make(connection, &draft.log, draft.at)?;
            Some((key, head))
        }
    };
    let Some(place) = place else {
        return Ok(Outcome::NotMember);
    };
    let authors = match &draft.log {
        Log::Room(_) if !is_member(connection, draft.author, place.0)? => return Ok(Outcome::NotMember),
        Log::Room(_) => [draft.author; 2],
        Log::Conversation(pair) => pair.users(),
    };
    connection
        .prepare_cached("UPDATE users SET has_entries = 1 WHERE id IN (?1, ?2) AND NOT has_entries")?
        .execute(authors.map(|user| number(user.0)))?;
    connection
        .prepare_cached("UPDATE users SET has_written = 1 WHERE id = ?1 AND NOT has_written")?
        .execute([number(draft.author.0)])?;
    let from = name_of(connection, draft.author)?;
    let text = written(&from, draft.kind, &draft.text);
    let (author, kind, client_id, at) = (draft.author, draft.kind, draft.client_id.clone(), draft.at);
    let entry = NewEntry { author, from: from.into(), kind, text, client_id, at };
    insert(connection, logs, draft.log.clone(), place, entry).map(Outcome::Appended)
}

/// A text as it is stored, by an author of this name.
fn written(from: &str, kind: EntryKind, text: &Arc<str>) -> Arc<str> {
    if kind == EntryKind::Action { format!("* {from} {text}").into() } else { Arc::clone(text) }
}

/// Whether an entry is what its author would store again by this.
fn says(entry: &Entry, kind: EntryKind, text: &Arc<str>) -> bool {
    entry.kind == kind && entry.text == written(&entry.from, kind, text)
}

fn is_member(connection: &Connection, user: UserId, room: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM members WHERE user = ?1 AND room = ?2)")?
        .query_row((number(user.0), room), |row| row.get(0))
}

/// An entry that has everything but its place.
struct NewEntry {
    author: UserId,
    from: Arc<str>,
    kind: EntryKind,
    text: Arc<str>,
    client_id: Option<Arc<str>>,
    at: Timestamp,
}

/// Puts an entry at the end of a log, of which the key and the newest entry are `place`.
fn insert(
    connection: &Connection,
    logs: &mut Logs<'_>,
    log: Log,
    place: (i64, EntryId),
    new: NewEntry,
) -> rusqlite::Result<Entry> {
    let (key, prev) = place;
    let user_id = (new.kind != EntryKind::System).then_some(new.author);
    let fields = Fields {
        id: next_id(connection)?,
        room: key,
        prev: number(prev),
        ts: millis(new.at),
        kind: damage::kind_name(new.kind),
        author: user_id.map(|author| number(author.0)),
        from: &new.from,
        text: &new.text,
        client_id: new.client_id.as_deref(),
    };
    connection
        .prepare_cached(
            "INSERT INTO entries (id, room, prev, ts, kind, author, from_name, text, client_id, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            fields.id,
            fields.room,
            fields.prev,
            fields.ts,
            fields.kind,
            number(new.author.0),
            fields.from,
            fields.text,
            fields.client_id,
            fields.checksum(),
        ))?;
    let entry = Entry {
        id: fields.id.unsigned_abs(),
        prev,
        ts: new.at,
        user_id,
        from: new.from,
        text: new.text,
        kind: new.kind,
        client_id: new.client_id,
    };
    logs.changed.insert(log, Some((key, entry.id)));
    logs.added += 1;
    Ok(entry)
}

/// The id of the next entry, which its checksum needs: what SQLite would choose.
fn next_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "SELECT 1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entries'), 0),
                            coalesce((SELECT max(id) FROM entries), 0))",
        )?
        .query_row((), |row| row.get(0))
}

/// The entry that an author stored under a mark, with its log.
fn stored(connection: &Connection, author: UserId, client_id: &str) -> rusqlite::Result<Option<(Log, Entry)>> {
    connection
        .prepare_cached(&format!(
            "SELECT {}, (SELECT name FROM rooms WHERE rooms.id = room) FROM entries
             WHERE author = ?1 AND client_id = ?2",
            damage::COLUMNS
        ))?
        .query_row((number(author.0), client_id), |row| Ok((log(row, 11)?, damage::entry(connection, row)?)))
        .optional()
}

/// A number for a column. Ids stay below 2^53 and times do so for long.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn millis(at: Timestamp) -> i64 {
    number(at.as_millis())
}
