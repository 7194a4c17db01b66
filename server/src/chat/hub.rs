//! The adapter around the rules: the lock, the queues of the connections, the journal, the clock.
//!
//! Invariant: the effects of one call are carried out before the lock is let go, so frames enter the queues in the
//! order in which the rules made them.

mod loading;
mod questions;
#[cfg(test)]
mod tests;

use loading::Loads;

use super::{
    Address, Asking, Caller, Chat, ConnectionId, Counts, Effect, Event, Need, Now, Reply, RequestId, Watching,
    events::{self, Events},
    queue::{Budget, Frames, Queue, Shared as SharedFrame},
    storing::{Storing, Turn},
};
use crate::{
    fair_queue::{FairQueue, TURN_WITHIN, WAITING},
    fatal::{self, EndOnPanic},
    journal::{Change, Completion, Journal, JournalError, Log, PROBE, READERS, Range, SessionHash, Ticket},
};
use app::{
    protocol::{ClientFrame, CloseCode, EntryId, ErrorFrame, RoomName, ServerFrame, Stats, Timestamp, UserId},
    sync::Cursor,
};
use futures::{FutureExt, future::BoxFuture};
use std::{
    collections::HashMap,
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
    sync::{Notify, mpsc::UnboundedReceiver, oneshot},
    task::{JoinHandle, yield_now},
    time::{MissedTickBehavior, interval},
};

/// How often the rules are told that time has passed.
const TICK: Duration = Duration::from_millis(250);
/// How often it is looked whether the chat's numbers changed, so that watchers hear of it.
const STATS_WITHIN: Duration = Duration::from_secs(1);
/// How often watchers are told the numbers, changed or not, in milliseconds.
const STATS_EVERY_MS: u64 = 10_000;

/// Why the hub does not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The server stops.
    #[error("The server is stopping.")]
    Stopping,
    /// As many connections are open as the server takes.
    #[error("The server is full. Try again later.")]
    AtCapacity,
    /// The user was forgotten in this very moment.
    #[error("This session has ended.")]
    Forgotten,
    /// What is needed for it cannot be read from the store now.
    #[error("The server can't read its store right now. Try again soon.")]
    Unreadable,
}

impl From<JournalError> for HubError {
    fn from(error: JournalError) -> Self {
        error.log_reading();
        Self::Unreadable
    }
}

/// The calendar's time.
#[must_use]
pub fn clock() -> Timestamp {
    Timestamp::from_millis(millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The running chat. Handlers share it.
pub struct Hub {
    shared: Mutex<Shared>,
    journal: Arc<dyn Journal>,
    /// Who has a page read from the journal.
    reads: Arc<FairQueue<Option<Address>>>,
    max_connections: usize,
    started: Instant,
    /// Told when the last accepted change is stored or refused.
    idle: Notify,
    /// Itself, for what goes on after a call.
    me: Weak<Self>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

/// A std lock, not an async one: nothing under it waits, and what runs under it is short.
struct Shared {
    chat: Chat,
    queues: HashMap<ConnectionId, Queue>,
    /// What waits in all of them.
    budget: Arc<Budget>,
    closed: Closed,
    requests: HashMap<RequestId, oneshot::Sender<Reply>>,
    events: Events,
    /// What watchers were told last, and when.
    told_stats: Option<(Stats, u64)>,
    /// Numbers connections and requests alike.
    next_id: u64,
    storing: Storing,
    loads: Loads,
    is_stopping: bool,
}

/// How many connections were closed for what waited for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closed {
    /// As much waited for them as may.
    pub too_slow: u64,
    /// More waited for all together than may, and for them the most.
    pub for_memory: u64,
}

/// What everybody shares, while nobody else has it. A panic meanwhile ends the process.
struct Locked<'hub> {
    shared: MutexGuard<'hub, Shared>,
    _end: EndOnPanic,
}

impl Deref for Locked<'_> {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Shared {
        &mut self.shared
    }
}

/// Starts a task without which the chat stands still. A panic in it ends the process.
fn spawn(what: &'static str, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _end = EndOnPanic(what);
        task.await;
    })
}

/// A connection's end of the chat. Dropping it is the disconnect.
#[derive(Debug)]
pub struct Subscription {
    id: ConnectionId,
    hub: Arc<Hub>,
    /// The frames to send.
    pub frames: Frames,
    /// Resolves when the chat closes the connection, with the reason.
    pub closed: oneshot::Receiver<CloseCode>,
}

