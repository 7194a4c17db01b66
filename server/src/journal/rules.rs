//! The rules of the record: the decisions of any store about each change.
//!
//! They are stated once, over [`Record`], the lookups and writes that a store provides. That is a trait of its own
//! rather than default methods of [`Journal`](super::Journal), since the rules know nothing of queues, commits and
//! readers. The tests of `journal::conformance` hold stores to the rules that state them in another language, such as
//! SQL.
//!
//! Invariants:
//! - names: no two users have the same [key](app::protocol::UserName::key);
//! - repeats: an author's text under a `client_id` is stored once, whatever has changed since;
//! - membership: the author of a room's entry is a member at that place in the order, and both users of a conversation
//!   exist;
//! - rooms: a room exists from its first member on, and is removed with its last unless it has entries or is a default
//!   room;
//! - chains: `prev` is the previous entry of the log, 0 for the first;
//! - amendments: an entry is amended by its author alone, in its own log, until it is deleted; a deletion deletes the
//!   texts of the entry and its edits from the record;
//! - read marks never move back, nor beyond the log's end; for a new member all earlier entries count as read;
//! - deletion: a connected user is not forgotten, and the entries of a forgotten one stay;
//! - presence: a user is present from the first `Came` to a `Gone` at which the user is connected nowhere;
//! - fencing: nobody is connected to a dead node, and its changes are refused.

mod entries;
mod presence;

pub use presence::{Presence, PresenceChanges};

use super::{Answer, Answered, Change, Fact, JournalError, News, NodeId, Placed, Position, SessionHash, Ticket};
use app::protocol::{Entry, EntryId, EntryKind, LogId, RoomName, SYSTEM, Timestamp, UserId, UserName, renamed};
use std::sync::Arc;

/// A user as far as the rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// Name of the user.
    pub name: Arc<str>,
    /// `true` if the user has ever written an entry or received a private one.
    pub has_entries: bool,
    /// `true` if the user has ever written an entry.
    pub has_written: bool,
}

/// Lookups and writes of a store within a transaction. Forgotten users do not exist here, except as authors of entries.
pub trait Record {
    /// Error of the store, which aborts the transaction.
    type Error;

    /// Creates a user, or returns `None` if the name is taken.
    fn add_user(&mut self, name: &UserName, by_form: bool, at: Timestamp) -> Result<Option<UserId>, Self::Error>;
    /// Returns a user, or `None` if there is none.
    fn user(&mut self, user: UserId) -> Result<Option<KnownUser>, Self::Error>;
    /// Renames a user. Returns `false` if the name is taken.
    fn set_name(&mut self, user: UserId, name: &UserName) -> Result<bool, Self::Error>;
    /// Records that a user has entries, and if `has_written`, that the user wrote one.
    fn note_entries(&mut self, user: UserId, has_written: bool) -> Result<(), Self::Error>;
    /// Records up to where users were sent everything, and when; see [`Change::Seen`].
    fn note_seen(&mut self, users: &[(UserId, EntryId)], at: Timestamp, uptime_ms: u64) -> Result<(), Self::Error>;
    /// Deletes a user's memberships, sessions and read marks, and without entries the user itself. The name becomes
    /// free.
    fn forget_user(&mut self, user: UserId, uptime_ms: u64) -> Result<(), Self::Error>;

    /// Adds a session.
    fn add_session(&mut self, user: UserId, session: &SessionHash, at: Timestamp) -> Result<(), Self::Error>;
    /// Records the renewal of a session.
    fn renew_session(&mut self, session: &SessionHash, at: Timestamp) -> Result<(), Self::Error>;
    /// Ends a session of a user. Returns `false` if the user has no such session.
    fn end_session(&mut self, user: UserId, session: &SessionHash) -> Result<bool, Self::Error>;

