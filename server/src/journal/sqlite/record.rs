//! The [`Record`] of the [rules](crate::journal::rules), as SQL within one transaction.

mod amending;

use super::{checksum::Fields, damage, known::Known, log_name, millis, number, reader, search_index::SearchIndex};
use crate::journal::{
    Position, SessionHash,
    rules::{KnownUser, Record},
};
use app::protocol::{Entry, EntryId, EntryKind, LogId, RoomName, Timestamp, UserId, UserName};
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::HashMap;

/// Random bytes of a probe, stored as two hex digits each: 50 pages. The largest entry, a text of 16 kB with its index
/// rows and its terms for the search, takes about 45 pages.
const PROBE_BYTES: i64 = 100 * 1024;

/// A transaction with its view of the logs' heads: the stored ones, overlaid with its own, which take effect with the
/// commit.
pub(super) struct Transaction<'a> {
    connection: &'a Connection,
    stored: &'a reader::Heads,
    known: &'a mut Known,
    index: &'a mut SearchIndex,
    /// Changed heads by log, with the log's key; `None` for a removed log.
    changed: HashMap<LogId, Option<(i64, EntryId)>>,
    /// Number of added entries, without amendments.
    added: u64,
    /// `true` if a text was deleted.
    has_deleted: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        stored: &'a reader::Heads,
        known: &'a mut Known,
        index: &'a mut SearchIndex,
    ) -> Self {
        Self { connection, stored, known, index, changed: HashMap::new(), added: 0, has_deleted: false }
    }

    /// Updates the noted heads, which a start reads in place of the entries: once per log, however many entries were
    /// added.
    pub(super) fn note_heads(&self) -> Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let mut note = self.connection.prepare_cached(
            "UPDATE rooms SET head = ?2, head_at = (SELECT ts FROM entries WHERE id = ?2) WHERE id = ?1",
        )?;
        for (key, head) in self.changed.values().flatten().filter(|(_, head)| *head > 0) {
            note.execute((key, number(*head)))?;
        }
        if self.added == 0 {
            return Ok(());
        }
        self.connection
            .prepare_cached("UPDATE meta SET value = value + ?1 WHERE key = 'entries'")?
            .execute([number(self.added)])?;
        Ok(())
    }

    /// Writes the position of the last fact.
    pub(super) fn note_position(&self, position: Position) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE meta SET value = CAST(?1 AS TEXT) WHERE key = 'position'")?
            .execute([number(position)])
            .map(drop)
    }

    /// Returns `true` if a text was deleted.
    pub(super) const fn has_deleted(&self) -> bool {
        self.has_deleted
    }

    /// Returns the changed heads, to apply after the commit.
    pub(super) fn into_changed(self) -> HashMap<LogId, Option<(i64, EntryId)>> {
        self.changed
    }

    /// Returns the key and the newest entry of a log.
    fn log(&self, log: &LogId) -> Option<(i64, EntryId)> {
        self.changed.get(log).copied().unwrap_or_else(|| self.stored.get(log).copied())
    }

    fn room(&self, room: &RoomName) -> Option<i64> {
        self.log(&LogId::Room(room.clone())).map(|(key, _)| key)
    }
}