impl Subscription {
    /// Hands a frame of this connection in. A server that stops does not take it. When something has to be read for it
    /// first, it is handed in by the future, and no other may be before.
    #[must_use]
    pub fn frame(&self, frame: ClientFrame) -> Option<BoxFuture<'static, ()>> {
        let (hub, id) = (&self.hub, self.id);
        let need = Need::Frame(id, &frame);
        if need.is_any() && hub.with(|shared, now| shared.chat.has_to_read(now, id, &frame)) {
            return Some(Arc::clone(hub).frame_when_ready(id, frame).boxed());
        }
        hub.frame(id, frame);
        None
    }

    /// See [`Chat::reads_lists`].
    pub fn reads_lists(&self) {
        self.hub.with(|shared, _| shared.chat.reads_lists(self.id));
    }

    /// Hands in that this connection sent something that is no frame.
    pub fn bad_frame(&self, reason: String) {
        self.hub.with(|shared, now| shared.chat.bad_frame(now, self.id, reason));
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.with(|shared, now| {
            shared.queues.remove(&self.id);
            shared.chat.disconnect(now, self.id);
        });
    }
}

impl Hub {
    /// Starts a chat over a journal, whose completions come through `completions`. At most `max_connections` are
    /// taken at once, and as many watchers; `queue_bytes` may wait for all of them together. `run` counts the starts of
    /// the store.
    #[must_use]
    pub fn start(
        chat: Chat,
        run: u64,
        journal: Arc<dyn Journal>,
        completions: UnboundedReceiver<Vec<Completion>>,
        max_connections: usize,
        queue_bytes: usize,
    ) -> Arc<Self> {
        let hub = Arc::new_cyclic(|me| Self {
            shared: Mutex::new(Shared {
                chat,
                queues: HashMap::new(),
                budget: Budget::new(queue_bytes),
                closed: Closed::default(),
                requests: HashMap::new(),
                events: Events::new(run),
                told_stats: None,
                next_id: 1,
                storing: Storing::default(),
                loads: Loads::default(),
                is_stopping: false,
            }),
            journal,
            reads: FairQueue::new(READERS, WAITING, TURN_WITHIN),
            max_connections,
            started: Instant::now(),
            idle: Notify::new(),
            me: Weak::clone(me),
        });
        spawn("what brings the journal's answers to the chat", Arc::clone(&hub).complete(completions));
        hub.every(TICK, |shared, now| shared.chat.tick(now));
        hub.every(STATS_WITHIN, |shared, now| {
            shared.publish_stats(now);
            false
        });
        hub
    }