    /// Returns the newest entry of a log, 0 for an empty log, or `None` if the log does not exist.
    fn head(&mut self, log: &LogId) -> Result<Option<EntryId>, Self::Error>;
    /// Creates a log that does not exist.
    fn add_log(&mut self, log: &LogId, at: Timestamp) -> Result<(), Self::Error>;
    /// Removes a log without entries.
    fn remove_log(&mut self, log: &LogId) -> Result<(), Self::Error>;

    /// Returns `true` if the user is a member of the room.
    fn is_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Self::Error>;
    /// Adds a member to an existing room. Returns `false` if the user was one.
    fn add_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Self::Error>;
    /// Removes a member. Returns `false` if the user was none.
    fn remove_member(&mut self, user: UserId, room: &RoomName) -> Result<bool, Self::Error>;
    /// Returns `true` if the room has a member.
    fn has_members(&mut self, room: &RoomName) -> Result<bool, Self::Error>;
    /// Returns the rooms of a user, by name.
    fn rooms_of(&mut self, user: UserId) -> Result<Vec<RoomName>, Self::Error>;

    /// Moves a read mark in an existing log forward. Returns `false` if it is as far already.
    fn move_mark(&mut self, user: UserId, log: &LogId, id: EntryId) -> Result<bool, Self::Error>;
    /// Returns the entry that an author stored under a `client_id`, with its log. The text is the first one, whatever
    /// amends it, and empty if it was deleted.
    fn entry_by_client_id(&mut self, author: UserId, client_id: &str) -> Result<Option<(LogId, Entry)>, Self::Error>;
    /// Returns an entry of a log in its present state.
    fn entry(&mut self, log: &LogId, id: EntryId) -> Result<Option<Entry>, Self::Error>;
    /// Returns the number of amendments of an entry.
    fn amendments_of(&mut self, id: EntryId) -> Result<usize, Self::Error>;
    /// Appends an entry to an existing log. An amendment also changes its target, and a deletion empties the texts of
    /// the target and its edits. Returns `false` if the author has stored an entry under its `client_id`.
    fn add_entry(&mut self, log: &LogId, author: UserId, entry: &Entry) -> Result<bool, Self::Error>;
    /// Writes about as much as the largest entry; see [`Change::Probe`].
    fn probe(&mut self) -> Result<(), Self::Error>;
}

/// The decisions about the changes of one transaction, in order.
#[derive(Debug)]
pub struct Decisions<'a, 'p, R> {
    record: &'a mut R,
    presence: &'a mut PresenceChanges<'p>,
    /// Position of the last fact.
    last: Position,
    /// Node and ticket of the change that is being decided.
    origin: (NodeId, Ticket),
    news: News,
}

impl<'a, 'p, R: Record> Decisions<'a, 'p, R> {
    /// Starts a transaction after the fact at position `last`.
    pub fn after(last: Position, record: &'a mut R, presence: &'a mut PresenceChanges<'p>) -> Self {
        Self { record, presence, last, origin: (NodeId(0), 0), news: News::default() }
    }

    /// Returns the position of the last fact, and the decisions.
    #[must_use]
    pub fn finish(self) -> (Position, News) {
        (self.last, self.news)
    }

