//! The machine itself: inputs in, effects out.

mod incoming;
mod speaking;

use super::{
    backoff,
    outbox::{Outbox, Outgoing},
    timeline::{Hole, Row, Timeline},
};
use crate::protocol::{
    ClientFrame, Entry, EntryId, PrivateLine, RoomName, ServerFrame, UserId, UserInfo,
    limits::{CLIENT_PATIENCE_MS, LISTED_MEMBERS},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// How long a connection must have held for the next loss of it to count as the first, in milliseconds. A server that
/// takes connections and drops them at once is thus met with growing delays.
const STABLE_AFTER_MS: u64 = 10_000;
/// How long the server gets to answer the attempt to connect, in milliseconds.
const CONNECT_PATIENCE_MS: u64 = 10_000;
/// How long to wait before a text that the store could not take is sent again, where the server does not say.
const RETRY_MS: u64 = 2_000;
/// Texts that are sent at once. Where more wait, each goes out when the one before has arrived.
const SENT_AT_ONCE: usize = 20;
/// Lines for the person alone that are kept.
pub const NOTICES_KEPT: usize = 20;
/// Private lines that are kept.
pub const PRIVATE_KEPT: usize = 20;

/// What the page was rendered from: where the client starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Who the person is.
    pub user_id: UserId,
    /// The person's name.
    pub name: Arc<str>,
    /// The room that the page shows.
    pub room: RoomName,
    /// Its newest entries, oldest first.
    pub entries: Vec<Entry>,
    /// Those present in it; nobody when the room has too many to list.
    pub users: Vec<UserInfo>,
    /// How many are present in it.
    pub count: usize,
    /// The log's life.
    pub epoch: Arc<str>,
    /// The newest entry of the whole server when the page was made.
    pub cursor: EntryId,
    /// The newest private lines of the person, oldest first, [`PRIVATE_KEPT`] at the most.
    pub private: Vec<PrivateLine>,
}

/// A line for the person alone, which is not stored anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// Grows by one with each.
    pub number: u64,
    /// What it says.
    pub text: Arc<str>,
}

/// From where to resume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The newest entry that was seen.
    pub last_id: EntryId,
    /// The log's life in which it was.
    pub epoch: Arc<str>,
}

/// What happens to the client.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The page is alive.
    Start,
    /// The connection is there.
    Opened,
    /// The server said something.
    Frame(Box<ServerFrame>),
    /// The connection is gone, or could not be made. `jitter` is drawn from 0 to 1.
    Closed {
        /// See [`backoff::delay_ms`].
        jitter: f64,
        /// How long the server asked to wait, in milliseconds, if it did.
        wait_ms: Option<u64>,
    },
    /// Time has come that [`Effect::WakeAt`] asked for.
    Woke,
    /// The network may be back, or somebody looks at the page again: no more waiting.
    Nudged,
    /// The browser says that there is no network.
    NetworkLost,
    /// The person sends a text, which may be a command. The mark is 128 random bits, drawn by the caller.
    Say {
        /// Where.
        room: RoomName,
        /// What, validated by the caller.
        text: Arc<str>,
        /// The mark.
        client_id: Arc<str>,
    },
    /// The person sends a refused text again.
    Retry(Arc<str>),
    /// The person gives a refused text up.
    Discard(Arc<str>),
    /// The person is writing in the shown room, or has emptied what was being written.
    Typing(bool),
    /// The person has seen a line that was for them alone.
    Dismiss(u64),
    /// A hole is in view, or the person asks for older entries.
    Fill(RoomName, Hole),
}

/// What an adapter is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make a connection, which resumes from here.
    Connect(Cursor),
    /// Give the connection up; there will be no `Closed` for it.
    Disconnect,
    /// Send a frame.
    Send(ClientFrame),
    /// Show another room.
    Show(RoomName),
    /// Wake the client at this moment of its clock, in milliseconds. A later one replaces an earlier one.
    WakeAt(u64),
}

/// How the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first attempt is under way.
    Connecting,
    /// What happens is shown as it happens.
    Live,
    /// The connection was lost; the next attempt is at this moment of the client's clock.
    Offline {
        /// In milliseconds.
        retry_at: u64,
    },
    /// The connection was lost and an attempt is under way.
    Reconnecting,
    /// The server does not know the session any more: the person has to sign in again.
    SignedOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Down { retry_at: u64 },
    Connecting { since: u64 },
    Greeting { since: u64 },
    Up { since: u64 },
    SignedOut,
}

