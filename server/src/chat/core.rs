//! The rules.

mod attention;
mod catching_up;
mod commands;
mod door;
mod greeting;
mod membership;
mod needs;
mod pace;
mod people;
mod presence;
mod previews;
mod private;
mod queries;
mod reserved;
mod room_counts;
pub(in crate::chat) mod room_lists;
mod sessions;
mod speech;
mod suggestions;
mod typing;

pub use needs::{Missing, Need};
pub use queries::Counts;

use pace::too_fast;
use reserved::Reserved;
use room_counts::RoomCounts;
use sessions::Session;

use super::{
    Asking, Caller, CommandNumber, ConnectionId, Done, Effect, Kind, Now, Rates, Reply, RequestId, SystemEvent,
    cache::Cache,
    effect::encode,
    names::Names,
    rates::{Address, Bucket, Buckets},
    room::Room,
    room_names::RoomNames,
    tail::Tail,
    user::User,
};
use crate::journal::{
    Change, JournalError, Log, Outcome, Page, Pair, Range, Restored, SessionHash, StoredSession, Ticket,
};
use app::{
    bidi::isolated,
    protocol::{
        ClientFrame, EntryId, ErrorCode, ErrorFrame, RoomName, ServerFrame, Timestamp, UserId, UserName,
        limits::{HISTORY_DEFAULT, HISTORY_MAX, RESUMED_PER_ROOM},
    },
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
    sync::Arc,
};

/// What [`Settings::tail`] is in a server: as much as a `resumed` frame may carry, so that the next join or catching up
/// need not wait for the disk.
pub const TAIL: usize = RESUMED_PER_ROOM;
/// What a client is told to wait before it tries again what the store could not take, in milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;
/// How many users go, or are forgotten, in one tick at the most. Of a crowd that is too large to be told of each, many go
/// with few frames.
const DEPARTURES_PER_TICK: usize = 64;
/// Frames to one receiver after which others are given time to read: as many as a writer's batch has messages.
const TOLD_AT_ONCE: usize = 128;
/// The same for each of the things that a tick does, so that none of them keeps the others waiting.
const TOLD_PER_STEP: usize = 32;
/// A refusal, before it is known to whom it goes.
pub type Refused = ErrorFrame;

fn refusal(code: ErrorCode, message: impl Into<String>) -> Refused {
    ErrorFrame { message: message.into(), code, client_id: None, retry_after_ms: None, suggestion: None }
}

/// What whoever runs the server decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how long a user is present after the last connection went, in milliseconds.
    pub grace_ms: u64,
    /// For how long a user who has entries is remembered without a connection, in milliseconds.
    pub forget_after_ms: u64,
    /// For how long the name of a user who wrote something and was forgotten is nobody's, in milliseconds.
    pub reserve_ms: u64,
    /// The most rooms that a user may be in.
    pub rooms_per_user: usize,
    /// How much a user may ask for in a time.
    pub rates: Rates,
    /// Entries of each log that are kept in memory at the most, and the most of each that one frame carries.
    pub tail: usize,
    /// Bytes that entries in memory may take.
    pub cache_bytes: usize,
    /// For how long nothing was said in a room without members that is archived, in milliseconds.
    pub archive_after_ms: u64,
}

/// What a change in the journal's hands was for.
#[derive(Debug)]
enum Pending {
    SignIn {
        request: RequestId,
        name: UserName,
        session: StoredSession,
        by_form: bool,
    },
    Rename {
        caller: Caller,
        user: UserId,
        name: UserName,
    },
    Forget {
        user: UserId,
        sessions: Vec<StoredSession>,
    },
    /// A session whose browser keeps it anyway: if it cannot be stored, it is renewed again after the next start.
    RenewSession,
    EndSessions {
        request: RequestId,
        user: UserId,
        sessions: Vec<StoredSession>,
    },
    Seen {
        users: Vec<UserId>,
    },
    Join {
        caller: Option<Caller>,
        user: UserId,
        room: RoomName,
        at: Timestamp,
        /// The request that paid for making it.
        paid: Option<Asking>,
    },
    Leave {
        caller: Caller,
        user: UserId,
        room: RoomName,
    },
    Append {
        caller: Caller,
        author: UserId,
        log: Log,
        client_id: Option<Arc<str>>,
    },
    /// What was refused may have been stored before; the refusal, for when it was not.
    Recall {
        caller: Caller,
        author: UserId,
        refused: Refused,
    },
    Read {
        /// By which it was said; nothing for a page that was shown without one.
        connection: Option<ConnectionId>,
        user: UserId,
        log: Log,
        address: Arc<str>,
        id: EntryId,
    },
}

