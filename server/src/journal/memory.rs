//! A store in memory with the same rules, for the tests of the chat.

use super::{
    Change, News, NodeId, Restored, SessionHash, Ticket,
    rules::{Decisions, KnownUser, Presence, PresenceChanges, Record},
};
use app::protocol::{Entry, EntryId, EntryKind, LogId, NameKey, RoomName, Timestamp, UserId, UserName};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};

/// The store in memory. See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Memory {
    record: Tables,
    presence: Presence,
    position: EntryId,
    node: NodeId,
}

#[derive(Debug, Default)]
struct Tables {
    users: BTreeMap<UserId, (UserName, KnownUser)>,
    last_user: u64,
    sessions: BTreeMap<SessionHash, UserId>,
    heads: BTreeMap<LogId, EntryId>,
    members: BTreeSet<(UserId, RoomName)>,
    reads: BTreeMap<(UserId, LogId), EntryId>,
    entries: BTreeMap<EntryId, (LogId, UserId, Entry)>,
}

impl Memory {
    /// Builds the store that belongs to the state from which a chat starts.
    pub(crate) fn of(restored: &Restored) -> Self {
        let mut memory =
            Self { position: restored.position.max(restored.last_id), node: restored.node, ..Self::default() };
        let record = &mut memory.record;
        for room in restored.rooms.iter().map(|(room, stored)| (LogId::Room(room.clone()), stored.head)) {
            record.heads.insert(room.0, room.1);
        }
        record.heads.entry(LogId::Room(RoomName::general())).or_default();
        record.heads.extend(restored.conversations.iter().map(|(pair, head)| (LogId::Conversation(*pair), *head)));
        for user in &restored.users {
            record.last_user = record.last_user.max(user.id.0);
            let (has_entries, has_written) = (user.has_entries, user.has_written);
            let known = KnownUser { name: user.name.shared(), has_entries, has_written };
            record.users.insert(user.id, (user.name.clone(), known));
            record.sessions.extend(user.sessions.iter().map(|session| (session.hash, user.id)));
            record.members.extend(user.rooms.iter().map(|room| (user.id, room.clone())));
            record.reads.extend(user.reads.iter().map(|(log, id)| ((user.id, log.clone()), *id)));
        }
        memory
    }

    /// Makes the changes of a batch in one transaction.
    pub(crate) fn write(&mut self, batch: &[(Ticket, Change)]) -> News {
        self.write_by(self.node, batch)
    }

    /// Makes the changes of a node's batch in one transaction.
    pub(crate) fn write_by(&mut self, node: NodeId, batch: &[(Ticket, Change)]) -> News {
        let mut changes = PresenceChanges::to(&self.presence);
        let mut decisions = Decisions::after(self.position, &mut self.record, &mut changes);
        for (ticket, change) in batch {
            let Ok(()) = decisions.take(node, *ticket, change);
        }
        let (position, news) = decisions.finish();
        let changes = changes.into_changed();
        changes.commit(&mut self.presence);
        self.position = position;
        news
    }
}

impl Record for Tables {
    type Error = Infallible;

    fn add_user(&mut self, name: &UserName, _: bool, _: Timestamp) -> Result<Option<UserId>, Infallible> {
        let user = UserId(self.last_user + 1);
        if self.has_name(&name.key(), user) {
            return Ok(None);
        }
        self.last_user = user.0;
        let known = KnownUser { name: name.shared(), has_entries: false, has_written: false };
        self.users.insert(user, (name.clone(), known));
        Ok(Some(user))
    }

    fn user(&mut self, user: UserId) -> Result<Option<KnownUser>, Infallible> {
        Ok(self.users.get(&user).map(|(_, known)| known.clone()))
    }

    fn set_name(&mut self, user: UserId, name: &UserName) -> Result<bool, Infallible> {
        let is_free = !self.has_name(&name.key(), user);
        if is_free && let Some((own, known)) = self.users.get_mut(&user) {
            (*own, known.name) = (name.clone(), name.shared());
        }
        Ok(is_free)
    }

    fn note_entries(&mut self, user: UserId, has_written: bool) -> Result<(), Infallible> {
        if let Some((_, known)) = self.users.get_mut(&user) {
            (known.has_entries, known.has_written) = (true, known.has_written || has_written);
        }
        Ok(())
    }

    fn note_seen(&mut self, _: &[(UserId, EntryId)], _: Timestamp, _: u64) -> Result<(), Infallible> {
        Ok(())
    }