/// The state machine. See the [module](super).
#[derive(Debug, Clone)]
pub struct Client {
    user_id: UserId,
    name: Arc<str>,
    /// The room that is shown, which the client sees to it that it is in.
    room: RoomName,
    cursor: Cursor,
    timelines: BTreeMap<RoomName, Timeline>,
    /// Those present in the shown room.
    users: Vec<UserInfo>,
    count: usize,
    /// Who is writing in the shown room.
    typing: BTreeSet<Arc<str>>,
    /// When the server was last told that the person is writing.
    told_typing_at: Option<u64>,
    notices: VecDeque<Notice>,
    next_notice: u64,
    private: BTreeMap<EntryId, PrivateLine>,
    /// What the person asked for and the next answer of that kind is for.
    wants: Wants,
    outbox: Outbox,
    /// The holes that were asked for on this connection. An answer makes a hole smaller or closes it, and so a hole
    /// of the same bounds is never asked for twice.
    asked: BTreeSet<(RoomName, Hole)>,
    link: Link,
    /// Failed attempts in a row.
    attempt: u32,
    /// Whether the connection was ever there.
    was_live: bool,
    last_frame_at: u64,
    /// When the texts that the server could not take are sent again.
    resend_at: Option<u64>,
    /// Whether texts go out one by one, each after the one before.
    is_paced: bool,
    /// The one that is on its way then.
    under_way: Option<Arc<str>>,
    /// When the missing entries that were asked for in vain are asked for again.
    refill_at: Option<u64>,
}

/// See [`Client::wants`].
#[derive(Debug, Clone, Copy, Default)]
struct Wants {
    rooms: bool,
    users: bool,
    room: bool,
}

