//! The chat with its surroundings that are the same wherever it runs: the connections' queues, the requests that wait
//! for an answer, the watchers and the health of the store. The [hub](super::Hub) is a host with a lock, a clock and
//! tasks; the simulator runs the same host over its own network and store.
//!
//! A host has no clock, socket or task. Each call passes the time in, and the trait [`Outside`] provides what only the
//! caller can do.
//!
//! Invariants:
//! - the effects of a call are carried out before it returns, in order, so frames enter the queues in the order in
//!   which the rules made them;
//! - facts and answers are applied in the journal's order;
//! - a connection whose queue is full is closed, and costs the others nothing.

mod behind;
mod loading;
mod perform;
mod watchers;

pub use behind::Behind;
pub use loading::Lacking;

use super::{
    Address, Chat, ConnectionId, HubError, MissingFacts, Now, Reply, RequestId,
    events::Events,
    queue::{Budget, SharedFrames},
    store_health::{HealthChange, StoreHealth},
};
use crate::journal::{Answered, Change, Fact, Item, JournalError, PROBE, Placed, Range, Ticket};
use app::protocol::{ClientFrame, CloseCode, Cursor, LogId, ServerFrame, UserId};
use std::{collections::HashMap, fmt, sync::Arc};
use watchers::ToldStats;

/// A connection's queue of frames.
pub trait FrameQueue {
    /// Queues a frame for this connection alone. Returns `false` if the connection does not keep up.
    fn push(&mut self, frame: Box<ServerFrame>) -> bool;
    /// Queues a frame that other connections receive too. Returns `false` if the connection does not keep up.
    fn push_shared(&mut self, frame: &SharedFrames) -> bool;
    /// Marks the end of the handshake: the welcome and the frames that belong to it are queued.
    fn end_handshake(&mut self) {}
    /// Returns the number of bytes that are queued.
    fn bytes(&self) -> usize;
    /// Closes the queue. Queued frames are sent before a [`CloseCode::GoingAway`] and dropped for other codes.
    fn close(self, code: CloseCode);
}

/// A request for a page of a log, answered through [`Host::page_read`].
#[derive(Debug)]
pub struct PageRequest {
    /// Connection that waits for the page.
    pub connection: ConnectionId,
    /// The connection's own name for the log.
    pub name: Arc<str>,
    /// Log to read.
    pub log: LogId,
    /// Bounds of the page.
    pub range: Range,
    /// Client address, or `None` if it is not counted.
    pub sender: Option<Address>,
}

/// The operations that a host's caller provides.
pub trait Outside {
    /// A connection's queue.
    type Queue: FrameQueue;

    /// Submits a change to the journal. See [`Journal::submit`](crate::journal::Journal::submit).
    ///
    /// # Errors
    /// Returns the [`JournalError`] of a change that was not accepted; no answer follows.
    fn submit(&mut self, ticket: Ticket, change: Change) -> Result<(), JournalError>;

    /// Starts to read a page, which the caller later passes to [`Host::page_read`].
    fn read(&mut self, queue: &Self::Queue, page: PageRequest);
}

/// A user's new connection.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// User whose session the connection presented.
    pub user: UserId,
    /// Client address, or `None` if it is not counted.
    pub address: Option<Address>,
    /// The client's cursor, or `None` for a client that starts afresh.
    pub cursor: Option<&'a Cursor>,
    /// The session's token to send to a client that keeps no cookie.
    pub token: Option<Arc<str>>,
    /// See [`Chat::reads_amendments`].
    pub reads_amendments: bool,
}

impl Arrival<'_> {
    /// Returns the arrival of a user whose client starts afresh and reads amendments.
    #[must_use]
    pub const fn of(user: UserId) -> Self {
        Self { user, address: None, cursor: None, token: None, reads_amendments: true }
    }
}

/// Counters of connections that were closed because of queued bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closed {
    /// Connections whose own queue was full.
    pub too_slow: u64,
    /// Connections with the largest queue while all queues together exceeded their budget.
    pub for_memory: u64,
}

/// The reason for which a host cannot go on. Its node must restart from the store, and its clients must reconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// A fact is missing from the sequence, so later facts cannot be applied or sent.
    #[error(transparent)]
    MissingFacts(#[from] MissingFacts),
    /// Another node has declared this one dead.
    #[error("other nodes have taken this one for dead")]
    Fenced,
}

