//! Queries of the store.

use super::{damage, log_name};
use crate::journal::{
    Page, PageSpace, Position, RESERVED_NAMES_MAX, Range, Restored, StoredRoom, StoredSession, StoredUser,
};
use app::protocol::{Entry, EntryId, EntryKind, LogId, Timestamp, UserId, UserName, limits::CATCH_UP_BYTES};
use rusqlite::{Connection, OptionalExtension, Row, types::Type};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The newest entry of each log, with the log's key.
pub(super) type Heads = HashMap<LogId, (i64, EntryId)>;

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// Returns a bound as SQLite's integer, the largest one for all above.
fn signed(bound: impl TryInto<i64>) -> i64 {
    bound.try_into().unwrap_or(i64::MAX)
}

fn user_id(row: &Row<'_>, column: usize) -> rusqlite::Result<UserId> {
    unsigned(row, column).map(UserId)
}

/// The column of a query of entries that [`log`] reads.
pub(super) const LOG: &str = "(SELECT name FROM rooms WHERE rooms.id = room)";

/// Reads the name of a log from a column.
pub(super) fn log(row: &Row<'_>, column: usize) -> rusqlite::Result<LogId> {
    let name: String = row.get(column)?;
    log_name::read(&name).ok_or_else(|| {
        let reason = format!("{name:?} names no log");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason.into())
    })
}

/// Reads a page. See [`Range`] and [`Page`].
pub(super) fn page(connection: &Connection, log: &LogId, range: Range) -> rusqlite::Result<Page> {
    page_of_bytes(connection, log, range, CATCH_UP_BYTES)
}

/// Reads a page with an entry in its middle. The entries after it may be so long that it does not fit the page; then
/// the page ends with it.
pub(super) fn around(
    connection: &Connection,
    log: &LogId,
    id: EntryId,
    limit: usize,
) -> rusqlite::Result<Option<Page>> {
    // From the entry on: itself, and the one before which a page has half of its entries after it.
    let mut bound = connection.prepare_cached(
        "SELECT id FROM entries WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND id >= ?2 \
         ORDER BY id LIMIT 1 OFFSET ?3",
    )?;
    let mut nth = |offset: usize| {
        bound.query_row((log_name::of(log), signed(id), signed(offset)), |row| unsigned(row, 0)).optional()
    };
    if nth(0)? != Some(id) {
        return Ok(None);
    }
    let bound = nth(limit / 2 + 1)?;
    for before in [bound.unwrap_or(EntryId::MAX), id.saturating_add(1)] {
        let page = page(connection, log, Range { after: 0, before, limit })?;
        if let Some(entry) = page.entries.iter().find(|entry| entry.id == id) {
            return Ok(entry.is_shown().then_some(page));
        }
    }
    Ok(None)
}

/// Reads the versions of an entry. There are at most [`EDITS_MAX`](app::protocol::limits::EDITS_MAX) edits.
pub(super) fn versions(connection: &Connection, log: &LogId, id: EntryId) -> rusqlite::Result<Vec<Entry>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {} FROM entries WHERE room = (SELECT id FROM rooms WHERE name = ?1)
         AND id IN (SELECT ?2 UNION ALL SELECT id FROM amendments WHERE target = ?2) ORDER BY id",
        damage::COLUMNS
    ))?;
    let rows = select.query_map((log_name::of(log), signed(id)), |row| damage::stored(connection, row, None))?;
    let versions = rows.collect::<rusqlite::Result<Vec<Entry>>>()?;
    let is_deleted = versions.iter().any(|entry| entry.kind == EntryKind::Delete);
    Ok(if is_deleted || versions.len() < 2 { Vec::new() } else { versions })
}

/// Reads a page of at most `most` bytes, or of one longer entry. Damaged rows cost the others nothing, and neither does
/// a damaged part of the table, as long as the log's index can be read.
fn page_of_bytes(connection: &Connection, log: &LogId, range: Range, most: usize) -> rusqlite::Result<Page> {
    let mut key = connection.prepare_cached("SELECT id FROM rooms WHERE name = ?1")?;
    let Some(room) = key.query_row([log_name::of(log)], |row| row.get(0)).optional()? else {
        return Ok(Page::default());
    };
    let within = "WHERE room = ?1 AND id > ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
    // One more than the limit tells if there are older entries.
    let limit = signed(PageSpace::entries(range.limit)).saturating_add(1);
    let bounds: (i64, _, _, _) = (room, signed(range.after), signed(range.before), limit);

    let mut statement = connection.prepare_cached(&format!("SELECT {} FROM entries {within}", damage::COLUMNS))?;
    let rows = statement.query_map(bounds, |row| damage::entry(connection, row, Some(room)))?;
    match collected(rows, range.limit, most) {
        Err(error) if damage::is_damage(&error) => {}
        page => return page,
    }
    let mut index = connection.prepare_cached(&format!("SELECT room, id FROM entries {within}"))?;
    let places = index.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = places.map(|place| place.and_then(|(room, id)| damage::entry_at(connection, room, id)));
    collected(rows, range.limit, most)
}