    fn forget_user(&mut self, user: UserId, _: u64) -> Result<(), Infallible> {
        self.users.remove(&user);
        self.sessions.retain(|_, of| *of != user);
        self.members.retain(|(of, _)| *of != user);
        self.reads.retain(|(of, _), _| *of != user);
        Ok(())
    }

    fn add_session(&mut self, user: UserId, session: &SessionHash, _: Timestamp) -> Result<(), Infallible> {
        self.sessions.insert(*session, user);
        Ok(())
    }

    fn renew_session(&mut self, _: &SessionHash, _: Timestamp) -> Result<(), Infallible> {
        Ok(())
    }

    fn end_session(&mut self, user: UserId, session: &SessionHash) -> Result<bool, Infallible> {
        let is_theirs = self.sessions.get(session) == Some(&user);
        if is_theirs {
            self.sessions.remove(session);
        }
        Ok(is_theirs)
    }

    fn head(&mut self, log: &LogId) -> Result<Option<EntryId>, Infallible> {
        Ok(self.heads.get(log).copied())
    }

    fn add_log(&mut self, log: &LogId, _: Timestamp) -> Result<(), Infallible> {
        self.heads.insert(log.clone(), 0);
        Ok(())
    }

    fn remove_log(&mut self, log: &LogId) -> Result<(), Infallible> {
        self.heads.remove(log);
        Ok(())
    }

    fn is_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Infallible> {
        Ok(self.members.contains(&(user, room.clone())))
    }

    fn add_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Infallible> {
        Ok(self.members.insert((user, room.clone())))
    }

    fn remove_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Infallible> {
        Ok(self.members.remove(&(user, room.clone())))
    }

    fn has_members(&mut self, room: &RoomName) -> Result<bool, Infallible> {
        Ok(self.members.iter().any(|(_, other)| other == room))
    }

    fn rooms_of(&mut self, user: UserId) -> Result<Vec<RoomName>, Infallible> {
        Ok(self.members.iter().filter(|(of, _)| *of == user).map(|(_, room)| room.clone()).collect())
    }

    fn move_mark(&mut self, user: UserId, log: &LogId, id: EntryId) -> Result<bool, Infallible> {
        let mark = self.reads.entry((user, log.clone())).or_default();
        let moves = *mark < id;
        *mark = id.max(*mark);
        Ok(moves)
    }

    fn entry_by_client_id(&mut self, author: UserId, client_id: &str) -> Result<Option<(LogId, Entry)>, Infallible> {
        let is_it = |(_, by, entry): &&(LogId, UserId, Entry)| {
            *by == author && entry.client_id.as_ref().is_some_and(|id: &Arc<str>| **id == *client_id)
        };
        Ok(self.entries.values().find(is_it).map(|(log, _, entry)| (log.clone(), entry.clone())))
    }

    fn entry(&mut self, log: &LogId, id: EntryId) -> Result<Option<Entry>, Infallible> {
        let Some((_, _, entry)) = self.entries.get(&id).filter(|(of, ..)| of == log) else {
            return Ok(None);
        };
        let mut present = entry.clone();
        for (_, _, amendment) in self.entries.values() {
            present.amend(amendment);
        }
        Ok(Some(present))
    }

    fn amendments_of(&mut self, id: EntryId) -> Result<usize, Infallible> {
        Ok(self.entries.values().filter(|(_, _, entry)| entry.target == Some(id)).count())
    }

    fn add_entry(&mut self, log: &LogId, author: UserId, entry: &Entry) -> Result<bool, Infallible> {
        if let Some(client_id) = &entry.client_id
            && self.entry_by_client_id(author, client_id)?.is_some()
        {
            return Ok(false);
        }
        if entry.kind == EntryKind::Delete {
            let is_its = |other: &&mut Entry| Some(other.id) == entry.target || other.target == entry.target;
            self.entries
                .values_mut()
                .map(|(_, _, other)| other)
                .filter(is_its)
                .for_each(|other| other.text = "".into());
        }
        self.heads.insert(log.clone(), entry.id);
        self.entries.insert(entry.id, (log.clone(), author, entry.clone()));
        Ok(true)
    }

    fn probe(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Tables {
    fn has_name(&self, key: &NameKey, except: UserId) -> bool {
        self.users.iter().any(|(user, (name, _))| *user != except && name.key() == *key)
    }
}