impl Client {
    /// A client that shows what the page already shows.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut timeline = Timeline::default();
        for entry in snapshot.entries {
            timeline.insert(entry);
        }
        Self {
            user_id: snapshot.user_id,
            name: snapshot.name,
            timelines: [(snapshot.room.clone(), timeline)].into(),
            room: snapshot.room,
            cursor: Cursor { last_id: snapshot.cursor, epoch: snapshot.epoch },
            users: snapshot.users,
            count: snapshot.count,
            typing: BTreeSet::new(),
            told_typing_at: None,
            notices: VecDeque::new(),
            next_notice: 0,
            private: snapshot.private.into_iter().map(|line| (line.id, line)).collect(),
            wants: Wants::default(),
            outbox: Outbox::default(),
            asked: BTreeSet::new(),
            link: Link::Down { retry_at: 0 },
            attempt: 0,
            was_live: false,
            last_frame_at: 0,
            resend_at: None,
            is_paced: false,
            under_way: None,
            refill_at: None,
        }
    }

    /// Who the person is.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The room that is shown.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        &self.room
    }

    /// What the shown room's log shows, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.timelines.get(&self.room).map(|timeline| timeline.rows().collect()).unwrap_or_default()
    }

    /// What is on its way to the shown room, in the order in which it was typed.
    #[must_use]
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.outbox.iter().filter(|item| item.room == self.room).cloned().collect()
    }

    /// Those present in the shown room, by name, and how many they are; the list is empty in a room too large for it.
    #[must_use]
    pub fn users(&self) -> (&[UserInfo], usize) {
        (&self.users, self.count)
    }

    /// Who else is writing in the shown room.
    pub fn typing(&self) -> impl Iterator<Item = &Arc<str>> {
        self.typing.iter()
    }

    /// The newest lines for the person alone, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// The newest private lines, oldest first.
    pub fn private(&self) -> impl Iterator<Item = &PrivateLine> {
        self.private.values()
    }

    /// How the connection is.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.link {
            Link::Up { .. } => Status::Live,
            Link::SignedOut => Status::SignedOut,
            Link::Down { .. } if !self.was_live && self.attempt == 0 => Status::Connecting,
            Link::Down { retry_at } => Status::Offline { retry_at },
            Link::Connecting { .. } | Link::Greeting { .. } if self.was_live || self.attempt > 0 => {
                Status::Reconnecting
            }
            Link::Connecting { .. } | Link::Greeting { .. } => Status::Connecting,
        }
    }

    /// Takes one input at the moment `now` of the client's clock (milliseconds, never going back) and says what is to
    /// be done about it.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Start => self.connect(now, &mut effects),
            Input::Opened if matches!(self.link, Link::Connecting { .. }) => {
                self.link = Link::Greeting { since: now };
                self.last_frame_at = now;
            }
            // From a connection that was given up.
            Input::Opened => {}
            Input::Frame(_) if matches!(self.link, Link::Down { .. } | Link::SignedOut) => {}
            Input::Frame(frame) => {
                self.last_frame_at = now;
                self.frame(now, *frame, &mut effects);
            }
            Input::Closed { jitter, wait_ms } => self.closed(now, jitter, wait_ms),
            Input::Woke => self.woke(now, &mut effects),
            Input::Nudged => self.nudged(now, &mut effects),
            Input::NetworkLost => {
                if !matches!(self.link, Link::Down { .. } | Link::SignedOut) {
                    effects.push(Effect::Disconnect);
                    self.closed(now, 1.0, None);
                }
            }
            Input::Say { room, text, client_id } => self.say(room, text, client_id, &mut effects),
            Input::Retry(client_id) => self.retry(&client_id, &mut effects),
            Input::Discard(client_id) => self.discard(&client_id, &mut effects),
            Input::Typing(typing) => self.tell_typing(now, typing, &mut effects),
            Input::Dismiss(number) => self.notices.retain(|notice| notice.number != number),
            Input::Fill(room, hole) => self.fill(&room, hole, &mut effects),
        }
        if let Some(at) = self.next_wake() {
            effects.push(Effect::WakeAt(at));
        }
        effects
    }

    fn is_live(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    fn next_wake(&self) -> Option<u64> {
        let link = match self.link {
            Link::Down { retry_at } => retry_at,
            Link::Connecting { since } | Link::Greeting { since } => since + CONNECT_PATIENCE_MS,
            Link::Up { .. } => self.last_frame_at + CLIENT_PATIENCE_MS,
            Link::SignedOut => return None,
        };
        [self.resend_at, self.refill_at].into_iter().flatten().chain([link]).min()
    }

    fn connect(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.link = Link::Connecting { since: now };
        self.asked.clear();
        self.resend_at = None;
        self.refill_at = None;
        self.typing.clear();
        self.told_typing_at = None;
        self.wants = Wants::default();
        effects.push(Effect::Connect(self.cursor.clone()));
    }

    fn closed(&mut self, now: u64, jitter: f64, wait_ms: Option<u64>) {
        match self.link {
            Link::Down { .. } | Link::SignedOut => return,
            Link::Up { since } if now.saturating_sub(since) >= STABLE_AFTER_MS => self.attempt = 0,
            Link::Up { .. } | Link::Connecting { .. } | Link::Greeting { .. } => {}
        }
        let delay = wait_ms.map_or_else(|| backoff::delay_ms(self.attempt, jitter), |ms| ms.min(backoff::MAX_MS));
        let retry_at = now + delay;
        self.attempt = self.attempt.saturating_add(1);
        self.link = Link::Down { retry_at };
        self.resend_at = None;
        self.refill_at = None;
    }

    fn woke(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if self.is_live() && self.resend_at.is_some_and(|at| at <= now) {
            self.resend_at = None;
            self.send_waiting(effects);
        }
        if self.is_live() && self.refill_at.is_some_and(|at| at <= now) {
            self.refill_at = None;
            self.asked.clear();
            self.fill_shown(effects);
        }
        match self.link {
            Link::Down { retry_at } if retry_at <= now => self.connect(now, effects),
            Link::Connecting { since } | Link::Greeting { since } if since + CONNECT_PATIENCE_MS <= now => {
                effects.push(Effect::Disconnect);
                self.closed(now, 1.0, None);
            }
            Link::Up { .. } if self.is_stale(now) => {
                effects.push(Effect::Disconnect);
                self.connect(now, effects);
            }
            Link::Down { .. } | Link::Connecting { .. } | Link::Greeting { .. } | Link::Up { .. } | Link::SignedOut => {
            }
        }
    }

    /// Whether the server was silent for so long that the connection is as good as gone.
    fn is_stale(&self, now: u64) -> bool {
        self.last_frame_at + CLIENT_PATIENCE_MS <= now
    }

    fn nudged(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link {
            Link::Down { .. } => self.connect(now, effects),
            Link::Up { .. } if self.is_stale(now) => {
                effects.push(Effect::Disconnect);
                self.connect(now, effects);
            }
            Link::Up { .. } | Link::Connecting { .. } | Link::Greeting { .. } | Link::SignedOut => {}
        }
    }

    /// The server has greeted: the texts that wait go out, in order, and the shown room is joined if need be. Sending
    /// again what may have arrived is safe: the server knows a mark that it has stored.
    fn live(&mut self, now: u64, rooms: &[RoomName], effects: &mut Vec<Effect>) {
        self.link = Link::Up { since: now };
        self.was_live = true;
        if !rooms.contains(&self.room) {
            effects.push(Effect::Send(ClientFrame::Join { room: self.room.to_string() }));
        } else if self.count <= LISTED_MEMBERS {
            // In a larger room everybody who comes would be sent everybody.
            effects.push(Effect::Send(ClientFrame::GetUsers { room: self.room.to_string() }));
        }
        self.is_paced = self.outbox.waiting().count() > SENT_AT_ONCE;
        self.send_waiting(effects);
    }
}