/// One way to a user.
#[derive(Debug)]
struct Connection {
    user: UserId,
    address: Option<Address>,
    /// What is left of its right to be refused.
    strikes: Bucket,
    /// Pages of the log that it waits for.
    reads: usize,
    /// The room that is looked at through it without being in it.
    preview: Option<RoomName>,
}

/// The chat's state and rules. See the [module](super).
#[derive(Debug)]
pub struct Chat {
    settings: Settings,
    epoch: Arc<str>,
    last_id: EntryId,
    /// For how long the server had run before this start.
    uptime_before_ms: u64,
    /// How many entries there are.
    entries: u64,
    users: BTreeMap<UserId, User>,
    /// Who has which name, or is about to take it.
    names: Names,
    /// Users that are forgotten and had a conversation: the other one of it can read it, under the last name.
    forgotten: BTreeMap<UserId, UserName>,
    sessions: HashMap<SessionHash, Session>,
    rooms: BTreeMap<RoomName, Room>,
    /// The rooms that are not archived by how many are present, the fullest first.
    ranks: BTreeSet<(Reverse<usize>, RoomName)>,
    /// The same by name.
    listed: BTreeSet<RoomName>,
    /// The rooms that may be archived, by when something was last said in them.
    idle: BTreeSet<(Timestamp, RoomName)>,
    /// The names of the rooms, and of those that somebody asked for.
    room_names: RoomNames,
    conversations: BTreeMap<Pair, Tail>,
    cache: Cache,
    connections: HashMap<ConnectionId, Connection>,
    /// Those of them whose client has not said that it reads the lists in frames: see [`Chat::reads_lists`].
    plain: BTreeSet<ConnectionId>,
    /// Through which connections a room is looked at by users who are not in it.
    previews: BTreeMap<RoomName, BTreeSet<ConnectionId>>,
    /// How many users are present.
    online: usize,
    /// Who leaves when, unless they come back: by the end of their grace.
    leaving: BTreeSet<(u64, UserId)>,
    /// Who is forgotten when, unless they come back.
    forgetting: BTreeSet<(u64, UserId)>,
    reserved: Reserved,
    /// Who was connected since this was last stored.
    seen: BTreeSet<UserId>,
    /// When that is next stored.
    seen_at: u64,
    /// Behind which user that goes on, while it is under way.
    seen_after: Option<UserId>,
    /// By when a user is not writing any more in a log, unless they say so again.
    leases: BTreeSet<(u64, UserId, Log)>,
    /// When the moment of which room is over.
    moments: BTreeSet<(u64, RoomName)>,
    room_counts: RoomCounts,
    /// What each address may ask for; who is not here has full buckets.
    addresses: BTreeMap<Address, Buckets>,
    /// Behind which of them the full ones are thrown out next.
    swept_after: Option<Address>,
    pending: HashMap<Ticket, Pending>,
    next_ticket: Ticket,
    /// The marks of the commands that are not answered yet.
    commands: HashMap<CommandNumber, Arc<str>>,
    next_command: CommandNumber,
    effects: Vec<Effect>,
    /// Frames that one receiver may have been sent since the effects were taken.
    told: usize,
    /// Rooms that are gone, of which nobody was told yet.
    deleted: Vec<RoomName>,
}