    /// Decides about a change of a node.
    ///
    /// # Errors
    /// Returns the record's error; nothing of the transaction may be kept then.
    pub fn take(&mut self, node: NodeId, ticket: Ticket, change: &Change) -> Result<(), R::Error> {
        self.origin = (node, ticket);
        if self.presence.is_buried(node) {
            self.news.answers.push(Answered { ticket, at: self.last, result: Err(JournalError::Fenced) });
            return Ok(());
        }
        let answer = match change {
            Change::CreateUser { name, session, by_form, at } => self.create(name, session, *by_form, *at)?,
            Change::Rename { user, name, at } => self.rename(*user, name, *at)?,
            Change::Forget { user, if_no_entries, uptime_ms } => self.forget(*user, *if_no_entries, *uptime_ms)?,
            Change::Join { user, room, at } => self.join(*user, room, *at)?,
            Change::Leave { user, room } => self.leave(*user, room)?,
            Change::Append(draft) => self.append(draft)?,
            Change::LookupByClientId { author, client_id, kind, text, target } => {
                let stored = self.record.entry_by_client_id(*author, client_id)?;
                match stored.filter(|(_, entry)| entries::says(entry, *kind, text, *target)) {
                    Some((log, entry)) => self.present(log, entry)?,
                    None => Answer::Done,
                }
            }
            Change::EndSessions { user, sessions } => self.end_sessions(*user, sessions)?,
            Change::Read { user, log, id } => self.read(*user, log, *id)?,
            Change::Came { user, node } => self.came(*user, Some(*node))?,
            Change::Visited { user } => self.came(*user, None)?,
            Change::Went { user, node, caught_up_to } => {
                if self.presence.disconnect(*user, *node) {
                    self.place(Fact::Went { user: *user, node: *node, caught_up_to: *caught_up_to });
                }
                Answer::Done
            }
            Change::Gone { user } => {
                if !self.presence.is_connected(*user) && self.presence.hide(*user) {
                    self.place(Fact::Gone { user: *user });
                }
                Answer::Done
            }
            Change::Bury { node } => {
                if self.presence.bury(*node) {
                    self.place(Fact::NodeDown { node: *node });
                }
                Answer::Done
            }
            Change::Seen { users, at, uptime_ms } => done(self.record.note_seen(users, *at, *uptime_ms)?),
            Change::RenewSession { session, at } => done(self.record.renew_session(session, *at)?),
            Change::Probe => done(self.record.probe()?),
        };
        self.news.answers.push(Answered { ticket, at: self.last, result: Ok(answer) });
        Ok(())
    }

    fn place(&mut self, fact: Fact) {
        self.last += 1;
        self.news.facts.push(Placed { at: self.last, origin: self.origin, fact });
    }

    fn create(
        &mut self,
        name: &UserName,
        session: &SessionHash,
        by_form: bool,
        at: Timestamp,
    ) -> Result<Answer, R::Error> {
        let Some(user) = self.record.add_user(name, by_form, at)? else {
            return Ok(Answer::NameTaken);
        };
        self.record.add_session(user, session, at)?;
        self.place(Fact::Created { user, name: name.clone(), session: *session, at, by_form });
        self.enter(user, &RoomName::general(), at)?;
        Ok(Answer::Created(user))
    }

    fn rename(&mut self, user: UserId, name: &UserName, at: Timestamp) -> Result<Answer, R::Error> {
        let Some(known) = self.record.user(user)? else {
            return Ok(Answer::NoSuchUser);
        };
        // Two nodes were asked for the same name.
        if *known.name == *name.as_str() {
            return Ok(Answer::Done);
        }
        if !self.record.set_name(user, name)? {
            return Ok(Answer::NameTaken);
        }
        self.place(Fact::Renamed { user, name: name.clone() });
        let text: Arc<str> = renamed(&known.name, name.as_str()).into();
        for room in self.record.rooms_of(user)? {
            let log = LogId::Room(room);
            if let Some(prev) = self.record.head(&log)? {
                let (from, text) = (SYSTEM.into(), Arc::clone(&text));
                let entry = Entry { prev, ts: at, from, text, ..system_line() };
                self.say(log, user, entry)?;
            }
        }
        Ok(Answer::Done)
    }

    fn forget(&mut self, user: UserId, if_no_entries: bool, uptime_ms: u64) -> Result<Answer, R::Error> {
        let Some(known) = self.record.user(user)? else {
            return Ok(Answer::NoSuchUser);
        };
        if self.presence.is_connected(user) || (if_no_entries && known.has_entries) {
            return Ok(Answer::Stays);
        }
        let rooms = self.record.rooms_of(user)?;
        self.record.forget_user(user, uptime_ms)?;
        let mut removed = Vec::new();
        for room in rooms {
            if self.remove_if_empty(&room)? {
                removed.push(room);
            }
        }
        self.presence.hide(user);
        self.place(Fact::Forgotten { user, removed });
        Ok(Answer::Done)
    }