impl Record for Transaction<'_> {
    type Error = rusqlite::Error;

    fn add_user(&mut self, name: &UserName, by_form: bool, at: Timestamp) -> Result<Option<UserId>> {
        let user: Option<i64> = self
            .connection
            .prepare_cached(
                // An `ON CONFLICT` clause would use up a number for each taken name.
                "INSERT INTO users (name, name_key, created_at, seen_at, by_form, seen_uptime)
                 SELECT ?1, ?2, ?3, ?3, ?4, (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'uptime')
                 WHERE NOT EXISTS (SELECT 1 FROM users WHERE name_key = ?2) RETURNING id",
            )?
            .query_row((name.as_str(), name.key().as_str(), millis(at), by_form), |row| row.get(0))
            .optional()?;
        Ok(user.map(|user| UserId(user.unsigned_abs())))
    }

    fn user(&mut self, user: UserId) -> Result<Option<KnownUser>> {
        let connection = self.connection;
        self.known.user(user, || {
            connection
                .prepare_cached("SELECT name, has_entries, has_written FROM users WHERE id = ?1 AND NOT is_forgotten")?
                .query_row([number(user.0)], |row| {
                    let name: String = row.get(0)?;
                    Ok(KnownUser { name: name.into(), has_entries: row.get(1)?, has_written: row.get(2)? })
                })
                .optional()
        })
    }

    fn set_name(&mut self, user: UserId, name: &UserName) -> Result<bool> {
        self.known.forget_user(user);
        self.connection
            .prepare_cached("UPDATE OR IGNORE users SET name = ?2, name_key = ?3 WHERE id = ?1")?
            .execute((number(user.0), name.as_str(), name.key().as_str()))
            .map(|changed| changed > 0)
    }

    fn note_entries(&mut self, user: UserId, has_written: bool) -> Result<()> {
        self.known.forget_user(user);
        self.connection
            .prepare_cached("UPDATE users SET has_entries = 1, has_written = max(has_written, ?2) WHERE id = ?1")?
            .execute((number(user.0), has_written))
            .map(drop)
    }

    fn note_seen(&mut self, users: &[(UserId, EntryId)], at: Timestamp, uptime_ms: u64) -> Result<()> {
        let uptime = number(uptime_ms);
        self.connection
            .prepare_cached(
                "UPDATE meta SET value = max(CAST(value AS INTEGER), CAST(?1 AS INTEGER)) WHERE key = 'uptime'",
            )?
            .execute([uptime])?;
        let mut note = self.connection.prepare_cached(
            "UPDATE users SET seen_at = max(seen_at, ?2), caught_up_to = max(caught_up_to, ?3),
             seen_uptime = max(seen_uptime, ?4) WHERE id = ?1",
        )?;
        for (user, caught_up_to) in users {
            note.execute((number(user.0), millis(at), number(*caught_up_to), uptime))?;
        }
        Ok(())
    }

    fn forget_user(&mut self, user: UserId, uptime_ms: u64) -> Result<()> {
        // The memberships end too.
        self.known.clear();
        let key = number(user.0);
        for statement in [
            "DELETE FROM members WHERE user = ?1",
            "DELETE FROM sessions WHERE user = ?1",
            "DELETE FROM reads WHERE user = ?1",
            "DELETE FROM users WHERE id = ?1 AND NOT has_entries",
        ] {
            self.connection.prepare_cached(statement)?.execute([key])?;
        }
        self.connection
            .prepare_cached(
                "UPDATE users SET is_forgotten = 1, name_key = '-' || id,
                 forgotten_uptime = CASE WHEN has_written THEN ?2 END WHERE id = ?1",
            )?
            .execute((key, number(uptime_ms)))
            .map(drop)
    }

    fn add_session(&mut self, user: UserId, session: &SessionHash, at: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO sessions (hash, user, created_at, renewed_at) VALUES (?1, ?2, ?3, ?3)")?
            .execute((session, number(user.0), millis(at)))
            .map(drop)
    }

    fn renew_session(&mut self, session: &SessionHash, at: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE sessions SET renewed_at = ?2 WHERE hash = ?1")?
            .execute((session, millis(at)))
            .map(drop)
    }

    fn end_session(&mut self, user: UserId, session: &SessionHash) -> Result<bool> {
        self.connection
            .prepare_cached("DELETE FROM sessions WHERE hash = ?1 AND user = ?2")?
            .execute((session, number(user.0)))
            .map(|ended| ended > 0)
    }

    fn head(&mut self, log: &LogId) -> Result<Option<EntryId>> {
        Ok(self.log(log).map(|(_, head)| head))
    }

    fn add_log(&mut self, log: &LogId, at: Timestamp) -> Result<()> {
        let key = self
            .connection
            .prepare_cached("INSERT INTO rooms (name, created_at) VALUES (?1, ?2) RETURNING id")?
            .query_row((log_name::of(log), millis(at)), |row| row.get(0))?;
        self.changed.insert(log.clone(), Some((key, 0)));
        Ok(())
    }

    fn remove_log(&mut self, log: &LogId) -> Result<()> {
        if let Some((key, _)) = self.log(log) {
            // Another room can get the key.
            self.known.clear();
            self.connection.prepare_cached("DELETE FROM rooms WHERE id = ?1")?.execute([key])?;
            self.changed.insert(log.clone(), None);
        }
        Ok(())
    }

    fn is_member(&mut self, user: UserId, room: &RoomName) -> Result<bool> {
        let (connection, Some(key)) = (self.connection, self.room(room)) else {
            return Ok(false);
        };
        self.known.is_member(user, key, || {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM members WHERE user = ?1 AND room = ?2)")?
                .query_row((number(user.0), key), |row| row.get(0))
        })
    }

    fn add_member(&mut self, user: UserId, room: &RoomName) -> Result<bool> {
        self.connection
            .prepare_cached("INSERT INTO members (user, room) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute((number(user.0), self.room(room)))
            .map(|added| added > 0)
    }

    fn remove_member(&mut self, user: UserId, room: &RoomName) -> Result<bool> {
        let Some(key) = self.room(room) else {
            return Ok(false);
        };
        self.known.forget_member(user, key);
        self.connection
            .prepare_cached("DELETE FROM members WHERE user = ?1 AND room = ?2")?
            .execute((number(user.0), key))
            .map(|removed| removed > 0)
    }

    fn has_members(&mut self, room: &RoomName) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM members WHERE room = ?1)")?
            .query_row([self.room(room)], |row| row.get(0))
    }

    fn rooms_of(&mut self, user: UserId) -> Result<Vec<RoomName>> {
        let mut rooms = self
            .connection
            .prepare_cached("SELECT name FROM rooms JOIN members ON members.room = rooms.id WHERE members.user = ?1")?
            .query_map([number(user.0)], |row| reader::log(row, 0))?
            .filter(|room| !room.as_ref().is_err_and(damage::is_of_a_row))
            .filter_map(|log| log.map(|log| log.room().cloned()).transpose())
            .collect::<Result<Vec<_>>>()?;
        rooms.sort_unstable();
        Ok(rooms)
    }

    fn move_mark(&mut self, user: UserId, log: &LogId, id: EntryId) -> Result<bool> {
        self.connection
            .prepare_cached(
                "INSERT INTO reads (user, room, id) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET id = excluded.id WHERE id < excluded.id",
            )?
            .execute((number(user.0), self.log(log).map(|(key, _)| key), number(id)))
            .map(|moved| moved > 0)
    }

    fn entry_by_client_id(&mut self, author: UserId, client_id: &str) -> Result<Option<(LogId, Entry)>> {
        self.connection
            .prepare_cached(&format!(
                "SELECT {}, {} FROM entries WHERE author = ?1 AND client_id = ?2",
                damage::COLUMNS,
                reader::LOG
            ))?
            .query_row((number(author.0), client_id), |row| {
                Ok((reader::log(row, damage::COLUMN_COUNT)?, damage::stored(self.connection, row, None)?))
            })
            .optional()
    }

    fn add_entry(&mut self, log: &LogId, author: UserId, entry: &Entry) -> Result<bool> {
        let Some((key, _)) = self.log(log) else {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        };
        let fields = fields(key, author, entry);
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO entries (id, room, prev, ts, kind, author, from_name, text, client_id, target, checksum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT (author, client_id) WHERE client_id IS NOT NULL DO NOTHING",
            )?
            .execute((
                fields.id,
                fields.room,
                fields.prev,
                fields.ts,
                fields.kind,
                number(author.0),
                fields.from,
                fields.text,
                fields.client_id,
                fields.target,
                fields.checksum(),
            ))?;
        if added == 0 {
            return Ok(false);
        }
        if let Some(target) = entry.target {
            self.connection
                .prepare_cached("INSERT INTO amendments (target, id) VALUES (?1, ?2)")?
                .execute((number(target), fields.id))?;
            self.index_amended((log, key), target, entry)?;
            self.amend(key, author, target, entry)?;
        }
        self.index.add(self.connection, (log, key), entry)?;
        self.changed.insert(log.clone(), Some((key, entry.id)));
        self.added += u64::from(entry.is_shown());
        Ok(true)
    }

    fn entry(&mut self, log: &LogId, id: EntryId) -> Result<Option<Entry>> {
        let (connection, Some((key, _))) = (self.connection, self.log(log)) else {
            return Ok(None);
        };
        connection
            .prepare_cached(&format!("SELECT {} FROM entries WHERE id = ?1 AND room = ?2", damage::COLUMNS))?
            .query_row((number(id), key), |row| damage::entry(connection, row, Some(key)))
            .optional()
    }

    fn amendments_of(&mut self, id: EntryId) -> Result<usize> {
        self.connection
            .prepare_cached("SELECT count(*) FROM amendments WHERE target = ?1")?
            .query_row([number(id)], |row| row.get::<_, u32>(0))
            .map(|count| count as usize)
    }

    fn probe(&mut self) -> Result<()> {
        // Random, because SQLite skips writing pages that did not change, and a full disk would not refuse those.
        self.connection
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES ('probe', hex(randomblob(?1)))
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute([PROBE_BYTES])
            .map(drop)
    }
}

/// Returns an entry as its row stores it, without the amendments of it.
fn fields(key: i64, author: UserId, entry: &Entry) -> Fields<'_> {
    Fields {
        id: number(entry.id),
        room: key,
        prev: number(entry.prev),
        ts: millis(entry.ts),
        kind: entry.kind.as_str(),
        author: (entry.kind != EntryKind::System).then(|| number(author.0)),
        from: &entry.from,
        text: &entry.text,
        client_id: entry.client_id.as_deref(),
        target: entry.target.map(number),
        rev: None,
    }
}