impl Chat {
    /// The chat as the store has it at the start, with nobody connected. All clocks of the process begin with it.
    #[must_use]
    pub fn new(restored: Restored, settings: Settings, now: Now) -> Self {
        let mut chat = Self {
            settings,
            epoch: restored.epoch.into(),
            last_id: restored.last_id,
            uptime_before_ms: restored.uptime_ms,
            entries: restored.entries,
            users: BTreeMap::new(),
            names: Names::new(),
            forgotten: restored.forgotten,
            sessions: HashMap::new(),
            rooms: restored.rooms.into_iter().map(|(name, room)| (name, Room::restored(room))).collect(),
            ranks: BTreeSet::new(),
            listed: BTreeSet::new(),
            idle: BTreeSet::new(),
            room_names: RoomNames::default(),
            conversations: restored.conversations.into_iter().map(|(pair, head)| (pair, Tail::of(head))).collect(),
            cache: Cache::new(settings.cache_bytes),
            connections: HashMap::new(),
            plain: BTreeSet::new(),
            previews: BTreeMap::new(),
            online: 0,
            leaving: BTreeSet::new(),
            forgetting: BTreeSet::new(),
            reserved: Reserved::default(),
            seen: BTreeSet::new(),
            seen_at: now.elapsed_ms + people::SEEN_EVERY_MS,
            seen_after: None,
            leases: BTreeSet::new(),
            moments: BTreeSet::new(),
            room_counts: RoomCounts::default(),
            addresses: BTreeMap::new(),
            swept_after: None,
            pending: HashMap::new(),
            next_ticket: 1,
            commands: HashMap::new(),
            next_command: 1,
            effects: Vec::new(),
            told: 0,
            deleted: Vec::new(),
        };
        for user in restored.users {
            chat.restore(now, user);
        }
        chat.restore_reserved(now, restored.reserved);
        chat.rooms.keys().for_each(|room| chat.room_names.insert(room));
        chat.listed = chat.rooms.keys().cloned().collect();
        chat.ranks = chat.rooms.keys().map(|room| (Reverse(0), room.clone())).collect();
        let is_idle = |(name, room): &(&RoomName, &Room)| room.members.is_empty() && !name.is_default();
        chat.idle = chat.rooms.iter().filter(is_idle).map(|(name, room)| (room.active_at, name.clone())).collect();
        chat.archive(now, usize::MAX);
        chat.room_counts = RoomCounts::default();
        for (pair, tail) in &chat.conversations {
            let [one, other] = pair.users();
            for (user, peer) in [(one, other), (other, one)] {
                if let Some(user) = chat.users.get_mut(&user) {
                    user.talks.insert((tail.head(), peer));
                }
            }
        }
        chat
    }

