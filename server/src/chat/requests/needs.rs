//! Entries that must be in memory before a call.
//!
//! The rules never wait. Their caller asks what is missing, reads it from the store and passes it to [`Chat::fill`],
//! repeatedly until nothing is missing, and makes the call then. A read loads as many of a log's newest entries as the
//! cache keeps, so the next call finds them.
//!
//! Invariant: cached entries never exceed [`Settings::cache_bytes`](crate::chat::Settings::cache_bytes), except for the
//! log that was used last.

use crate::{
    chat::{
        Address, ConnectionId, Kind, Now,
        engine::Chat,
        state::{RecentEntries, Room, User},
        steps,
    },
    journal::Range,
};
use app::{
    command::{self, Command},
    protocol::{
        ClientFrame, Cursor, Entry, EntryId, LogId, Pair, Place, RoomName, UserId,
        limits::{CATCH_UP_BYTES, JOINED_HISTORY, RESUMED_CONVERSATIONS},
    },
};
use std::collections::BTreeMap;

/// A call that is about to be made.
#[derive(Debug, Clone, Copy)]
pub enum Need<'a> {
    /// [`Chat::connect`] of a user with a cursor.
    Handshake(UserId, Option<&'a Cursor>),
    /// [`Chat::frame`] of a connection.
    Frame(ConnectionId, &'a ClientFrame),
    /// [`Chat::post`] of a text (first) in a room (second).
    Text(&'a str, &'a str),
    /// [`Chat::post_command`] with a command.
    Command(&'a Command<'a>),
    /// [`Chat::shown`] of a user, for a log's name on the wire and an entry.
    Shown(UserId, &'a str, EntryId),
    /// [`Chat::snapshot`] of a place for a user, and [`Chat::mentions`] for [`Place::Mentions`].
    Page(UserId, &'a Place),
}

/// A part of a log that a call needs and that is not cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Log to read.
    pub log: LogId,
    /// Bounds of the newest entries that are not cached, as many as the cache keeps.
    pub range: Range,
    /// `true` if the call would show a log without any cached entry. For other missing parts the call can still tell
    /// where the log ends and that something is unread.
    pub is_blank: bool,
}

/// The entries of a log that a call needs: those after an identifier, up to `most` of the newest.
struct Needed {
    log: LogId,
    after: EntryId,
    most: usize,
    is_shown: bool,
}

impl Needed {
    pub(in crate::chat) fn shown(log: LogId) -> Self {
        Self { log, after: 0, most: JOINED_HISTORY, is_shown: true }
    }

    pub(in crate::chat) fn counted(log: LogId, after: EntryId) -> Self {
        Self { log, after, most: usize::MAX, is_shown: false }
    }
}

impl Need<'_> {
    /// Returns `true` if the call may need entries; most frames do not.
    #[must_use]
    pub fn is_any(&self) -> bool {
        match self {
            Self::Command(command) => matches!(command, Command::Join { .. }),
            Self::Frame(_, frame) => match frame {
                ClientFrame::Message { text, .. } => joins(text).is_some(),
                ClientFrame::Join { .. }
                | ClientFrame::Preview { room: Some(_) }
                | ClientFrame::Read { .. }
                | ClientFrame::GetMentions => true,
                _ => false,
            },
            _ => true,
        }
    }
}

/// Returns the rate limit of a frame for which entries may have to be read.
pub(in crate::chat) const fn kind_of(frame: &ClientFrame) -> Kind {
    match frame {
        ClientFrame::Message { .. } | ClientFrame::Edit { .. } | ClientFrame::Delete { .. } => Kind::Message,
        ClientFrame::Join { .. } => Kind::Join,
        _ => Kind::Query,
    }
}

/// Returns the room of a text that is a `/join` command.
fn joins(text: &str) -> Option<&str> {
    match command::parse(text) {
        Some(Ok(Command::Join { room })) => Some(room),
        _ => None,
    }
}

/// Returns the cached entries of an existing log.
fn recent<'a>(
    rooms: &'a mut BTreeMap<RoomName, Room>,
    conversations: &'a mut BTreeMap<Pair, RecentEntries>,
    log: &LogId,
) -> Option<&'a mut RecentEntries> {
    match log {
        LogId::Room(room) => rooms.get_mut(room).map(|state| &mut state.recent),
        LogId::Conversation(pair) => conversations.get_mut(pair),
    }
}