/// Collects a page of entries that come newest first.
fn collected(
    newest_first: impl Iterator<Item = rusqlite::Result<Entry>>,
    limit: usize,
    most: usize,
) -> rusqlite::Result<Page> {
    let (mut entries, mut space, mut more) = (Vec::new(), PageSpace::of(limit, most), false);
    for entry in newest_first {
        let entry = entry?;
        more = !space.take(entry.is_shown(), entry.encoded_at_most());
        if more {
            break;
        }
        entries.push(entry);
    }
    entries.reverse();
    damage::guess_moments(&mut entries);
    Ok(Page { entries, more })
}

/// Reads the newest entry of each log.
pub(super) fn heads(connection: &Connection) -> rusqlite::Result<Heads> {
    let mut statement = connection.prepare("SELECT name, id, head FROM rooms")?;
    let stored = |row: &Row<'_>| {
        let key = row.get(1)?;
        Ok((log(row, 0)?, (key, head(connection, row, 2, key)?)))
    };
    damage::readable("room or conversation", statement.query_map((), stored)?).collect()
}

/// Logs by key, with their newest entries. The restored state clones its names from here, so each is in memory once.
type Logs<'heads> = HashMap<i64, (&'heads LogId, EntryId)>;

/// Reads the newest entry of all logs, or the newest noted head if the table of entries is damaged.
fn last_id(connection: &Connection) -> rusqlite::Result<EntryId> {
    let newest = |select| connection.query_row(select, (), |row| unsigned(row, 0));
    match newest("SELECT coalesce(max(id), 0) FROM entries") {
        Err(error) if damage::is_damage(&error) => newest("SELECT coalesce(max(head), 0) FROM rooms"),
        newest => newest,
    }
}

/// Reads the noted head of a log, or computes it from the entries if the note is damaged.
fn head(connection: &Connection, row: &Row<'_>, column: usize, room: i64) -> rusqlite::Result<EntryId> {
    match unsigned(row, column) {
        Err(error) if damage::is_of_a_row(&error) => {
            let newest = "SELECT coalesce(max(id), 0) FROM entries WHERE room = ?1";
            connection.query_row(newest, [room], |row| unsigned(row, 0))
        }
        head => head,
    }
}

/// Reads the position of the last stored fact.
pub(super) fn position(connection: &Connection) -> rusqlite::Result<Position> {
    let noted = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'position'";
    let noted: EntryId = connection.query_row(noted, (), |row| unsigned(row, 0)).optional()?.unwrap_or(0);
    Ok(noted.max(last_id(connection)?))
}

/// Reads the state from which the chat starts, except for presence.
pub(super) fn restore(connection: &Connection, heads: &Heads) -> rusqlite::Result<Restored> {
    let logs: Logs<'_> = heads.iter().map(|(log, (key, head))| (*key, (log, *head))).collect();
    let meta = |key| {
        let text = |row: &Row<'_>| Ok(row.get_ref(0)?.as_str().unwrap_or_default().to_owned());
        connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], text)
    };
    let number = |key| meta(key).map(|value: String| value.parse().unwrap_or_default());
    let mut restored = Restored {
        epoch: meta("epoch")?,
        run: number("runs")?,
        uptime_ms: number("uptime")?,
        last_id: last_id(connection)?,
        entries: number("entries")?,
        users: users(connection, &logs)?,
        reserved: reserved(connection)?,
        ..Restored::default()
    };
    let mut statement = connection.prepare("SELECT id, created_at, max(created_at, head_at) FROM rooms")?;
    let times = |row: &Row<'_>| {
        let at = |column| Timestamp::from_millis(unsigned(row, column).unwrap_or(0));
        Ok((row.get(0)?, at(1), at(2)))
    };
    for row in damage::readable("room or conversation", statement.query_map((), times)?) {
        let (key, created_at, active_at): (i64, _, _) = row?;
        match logs.get(&key) {
            Some((LogId::Room(room), head)) => {
                let stored = StoredRoom { created_at, head: *head, active_at };
                restored.rooms.insert(room.clone(), stored);
            }
            Some((LogId::Conversation(pair), head)) => drop(restored.conversations.insert(*pair, *head)),
            None => {}
        }
    }
    let known: BTreeSet<UserId> = restored.users.iter().map(|user| user.id).collect();
    let is_gone = |user: &UserId| !known.contains(user);
    let gone: BTreeSet<UserId> = restored.conversations.keys().flat_map(|pair| pair.users()).filter(is_gone).collect();
    let mut name = connection.prepare("SELECT name FROM users WHERE id = ?1")?;
    for user in gone {
        let stored = name.query_map([user.0.cast_signed()], |row| row.get::<_, String>(0))?;
        for name in damage::readable("user", stored) {
            let name = name?;
            restored.forgotten.insert(user, UserName::stored(&name));
        }
    }
    Ok(restored)
}