    /// What is to be done since this was last asked, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        self.tell_deleted();
        self.told = 0;
        mem::take(&mut self.effects)
    }

    /// Whether a receiver may have been sent so much since the effects were taken that it is to be given time to read
    /// before more happens.
    #[must_use]
    pub const fn has_told_enough(&self) -> bool {
        self.told >= TOLD_AT_ONCE
    }

    /// Whether everything that was accepted has been stored or refused.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, now: Now, connection: ConnectionId) {
        self.end_preview(connection);
        let Some(Connection { user, .. }) = self.connections.remove(&connection) else {
            return;
        };
        self.room_counts.unfollow(connection);
        self.plain.remove(&connection);
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        state.connections.retain(|open| *open != connection);
        if state.connections.is_empty() {
            let at = now.elapsed_ms + self.settings.grace_ms;
            state.leaves_at = Some(at);
            state.caught_up_to = self.last_id;
            self.leaving.insert((at, user));
            self.stop_typing_everywhere(user);
            self.plan_forgetting(now, user);
        }
    }

    /// Time has passed. `true` when more is due: then this is to be called again, once others had their turn.
    pub fn tick(&mut self, now: Now) -> bool {
        let mut is_more = self.end_graces(now);
        is_more |= self.end_leases(now);
        is_more |= self.end_moments(now);
        self.archive(now, room_lists::ARCHIVED_PER_TICK);
        self.tell_room_counts(now);
        self.forget_who_is_due(now);
        self.release_names(now);
        self.store_who_was_seen(now);
        self.sweep_addresses(now);
        is_more
    }

    /// Up to where [`Chat::told`] may go in a step that begins now.
    const fn step(&self) -> usize {
        self.told + TOLD_PER_STEP
    }

    /// A connection sent a frame.
    pub fn frame(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame) {
        let Some(asking) = self.asking(now, connection) else { return };
        let Asking { caller, user, .. } = asking;
        let result = match frame {
            ClientFrame::Message { room, text, client_id } => self.say(asking, &room, &text, client_id),
            ClientFrame::Join { room } => self.join(asking, &room),
            ClientFrame::Leave { room } => self.leave(asking, &room),
            ClientFrame::Preview { room } => {
                self.spend(asking, Kind::Query).and_then(|()| self.preview(connection, room.as_deref()))
            }
            ClientFrame::Typing { room, typing } => self.typing(asking, &room, typing),
            ClientFrame::Pm { to, user_id, text, client_id } => self.pm(asking, (user_id, &to), &text, client_id),
            ClientFrame::SetNick { name } => self.rename(asking, &name),
            ClientFrame::Read { room, id } => {
                self.spend(asking, Kind::Query).and_then(|()| self.read(Some(connection), user, &room, id))
            }
            ClientFrame::GetRooms { follow } => self.spend(asking, Kind::Query).map(|()| {
                if follow {
                    self.room_counts.follow(connection);
                }
                self.send_room_list(connection);
            }),
            ClientFrame::GetUsers { room } => {
                let price = self.price_of_list(&room);
                self.spend_all(asking, &[(Kind::Query, price)]).and_then(|()| self.user_list(connection, &room))
            }
            ClientFrame::GetMentions => self.spend(asking, Kind::Query).map(|()| {
                let mentions = self.mentions(user);
                self.send(connection, ServerFrame::Mentions { mentions });
            }),
            ClientFrame::GetHistory { room, before, after, limit } => {
                let limit = limit.unwrap_or(HISTORY_DEFAULT).clamp(1, HISTORY_MAX.min(self.settings.tail));
                let range = Range { after: after.unwrap_or(0), before: before.unwrap_or(EntryId::MAX), limit };
                self.spend(asking, Kind::Query).and_then(|()| self.history(connection, user, room, range))
            }
            ClientFrame::Ping { ts } => {
                self.spend(asking, Kind::Query).map(|()| self.send(connection, ServerFrame::Pong { ts }))
            }
            ClientFrame::Pong => self.spend(asking, Kind::Query),
        };
        if let Err(refused) = result {
            let is_abuse = refused.code == ErrorCode::RateLimited;
            self.refuse(caller, refused);
            if is_abuse {
                self.strike(now, connection);
            }
        }
    }

    /// The entries that a frame needs cannot be read. The frame counts nevertheless.
    pub fn unreadable(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame, error: &JournalError) {
        let Some(asking) = self.asking(now, connection) else { return };
        let counted = self.spend(asking, needs::kind_of(&frame));
        let client_id = match frame {
            ClientFrame::Message { client_id, .. } => client_id.map(Into::into),
            _ => None,
        };
        self.refuse(asking.caller, Refused { client_id, ..unavailable(error) });
        if counted.is_err() {
            self.strike(now, connection);
        }
    }

    /// A connection sent something that is no frame; `reason` is a sentence.
    pub fn bad_frame(&mut self, now: Now, connection: ConnectionId, reason: String) {
        let Some(asking) = self.asking(now, connection) else { return };
        let caller = asking.caller;
        // The reason is said also to whom no token is left: it is counted by its strikes.
        drop(self.spend(asking, Kind::Query));
        self.refuse(caller, refusal(ErrorCode::BadFrame, reason));
        self.strike(now, connection);
    }

    /// The journal has answered.
    pub fn stored(&mut self, now: Now, ticket: Ticket, result: Result<Outcome, JournalError>) {
        let Some(pending) = self.pending.remove(&ticket) else {
            return;
        };
        match pending {
            Pending::SignIn { request, name, session, by_form } => {
                self.signed_in(now, request, name, session, by_form, result);
            }
            Pending::Rename { caller, user, name } => self.renamed(caller, user, &name, result),
            Pending::Forget { user, sessions } => self.forgotten(now, user, sessions, result),
            Pending::RenewSession => {}
            Pending::EndSessions { request, user, sessions } => self.signed_out(request, user, sessions, result),
            Pending::Seen { users } => {
                if result.is_err() {
                    self.seen.extend(users);
                }
            }
            Pending::Join { caller, user, room, at, paid } => {
                if let Some(asking) = paid.filter(|_| !matches!(result, Ok(Outcome::Joined { is_new: true }))) {
                    self.give_back(asking, Kind::Room);
                }
                match result {
                    Ok(outcome) => self.entered(now, caller, user, &room, at, &outcome),
                    Err(error) => self.refuse_membership(caller, &error),
                }
                self.settle(user, &room);
            }
            Pending::Leave { caller, user, room } => {
                match result {
                    Ok(outcome) => self.left(now, caller, user, &room, outcome),
                    Err(error) => self.refuse_membership(Some(caller), &error),
                }
                self.settle(user, &room);
            }
            Pending::Append { caller, author, log, client_id } => match result {
                Ok(Outcome::NotMember) => {
                    let refused = log.room().map_or_else(nobody, not_in_room);
                    self.refuse(caller, Refused { client_id, ..refused });
                }
                Ok(Outcome::MarkUsed) => self.refuse(caller, Refused { client_id, ..mark_used() }),
                Ok(outcome) => self.appended(now, caller, author, log, outcome),
                Err(error) => self.refuse(caller, Refused { client_id, ..unavailable(&error) }),
            },
            Pending::Recall { caller, author, refused } => match result {
                Ok(outcome @ Outcome::Repeated(..)) => {
                    let log = Log::Room(RoomName::general());
                    self.appended(now, caller, author, log, outcome);
                }
                Ok(_) => self.refuse(caller, refused),
                Err(error) => self.refuse(caller, Refused { client_id: refused.client_id, ..unavailable(&error) }),
            },
            Pending::Read { connection, user, log, address, id } => {
                // Nobody typed it, and the next mark says it too.
                if result.is_ok() {
                    self.has_read(connection, user, &log, address, id);
                }
            }
        }
    }

    /// The journal has read a page, of the log that the connection calls `address`.
    pub fn page_read(&mut self, connection: ConnectionId, address: Arc<str>, page: Result<Page, JournalError>) {
        if let Some(state) = self.connections.get_mut(&connection) {
            state.reads = state.reads.saturating_sub(1);
        }
        match page {
            Ok(page) => self.send_page(connection, address, page),
            Err(error) => {
                error.log_reading();
                let refused = Refused { message: error.to_a_reader().to_owned(), ..unavailable(&error) };
                self.refuse(Caller::Connection(connection), refused);
            }
        }
    }

    fn submit(&mut self, change: Change, pending: Pending) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.pending.insert(ticket, pending);
        self.effects.push(Effect::Submit { ticket, change });
    }

    /// Sends a frame to one connection. It is encoded where it is sent, not here.
    fn send(&mut self, to: ConnectionId, frame: ServerFrame) {
        self.effects.push(Effect::Send { to, frame: Box::new(frame) });
    }

    /// Sends the same bytes to all connections of a user.
    fn send_to_user(&mut self, user: UserId, frame: &ServerFrame, except: Option<ConnectionId>) {
        let connections = self.users.get(&user).into_iter().flat_map(|state| &state.connections);
        let to = connections.copied().filter(|to| Some(*to) != except).collect();
        self.send_to_all(to, frame);
    }

    /// Sends the same bytes to everybody who is connected in a room, or looks at it.
    fn broadcast(&mut self, room: &RoomName, frame: &ServerFrame, except: Option<UserId>) {
        let to = self.receivers(room, except);
        self.send_to_all(to, frame);
    }

    /// The connections through which a room is seen.
    fn receivers(&self, room: &RoomName, except: Option<UserId>) -> Vec<ConnectionId> {
        let Some(state) = self.rooms.get(room) else {
            return Vec::new();
        };
        let watchers = self.previews.get(room).into_iter().flatten();
        let receivers = state.present.iter().filter(|user| Some(**user) != except);
        let connections = receivers.filter_map(|user| self.users.get(user)).flat_map(|user| &user.connections);
        watchers.chain(connections).copied().collect()
    }

    /// The same, those that read the lists in frames apart from those that need a frame for each room.
    fn receivers_of_lists(&self, room: &RoomName, except: Option<UserId>) -> (Vec<ConnectionId>, Vec<ConnectionId>) {
        let receivers = self.receivers(room, except).into_iter();
        if self.plain.is_empty() {
            (receivers.collect(), Vec::new())
        } else {
            receivers.partition(|to| !self.plain.contains(to))
        }
    }

    fn send_to_all(&mut self, to: Vec<ConnectionId>, frame: &ServerFrame) {
        if !to.is_empty() {
            self.told += 1;
            self.effects.push(Effect::Broadcast { to, frame: encode(frame) });
        }
    }

    fn event(&mut self, event: SystemEvent) {
        self.told += 1;
        self.effects.push(Effect::Event(event));
    }

    /// Says to a request, or to who gave a command a mark, that it is done. A connection sees what has changed anyway.
    fn done(&mut self, caller: Caller, done: Done) {
        match caller {
            Caller::Connection(_) => {}
            Caller::Command(connection, command) => {
                if let Some(client_id) = self.commands.remove(&command) {
                    let joined = if let Done::Joined(room) = done { Some(room) } else { None };
                    self.send(connection, ServerFrame::Done { client_id, joined });
                }
            }
            Caller::Request(request) => self.reply(request, Ok(done)),
        }
    }

    fn refuse(&mut self, caller: Caller, refused: Refused) {
        match caller {
            Caller::Connection(connection) => self.send(connection, ServerFrame::Error(refused)),
            Caller::Command(connection, command) => {
                let client_id = self.commands.remove(&command);
                self.send(connection, ServerFrame::Error(Refused { client_id, ..refused }));
            }
            Caller::Request(request) => self.reply(request, Err(refused)),
        }
    }

    fn reply(&mut self, request: RequestId, reply: Reply) {
        self.effects.push(Effect::Reply { request, reply });
    }
}

/// The store could not do it: the person hears that it can be tried again. The adapter logs the cause, once for all.
fn unavailable(error: &JournalError) -> Refused {
    tracing::debug!(%error, "it is refused");
    ErrorFrame {
        retry_after_ms: Some(RETRY_AFTER_MS),
        ..refusal(ErrorCode::Unavailable, "The server can't store messages right now. Nothing is lost. Try again soon.")
    }
}

fn parse_room(room: &str) -> Result<RoomName, Refused> {
    RoomName::parse(room).map_err(|error| refusal(ErrorCode::BadRoom, error.to_string()))
}

fn not_in_room(room: &RoomName) -> Refused {
    refusal(ErrorCode::NotInRoom, format!("You are not in {}. Join it first.", isolated(room.as_str())))
}

/// Under this mark another text is stored, which the sender would take for this one.
fn mark_used() -> Refused {
    refusal(ErrorCode::ClientIdUsed, "Another message was sent under this client_id. Nothing was stored.")
}

/// A user who was forgotten in this very moment asks for something.
fn nobody() -> Refused {
    refusal(ErrorCode::NoSuchUser, "You've been signed out. Sign in again.")
}