/// Callback for the answer to a request.
pub type Answering = Box<dyn FnOnce(Reply) + Send>;

/// The chat with its queues, requests and watchers. See the [module](self).
pub struct Host<O: Outside> {
    chat: Chat,
    outside: O,
    queues: HashMap<ConnectionId, O::Queue>,
    /// Bytes that are queued for all connections together.
    budget: Arc<Budget>,
    closed: Closed,
    max_connections: usize,
    requests: HashMap<RequestId, Answering>,
    events: Events,
    told_stats: Option<ToldStats>,
    /// Next number for a connection or a request; both share one sequence.
    next_id: u64,
    store_health: StoreHealth,
    is_stopping: bool,
}

impl<O: Outside> fmt::Debug for Host<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("chat", &self.chat).finish_non_exhaustive()
    }
}

impl<O: Outside> Host<O> {
    /// Creates a host without connections. `max_connections` limits the connections and, separately, the watchers;
    /// `queue_bytes` limits the bytes queued for all connections together; `run` is the number of starts of the store.
    #[must_use]
    pub fn new(chat: Chat, run: u64, outside: O, max_connections: usize, queue_bytes: usize) -> Self {
        Self {
            chat,
            outside,
            queues: HashMap::new(),
            budget: Budget::new(queue_bytes),
            closed: Closed::default(),
            max_connections,
            requests: HashMap::new(),
            events: Events::new(run),
            told_stats: None,
            next_id: 1,
            store_health: StoreHealth::default(),
            is_stopping: false,
        }
    }

    /// Returns the chat, for queries.
    pub const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// Returns the caller's side.
    pub const fn outside(&self) -> &O {
        &self.outside
    }

    /// Returns the caller's side, mutably.
    pub const fn outside_mut(&mut self) -> &mut O {
        &mut self.outside
    }

    pub(super) const fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Calls the rules and carries out their effects.
    pub fn call<T>(&mut self, now: Now, call: impl FnOnce(&mut Chat) -> T) -> T {
        let result = call(&mut self.chat);
        self.perform(now);
        result
    }

    /// Assigns the next number for a connection or a request.
    pub const fn number(&mut self) -> u64 {
        let number = self.next_id;
        self.next_id += 1;
        number
    }

    /// Checks whether the host accepts one more connection.
    ///
    /// # Errors
    /// Returns [`HubError::Stopping`] or [`HubError::AtCapacity`].
    pub fn check_capacity(&self) -> Result<(), HubError> {
        if self.is_stopping {
            Err(HubError::Stopping)
        } else if self.queues.len() >= self.max_connections {
            Err(HubError::AtCapacity)
        } else {
            Ok(())
        }
    }

    /// Connects a user, once the entries for the handshake are in memory. The handshake's frames are queued when this
    /// returns.
    ///
    /// # Errors
    /// Returns the errors of [`Host::check_capacity`], or [`HubError::Forgotten`] if the user no longer exists.
    pub fn connect(
        &mut self,
        now: Now,
        connection: ConnectionId,
        queue: O::Queue,
        arrival: Arrival<'_>,
    ) -> Result<(), HubError> {
        self.check_capacity()?;
        let Arrival { user, address, cursor, token, reads_amendments } = arrival;
        if reads_amendments {
            self.chat.reads_amendments(connection);
        }
        if !self.chat.connect(now, connection, user, address, cursor, token) {
            self.chat.disconnect(connection);
            self.perform(now);
            return Err(HubError::Forgotten);
        }
        self.queues.insert(connection, queue);
        self.perform(now);
        if let Some(queue) = self.queues.get_mut(&connection) {
            queue.end_handshake();
        }
        Ok(())
    }

    /// Removes a closed connection.
    pub fn disconnect(&mut self, now: Now, connection: ConnectionId) {
        self.queues.remove(&connection);
        self.call(now, |chat| chat.disconnect(connection));
    }

    /// Handles a frame of a connection, once the entries that it needs are in memory. A stopping host ignores the
    /// frame.
    pub fn frame(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame) {
        if !self.is_stopping {
            self.call(now, |chat| chat.frame(now, connection, frame));
        }
    }

