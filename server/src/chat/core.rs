//! The rules.

mod membership;

use super::{Caller, ConnectionId, Done, Effect, Now, Reply, RequestId, room::Room, user::User};
use crate::journal::{Change, Draft, JournalError, Outcome, Page, Range, Restored, SessionHash, Ticket};
use app::{
    protocol::{
        ClientFrame, Connected, Entry, EntryId, EntryKind, ErrorCode, ErrorFrame, History, Joined, NameKey, Resumed,
        RoomInfo, RoomName, ServerFrame, Text, TextError, UserId, UserInfo, UserList, UserName,
        limits::{CLIENT_ID_MAX, HISTORY_DEFAULT, HISTORY_MAX, JOINED_HISTORY, LISTED_MEMBERS, RESUMED_PER_ROOM},
    },
    sync::{Cursor, Snapshot},
};
use axum::extract::ws::Utf8Bytes;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    mem,
    sync::Arc,
};

/// Entries of each room that stay in memory: as many as a `resumed` frame may carry, so that no join or catching up
/// waits for the disk.
pub const TAIL: usize = RESUMED_PER_ROOM;
/// What a client is told to wait before it tries again what the store could not take, in milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// A refusal, before it is known to whom it goes.
pub type Refused = ErrorFrame;

fn refusal(code: ErrorCode, message: impl Into<String>) -> Refused {
    ErrorFrame { message: message.into(), code, client_id: None, retry_after_ms: None }
}

/// What a change in the journal's hands was for.
#[derive(Debug)]
enum Pending {
    SignIn { request: RequestId, name: UserName, session: SessionHash },
    Join { caller: Option<Caller>, user: UserId, room: RoomName },
    Leave { caller: Caller, user: UserId, room: RoomName },
    Append { caller: Caller, room: RoomName, client_id: Option<Arc<str>> },
}

/// The chat's state and rules. See the [module](super).
#[derive(Debug)]
pub struct Chat {
    grace_ms: u64,
    epoch: Arc<str>,
    last_id: EntryId,
    users: BTreeMap<UserId, User>,
    /// The names that are taken, those of users being made among them.
    names: HashSet<NameKey>,
    sessions: HashMap<SessionHash, UserId>,
    rooms: BTreeMap<RoomName, Room>,
    connections: HashMap<ConnectionId, UserId>,
    /// Who leaves when, unless they come back: by the end of their grace.
    leaving: BTreeSet<(u64, UserId)>,
    pending: HashMap<Ticket, Pending>,
    next_ticket: Ticket,
    effects: Vec<Effect>,
}

impl Chat {
    /// The chat as the store has it, with nobody connected. A user is present for `grace_ms` milliseconds after the
    /// last connection went.
    #[must_use]
    pub fn new(restored: Restored, grace_ms: u64) -> Self {
        let mut rooms: BTreeMap<_, _> =
            restored.rooms.into_iter().map(|(name, tail)| (name, Room::restored(tail))).collect();
        for user in &restored.users {
            for room in &user.rooms {
                rooms.entry(room.clone()).or_default().members.insert(user.id);
            }
        }
        Self {
            grace_ms,
            epoch: restored.epoch.into(),
            last_id: restored.last_id,
            names: restored.users.iter().map(|user| user.name.key()).collect(),
            users: restored.users.into_iter().map(|user| (user.id, User::new(user.name, user.rooms))).collect(),
            sessions: restored.sessions.into_iter().collect(),
            rooms,
            connections: HashMap::new(),
            leaving: BTreeSet::new(),
            pending: HashMap::new(),
            next_ticket: 1,
            effects: Vec::new(),
        }
    }