    /// Does something again and again, for as long as the hub is there. When there is more of it to do, the others have
    /// their turn first.
    fn every(&self, period: Duration, call: fn(&mut Shared, Now) -> bool) {
        let weak = Weak::clone(&self.me);
        spawn("the chat's clock", async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(hub) = weak.upgrade() else { return };
                while hub.with(call) {
                    yield_now().await;
                }
            }
        });
    }

    /// The chat in numbers.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let now = self.now();
        self.lock().stats(now)
    }

    /// How many WebSocket connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.lock().queues.len()
    }

    /// Bytes of frames that wait for all connections together.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.lock().budget.held()
    }

    /// Bytes of entries in memory.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.lock().chat.cached_bytes()
    }

    /// How many connections were closed for what waited for them.
    #[must_use]
    pub fn closed(&self) -> Closed {
        self.lock().closed
    }

    /// Begins to watch what happens to the chat as a whole, after an event. The statistics are the last of the replay.
    ///
    /// # Errors
    /// A [`HubError`].
    pub fn watch(&self, after: Option<u64>) -> Result<Watching, HubError> {
        let now = self.now();
        let shared = self.lock();
        if shared.events.watchers() >= self.max_connections {
            return Err(HubError::AtCapacity);
        }
        let mut watching = shared.events.watch(after).ok_or(HubError::Stopping)?;
        watching.replay.push(stats_event(&shared.stats(now)));
        Ok(watching)
    }

    /// Whether changes can be stored, as far as is known: none was refused since the store was last found to be
    /// writable, and the server is not stopping.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let shared = self.lock();
        shared.storing.is_well() && !shared.is_stopping
    }

    fn frame(&self, connection: ConnectionId, frame: ClientFrame) {
        self.with(|shared, now| {
            if !shared.is_stopping {
                shared.chat.frame(now, connection, frame);
            }
        });
    }

    async fn frame_when_ready(self: Arc<Self>, connection: ConnectionId, frame: ClientFrame) {
        let address = self.with(|shared, _| shared.chat.address(connection));
        match self.ready(address, Need::Frame(connection, &frame)).await {
            Ok(()) => self.frame(connection, frame),
            Err(error) => {
                error.log_reading();
                self.with(|shared, now| shared.chat.unreadable(now, connection, frame, &error));
            }
        }
    }

    /// Makes a user, and returns its number once it is stored. See [`Chat::sign_in`].
    ///
    /// # Errors
    /// A [`HubError`], or the chat's own refusal within the reply.
    pub async fn sign_in(
        &self,
        address: Option<Address>,
        name: &str,
        lot: u16,
        session: SessionHash,
        by_form: bool,
    ) -> Result<Reply, HubError> {
        self.request(|shared, now, request| shared.chat.sign_in(now, request, address, name, lot, session, by_form))
            .await
    }

    /// Posts a text, which may be a command, to a room and returns once it is done.
    ///
    /// # Errors
    /// A [`HubError`], or the chat's own refusal within the reply.
    pub async fn post(
        &self,
        user: UserId,
        address: Option<Address>,
        room: &RoomName,
        text: &str,
        client_id: Option<String>,
    ) -> Result<Reply, HubError> {
        self.ready(address, Need::Text(text, room.as_str())).await?;
        self.request(|shared, now, request| {
            let asking = Asking { now, caller: Caller::Request(request), user, address };
            shared.chat.post(asking, room, text, client_id);
        })
        .await
    }

    /// The same, to the conversation with somebody, who was called so when they were looked up.
    ///
    /// # Errors
    /// A [`HubError`], or the chat's own refusal within the reply.
    pub async fn post_privately(
        &self,
        user: UserId,
        address: Option<Address>,
        to: (UserId, &str),
        text: &str,
        client_id: Option<String>,
    ) -> Result<Reply, HubError> {
        self.ready(address, Need::Text(text, "")).await?;
        self.request(|shared, now, request| {
            let asking = Asking { now, caller: Caller::Request(request), user, address };
            shared.chat.post_privately(asking, to, text, client_id);
        })
        .await
    }

    /// See [`Chat::shown`].
    ///
    /// # Errors
    /// A [`HubError`], or the chat's own refusal within.
    pub async fn shown(
        &self,
        user: UserId,
        address: Option<Address>,
        place: &str,
        id: EntryId,
    ) -> Result<Result<(), ErrorFrame>, HubError> {
        self.ready(address, Need::Shown(user, place, id)).await?;
        Ok(self.with(|shared, now| {
            let caller = Caller::Request(shared.number());
            shared.chat.shown(Asking { now, caller, user, address }, place, id)
        }))
    }

    /// Whether one more connection is taken, as it is now.
    ///
    /// # Errors
    /// A [`HubError`].
    pub fn has_place(&self) -> Result<(), HubError> {
        self.lock().has_place(self.max_connections)
    }

    /// Connects a user. The first frames are in the queue when this returns.
    ///
    /// # Errors
    /// A [`HubError`].
    pub async fn connect(
        self: &Arc<Self>,
        user: UserId,
        address: Option<Address>,
        cursor: Option<&Cursor>,
        token: Option<Arc<str>>,
    ) -> Result<Subscription, HubError> {
        self.with(|shared, now| shared.chat.is_coming(now, user));
        self.ready(address, Need::Greeting(user, cursor)).await?;
        let subscription = self.with(|shared, now| {
            shared.has_place(self.max_connections)?;
            let id = shared.number();
            if !shared.chat.connect(now, id, user, address, cursor, token) {
                return Err(HubError::Forgotten);
            }
            let (queue, frames, closed) = Queue::new(&shared.budget);
            shared.queues.insert(id, queue);
            Ok(Subscription { id, hub: Arc::clone(self), frames, closed })
        })?;
        if let Some(queue) = self.lock().queues.get(&subscription.id) {
            queue.is_greeted();
        }
        Ok(subscription)
    }

    /// Takes nothing more, waits until everything accepted is stored and told, then closes every connection with 1001.
    /// The journal is left open.
    pub async fn stop(&self) {
        self.lock().is_stopping = true;
        loop {
            let idle = self.idle.notified();
            if self.lock().chat.is_idle() {
                break;
            }
            idle.await;
        }
        let mut shared = self.lock();
        for (_, queue) in shared.queues.drain() {
            queue.close(CloseCode::GoingAway);
        }
        shared.events.end();
    }

    async fn request(&self, ask: impl FnOnce(&mut Shared, Now, RequestId)) -> Result<Reply, HubError> {
        let answer = self.with(|shared, now| {
            if shared.is_stopping {
                return Err(HubError::Stopping);
            }
            let (reply, answer) = oneshot::channel();
            let request = shared.number();
            shared.requests.insert(request, reply);
            ask(shared, now, request);
            Ok(answer)
        })?;
        answer.await.map_err(|_| HubError::Stopping)
    }

    /// Brings the journal's answers to the rules, for as long as there is a journal.
    async fn complete(self: Arc<Self>, mut completions: UnboundedReceiver<Vec<Completion>>) {
        while let Some(batch) = completions.recv().await {
            let mut batch = batch.into_iter();
            while batch.len() > 0 {
                self.with(|shared, now| {
                    while !shared.chat.has_told_enough()
                        && let Some(Completion { ticket, result }) = batch.next()
                    {
                        shared.note(now, ticket, result.as_ref().err());
                        if ticket != PROBE {
                            shared.chat.stored(now, ticket, result);
                        }
                    }
                });
                // Readers have their turn.
                yield_now().await;
            }
        }
    }

    fn lock(&self) -> Locked<'_> {
        match self.shared.lock() {
            Ok(shared) => Locked { shared, _end: EndOnPanic("the chat") },
            Err(_) => fatal::end("whoever had the chat's lock"),
        }
    }

    fn now(&self) -> Now {
        Now { elapsed_ms: millis(self.started.elapsed()), clock: clock() }
    }

    /// Calls the rules and carries out what comes of it.
    fn with<T>(&self, call: impl FnOnce(&mut Shared, Now) -> T) -> T {
        let now = self.now();
        let mut shared = self.lock();
        let result = call(&mut shared, now);
        self.perform(&mut shared, now);
        result
    }

    /// Reads a page of the log beside everything else, in the connection's turn, and hands it to the rules.
    fn read(&self, shared: &Shared, connection: ConnectionId, address: Arc<str>, log: Log, range: Range) {
        let Some((hub, queue)) = self.me.upgrade().zip(shared.queues.get(&connection)) else { return };
        let (line, sender) = (queue.line(), shared.chat.sender(connection));
        tokio::spawn(async move {
            let read = async {
                let page = hub.stored_page(sender, &log, range).await;
                hub.with(|shared, _| shared.chat.page_read(connection, address, page));
            };
            line.in_turn(read).await
        });
    }

    /// Asks a store that failed whether it can be written again, when that is due.
    fn probe(&self, shared: &mut Shared, now: Now) {
        if !shared.is_stopping
            && shared.storing.take_probe(now.elapsed_ms)
            && let Err(error) = self.journal.submit(PROBE, Change::Probe)
        {
            shared.note(now, PROBE, Some(&error));
        }
    }

    fn perform(&self, shared: &mut Shared, now: Now) {
        // Carrying one effect out may bring others: a full queue is a disconnect, a full journal an answer.
        loop {
            let effects = shared.chat.take_effects();
            if effects.is_empty() && !shared.close_largest(now) {
                break;
            }
            for effect in effects {
                match effect {
                    Effect::Broadcast { to, frame } => {
                        let frame = SharedFrame::new(frame, &shared.budget);
                        to.into_iter().for_each(|to| shared.send_shared(now, to, &frame));
                    }
                    Effect::Send { to, frame } => shared.send(now, to, frame),
                    Effect::Submit { ticket, change } => {
                        if let Err(error) = self.journal.submit(ticket, change) {
                            if error == JournalError::Closed {
                                shared.note(now, ticket, Some(&error));
                            }
                            shared.chat.stored(now, ticket, Err(error));
                        }
                    }
                    Effect::Read { connection, address, log, range } => {
                        self.read(shared, connection, address, log, range);
                    }
                    Effect::Close { connection, code } => shared.close(now, connection, code),
                    Effect::Event(event) => shared.events.push(&event),
                    Effect::Reply { request, reply } => shared.reply(request, reply),
                }
            }
        }
        self.probe(shared, now);
        if shared.chat.is_idle() {
            self.idle.notify_waiters();
        }
    }
}

