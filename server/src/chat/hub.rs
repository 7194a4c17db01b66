//! The running chat: a [host](super::host) with a lock, a clock and tasks.
//!
//! Invariant: the effects of a call are carried out before the lock is released, so frames enter the queues in the
//! order in which the rules made them.

mod loading;
mod news;
mod outside;
mod queries;
mod search;
mod subscription;
#[cfg(test)]
mod tests;

pub use search::SearchError;
pub use subscription::Subscription;

use loading::Loads;
use outside::Adapter;

use super::{
    Address, Caller, Chat, Clock, ConnectionId, Here, HubError, Need, Now, Reply, RequestContext, RequestId, Watching,
    host::{Arrival, Closed, Host},
    queue::{Flushes, Queue},
};
use crate::{
    fair_queue::{FairQueue, TURN_WITHIN, WAITING},
    fatal::{self, EndOnPanic},
    journal::{Journal, News, READERS, SessionHash},
};
use app::{
    command::Command,
    protocol::{EntryId, ErrorFrame, Stats, UserId},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc::UnboundedReceiver, oneshot},
    task::{JoinHandle, yield_now},
    time::{MissedTickBehavior, interval},
};

/// Interval of the rules' timers.
const TICK: Duration = Duration::from_millis(250);
/// Interval at which the statistics are compared with those that the watchers have.
const STATS_WITHIN: Duration = Duration::from_secs(1);

/// The running chat, which all handlers share.
pub struct Hub {
    shared: Mutex<Shared>,
    journal: Arc<dyn Journal>,
    /// Connections to which frames are written once the lock is free.
    flushes: Arc<Flushes>,
    /// Turns of the addresses that read pages from the journal.
    reads: Arc<FairQueue<Option<Address>>>,
    clock: Clock,
    /// Notified when the last accepted change is stored or refused.
    idle: Notify,
    /// Weak self-reference for tasks that outlive a call.
    me: Weak<Self>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

/// State behind a std lock rather than an async one: nothing awaits while it is held, and the critical sections are
/// short.
struct Shared {
    host: Host<Adapter>,
    loads: Loads,
}

/// The held lock. A panic while it is held ends the process, because the state may be half changed.
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

/// Spawns a task on which the chat depends: a panic in it ends the process.
fn spawn(what: &'static str, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _end = EndOnPanic(what);
        task.await;
    })
}

impl Hub {
    /// Starts a chat with a clock over a journal whose news arrives through `news`. `max_connections` limits the connections and,
    /// separately, the watchers; `queue_bytes` limits the bytes queued for all connections together; `run` is the
    /// number of starts of the store.
    #[must_use]
    pub fn start(
        chat: Chat,
        clock: Clock,
        run: u64,
        journal: Arc<dyn Journal>,
        news: UnboundedReceiver<News>,
        max_connections: usize,
        queue_bytes: usize,
    ) -> Arc<Self> {
        let hub = Arc::new_cyclic(|me| {
            let outside = Adapter::new(Arc::clone(&journal), Weak::clone(me));
            let host = Host::new(chat, run, outside, max_connections, queue_bytes);
            Self {
                shared: Mutex::new(Shared { host, loads: Loads::default() }),
                journal,
                flushes: Arc::default(),
                reads: FairQueue::new(READERS, WAITING, TURN_WITHIN),
                clock,
                idle: Notify::new(),
                me: Weak::clone(me),
            }
        });
        spawn("the task that applies the journal's news", Arc::clone(&hub).hear(news));
        hub.every(TICK, Host::tick);
        hub.every(STATS_WITHIN, |host, now| {
            host.publish_stats(now);
            false
        });
        hub
    }

    /// Calls a function in every period for as long as the hub exists. While the function returns `true` it is called
    /// again, after other tasks had their turn.
    fn every(&self, period: Duration, call: fn(&mut Host<Adapter>, Now) -> bool) {
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

    /// Returns the statistics of the chat.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let shared = self.lock();
        let now = self.clock.now();
        shared.host.stats(now)
    }

