//! The entries that have to be in memory before a call can be answered.
//!
//! The rules never wait. Their caller asks first what is missing, reads it from the store and hands it in with
//! [`Chat::fill`], again and again until nothing is missing; only then is the call made. Of each log that is the newest
//! entries, as many as are kept in memory, so that the next who asks finds them.
//!
//! Invariant: what is in memory never takes more than [`Settings::cache_bytes`](super::Settings::cache_bytes), but for the
//! log that was used last.

use super::{Chat, Connection};
use crate::{
    chat::{Address, Asking, Caller, ConnectionId, Kind, Now, room::Room, steps, tail::Tail},
    journal::{Log, Pair, Range},
};
use app::{
    command::{self, Command},
    protocol::{
        ClientFrame, Entry, EntryId, RoomName, UserId,
        limits::{CATCH_UP_BYTES, JOINED_HISTORY, RESUMED_CONVERSATIONS},
    },
    sync::{Cursor, Place},
};
use std::collections::BTreeMap;

/// Something that is going to be asked.
#[derive(Debug, Clone, Copy)]
pub enum Need<'a> {
    /// [`Chat::connect`] of a user, with this cursor.
    Greeting(UserId, Option<&'a Cursor>),
    /// [`Chat::frame`] of a connection.
    Frame(ConnectionId, &'a ClientFrame),
    /// [`Chat::post`] of a text in a room.
    Text(&'a str, &'a str),
    /// [`Chat::shown`] of an address up to an entry.
    Shown(UserId, &'a str, EntryId),
    /// [`Chat::snapshot`] of a place, and [`Chat::mentions`] for the place that lists them.
    Page(UserId, &'a Place),
}

/// A part of a log that is needed and not in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The log.
    pub log: Log,
    /// The newest entries that are not in memory, as many as are kept.
    pub range: Range,
    /// Whether the call would show a log of which nothing is in memory. Of any other that is missing it says where it ends,
    /// and that something is unread.
    pub is_blank: bool,
}

/// A log of which somebody is to be told: the entries after an id, or the newest of them, if these are fewer, or as many as
/// a frame may carry.
struct Want {
    log: Log,
    after: EntryId,
    most: usize,
    is_shown: bool,
}

impl Want {
    fn shown(log: Log) -> Self {
        Self { log, after: 0, most: JOINED_HISTORY, is_shown: true }
    }

    fn counted(log: Log, after: EntryId) -> Self {
        Self { log, after, most: usize::MAX, is_shown: false }
    }
}

impl Need<'_> {
    /// Whether anything may be missing for it. Most of what people send needs nothing.
    #[must_use]
    pub fn is_any(&self) -> bool {
        match self {
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

/// As what a frame counts for which something may have to be read.
pub(super) const fn kind_of(frame: &ClientFrame) -> Kind {
    match frame {
        ClientFrame::Message { .. } => Kind::Message,
        ClientFrame::Join { .. } => Kind::Join,
        _ => Kind::Query,
    }
}

/// The room that a text joins, if it is a command that joins one.
fn joins(text: &str) -> Option<&str> {
    match command::parse(text) {
        Some(Ok(Command::Join { room })) => Some(room),
        _ => None,
    }
}

/// The entries of a log that is there.
fn tail<'a>(
    rooms: &'a mut BTreeMap<RoomName, Room>,
    conversations: &'a mut BTreeMap<Pair, Tail>,
    log: &Log,
) -> Option<&'a mut Tail> {
    match log {
        Log::Room(room) => rooms.get_mut(room).map(|state| &mut state.tail),
        Log::Conversation(pair) => conversations.get_mut(pair),
    }
}

impl Chat {
    /// What is missing in memory for something that is going to be asked. What is not missing counts as used.
    pub fn missing(&mut self, now: Now, need: Need<'_>) -> Vec<Missing> {
        let wants = match need {
            Need::Greeting(user, cursor) => self.wants_of_greeting(user, cursor),
            Need::Frame(connection, frame) => self.wants_of_frame(now, connection, frame),
            Need::Text(text, room) => self.wants_of_room(joins(text).unwrap_or(room)),
            Need::Shown(user, address, id) => self.wants_of_read(user, address, id),
            Need::Page(user, place) => self.wants_of_page(user, place),
        };
        let mut missing: Vec<Missing> = Vec::new();
        for want in wants {
            let is_shown = want.is_shown;
            match missing.iter_mut().find(|part| part.log == want.log) {
                Some(part) => part.is_blank |= is_shown && self.log_is_blank(&part.log),
                None => missing.extend(self.find_missing(want)),
            }
        }
        missing
    }

    /// Whether a part that was missing still is.
    #[must_use]
    pub fn is_missing(&self, part: &Missing) -> bool {
        self.tail_of(&part.log).is_some_and(|tail| tail.lacks_up_to().saturating_add(1) == part.range.before)
    }

    fn log_is_blank(&self, log: &Log) -> bool {
        self.tail_of(log).is_some_and(Tail::is_blank)
    }

    fn tail_of(&self, log: &Log) -> Option<&Tail> {
        match log {
            Log::Room(room) => self.rooms.get(room).map(|state| &state.tail),
            Log::Conversation(pair) => self.conversations.get(pair),
        }
    }

    /// Takes what was read of a log, oldest first.
    pub fn fill(&mut self, log: &Log, entries: Vec<Entry>) {
        let most = self.settings.tail;
        if let Some(tail) = tail(&mut self.rooms, &mut self.conversations, log) {
            tail.fill(entries, most);
            self.used(log);
        }
    }

    /// Bytes of entries in memory.
    #[must_use]
    pub const fn cached_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Notes that a log was read, or that its entries changed, and lets go of what was not used for longest if it is too
    /// much now.
    pub(super) fn used(&mut self, log: &Log) {
        if let Some(tail) = tail(&mut self.rooms, &mut self.conversations, log) {
            self.cache.note(log, tail);
        }
        while let Some(log) = self.cache.take_excess() {
            if let Some(tail) = tail(&mut self.rooms, &mut self.conversations, &log) {
                tail.clear();
            }
        }
    }

    fn find_missing(&mut self, Want { log, after, most, is_shown }: Want) -> Option<Missing> {
        steps::count();
        let kept = self.settings.tail;
        let tail = tail(&mut self.rooms, &mut self.conversations, &log)?;
        if tail.reaches(after, most.min(kept)) || tail.bytes() >= CATCH_UP_BYTES {
            if tail.head() > after {
                self.used(&log);
            }
            return None;
        }
        let lacks = tail.lacks_up_to();
        let range = Range { after: 0, before: lacks.saturating_add(1), limit: kept };
        Some(Missing { is_blank: is_shown && tail.is_blank(), log, range })
    }

    /// Whether something has to be read for a frame. That counts as a request for each log, beside the frame itself, and is
    /// paid for afterwards. Nothing is read for a frame that comes too fast, and so will be refused.
    pub fn has_to_read(&mut self, now: Now, connection: ConnectionId, frame: &ClientFrame) -> bool {
        let missing = self.missing(now, Need::Frame(connection, frame)).len();
        if missing > 0
            && let Some(asking) = self.asking(now, connection)
        {
            self.charge(asking, Kind::Query, u32::try_from(missing).unwrap_or(u32::MAX));
        }
        missing > 0
    }

    /// Where a connection comes from.
    #[must_use]
    pub fn address(&self, connection: ConnectionId) -> Option<Address> {
        self.connections.get(&connection)?.address
    }

    pub(super) fn asking(&self, now: Now, connection: ConnectionId) -> Option<Asking> {
        let Connection { user, address, .. } = self.connections.get(&connection)?;
        Some(Asking { now, caller: Caller::Connection(connection), user: *user, address: *address })
    }

    fn wants_of_frame(&mut self, now: Now, connection: ConnectionId, frame: &ClientFrame) -> Vec<Want> {
        let Some(asking) = self.asking(now, connection) else {
            return Vec::new();
        };
        if self.wait_of(asking, kind_of(frame)) != Some(0) {
            return Vec::new();
        }
        let user = asking.user;
        match frame {
            ClientFrame::Message { text, .. } => joins(text).map(|room| self.wants_of_room(room)).unwrap_or_default(),
            ClientFrame::Join { room } | ClientFrame::Preview { room: Some(room) } => self.wants_of_room(room),
            ClientFrame::Read { room, id } => self.wants_of_read(user, room, *id),
            ClientFrame::GetMentions => self.wants_of_mentions(user),
            _ => Vec::new(),
        }
    }

    /// A user who begins to look at a room is told its newest entries.
    fn wants_of_room(&self, room: &str) -> Vec<Want> {
        let room = self.known_room(room).ok();
        room.map(|room| Want::shown(Log::Room(room))).into_iter().collect()
    }

    /// What is unread behind a mark is counted.
    fn wants_of_read(&self, user: UserId, address: &str, id: EntryId) -> Vec<Want> {
        let log = self.log(user, address).ok().filter(|log| match log {
            Log::Room(room) => self.is_member(user, room),
            Log::Conversation(_) => true,
        });
        log.map(|log| Want::counted(log, id)).into_iter().collect()
    }

    fn wants_of_mentions(&self, user: UserId) -> Vec<Want> {
        let rooms = self.rooms_of(user).into_iter();
        rooms.map(|room| Want::counted(Log::Room(room), 0)).collect()
    }

    /// What is unread in the rooms of a user, and in the conversations that are listed, is counted.
    fn wants_of_counts(&self, user: UserId) -> Vec<Want> {
        let Some(state) = self.users.get(&user) else {
            return Vec::new();
        };
        let rooms = state.member_of.iter().cloned().map(Log::Room);
        let peers = state.talks.iter().rev().take(RESUMED_CONVERSATIONS + 1);
        let conversations = peers.map(|(_, peer)| Log::Conversation(Pair::new(user, *peer)));
        let want = |log: Log| Want::counted(log.clone(), self.read_up_to(user, &log));
        rooms.chain(conversations).map(want).collect()
    }

    /// With a cursor, what was said behind it; without one, the newest of each room.
    fn wants_of_greeting(&self, user: UserId, cursor: Option<&Cursor>) -> Vec<Want> {
        let mut wants = self.wants_of_counts(user);
        let usable = cursor.filter(|cursor| self.is_usable(cursor)).map(|cursor| cursor.last_id);
        let caught_up_to = self.users.get(&user).map_or(0, |state| state.caught_up_to);
        for want in &mut wants {
            let told_after = match (usable, &want.log) {
                (Some(last_id), _) => last_id,
                (None, Log::Room(_)) => 0,
                (None, Log::Conversation(_)) => caught_up_to,
            };
            want.after = want.after.min(told_after);
        }
        wants
    }

    /// What the page shows comes last, so that nothing which is read for the page lets go of it.
    fn wants_of_page(&self, user: UserId, place: &Place) -> Vec<Want> {
        let mut wants = self.wants_of_counts(user);
        match place {
            Place::Room(room) => wants.push(Want::shown(Log::Room(room.clone()))),
            Place::With(peer) => wants.push(Want::shown(Log::Conversation(Pair::new(user, *peer)))),
            Place::Mentions => wants.extend(self.wants_of_mentions(user)),
        }
        wants
    }
}
