//! The server's process: the shipped chat core, with what its adapter does around it (`server::chat::Hub`, `web::ws`) and
//! nothing of it that survives a crash. Whatever waits, waits until the schedule says so.

use crate::world::Moment;
use app::{
    protocol::{
        CloseCode, Connected, Ping, RoomDetails, RoomName, ServerFrame, UserId, UserInfo, decode_client_frame, limits,
    },
    sync::{Cursor, Place, Snapshot},
};
use natter_server::{
    chat::{Chat, ConnectionId, Done, Effect, Missing, Need, Now, Settings},
    journal::{Change, Completion, JournalError, Log, Range, SessionHash, Store, Ticket},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// One connection's end.
#[derive(Debug)]
struct Connection {
    frames: VecDeque<String>,
    heard_at: u64,
    pinged_at: u64,
}

/// A page that somebody waits for.
type Read = (ConnectionId, Arc<str>, Log, Range);

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Process {
    chat: Chat,
    started_at: u64,
    queue: VecDeque<(Ticket, Change)>,
    done: VecDeque<Vec<Completion>>,
    reads: Vec<Read>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Connections that the chat closed, and the numbers of users that came in.
    closed: Vec<ConnectionId>,
    signed_in: Vec<UserId>,
    /// How many frames may wait for a connection.
    capacity: usize,
}

/// Brings into memory what a call needs, as the adapter does, which reads beside everything else.
fn ready(chat: &mut Chat, store: &Store, now: Now, need: Need<'_>) {
    for _ in 0..4 {
        for Missing { log, range, .. } in chat.missing(now, need) {
            chat.fill(&log, store.page(&log, range).unwrap_or_default().entries);
        }
    }
}

impl Process {
    pub(crate) fn start(store: &Store, settings: Settings, capacity: usize, moment: Moment) -> Self {
        let restored = store.restored().unwrap_or_default();
        let mut process = Self {
            chat: Chat::new(restored, settings, Now { elapsed_ms: 0, clock: moment.clock }),
            started_at: moment.now,
            queue: VecDeque::new(),
            done: VecDeque::new(),
            reads: Vec::new(),
            connections: BTreeMap::new(),
            closed: Vec::new(),
            signed_in: Vec::new(),
            capacity,
        };
        process.perform(moment);
        process
    }

    fn now(&self, moment: Moment) -> Now {
        Now { elapsed_ms: moment.now - self.started_at, clock: moment.clock }
    }

    /// Makes a user, at once.
    pub(crate) fn sign_in(
        &mut self,
        store: &mut Store,
        moment: Moment,
        name: &str,
        session: SessionHash,
    ) -> Option<UserId> {
        self.chat.sign_in(self.now(moment), 0, None, name, 0, session, true);
        self.perform(moment);
        while self.is_busy() {
            self.write(store, usize::MAX);
            self.complete(moment);
        }
        self.signed_in.pop()
    }

    pub(crate) fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.chat.session(session)
    }

    /// What a page of a place is rendered from, as it travels.
    pub(crate) fn snapshot(&mut self, store: &Store, moment: Moment, user: UserId, place: &Place) -> Option<Snapshot> {
        self.chat.touch(self.now(moment), user);
        let now = self.now(moment);
        ready(&mut self.chat, store, now, Need::Page(user, place));
        let snapshot = self.chat.snapshot(user, place)?;
        let json = serde_json::to_string(&snapshot).ok()?;
        serde_json::from_str(&json).ok()
    }

    /// The rooms that are not archived, and how many are in each.
    pub(crate) fn rooms(&self) -> Vec<RoomDetails> {
        self.chat.rooms_after(None, usize::MAX).0
    }

    /// Who is in a room and who is away from it, as a page of it says to a user.
    pub(crate) fn people_in(&self, user: UserId, room: &RoomName) -> (Vec<UserInfo>, Vec<UserInfo>) {
        let snapshot = self.chat.snapshot(user, &Place::Room(room.clone()));
        snapshot.map(|snapshot| (snapshot.users, snapshot.away)).unwrap_or_default()
    }

    /// Takes a connection, as the WebSocket's handler does.
    pub(crate) fn connect(
        &mut self,
        store: &Store,
        moment: Moment,
        id: ConnectionId,
        session: &SessionHash,
        cursor: &Cursor,
    ) {
        let now = self.now(moment);
        let connection = Connection { frames: VecDeque::new(), heard_at: moment.now, pinged_at: moment.now };
        self.connections.insert(id, connection);
        let user = self.chat.session(session);
        if let Some(user) = user {
            ready(&mut self.chat, store, now, Need::Greeting(user, Some(cursor)));
        }
        if !user.is_some_and(|user| self.chat.connect(now, id, user, None, Some(cursor), None)) {
            // Whose session is over is a new user.
            let stranger = Connected {
                user_id: UserId(u64::MAX >> 12),
                session_id: Some("token".into()),
                name: "Stranger".into(),
                rooms: Vec::new(),
                epoch: "epoch".into(),
                conversations: Vec::new(),
            };
            let frame = serde_json::to_string(&ServerFrame::Connected(stranger)).unwrap_or_default();
            self.queue_frame(id, frame);
        }
        self.chat.reads_lists(id);
        self.perform(moment);
    }

    pub(crate) fn disconnect(&mut self, moment: Moment, id: ConnectionId) {
        self.connections.remove(&id);
        self.chat.disconnect(self.now(moment), id);
        self.perform(moment);
    }

    pub(crate) fn frame(&mut self, store: &Store, moment: Moment, id: ConnectionId, json: &str) {
        let now = self.now(moment);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.heard_at = moment.now;
        match decode_client_frame(json) {
            Ok(frame) => {
                ready(&mut self.chat, store, now, Need::Frame(id, &frame));
                self.chat.frame(now, id, frame);
            }
            Err(reason) => self.chat.bad_frame(now, id, reason),
        }
        self.perform(moment);
    }

    /// The next frames for a connection.
    pub(crate) fn frames(&mut self, id: ConnectionId, most: usize) -> Vec<String> {
        let frames = self.connections.get_mut(&id).map(|connection| &mut connection.frames);
        frames.map(|frames| frames.drain(..most.min(frames.len())).collect()).unwrap_or_default()
    }

    pub(crate) fn waiting_frames(&self, id: ConnectionId) -> usize {
        self.connections.get(&id).map_or(0, |connection| connection.frames.len())
    }

    pub(crate) fn take_closed(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.closed)
    }

    /// Time has passed: what the timers of the adapter do.
    pub(crate) fn tick(&mut self, moment: Moment) {
        while self.chat.tick(self.now(moment)) {
            self.perform(moment);
        }
        let mut silent = Vec::new();
        for (id, connection) in &mut self.connections {
            if moment.now >= connection.heard_at + limits::SERVER_PATIENCE_MS {
                silent.push(*id);
            } else if moment.now >= connection.pinged_at + limits::PING_EVERY_MS {
                connection.pinged_at = moment.now;
                let ping = serde_json::to_string(&ServerFrame::Ping(Ping { ts: moment.clock }));
                connection.frames.extend(ping);
            }
        }
        for id in silent {
            self.closed.push(id);
            self.disconnect(moment, id);
        }
        self.perform(moment);
    }

    pub(crate) fn is_busy(&self) -> bool {
        !self.queue.is_empty() || !self.done.is_empty() || !self.reads.is_empty()
    }

    pub(crate) fn has_unwritten(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The journal's thread commits up to so many of the changes that wait, in one transaction if that can be. The chat
    /// does not know yet.
    pub(crate) fn write(&mut self, store: &mut Store, most: usize) {
        let batch: Vec<_> = self.queue.drain(..most.min(self.queue.len())).collect();
        if !batch.is_empty() {
            self.done.push_back(store.write(&batch));
        }
    }

    /// The chat hears what became of a batch.
    pub(crate) fn complete(&mut self, moment: Moment) {
        for Completion { ticket, result } in self.done.pop_front().unwrap_or_default() {
            self.chat.stored(self.now(moment), ticket, result);
        }
        self.perform(moment);
    }

    /// A page has been read.
    pub(crate) fn read(&mut self, store: &Store, moment: Moment, at: usize) {
        if self.reads.is_empty() {
            return;
        }
        let (connection, address, log, range) = self.reads.swap_remove(at % self.reads.len());
        self.chat.page_read(connection, address, store.page(&log, range));
        self.perform(moment);
    }

    pub(crate) fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    /// Whether there was place for it.
    fn queue_frame(&mut self, id: ConnectionId, frame: String) -> bool {
        let capacity = self.capacity;
        self.connections.get_mut(&id).is_none_or(|connection| {
            connection.frames.push_back(frame);
            connection.frames.len() <= capacity
        })
    }

    fn queue_effect(&mut self, moment: Moment, to: ConnectionId, effect: &Effect) {
        if effect.frame_to(to).is_some_and(|frame| !self.queue_frame(to, frame.as_str().to_owned())) {
            self.close(moment, to, CloseCode::TooSlow);
        }
    }

    fn close(&mut self, moment: Moment, id: ConnectionId, _code: CloseCode) {
        if self.connections.contains_key(&id) {
            self.closed.push(id);
            self.connections.remove(&id);
            self.chat.disconnect(self.now(moment), id);
        }
    }

    fn perform(&mut self, moment: Moment) {
        loop {
            let effects = self.chat.take_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Broadcast { ref to, .. } => {
                        for to in to {
                            self.queue_effect(moment, *to, &effect);
                        }
                    }
                    Effect::Send { to, .. } => self.queue_effect(moment, to, &effect),
                    Effect::Submit { ticket, change } if self.queue.len() < natter_server::journal::QUEUE => {
                        self.queue.push_back((ticket, change));
                    }
                    Effect::Submit { ticket, .. } => {
                        self.chat.stored(self.now(moment), ticket, Err(JournalError::Busy));
                    }
                    Effect::Read { connection, address, log, range } => {
                        self.reads.push((connection, address, log, range));
                    }
                    Effect::Close { connection, code } => self.close(moment, connection, code),
                    Effect::Reply { reply: Ok(Done::SignedIn(user)), .. } => self.signed_in.push(user),
                    Effect::Reply { .. } | Effect::Event(_) => {}
                }
            }
        }
    }
}