    /// Returns the number of open WebSocket connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.lock().host.connections()
    }

    /// Returns the number of bytes that are queued for all connections together.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.lock().host.queued_bytes()
    }

    /// Returns the size of the cached entries, in bytes.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.ask(Chat::cached_bytes)
    }

    /// Returns how many connections were closed because of queued bytes.
    #[must_use]
    pub fn closed(&self) -> Closed {
        self.lock().host.closed()
    }

    /// See [`Host::watch`].
    ///
    /// # Errors
    /// Returns the [`HubError`] of [`Host::watch`].
    pub fn watch(&self, after: Option<u64>) -> Result<Watching, HubError> {
        let shared = self.lock();
        let now = self.clock.now();
        shared.host.watch(now, after)
    }

    /// See [`Host::is_ready`].
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.lock().host.is_ready()
    }

    /// Creates a user and returns the identifier once it is stored. See [`Chat::sign_in`].
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the `Err` of the reply.
    pub async fn sign_in(
        &self,
        address: Option<Address>,
        name: &str,
        random_suffix: u16,
        session: SessionHash,
        by_form: bool,
    ) -> Result<Reply, HubError> {
        self.request(|chat, now, request| chat.sign_in(now, request, address, name, random_suffix, session, by_form))
            .await
    }

    /// Posts a text, which may be a command, to a room or a conversation, and returns once it is stored or refused.
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the `Err` of the reply.
    pub async fn post(
        &self,
        user: UserId,
        address: Option<Address>,
        here: Here<'_>,
        text: &str,
        client_id: Option<String>,
    ) -> Result<Reply, HubError> {
        let room = if let Here::Room(room) = here { room } else { "" };
        self.ready(address, Need::Text(text, room)).await?;
        self.request(|chat, now, request| {
            let context = RequestContext { now, caller: Caller::Request(request), user, address };
            chat.post(context, here, text, client_id);
        })
        .await
    }

    /// Edits an entry of a log, or deletes it without a text, and returns once that is stored or refused. `name` is the
    /// log's name on the wire.
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the `Err` of the reply.
    pub async fn amend(
        &self,
        user: UserId,
        address: Option<Address>,
        name: &str,
        target: EntryId,
        text: Option<&str>,
    ) -> Result<Reply, HubError> {
        self.request(|chat, now, request| {
            let context = RequestContext { now, caller: Caller::Request(request), user, address };
            chat.post_amendment(context, name, target, text);
        })
        .await
    }

    /// Executes a command that a form of the page stands for, and returns once it is stored or refused.
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the `Err` of the reply.
    pub async fn execute(
        &self,
        user: UserId,
        address: Option<Address>,
        here: Here<'_>,
        command: Command<'_>,
    ) -> Result<Reply, HubError> {
        self.ready(address, Need::Command(&command)).await?;
        self.request(|chat, now, request| {
            let context = RequestContext { now, caller: Caller::Request(request), user, address };
            chat.post_command(context, here, command);
        })
        .await
    }

    /// See [`Chat::shown`].
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the inner `Err`.
    pub async fn shown(
        &self,
        user: UserId,
        address: Option<Address>,
        name: &str,
        id: EntryId,
    ) -> Result<Result<(), ErrorFrame>, HubError> {
        self.ready(address, Need::Shown(user, name, id)).await?;
        Ok(self.with(|host, now| {
            let caller = Caller::Request(host.number());
            host.call(now, |chat| chat.shown(RequestContext { now, caller, user, address }, name, id))
        }))
    }

    /// Checks whether the chat accepts one more connection right now.
    ///
    /// # Errors
    /// Returns [`HubError::Stopping`] or [`HubError::AtCapacity`].
    pub fn check_capacity(&self) -> Result<(), HubError> {
        self.lock().host.check_capacity()
    }

    /// Connects a user. The handshake's frames are queued when this returns.
    ///
    /// # Errors
    /// Returns [`HubError`] if the chat is full or stopping, the user was forgotten, or the store cannot be read.
    pub async fn connect(self: &Arc<Self>, arrival: Arrival<'_>) -> Result<Subscription, HubError> {
        let Arrival { user, address, cursor, .. } = arrival;
        self.with(|host, now| host.call(now, |chat| chat.is_coming(now, user)));
        self.ready(address, Need::Handshake(user, cursor)).await?;
        self.with(|host, now| {
            let id = host.number();
            let (queue, frames, closed) = Queue::new(host.budget(), &self.flushes);
            host.connect(now, id, queue, arrival)?;
            Ok(Subscription::new(id, Arc::clone(self), frames, closed))
        })
    }

    /// Refuses new work, waits until every accepted change is stored and sent, then closes every connection with code
    /// 1001. The journal stays open.
    pub async fn stop(&self) {
        self.lock().host.stop();
        loop {
            let idle = self.idle.notified();
            if self.ask(Chat::is_idle) {
                break;
            }
            idle.await;
        }
        self.lock().host.close_all();
    }

    async fn request(&self, ask: impl FnOnce(&mut Chat, Now, RequestId)) -> Result<Reply, HubError> {
        let (reply, answer) = oneshot::channel();
        // The caller may have gone by the time of the answer; the change stays stored.
        let answering = Box::new(|answer| drop(reply.send(answer)));
        self.with(|host, now| host.request(now, answering, |chat, request| ask(chat, now, request)))?;
        answer.await.map_err(|_| HubError::Stopping)
    }

    fn lock(&self) -> Locked<'_> {
        match self.shared.lock() {
            Ok(shared) => Locked { shared, _end: EndOnPanic("the chat") },
            Err(_) => fatal::end("a holder of the chat's lock"),
        }
    }

    /// Calls the host, and writes the shared frames that the call caused.
    fn with<T>(&self, call: impl FnOnce(&mut Host<Adapter>, Now) -> T) -> T {
        let result = self.call(call);
        self.flushes.run(usize::MAX);
        result
    }

    /// Calls the host and wakes the tasks that wait for an idle chat.
    fn call<T>(&self, call: impl FnOnce(&mut Host<Adapter>, Now) -> T) -> T {
        let mut shared = self.lock();
        // Read under the lock, so that the time never goes back from one call to the next.
        let now = self.clock.now();
        let result = call(&mut shared.host, now);
        if shared.host.chat().is_idle() {
            self.idle.notify_waiters();
        }
        result
    }

    fn ask<T>(&self, question: impl FnOnce(&Chat) -> T) -> T {
        question(self.lock().host.chat())
    }
}
