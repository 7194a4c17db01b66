//! A server's process, or one node of several: the shipped [`Host`] over the simulated store and network, without
//! anything that survives a crash. All pending work waits for the schedule.

mod journal;
mod outside;

pub(crate) use journal::Goes;
pub(crate) use outside::ClosedConnection;

use crate::{
    broken::Broken,
    engine::{Changes, Engine},
    moment::Moment,
    situations::{Situation, reached},
};
use app::protocol::{
    CloseCode, Cursor, Ping, Place, RoomDetails, RoomName, ServerFrame, Snapshot, UserId, UserInfo,
    decode_client_frame, limits,
};
use journal::Batch;
use natter_server::{
    chat::{Arrival, Chat, ConnectionId, Host, Lacking, Need, Now, Outcome, PageRequest, Settings},
    journal::{Change, News, NodeId, Position, SessionHash, Store},
};
use outside::{Frames, Waiting, encoded};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

/// Timeout of a client that waits for a node to catch up, in milliseconds.
const PATIENCE_MS: u64 = 2_000;

/// The user of a connection, with the times of its last sign of life and its last ping.
#[derive(Debug)]
struct Pulse {
    user: Option<UserId>,
    heard_at: u64,
    pinged_at: u64,
}

/// A client that waits for facts that this node has not applied yet.
#[derive(Debug)]
struct Parked {
    id: ConnectionId,
    session: SessionHash,
    cursor: Cursor,
    /// Position of the newest committed fact at the time of its arrival.
    newest: Position,
    /// End of the wait.
    until: u64,
}

/// The process. See the [module](self).
#[derive(Debug)]
pub(crate) struct Process {
    node: NodeId,
    /// `true` if this is the only process, with the journal on its own disk.
    is_alone: bool,
    host: Host<Waiting>,
    started_at: u64,
    /// The last batch, until it is answered.
    in_flight: Option<Batch>,
    batches: u64,
    /// News that has arrived and is not applied yet.
    done: VecDeque<News>,
    /// `true` if the node was told of new facts.
    is_woken: bool,
    beat_at: u64,
    beats_in_a_row: usize,
    burying: BTreeSet<NodeId>,
    parked: Vec<Parked>,
    opened: Vec<ConnectionId>,
    pulses: BTreeMap<ConnectionId, Pulse>,
    closing: Sender<ClosedConnection>,
    closed: Receiver<ClosedConnection>,
    /// Capacity of a connection's queue, in frames.
    capacity: Arc<AtomicUsize>,
}

impl Process {
    pub(crate) fn start(
        engine: &mut Engine,
        settings: Settings,
        capacity: usize,
        moment: Moment,
        is_alone: bool,
    ) -> Result<Self, Broken> {
        let node = if is_alone { engine.attach_alone() } else { engine.attach(moment.now) };
        let restored = engine.store.restored(node).map_err(|error| Broken(error.to_string()))?;
        let run = restored.run;
        let chat = Chat::new(restored, settings, Now { elapsed_ms: 0, clock: moment.clock });
        engine.compare(chat.position(), chat.digest())?;
        let (closing, closed) = channel();
        Ok(Self {
            node,
            is_alone,
            host: Host::new(chat, run, Waiting::default(), usize::MAX, usize::MAX),
            started_at: moment.now,
            in_flight: None,
            batches: 0,
            done: VecDeque::new(),
            is_woken: false,
            beat_at: moment.now,
            beats_in_a_row: 0,
            burying: BTreeSet::new(),
            parked: Vec::new(),
            opened: Vec::new(),
            pulses: BTreeMap::new(),
            closing,
            closed,
            capacity: Arc::new(AtomicUsize::new(capacity)),
        })
    }

    fn now(&self, moment: Moment) -> Now {
        Now { elapsed_ms: moment.now - self.started_at, clock: moment.clock }
    }

    fn chat(&self) -> &Chat {
        self.host.chat()
    }

    /// Loads the entries that a call needs, like the hub, which does so concurrently.
    fn ready(&mut self, store: &Store, now: Now, need: Need<'_>) {
        for rounds in 0.. {
            let Lacking::Parts(parts) = self.host.lacking(now, need, rounds) else { return };
            for part in parts {
                let page = store.page(&part.log, part.range).unwrap_or_default();
                self.host.fill(now, &part.log, page);
            }
        }
    }