    /// Calls the rules with a new request, whose reply goes to `answering`.
    ///
    /// # Errors
    /// Returns [`HubError::Stopping`].
    pub fn request(
        &mut self,
        now: Now,
        answering: Answering,
        ask: impl FnOnce(&mut Chat, RequestId),
    ) -> Result<(), HubError> {
        if self.is_stopping {
            return Err(HubError::Stopping);
        }
        let request = self.number();
        self.requests.insert(request, answering);
        self.call(now, |chat| ask(chat, request));
        Ok(())
    }

    /// Delivers a page that [`Outside::read`] was asked for.
    pub fn page_read(
        &mut self,
        now: Now,
        connection: ConnectionId,
        name: Arc<str>,
        page: Result<crate::journal::Page, JournalError>,
    ) {
        self.call(now, |chat| chat.page_read(connection, name, page));
    }

    /// Runs the timers that are due. Returns `true` if more is due: call again after other tasks had their turn.
    pub fn tick(&mut self, now: Now) -> bool {
        self.call(now, |chat| chat.tick(now))
    }

    /// Applies news of the journal until the receivers need time to read. Returns `true` if some is left: call again
    /// after other tasks had their turn.
    ///
    /// # Errors
    /// Returns [`Lost`]; no further news may be applied then.
    pub fn hear(&mut self, now: Now, news: &mut impl ExactSizeIterator<Item = Item>) -> Result<bool, Lost> {
        let mut result = Ok(());
        while result.is_ok()
            && !self.chat.has_told_enough()
            && let Some(item) = news.next()
        {
            result = self.hear_one(now, item);
        }
        self.perform(now);
        result.map(|()| news.len() > 0)
    }

    fn hear_one(&mut self, now: Now, item: Item) -> Result<(), Lost> {
        match item {
            Item::Fact(Placed { fact: Fact::NodeDown { node }, .. }) if node == self.chat.node => {
                return Err(Lost::Fenced);
            }
            Item::Fact(fact) => self.chat.applied(now, fact)?,
            Item::Answer(Answered { result: Err(JournalError::Fenced), .. }) => return Err(Lost::Fenced),
            Item::Answer(Answered { ticket, result, .. }) => {
                self.note(now, ticket, result.as_ref().err());
                if ticket != PROBE {
                    self.chat.answered(now, ticket, result);
                }
            }
        }
        Ok(())
    }

    /// Returns `true` if the store accepts changes as far as is known and the host is not stopping. A refusal makes
    /// this `false` until a probe is stored.
    pub const fn is_ready(&self) -> bool {
        self.store_health.is_well() && !self.is_stopping
    }

    /// Refuses further frames, requests and connections.
    pub const fn stop(&mut self) {
        self.is_stopping = true;
    }

    /// Closes every connection with [`CloseCode::GoingAway`] and ends all subscriptions.
    pub fn close_all(&mut self) {
        for (_, queue) in self.queues.drain() {
            queue.close(CloseCode::GoingAway);
        }
        self.events.end();
    }

    /// Returns a connection's queue.
    pub fn queue(&self, connection: ConnectionId) -> Option<&O::Queue> {
        self.queues.get(&connection)
    }

    /// Returns a connection's queue, mutably.
    pub fn queue_mut(&mut self, connection: ConnectionId) -> Option<&mut O::Queue> {
        self.queues.get_mut(&connection)
    }

    /// Returns the number of open connections.
    pub fn connections(&self) -> usize {
        self.queues.len()
    }

    /// Returns the number of bytes that are queued for all connections together.
    pub fn queued_bytes(&self) -> usize {
        self.budget.held()
    }

    /// Returns how many connections were closed because of queued bytes.
    pub const fn closed(&self) -> Closed {
        self.closed
    }

    /// Updates the store's health with the answer to a change. The log gets only the transitions: a line for each
    /// refusal would fill what is left of a full disk.
    fn note(&mut self, now: Now, ticket: Ticket, refused: Option<&JournalError>) {
        let change = self.store_health.answered(now.elapsed_ms, ticket, refused.is_none());
        match (change, refused) {
            (Some(HealthChange::Recovers), _) => tracing::warn!("the store can be written again"),
            // The journal refuses everything after a stop, which is not a failure of the store.
            (Some(HealthChange::Fails), Some(error)) if !self.is_stopping || *error != JournalError::Closed => {
                tracing::error!(%error, "the store cannot be written; until it can be, changes are refused");
            }
            (None, Some(error)) if ticket == PROBE => tracing::debug!(%error, "the store still cannot be written"),
            _ => {}
        }
    }
}