    /// What is to be done since this was last asked, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        mem::take(&mut self.effects)
    }

    /// Whether everything that was accepted has been stored or refused.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whose session this is.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.sessions.get(session).copied()
    }

    /// Whether there is such a room.
    #[must_use]
    pub fn has_room(&self, room: &RoomName) -> bool {
        self.rooms.contains_key(room)
    }

    /// What a page about a room is rendered from, with the rooms there are; nothing when there is no such room or user.
    #[must_use]
    pub fn snapshot(&self, user: UserId, room: &RoomName) -> Option<(Snapshot, Vec<RoomInfo>)> {
        let state = self.rooms.get(room)?;
        let snapshot = Snapshot {
            user_id: user,
            name: self.users.get(&user)?.name.shared(),
            room: room.clone(),
            entries: state.newest(0, JOINED_HISTORY),
            users: self.listed(state).unwrap_or_default(),
            count: state.present.len(),
            epoch: Arc::clone(&self.epoch),
            cursor: self.last_id,
        };
        Some((snapshot, self.room_list()))
    }

    /// A new user asks to come in under a name, which is made to fit and unique (`lot` is drawn from 0 to 999). The
    /// request is answered with [`Done::SignedIn`].
    pub fn sign_in(&mut self, now: Now, request: RequestId, name: &str, lot: u16, session: SessionHash) {
        let asked = UserName::sanitized(name, lot);
        let name = std::iter::once(asked.clone())
            .chain((1..).map(|number| asked.numbered(number)))
            .find(|name| !name.is_reserved() && !self.names.contains(&name.key()));
        let Some(name) = name else { return };
        self.names.insert(name.key());
        let change = Change::CreateUser { name: name.clone(), session, at: now.clock };
        self.submit(change, Pending::SignIn { request, name, session });
    }

    /// A connection of a user, with the cursor it comes with. `token` is told to a client that does not keep the
    /// session in a cookie.
    pub fn connect(
        &mut self,
        connection: ConnectionId,
        user: UserId,
        cursor: Option<&Cursor>,
        token: Option<Arc<str>>,
    ) {
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        state.connections.push(connection);
        if let Some(at) = state.leaves_at.take() {
            self.leaving.remove(&(at, user));
        }
        let (name, was_present) = (state.name.shared(), mem::replace(&mut state.present, true));
        self.connections.insert(connection, user);

        let rooms = self.rooms_of(user);
        if !was_present {
            for room in &rooms {
                self.appear(user, room);
            }
        }
        let usable = cursor
            .filter(|cursor| (cursor.epoch.is_empty() || cursor.epoch == self.epoch) && cursor.last_id <= self.last_id);
        if let Some(cursor) = usable {
            let state = |room: &RoomName| self.rooms.get(room);
            let missed_messages = rooms
                .iter()
                .map(|room| (room, state(room).map(|state| state.newest(cursor.last_id, RESUMED_PER_ROOM))))
                .filter_map(|(room, missed)| Some((room.clone(), missed.filter(|missed| !missed.is_empty())?)))
                .collect();
            let heads = rooms.iter().map(|room| (room.clone(), state(room).map_or(0, Room::head))).collect();
            let resumed = Resumed {
                user_id: user,
                session_id: token,
                name,
                missed_messages,
                heads,
                rooms,
                epoch: Arc::clone(&self.epoch),
            };
            self.send(connection, &ServerFrame::Resumed(Box::new(resumed)));
        } else {
            let connected = Connected {
                user_id: user,
                session_id: token,
                name,
                rooms: self.rooms.keys().cloned().collect(),
                epoch: Arc::clone(&self.epoch),
            };
            self.send(connection, &ServerFrame::Connected(connected));
            for room in rooms {
                let joined = self.joined(&room);
                self.send(connection, &joined);
            }
        }
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, now: Now, connection: ConnectionId) {
        let Some(user) = self.connections.remove(&connection) else {
            return;
        };
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        state.connections.retain(|open| *open != connection);
        if state.connections.is_empty() {
            let at = now.elapsed_ms + self.grace_ms;
            state.leaves_at = Some(at);
            self.leaving.insert((at, user));
        }
    }

    /// Time has passed: those whose grace is over are away.
    pub fn tick(&mut self, now: Now) {
        while let Some((at, user)) = self.leaving.first().copied()
            && at <= now.elapsed_ms
        {
            self.leaving.remove(&(at, user));
            let Some(state) = self.users.get_mut(&user) else {
                continue;
            };
            state.present = false;
            state.leaves_at = None;
            for room in self.rooms_of(user) {
                self.disappear(user, &room);
            }
        }
    }

    /// A connection sent a frame.
    pub fn frame(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame) {
        let Some(user) = self.connections.get(&connection).copied() else {
            return;
        };
        let caller = Caller::Connection(connection);
        let result = match frame {
            ClientFrame::Message { room, text, client_id } => self.say(now, caller, user, &room, &text, client_id),
            ClientFrame::Join { room } => self.join(now, connection, user, &room),
            ClientFrame::Leave { room } => self.leave(caller, user, &room),
            ClientFrame::GetRooms => {
                let rooms = self.room_list();
                self.send(connection, &ServerFrame::RoomList { rooms });
                Ok(())
            }
            ClientFrame::GetUsers { room } => self.user_list(connection, &room),
            ClientFrame::GetHistory { room, before, after, limit } => {
                let limit = limit.unwrap_or(HISTORY_DEFAULT).clamp(1, HISTORY_MAX);
                let range = Range { after: after.unwrap_or(0), before: before.unwrap_or(EntryId::MAX), limit };
                self.history(connection, &room, range)
            }
            ClientFrame::Ping { ts } => {
                self.send(connection, &ServerFrame::Pong { ts });
                Ok(())
            }
            ClientFrame::Pong { .. } => Ok(()),
        };
        if let Err(refused) = result {
            self.refuse(caller, refused);
        }
    }

    /// A connection sent something that is no frame; `reason` is a sentence.
    pub fn bad_frame(&mut self, connection: ConnectionId, reason: String) {
        self.refuse(Caller::Connection(connection), refusal(ErrorCode::BadFrame, reason));
    }

    /// A form posts a text: who is not in the room joins it by that. The request is answered.
    pub fn post(
        &mut self,
        now: Now,
        request: RequestId,
        user: UserId,
        room: &RoomName,
        text: &str,
        client_id: Option<String>,
    ) {
        let caller = Caller::Request(request);
        let result =
            self.enter(now, None, user, room).and_then(|_| self.say(now, caller, user, room.as_str(), text, client_id));
        if let Err(refused) = result {
            self.refuse(caller, refused);
        }
    }

    /// The journal has answered.
    pub fn stored(&mut self, ticket: Ticket, result: Result<Outcome, JournalError>) {
        let Some(pending) = self.pending.remove(&ticket) else {
            return;
        };
        match pending {
            Pending::SignIn { request, name, session } => self.signed_in(request, name, session, result),
            Pending::Join { caller, user, room } => {
                match result {
                    Ok(_) => self.entered(user, &room),
                    Err(error) => self.refuse_membership(caller, &error),
                }
                self.settle(user, &room);
            }
            Pending::Leave { caller, user, room } => {
                match result {
                    Ok(_) => self.left(user, &room),
                    Err(error) => self.refuse_membership(Some(caller), &error),
                }
                self.settle(user, &room);
            }
            Pending::Append { caller, room, client_id } => match result {
                Ok(outcome) => self.appended(caller, &room, outcome),
                Err(error) => self.refuse(caller, Refused { client_id, ..unavailable(&error) }),
            },
        }
    }

    /// The journal has read a page.
    pub fn page_read(&mut self, connection: ConnectionId, room: RoomName, page: Result<Page, JournalError>) {
        match page {
            Ok(page) => self.send_page(connection, room, page),
            Err(error) => self.refuse(Caller::Connection(connection), unavailable(&error)),
        }
    }

    fn signed_in(
        &mut self,
        request: RequestId,
        name: UserName,
        session: SessionHash,
        result: Result<Outcome, JournalError>,
    ) {
        let reply = match result {
            Ok(Outcome::Created(user)) => {
                self.sessions.insert(session, user);
                self.rooms.entry(RoomName::general()).or_default().members.insert(user);
                self.users.insert(user, User::new(name, [RoomName::general()]));
                Ok(Done::SignedIn(user))
            }
            // Another process gave the name away: it stays taken here, and the next attempt finds another.
            Ok(_) => Err(refusal(ErrorCode::Unavailable, "That name was taken just now. Please try again.")),
            Err(error) => {
                self.names.remove(&name.key());
                Err(unavailable(&error))
            }
        };
        self.reply(request, reply);
    }

    fn say(
        &mut self,
        now: Now,
        caller: Caller,
        user: UserId,
        room: &str,
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let refuse = |code, message: String| Refused { client_id: client_id.clone(), ..refusal(code, message) };
        if client_id.as_ref().is_some_and(|mark| mark.is_empty() || mark.len() > CLIENT_ID_MAX) {
            let message = format!("A client_id has 1 to {CLIENT_ID_MAX} bytes.");
            return Err(refusal(ErrorCode::BadFrame, message));
        }
        let room = RoomName::parse(room).map_err(|error| refuse(ErrorCode::BadRoom, error.to_string()))?;
        let text = match Text::parse(text) {
            Ok(text) => text.into_inner(),
            Err(error @ TextError::TooLong(_)) => {
                return Err(refuse(ErrorCode::TooLong, error.to_string()));
            }
            Err(TextError::Empty) => {
                self.done(caller);
                return Ok(());
            }
        };
        let Some(state) = self.users.get(&user).filter(|state| state.rooms.contains(&room)) else {
            return Err(refuse(ErrorCode::NotInRoom, format!("You are not in {room}. Join it first.")));
        };
        let draft = Draft {
            room: room.clone(),
            author: user,
            from: state.name.shared(),
            kind: EntryKind::Message,
            text,
            client_id: client_id.clone(),
            at: now.clock,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, room, client_id });
        Ok(())
    }

    fn appended(&mut self, caller: Caller, room: &RoomName, outcome: Outcome) {
        match outcome {
            Outcome::Appended(entry) => self.announce(room, entry),
            Outcome::Repeated(room, entry) => {
                if let Caller::Connection(connection) = caller {
                    self.send(connection, &ServerFrame::announcing(room, &entry));
                }
            }
            Outcome::Created(_) | Outcome::NameTaken | Outcome::Done => {}
        }
        self.done(caller);
    }

    /// A committed entry goes to everybody who is connected in its room.
    fn announce(&mut self, room: &RoomName, entry: Entry) {
        self.last_id = self.last_id.max(entry.id);
        let frame = encode(&ServerFrame::announcing(room.clone(), &entry));
        self.rooms.entry(room.clone()).or_default().push(entry);
        self.broadcast(room, &frame, None);
    }

    fn history(&mut self, connection: ConnectionId, room: &str, range: Range) -> Result<(), Refused> {
        let room = self.known_room(room)?;
        match self.rooms.get(&room).and_then(|state| state.page(range)) {
            Some(page) => self.send_page(connection, room, page),
            None => self.effects.push(Effect::Read { connection, room, range }),
        }
        Ok(())
    }

    fn send_page(&mut self, connection: ConnectionId, room: RoomName, page: Page) {
        let history = History { room, messages: page.entries, more: page.more };
        self.send(connection, &ServerFrame::History(history));
    }

    fn user_list(&mut self, connection: ConnectionId, room: &str) -> Result<(), Refused> {
        let room = self.known_room(room)?;
        let users = self.rooms.get(&room).map(|state| self.users_of(state)).unwrap_or_default();
        let count = users.len();
        self.send(connection, &ServerFrame::UserList(UserList { room, users, count }));
        Ok(())
    }

    fn known_room(&self, room: &str) -> Result<RoomName, Refused> {
        RoomName::parse(room)
            .ok()
            .filter(|room| self.has_room(room))
            .ok_or_else(|| refusal(ErrorCode::BadRoom, "There is no such room."))
    }

    fn is_member(&self, user: UserId, room: &RoomName) -> bool {
        self.rooms.get(room).is_some_and(|state| state.members.contains(&user))
    }

    /// The rooms that a user is a member of, by name.
    fn rooms_of(&self, user: UserId) -> Vec<RoomName> {
        let Some(state) = self.users.get(&user) else {
            return Vec::new();
        };
        state.rooms.iter().filter(|room| self.is_member(user, room)).cloned().collect()
    }

    fn room_list(&self) -> Vec<RoomInfo> {
        self.rooms.iter().map(|(name, state)| RoomInfo { name: name.clone(), users: state.present.len() }).collect()
    }

    fn joined(&self, room: &RoomName) -> ServerFrame {
        let state = self.rooms.get(room);
        ServerFrame::Joined(Joined {
            room: room.clone(),
            history: state.map(|state| state.newest(0, JOINED_HISTORY)).unwrap_or_default(),
            users: state.and_then(|state| self.listed(state)),
            count: state.map_or(0, |state| state.present.len()),
        })
    }

    /// Those present in a room by name, unless they are too many to be sent to everybody.
    fn listed(&self, room: &Room) -> Option<Vec<UserInfo>> {
        (room.present.len() <= LISTED_MEMBERS).then(|| self.users_of(room))
    }

    fn users_of(&self, room: &Room) -> Vec<UserInfo> {
        let mut users: Vec<_> = room
            .present
            .iter()
            .filter_map(|id| self.users.get(id).map(|user| (user.name.key(), *id, user.name.shared())))
            .collect();
        users.sort();
        users.into_iter().map(|(_, id, name)| UserInfo { id, name, typing: false }).collect()
    }

    fn submit(&mut self, change: Change, pending: Pending) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.pending.insert(ticket, pending);
        self.effects.push(Effect::Submit { ticket, change });
    }

    fn send(&mut self, to: ConnectionId, frame: &ServerFrame) {
        self.effects.push(Effect::Send { to, frame: encode(frame) });
    }

    fn send_to_user(&mut self, user: UserId, frame: &Utf8Bytes) {
        let Some(state) = self.users.get(&user) else {
            return;
        };
        self.effects.extend(state.connections.iter().map(|to| Effect::Send { to: *to, frame: frame.clone() }));
    }

    /// Sends the same bytes to everybody who is connected in a room.
    fn broadcast(&mut self, room: &RoomName, frame: &Utf8Bytes, except: Option<UserId>) {
        let Some(state) = self.rooms.get(room) else {
            return;
        };
        let receivers = state.present.iter().filter(|user| Some(**user) != except);
        let connections = receivers.filter_map(|user| self.users.get(user)).flat_map(|user| &user.connections);
        self.effects.extend(connections.map(|to| Effect::Send { to: *to, frame: frame.clone() }));
    }

    fn done(&mut self, caller: Caller) {
        if let Caller::Request(request) = caller {
            self.reply(request, Ok(Done::Stored));
        }
    }

    fn refuse(&mut self, caller: Caller, refused: Refused) {
        match caller {
            Caller::Connection(connection) => self.send(connection, &ServerFrame::Error(refused)),
            Caller::Request(request) => self.reply(request, Err(refused)),
        }
    }

    fn reply(&mut self, request: RequestId, reply: Reply) {
        self.effects.push(Effect::Reply { request, reply });
    }
}

/// The store could not do it: the cause is in the log, and the person hears that it can be tried again.
fn unavailable(error: &JournalError) -> Refused {
    tracing::warn!(%error, "a change was not stored");
    ErrorFrame {
        retry_after_ms: Some(RETRY_AFTER_MS),
        ..refusal(ErrorCode::Unavailable, "The server cannot store this right now. Nothing is lost; please try again.")
    }
}

fn encode(frame: &ServerFrame) -> Utf8Bytes {
    #[expect(clippy::expect_used, reason = "the frames have string keys and no fallible serializers")]
    serde_json::to_string(frame).expect("a frame is JSON").into()
}