/// Reads the names of the users who were forgotten last.
fn reserved(connection: &Connection) -> rusqlite::Result<Vec<(UserId, UserName, u64)>> {
    let mut statement = connection.prepare(
        "SELECT id, name, forgotten_uptime FROM users WHERE forgotten_uptime IS NOT NULL
         ORDER BY forgotten_uptime DESC LIMIT ?1",
    )?;
    let name = |row: &Row<'_>| {
        let name: String = row.get(1)?;
        Ok((user_id(row, 0)?, UserName::stored(&name), unsigned(row, 2)?))
    };
    damage::readable("user", statement.query_map([RESERVED_NAMES_MAX.cast_signed()], name)?).collect()
}

fn users(connection: &Connection, logs: &Logs<'_>) -> rusqlite::Result<Vec<StoredUser>> {
    let mut statement = connection.prepare(
            "SELECT id, name, has_entries, by_form, seen_uptime, caught_up_to, has_written FROM users WHERE NOT is_forgotten",
    )?;
    let user = |row: &Row<'_>| {
        let (id, name): (_, String) = (user_id(row, 0)?, row.get(1)?);
        // Damage in other columns must not lose the user, nor make the deletion come sooner.
        let user = StoredUser {
            id,
            name: UserName::stored(&name),
            rooms: Vec::new(),
            reads: Vec::new(),
            sessions: Vec::new(),
            has_entries: row.get(2).unwrap_or(true),
            has_written: row.get(6).unwrap_or(true),
            by_form: row.get(3).unwrap_or(true),
            seen_uptime_ms: unsigned(row, 4).unwrap_or(u64::MAX),
            caught_up_to: unsigned(row, 5).unwrap_or(0),
        };
        Ok((id, user))
    };
    let mut users = damage::readable("user", statement.query_map((), user)?).collect::<Result<BTreeMap<_, _>, _>>()?;

    let mut members = connection.prepare("SELECT user, room FROM members")?;
    let member = |row: &Row<'_>| Ok((user_id(row, 0)?, row.get(1)?));
    for member in damage::readable("member", members.query_map((), member)?) {
        let (user, key): (_, i64) = member?;
        if let (Some(user), Some((LogId::Room(room), _))) = (users.get_mut(&user), logs.get(&key)) {
            user.rooms.push(room.clone());
        }
    }
    let mut reads = connection.prepare("SELECT user, room, id FROM reads")?;
    let read = |row: &Row<'_>| Ok((user_id(row, 0)?, row.get(1)?, unsigned(row, 2)?));
    for read in damage::readable("read mark", reads.query_map((), read)?) {
        let (user, key, id): (_, i64, _) = read?;
        if let (Some(user), Some((log, _))) = (users.get_mut(&user), logs.get(&key)) {
            user.reads.push(((*log).clone(), id));
        }
    }
    let mut sessions = connection.prepare("SELECT user, hash, renewed_at FROM sessions")?;
    let session = |row: &Row<'_>| {
        let renewed_at = Timestamp::from_millis(unsigned(row, 2).unwrap_or(0));
        Ok((user_id(row, 0)?, StoredSession { hash: row.get(1)?, renewed_at }))
    };
    for session in damage::readable("session", sessions.query_map((), session)?) {
        let (user, session) = session?;
        if let Some(user) = users.get_mut(&user) {
            user.sessions.push(session);
        }
    }
    users.values_mut().for_each(|user| user.rooms.sort_unstable());
    Ok(users.into_values().collect())
}