impl Chat {
    /// Returns the entries that a call needs and that are not cached. Cached ones count as used.
    pub fn missing(&mut self, now: Now, need: Need<'_>) -> Vec<Missing> {
        let all = match need {
            Need::Handshake(user, cursor) => self.needed_for_handshake(user, cursor),
            Need::Frame(connection, frame) => self.needed_for_frame(now, connection, frame),
            Need::Text(text, room) => self.needed_for_room(joins(text).unwrap_or(room)),
            Need::Command(Command::Join { room }) => self.needed_for_room(room),
            Need::Command(_) => Vec::new(),
            Need::Shown(user, name, id) => self.needed_for_read(user, name, id),
            Need::Page(user, place) => self.needed_for_page(user, place),
        };
        let mut missing: Vec<Missing> = Vec::new();
        for needed in all {
            let is_shown = needed.is_shown;
            match missing.iter_mut().find(|part| part.log == needed.log) {
                Some(part) => part.is_blank |= is_shown && self.log_is_blank(&part.log),
                None => missing.extend(self.find_missing(needed)),
            }
        }
        missing
    }

    /// Returns `true` if a part that was missing is still missing.
    #[must_use]
    pub fn is_missing(&self, part: &Missing) -> bool {
        self.recent_of(&part.log).is_some_and(|recent| recent.lacks_up_to().saturating_add(1) == part.range.before)
    }

    fn log_is_blank(&self, log: &LogId) -> bool {
        self.recent_of(log).is_some_and(RecentEntries::is_blank)
    }

    pub(in crate::chat) fn recent_of(&self, log: &LogId) -> Option<&RecentEntries> {
        match log {
            LogId::Room(room) => self.logs.rooms.get(room).map(|state| &state.recent),
            LogId::Conversation(pair) => self.logs.conversations.get(pair),
        }
    }

    /// Adds entries that were read from the store, oldest first, to the cache.
    pub fn fill(&mut self, log: &LogId, entries: Vec<Entry>) {
        let most = self.settings.recent_entries;
        if let Some(recent) = recent(&mut self.logs.rooms, &mut self.logs.conversations, log) {
            recent.fill(entries, most);
            self.used(log);
        }
    }

    /// Returns the size of the cached entries, in bytes.
    #[must_use]
    pub const fn cached_bytes(&self) -> usize {
        self.logs.cache.bytes()
    }

    /// Records that a log was used or changed, and evicts the least recently used logs while the cache exceeds its
    /// limit.
    pub(in crate::chat) fn used(&mut self, log: &LogId) {
        if let Some(recent) = recent(&mut self.logs.rooms, &mut self.logs.conversations, log) {
            self.logs.cache.note(log, recent);
        }
        while let Some(log) = self.logs.cache.take_excess() {
            if let Some(recent) = recent(&mut self.logs.rooms, &mut self.logs.conversations, &log) {
                recent.clear();
            }
        }
    }

    fn find_missing(&mut self, Needed { log, after, most, is_shown }: Needed) -> Option<Missing> {
        steps::count();
        let kept = self.settings.recent_entries;
        let recent = recent(&mut self.logs.rooms, &mut self.logs.conversations, &log)?;
        if recent.reaches(after, most.min(kept)) || recent.bytes() >= CATCH_UP_BYTES {
            if recent.head() > after {
                self.used(&log);
            }
            return None;
        }
        let lacks = recent.lacks_up_to();
        let range = Range { after: 0, before: lacks.saturating_add(1), limit: kept };
        Some(Missing { is_blank: is_shown && recent.is_blank(), log, range })
    }

    /// Returns `true` if entries must be read for a frame. Each log counts as a query beside the frame itself and is
    /// charged afterwards. Nothing is read for a frame that the rate limit will refuse.
    pub fn has_to_read(&mut self, now: Now, connection: ConnectionId, frame: &ClientFrame) -> bool {
        let missing = self.missing(now, Need::Frame(connection, frame)).len();
        if missing > 0
            && let Some(context) = self.context(now, connection)
        {
            self.charge(context, Kind::Query, u32::try_from(missing).unwrap_or(u32::MAX));
        }
        missing > 0
    }

    /// Returns the client address of a connection.
    #[must_use]
    pub fn address(&self, connection: ConnectionId) -> Option<Address> {
        self.clients.connections.get(&connection)?.address
    }