    /// Creates a user at once.
    pub(crate) fn sign_in(
        &mut self,
        engine: &mut Engine,
        moment: Moment,
        name: &str,
        session: SessionHash,
    ) -> Result<Option<UserId>, Broken> {
        let now = self.now(moment);
        let signed_in = Arc::new(Mutex::new(None));
        let answer = Arc::clone(&signed_in);
        let answering = Box::new(move |reply| {
            if let (Ok(Outcome::SignedIn(user)), Ok(mut answer)) = (reply, answer.lock()) {
                *answer = Some(user);
            }
        });
        let ask = |chat: &mut Chat, request| chat.sign_in(now, request, None, name, 0, session, true);
        if self.host.request(now, answering, ask).is_err() {
            return Ok(None);
        }
        while self.is_busy() {
            self.write(engine, usize::MAX, false)?;
            self.complete(engine, moment)?;
        }
        let user = signed_in.lock().ok().and_then(|mut answer| answer.take());
        Ok(user)
    }

    /// Returns the session's user, or `None` if the client must wait.
    pub(crate) fn session(&self, engine: &Engine, session: &SessionHash) -> Option<UserId> {
        if self.host.behind(session, None, engine.newest()).is_some() {
            reached(Situation::SessionAhead);
            return None;
        }
        self.chat().session(session)
    }

    /// Shows the user of a page on which no script runs.
    pub(crate) fn page_loaded(&mut self, moment: Moment, user: UserId) {
        let now = self.now(moment);
        self.host.call(now, |chat| chat.page_loaded(now, user));
    }

    /// Returns the snapshot of a page after a round trip through JSON.
    pub(crate) fn snapshot(&mut self, store: &Store, moment: Moment, user: UserId, place: &Place) -> Option<Snapshot> {
        let now = self.now(moment);
        self.host.call(now, |chat| chat.touch(now, user));
        self.ready(store, now, Need::Page(user, place));
        let snapshot = self.chat().snapshot(user, place)?;
        let json = serde_json::to_string(&snapshot).ok()?;
        serde_json::from_str(&json).ok()
    }

    /// Returns the rooms that are not archived, with their numbers of present members.
    pub(crate) fn rooms(&self) -> Vec<RoomDetails> {
        self.chat().rooms_after(None, usize::MAX).0
    }

    /// Returns the present and the absent members of a room, as a page shows them to a user.
    pub(crate) fn people_in(&self, user: UserId, room: &RoomName) -> (Vec<UserInfo>, Vec<UserInfo>) {
        let snapshot = self.chat().snapshot(user, &Place::Room(room.clone()));
        snapshot.map(|snapshot| (snapshot.users, snapshot.away)).unwrap_or_default()
    }

    /// Accepts a connection, like the WebSocket's handler, at once or when this node has caught up.
    pub(crate) fn connect(
        &mut self,
        engine: &Engine,
        moment: Moment,
        id: ConnectionId,
        session: &SessionHash,
        cursor: &Cursor,
    ) -> Result<(), Broken> {
        let until = moment.now + PATIENCE_MS;
        let (session, cursor, newest) = (*session, cursor.clone(), engine.newest());
        let behind = self.host.behind(&session, Some(&cursor), newest);
        if behind.is_some() {
            let is_known = self.chat().session(&session).is_some();
            reached(if is_known { Situation::CursorAhead } else { Situation::SessionAhead });
        }
        self.parked.push(Parked { id, session, cursor, newest, until });
        self.settle(engine, moment)
    }

    /// Completes the handshake of clients for whom the node has caught up, and closes those that waited too long.
    pub(crate) fn settle(&mut self, engine: &Engine, moment: Moment) -> Result<(), Broken> {
        for parked in std::mem::take(&mut self.parked) {
            let behind = self.host.behind(&parked.session, Some(&parked.cursor), parked.newest);
            if behind.is_none() {
                self.send_handshake(engine, moment, parked)?;
            } else if moment.now < parked.until {
                self.parked.push(parked);
            } else {
                reached(Situation::StillBehind);
                self.closing.send((parked.id, CloseCode::GoingAway)).ok();
            }
        }
        Ok(())
    }