    fn end_sessions(&mut self, user: UserId, sessions: &[SessionHash]) -> Result<Answer, R::Error> {
        let mut ended = Vec::with_capacity(sessions.len());
        for session in sessions {
            if self.record.end_session(user, session)? {
                ended.push(*session);
            }
        }
        if !ended.is_empty() {
            self.place(Fact::SessionsEnded { user, sessions: ended });
        }
        Ok(Answer::Done)
    }

    fn join(&mut self, user: UserId, room: &RoomName, at: Timestamp) -> Result<Answer, R::Error> {
        if self.record.user(user)?.is_none() {
            return Ok(Answer::NoSuchUser);
        }
        let is_new = self.enter(user, room, at)?;
        Ok(Answer::Joined { is_new })
    }

    /// Makes an existing user a member. Returns `true` if that created the room.
    fn enter(&mut self, user: UserId, room: &RoomName, at: Timestamp) -> Result<bool, R::Error> {
        let log = LogId::Room(room.clone());
        let head = self.record.head(&log)?;
        if head.is_none() {
            self.record.add_log(&log, at)?;
        }
        if self.record.add_member(user, room)? {
            if let Some(head) = head.filter(|head| *head > 0) {
                self.record.move_mark(user, &log, head)?;
            }
            self.place(Fact::Joined { user, room: room.clone(), is_new: head.is_none(), at });
        }
        Ok(head.is_none())
    }

    fn leave(&mut self, user: UserId, room: &RoomName) -> Result<Answer, R::Error> {
        if self.record.remove_member(user, room)? {
            let is_removed = self.remove_if_empty(room)?;
            self.place(Fact::Left { user, room: room.clone(), is_removed });
        }
        Ok(Answer::Done)
    }

    fn remove_if_empty(&mut self, room: &RoomName) -> Result<bool, R::Error> {
        let log = LogId::Room(room.clone());
        let is_empty = !room.is_default() && self.record.head(&log)? == Some(0) && !self.record.has_members(room)?;
        if is_empty {
            self.record.remove_log(&log)?;
        }
        Ok(is_empty)
    }

    fn read(&mut self, user: UserId, log: &LogId, id: EntryId) -> Result<Answer, R::Error> {
        let is_reader = match log {
            LogId::Room(room) => self.record.is_member(user, room)?,
            LogId::Conversation(pair) => pair.users().contains(&user) && self.record.user(user)?.is_some(),
        };
        if !is_reader {
            return Ok(Answer::NotMember);
        }
        let id = id.min(self.record.head(log)?.unwrap_or(0));
        if id > 0 && self.record.move_mark(user, log, id)? {
            self.place(Fact::Read { user, log: log.clone(), id });
        }
        Ok(Answer::Done)
    }

    fn came(&mut self, user: UserId, node: Option<NodeId>) -> Result<Answer, R::Error> {
        if self.record.user(user)?.is_none() {
            return Ok(Answer::NoSuchUser);
        }
        let is_new = self.presence.show(user);
        let is_connection = node.is_some_and(|node| self.presence.connect(user, node));
        if is_new || is_connection {
            self.place(Fact::Came { user, node, is_new });
        }
        Ok(Answer::Done)
    }
}

/// Returns the news of a batch that was refused as a whole after the fact at position `last`.
#[must_use]
pub fn refused(last: Position, tickets: impl IntoIterator<Item = Ticket>, error: &JournalError) -> News {
    let answer = |ticket| Answered { ticket, at: last, result: Err(error.clone()) };
    News { facts: Vec::new(), answers: tickets.into_iter().map(answer).collect() }
}

/// Returns a line of the chat itself, without a place, a time and a text.
fn system_line() -> Entry {
    Entry {
        id: 0,
        prev: 0,
        ts: Timestamp::default(),
        from: SYSTEM.into(),
        user_id: None,
        text: "".into(),
        kind: EntryKind::System,
        client_id: None,
        target: None,
        amended: None,
    }
}

const fn done((): ()) -> Answer {
    Answer::Done
}