    fn needed_for_frame(&mut self, now: Now, connection: ConnectionId, frame: &ClientFrame) -> Vec<Needed> {
        let Some(context) = self.context(now, connection) else {
            return Vec::new();
        };
        if self.wait_of(context, kind_of(frame)) != Some(0) {
            return Vec::new();
        }
        let user = context.user;
        match frame {
            ClientFrame::Message { text, .. } => joins(text).map(|room| self.needed_for_room(room)).unwrap_or_default(),
            ClientFrame::Join { room, .. } | ClientFrame::Preview { room: Some(room) } => self.needed_for_room(room),
            ClientFrame::Read { room, id } => self.needed_for_read(user, room, *id),
            ClientFrame::GetMentions => self.needed_for_mentions(user),
            // Pages of history are read by a request of their own.
            ClientFrame::Leave { .. }
            | ClientFrame::Preview { room: None }
            | ClientFrame::Typing { .. }
            | ClientFrame::Pm { .. }
            | ClientFrame::Edit { .. }
            | ClientFrame::Delete { .. }
            | ClientFrame::SetNick { .. }
            | ClientFrame::GetRooms { .. }
            | ClientFrame::GetUsers { .. }
            | ClientFrame::GetHistory { .. }
            | ClientFrame::Ping { .. }
            | ClientFrame::Pong => Vec::new(),
        }
    }

    /// A user who joins or previews a room gets its newest entries.
    fn needed_for_room(&self, room: &str) -> Vec<Needed> {
        let room = self.known_room(room).ok();
        room.map(|room| Needed::shown(LogId::Room(room))).into_iter().collect()
    }

    /// The entries after a read mark are counted.
    fn needed_for_read(&self, user: UserId, name: &str, id: EntryId) -> Vec<Needed> {
        let log = self.log_by_wire_name(user, name).ok().filter(|log| match log {
            LogId::Room(room) => self.is_member(user, room),
            LogId::Conversation(_) => true,
        });
        log.map(|log| Needed::counted(log, id)).into_iter().collect()
    }

    fn needed_for_mentions(&self, user: UserId) -> Vec<Needed> {
        let rooms = self.rooms_of(user).into_iter();
        rooms.map(|room| Needed::counted(LogId::Room(room), 0)).collect()
    }

    /// The unread entries in the user's rooms and listed conversations are counted.
    fn needed_for_counts(&self, user: UserId) -> Vec<Needed> {
        let Some(state) = self.directory.users.get(&user) else {
            return Vec::new();
        };
        let rooms = state.member_of.iter().cloned().map(LogId::Room);
        let peers = state.talks.iter().rev().take(RESUMED_CONVERSATIONS + 1);
        let conversations = peers.map(|(_, peer)| LogId::Conversation(Pair::new(user, *peer)));
        let needed = |log: LogId| Needed::counted(log.clone(), self.read_up_to(user, &log));
        rooms.chain(conversations).map(needed).collect()
    }

    /// A handshake sends the entries after the cursor or, without one, the newest entries of each room.
    fn needed_for_handshake(&self, user: UserId, cursor: Option<&Cursor>) -> Vec<Needed> {
        let mut all = self.needed_for_counts(user);
        let usable = cursor.filter(|cursor| self.is_usable(cursor)).map(|cursor| cursor.last_id);
        let caught_up_to = self.directory.users.get(&user).map_or(0, User::was_sent_up_to);
        for needed in &mut all {
            let told_after = match (usable, &needed.log) {
                (Some(last_id), _) => last_id,
                (None, LogId::Room(_)) => 0,
                (None, LogId::Conversation(_)) => caught_up_to,
            };
            needed.after = needed.after.min(told_after);
        }
        all
    }

    /// The shown log comes last, so that loading the other logs does not evict it.
    fn needed_for_page(&self, user: UserId, place: &Place) -> Vec<Needed> {
        let mut needed = self.needed_for_counts(user);
        match place {
            Place::Room(room) => needed.push(Needed::shown(LogId::Room(room.clone()))),
            Place::With(peer) => needed.push(Needed::shown(LogId::Conversation(Pair::new(user, *peer)))),
            Place::Mentions => needed.extend(self.needed_for_mentions(user)),
        }
        needed
    }
}