impl Shared {
    /// Takes note of how the journal answered a change. The log hears only of the turns: a full disk under load would
    /// fill what is left of it.
    fn note(&mut self, now: Now, ticket: Ticket, refused: Option<&JournalError>) {
        let turn = self.storing.answered(now.elapsed_ms, ticket, refused.is_none());
        match (turn, refused) {
            (Some(Turn::Recovers), _) => tracing::warn!("the store can be written again"),
            // After a stop nothing is stored, and that is no fault.
            (Some(Turn::Fails), Some(error)) if !self.is_stopping || *error != JournalError::Closed => {
                tracing::error!(%error, "the store cannot be written; until it can be, changes are refused");
            }
            (None, Some(error)) if ticket == PROBE => tracing::debug!(%error, "the store still cannot be written"),
            _ => {}
        }
    }

    fn has_place(&self, max_connections: usize) -> Result<(), HubError> {
        if self.is_stopping {
            Err(HubError::Stopping)
        } else if self.queues.len() >= max_connections {
            Err(HubError::AtCapacity)
        } else {
            Ok(())
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next_id;
        self.next_id += 1;
        number
    }

    /// Queues a frame. A connection whose queue is full is let go of: it resumes from its cursor, and nobody waits.
    fn send(&mut self, now: Now, to: ConnectionId, frame: Box<ServerFrame>) {
        if self.queues.get(&to).is_some_and(|queue| !queue.push(frame)) {
            self.close_slow(now, to);
        }
    }

    fn send_shared(&mut self, now: Now, to: ConnectionId, frame: &SharedFrame) {
        if self.queues.get(&to).is_some_and(|queue| !queue.push_shared(frame.clone())) {
            self.close_slow(now, to);
        }
    }

    fn close_slow(&mut self, now: Now, to: ConnectionId) {
        self.closed.too_slow += 1;
        self.close(now, to, CloseCode::TooSlow);
    }

    /// When more waits for all connections together than may, the one for which the most waits is let go of; whether one
    /// was.
    fn close_largest(&mut self, now: Now) -> bool {
        if !self.budget.is_exceeded() {
            return false;
        }
        let sizes = self.queues.iter().map(|(connection, queue)| (queue.bytes(), *connection));
        let Some((_, connection)) = sizes.max().filter(|(bytes, _)| *bytes > 0) else {
            return false;
        };
        self.closed.for_memory += 1;
        self.close(now, connection, CloseCode::TooSlow);
        true
    }

    fn close(&mut self, now: Now, connection: ConnectionId, code: CloseCode) {
        if let Some(queue) = self.queues.remove(&connection) {
            queue.close(code);
            self.chat.disconnect(now, connection);
        }
    }

    fn stats(&self, now: Now) -> Stats {
        let Counts { users_online, rooms_count, messages_total } = self.chat.counts();
        let sse_subscribers = self.events.watchers();
        Stats { uptime: now.elapsed_ms / 1_000, users_online, rooms_count, messages_total, sse_subscribers }
    }

    /// Tells the watchers the numbers, if they changed or were not told for long.
    fn publish_stats(&mut self, now: Now) {
        let stats = self.stats(now);
        let is_news = self.told_stats.is_none_or(|(told, at)| {
            Stats { uptime: stats.uptime, ..told } != stats || now.elapsed_ms >= at + STATS_EVERY_MS
        });
        if is_news && stats.sse_subscribers > 0 {
            self.told_stats = Some((stats, now.elapsed_ms));
            self.events.tell(stats_event(&stats));
        }
    }

    fn reply(&mut self, request: RequestId, reply: Reply) {
        if let Some(waiting) = self.requests.remove(&request) {
            // Who asked may have gone meanwhile; what was done stays done.
            waiting.send(reply).ok();
        }
    }
}

fn stats_event(stats: &Stats) -> Event {
    Event { id: None, name: "stats", data: events::encode(stats) }
}