    fn send_handshake(&mut self, engine: &Engine, moment: Moment, parked: Parked) -> Result<(), Broken> {
        let Parked { id, session, cursor, newest, .. } = parked;
        let now = self.now(moment);
        let user = self.chat().session(&session);
        if let Some(user) = user {
            self.host.call(now, |chat| chat.is_coming(now, user));
            self.ready(&engine.store, now, Need::Handshake(user, Some(&cursor)));
        }
        if user.is_none() {
            // A user whose deletion is in flight counts as forgotten.
            let owner = engine.user_of(&session)?;
            let is_deletion = |change: &Change| matches!(change, Change::Forget { user, .. } if Some(*user) == owner);
            if owner.is_none() || self.unanswered().any(is_deletion) {
                reached(Situation::Forgotten);
                self.closing.send((id, CloseCode::SignedOut)).ok();
                return Ok(());
            }
        }
        let connect = |user| {
            let capacity = Arc::clone(&self.capacity);
            let queue = Frames { connection: id, waiting: VecDeque::new(), capacity, closed: self.closing.clone() };
            let arrival = Arrival { cursor: Some(&cursor), ..Arrival::of(user) };
            self.host.connect(now, id, queue, arrival).is_ok()
        };
        if !user.is_some_and(connect) {
            return Err(Broken(format!("{id} comes with a session and is taken for a new user")));
        }
        let is_of_this_log = cursor.epoch.is_empty() || cursor.epoch == self.chat().epoch();
        let first = self.host.queue(id).and_then(|queue| queue.waiting.front());
        if is_of_this_log
            && cursor.last_id <= newest
            && first.is_some_and(|frame| !frame.starts_with(r#"{"type":"resumed""#))
        {
            return Err(Broken(format!("{id} comes with a cursor of this log and does not resume")));
        }
        self.opened.push(id);
        self.pulses.insert(id, Pulse { user, heard_at: moment.now, pinged_at: moment.now });
        self.host.call(now, |chat| chat.reads_lists(id));
        Ok(())
    }

    /// Takes the connections that were accepted.
    pub(crate) fn take_opened(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.opened)
    }

    pub(crate) fn knows(&self, id: ConnectionId) -> bool {
        self.pulses.contains_key(&id) || self.parked.iter().any(|parked| parked.id == id)
    }

    /// Returns the connected users.
    pub(crate) fn connected(&self) -> BTreeSet<UserId> {
        self.pulses.values().filter_map(|pulse| pulse.user).collect()
    }

    pub(crate) fn disconnect(&mut self, moment: Moment, id: ConnectionId) {
        self.pulses.remove(&id);
        self.parked.retain(|parked| parked.id != id);
        self.host.disconnect(self.now(moment), id);
    }

    pub(crate) fn frame(&mut self, store: &Store, moment: Moment, id: ConnectionId, json: &str) {
        let now = self.now(moment);
        let Some(pulse) = self.pulses.get_mut(&id) else { return };
        pulse.heard_at = moment.now;
        match decode_client_frame(json) {
            Ok(frame) => {
                if self.host.call(now, |chat| chat.has_to_read(now, id, &frame)) {
                    self.ready(store, now, Need::Frame(id, &frame));
                }
                self.host.frame(now, id, frame);
            }
            Err(reason) => self.host.call(now, |chat| chat.bad_frame(now, id, reason)),
        }
    }

    /// Takes up to `most` frames for a connection.
    pub(crate) fn frames(&mut self, id: ConnectionId, most: usize) -> Vec<String> {
        let frames = self.host.queue_mut(id).map(|queue| &mut queue.waiting);
        frames.map(|frames| frames.drain(..most.min(frames.len())).collect()).unwrap_or_default()
    }

    pub(crate) fn waiting_frames(&self, id: ConnectionId) -> usize {
        self.host.queue(id).map_or(0, |queue| queue.waiting.len())
    }

    pub(crate) fn take_closed(&mut self) -> Vec<ClosedConnection> {
        let closed: Vec<_> = self.closed.try_iter().collect();
        self.pulses.retain(|id, _| closed.iter().all(|(other, _)| other != id));
        closed
    }

    /// Runs the timers of the adapter.
    pub(crate) fn tick(&mut self, moment: Moment) {
        let now = self.now(moment);
        while self.host.tick(now) {}
        let mut silent = Vec::new();
        for (id, pulse) in &mut self.pulses {
            if moment.now >= pulse.heard_at + limits::SERVER_PATIENCE_MS {
                silent.push(*id);
            } else if moment.now >= pulse.pinged_at + limits::PING_EVERY_MS {
                pulse.pinged_at = moment.now;
                if let Some(queue) = self.host.queue_mut(*id) {
                    queue.waiting.push_back(encoded(&ServerFrame::Ping(Ping { ts: moment.clock })));
                }
            }
        }
        for id in silent {
            self.closing.send((id, CloseCode::TooSlow)).ok();
            self.disconnect(moment, id);
        }
    }

    /// Reads a page.
    pub(crate) fn read(&mut self, store: &Store, moment: Moment, at: usize) {
        let reads = &mut self.host.outside_mut().reads;
        if reads.is_empty() {
            return;
        }
        let PageRequest { connection, name, log, range, .. } = reads.swap_remove(at % reads.len());
        self.host.page_read(self.now(moment), connection, name, store.page(&log, range));
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.capacity.store(capacity, Ordering::Relaxed);
    }
}
