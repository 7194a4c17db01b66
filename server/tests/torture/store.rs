//! The store, read from outside, and its invariants.

use crate::client::{Client, Witness};
use app::protocol::{Entry, EntryId, EntryKind, RoomName, Timestamp, UserId};
use rusqlite::{Connection, Row};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

/// All entries as their rows have them, in the order of `id`. The rows of deleted entries have no texts.
#[derive(Debug)]
pub(crate) struct Store {
    /// SQLite's verdict on its file.
    verdict: String,
    users: HashMap<String, UserId>,
    /// Entries with the names of their logs: a room's, or `@1:2` for the conversation of two users.
    entries: Vec<(String, Entry)>,
}

impl Store {
    /// Reads the committed contents, even if a server has the store open.
    pub(crate) fn read(file: &Path) -> Self {
        let store = Connection::open(file).unwrap();
        let mut users = store.prepare("SELECT name, id FROM users").unwrap();
        let mut entries = store
            .prepare(
                "SELECT entries.id, prev, ts, kind, from_name, author, text, client_id, name, target
                 FROM entries JOIN rooms ON rooms.id = entries.room ORDER BY entries.id",
            )
            .unwrap();
        Self {
            verdict: store.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap(),
            users: users
                .query_map((), |row| Ok((row.get(0)?, UserId(number(row, 1)?))))
                .unwrap()
                .map(Result::unwrap)
                .collect(),
            entries: entries.query_map((), |row| Ok((row.get(8)?, entry(row)?))).unwrap().map(Result::unwrap).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn room(&self, room: &RoomName) -> impl Iterator<Item = &Entry> + Clone {
        self.entries.iter().filter(|(log, _)| log == room.as_str()).map(|(_, entry)| entry)
    }

    /// Checks that the file is intact, and that in each log every entry names the one before it.
    pub(crate) fn assert_whole(&self) {
        assert_eq!(self.verdict, "ok");
        let mut newest: BTreeMap<&str, EntryId> = BTreeMap::new();
        for (log, entry) in &self.entries {
            let above = newest.insert(log, entry.id).unwrap_or(0);
            assert_eq!(entry.prev, above, "the chain of {log} is broken at {entry:?}");
        }
    }

    /// Checks that every entry that a client received is stored.
    pub(crate) fn assert_keeps(&self, witness: &Witness) {
        let stored: HashMap<EntryId, &Entry> = self.entries.iter().map(|(_, entry)| (entry.id, entry)).collect();
        for (id, text) in witness.told() {
            let is_kept = stored.get(&id).is_some_and(|entry| entry.text == text || self.is_deleted(entry));
            assert!(is_kept, "entry {id} was acknowledged and lost");
        }
    }

    /// Returns `true` if a row has no text because its entry was deleted.
    fn is_deleted(&self, entry: &Entry) -> bool {
        let of = entry.target.unwrap_or(entry.id);
        let deletes = |other: &Entry| other.kind == EntryKind::Delete && other.target == Some(of);
        entry.text.is_empty() && self.entries.iter().any(|(_, other)| deletes(other))
    }

    /// Returns the entries of a log in their present state.
    fn present<'a>(entries: impl Iterator<Item = &'a Entry> + Clone) -> Vec<Entry> {
        let mut present: BTreeMap<EntryId, Entry> = BTreeMap::new();
        for entry in entries {
            if let Some(target) = entry.target {
                present.get_mut(&target).expect("a target").amend(entry);
            } else {
                present.insert(entry.id, entry.clone());
            }
        }
        present.into_values().collect()
    }

    /// Checks that all texts of these people are stored once, in the right log and in the order of typing, and nothing
    /// else.
    pub(crate) fn assert_says_what_was_typed(&self, people: &[Client]) {
        let mut said: HashMap<UserId, Vec<(&str, &Entry)>> = HashMap::new();
        for (log, entry) in &self.entries {
            said.entry(entry.user_id.expect("an author")).or_default().push((log, entry));
        }
        for person in people {
            let me = self.users[person.name()];
            let said = said.remove(&me).unwrap_or_default();
            let said: Vec<_> = said
                .iter()
                .map(|(log, entry)| (entry.client_id.as_deref().expect("a mark"), (*log).to_owned(), &*entry.text))
                .collect();
            let typed = person.typed();
            let log_of = |to: &Option<String>| match to {
                Some(to) => format!("@{}:{}", me.min(self.users[to]), me.max(self.users[to])),
                None => person.room().to_string(),
            };
            let typed: Vec<_> =
                typed.iter().map(|typed| (&*typed.client_id, log_of(&typed.to), &*typed.stored)).collect();
            // A deletion takes the words of its entry and of that one's edits.
            let is_same = |(said, typed): (&(&str, String, &str), &(&str, String, &str))| {
                (said.0, &said.1) == (typed.0, &typed.1) && (said.2 == typed.2 || said.2.is_empty())
            };
            let differ = said.iter().zip(&typed).position(|pair| !is_same(pair));
            let place = differ.unwrap_or_else(|| said.len().min(typed.len()));
            assert!(
                differ.is_none() && said.len() == typed.len(),
                "{} typed {} texts and {} are stored; the first difference: typed {:?}, stored {:?}",
                person.name(),
                typed.len(),
                said.len(),
                typed.get(place),
                said.get(place),
            );
        }
        assert!(said.is_empty(), "somebody else spoke: {said:?}");
    }

    /// Returns `true` if the person's screen shows the room as it is stored, and the newest entries of each
    /// conversation, up to its end.
    pub(crate) fn is_shown_by(&self, person: &Client) -> bool {
        let Some(shown) = person.whole_log() else {
            return false;
        };
        let me = self.users[person.name()];
        let mut conversations: BTreeMap<UserId, Vec<(EntryId, &str)>> = BTreeMap::new();
        for (log, entry) in &self.entries {
            let pair = log.strip_prefix('@').and_then(|pair| pair.split_once(':'));
            let pair = pair.map(|(low, high)| [low, high].map(|user| UserId(user.parse().unwrap())));
            if let Some([low, high]) = pair.filter(|pair| pair.contains(&me)) {
                let peer = if low == me { high } else { low };
                conversations.entry(peer).or_default().push((entry.id, &entry.text));
            }
        }
        let shows = |(peer, stored): (&UserId, &Vec<(EntryId, &str)>)| {
            let shown = person.conversation(*peer);
            let shown: Vec<_> = shown.iter().map(|entry| (entry.id, &*entry.text)).collect();
            !shown.is_empty() && stored.ends_with(&shown)
        };
        conversations.iter().all(shows)
            && shown.iter().map(|entry| &**entry).eq(&Self::present(self.room(person.room())))
    }
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let kind: String = row.get(3)?;
    Ok(Entry {
        id: number(row, 0)?,
        prev: number(row, 1)?,
        ts: Timestamp::from_millis(number(row, 2)?),
        from: row.get::<_, String>(4)?.into(),
        user_id: row.get::<_, Option<i64>>(5)?.map(|id| UserId(id.unsigned_abs())),
        text: row.get::<_, String>(6)?.into(),
        kind: match &*kind {
            "message" => EntryKind::Message,
            "action" => EntryKind::Action,
            "edit" => EntryKind::Edit,
            "delete" => EntryKind::Delete,
            _ => EntryKind::System,
        },
        client_id: row.get::<_, Option<String>>(7)?.map(Into::into),
        target: row.get::<_, Option<i64>>(9)?.map(i64::unsigned_abs),
        amended: None,
    })
}
