//! Nothing is announced before it is stored: tests of the real hub over journals that delay or fail, and of the pure
//! rules under every order of answers.

mod arrivals;
mod attention;
mod bystanders;
mod commands;
mod counted;
mod crowd;
mod held_journal;
mod memory;
mod nodes;
mod people;
mod reserved;
mod rooms;
mod scale;
mod typing;

use super::{
    Address, Arrival, Chat, Clock, ConnectionId, Effect, Hub, Now, RECENT_ENTRIES, Rate, Rates, Settings, Subscription,
};
use crate::journal::{
    Change, Item, JournalError, News, Restored, StoredRoom, StoredSession, StoredUser, Ticket, memory::Memory,
};
use app::protocol::{ClientFrame, Cursor, Entry, LogId, RoomName, Timestamp, UserId, UserName};
use held_journal::HeldJournal;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex},
};
use tokio::sync::mpsc::unbounded_channel;

/// The behaviour of a [`Stage`]'s store towards changes of presence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doors {
    Open,
    Refused,
    Held,
}

/// A chat over a store in memory. Changes of presence are stored at once unless a test delays them, and all others when
/// the test says so.
struct Stage {
    chat: Chat,
    memory: Memory,
    effects: Vec<Effect>,
    doors: Doors,
    held: Vec<(Ticket, Change)>,
}

impl Deref for Stage {
    type Target = Chat;

    fn deref(&self) -> &Chat {
        &self.chat
    }
}

/// The calls of a [`Chat`] that change something, each followed by the store's answers.
impl Stage {
    fn new(restored: Restored, settings: Settings, now: Now) -> Self {
        let memory = Memory::of(&restored);
        Self {
            chat: Chat::new(restored, settings, now),
            memory,
            effects: Vec::new(),
            doors: Doors::Open,
            held: Vec::new(),
        }
    }

    fn at<T>(&mut self, now: Now, call: impl FnOnce(&mut Chat) -> T) -> T {
        let result = call(&mut self.chat);
        loop {
            let effects = self.chat.take_effects();
            if effects.is_empty() {
                return result;
            }
            for effect in effects {
                match effect {
                    Effect::Submit { ticket, change } if change.is_presence() => match self.doors {
                        Doors::Open => hear(&mut self.chat, now, self.memory.write(&[(ticket, change)])),
                        Doors::Refused => self.chat.answered(now, ticket, Err(JournalError::Busy)),
                        Doors::Held => self.held.push((ticket, change)),
                    },
                    effect => self.effects.push(effect),
                }
            }
        }
    }

    /// Takes all effects but the changes of presence.
    fn take_effects(&mut self) -> Vec<Effect> {
        self.at(START, |_| ());
        mem::take(&mut self.effects)
    }

    fn connect(
        &mut self,
        now: Now,
        connection: ConnectionId,
        user: UserId,
        address: Option<Address>,
        cursor: Option<&Cursor>,
        token: Option<Arc<str>>,
    ) -> bool {
        self.at(now, |chat| chat.connect(now, connection, user, address, cursor, token))
    }

    fn disconnect(&mut self, now: Now, connection: ConnectionId) {
        self.at(now, |chat| chat.disconnect(connection));
    }

    fn frame(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame) {
        self.at(now, |chat| chat.frame(now, connection, frame));
    }

    fn tick(&mut self, now: Now) -> bool {
        self.at(now, |chat| chat.tick(now))
    }

    fn page_loaded(&mut self, now: Now, user: UserId) {
        self.at(now, |chat| chat.page_loaded(now, user));
    }

    /// Lets the store make a change.
    fn store(&mut self, now: Now, ticket: Ticket, change: Change) {
        let news = self.memory.write(&[(ticket, change)]);
        self.at(now, |chat| hear(chat, now, news));
    }

    /// Lets the store make the held changes of presence, and later ones at once.
    fn open_doors(&mut self, now: Now) {
        self.doors = Doors::Open;
        for (ticket, change) in mem::take(&mut self.held) {
            self.store(now, ticket, change);
        }
    }

    /// Lets the store make all pending changes, and returns the other effects.
    fn store_all(&mut self, now: Now) -> Vec<Effect> {
        let mut rest = Vec::new();
        loop {
            let effects = self.take_effects();
            if effects.is_empty() {
                return rest;
            }
            for effect in effects {
                match effect {
                    Effect::Submit { ticket, change } => self.store(now, ticket, change),
                    effect => rest.push(effect),
                }
            }
        }
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Chat {
        &mut self.chat
    }
}

/// Applies a store's news to a chat.
fn hear(chat: &mut Chat, now: Now, news: News) {
    for item in news.in_order() {
        match item {
            Item::Fact(fact) => chat.applied(now, fact).unwrap(),
            Item::Answer(answer) => chat.answered(now, answer.ticket, answer.result),
        }
    }
}

impl Subscription {
    /// Passes a frame that needs no entries to be loaded.
    pub(crate) fn says(&self, frame: ClientFrame) {
        assert!(self.frame(frame).is_none());
    }
}

const ADA: UserId = UserId(1);
const BO: UserId = UserId(2);

/// Ada and Bo, members of `general`.
fn restored() -> Restored {
    let user = |id: UserId, name| StoredUser {
        id,
        name: UserName::parse(name).unwrap(),
        rooms: vec![RoomName::general()],
        reads: Vec::new(),
        sessions: vec![StoredSession { hash: [id.0.to_le_bytes()[0]; 32], renewed_at: Timestamp::default() }],
        has_entries: false,
        has_written: false,
        by_form: false,
        seen_uptime_ms: 0,
        caught_up_to: 0,
    };
    Restored {
        epoch: "e".to_owned(),
        users: vec![user(ADA, "Ada"), user(BO, "Bo")],
        rooms: [(RoomName::general(), StoredRoom::default())].into(),
        ..Restored::default()
    }
}

/// The same chat with entries from before the start, which are cached.
fn chat_with(mut restored: Restored, settings: Settings, said: Vec<(LogId, Vec<Entry>)>) -> Stage {
    for (log, entries) in &said {
        let head = entries.last().map_or(0, |entry| entry.id);
        restored.last_id = restored.last_id.max(head);
        restored.position = restored.last_id;
        match log {
            LogId::Room(room) => restored.rooms.entry(room.clone()).or_default().head = head,
            LogId::Conversation(pair) => drop(restored.conversations.insert(*pair, head)),
        }
    }
    let mut chat = Stage::new(restored, settings, START);
    for (log, entries) in said {
        chat.fill(&log, entries);
    }
    chat
}

const NO_LIMIT: Rate = Rate { per_second: 0, burst: 0 };
pub(crate) const SETTINGS: Settings = Settings {
    grace_ms: 30_000,
    forget_after_ms: 60_000,
    reserve_ms: 0,
    rates: Rates {
        message: NO_LIMIT,
        typing: NO_LIMIT,
        join: NO_LIMIT,
        rename: NO_LIMIT,
        query: NO_LIMIT,
        room: NO_LIMIT,
    },
    rooms_per_user: 50,
    recent_entries: RECENT_ENTRIES,
    cache_bytes: 64 << 20,
    archive_after_ms: 30 * 24 * 60 * 60 * 1_000,
};
pub(crate) const START: Now = Now { elapsed_ms: 0, clock: Timestamp::from_millis(0) };

/// A clock that a test with paused time winds on.
fn tokios_clock() -> Clock {
    let started = tokio::time::Instant::now();
    Clock::new(move || Now { elapsed_ms: started.elapsed().as_millis().try_into().unwrap(), ..START })
}

pub(crate) fn start() -> (Arc<Hub>, Arc<HeldJournal>) {
    let (listener, news) = unbounded_channel();
    let journal = Arc::new(HeldJournal {
        waiting: Mutex::default(),
        memory: Mutex::new(Memory::of(&restored())),
        listener,
        is_full: Mutex::default(),
    });
    let chat = Chat::new(restored(), SETTINGS, START);
    let hub = Hub::start(chat, tokios_clock(), 1, Arc::<HeldJournal>::clone(&journal), news, 10, 64 << 20);
    (hub, journal)
}

/// A connection whose handshake is read.
async fn connected(hub: &Arc<Hub>, user: UserId) -> Subscription {
    let mut subscription = hub.connect(Arrival::of(user)).await.unwrap();
    settle().await;
    assert_eq!(next(&mut subscription).await["type"], "connected");
    assert_eq!(next(&mut subscription).await["type"], "joined");
    subscription
}

async fn next(subscription: &mut Subscription) -> Value {
    let mut frames = VecDeque::new();
    assert!(subscription.frames.next(&mut frames, 1).await);
    serde_json::from_str(&frames[0]).unwrap()
}

fn is_silent(subscription: &mut Subscription) -> bool {
    subscription.frames.rest().is_empty()
}

fn frame(json: Value) -> ClientFrame {
    serde_json::from_value(json).unwrap()
}

fn message(text: &str) -> ClientFrame {
    frame(json!({"type": "message", "text": text, "client_id": text}))
}

/// Lets the hub's own tasks come to rest.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nothing_is_told_to_anyone_before_it_is_stored() {
    let (hub, journal) = start();
    let (mut ada, mut bo) = (connected(&hub, ADA).await, connected(&hub, BO).await);
    assert_eq!(next(&mut ada).await["type"], "user_joined");

    ada.says(message("held"));
    ada.says(frame(json!({"type": "join", "room": "random"})));
    let newcomer = {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { hub.sign_in(None, "Cy", 0, [9; 32], false).await })
    };
    settle().await;
    assert!(is_silent(&mut ada) && is_silent(&mut bo) && !newcomer.is_finished());
    assert_eq!(hub.session(&[9; 32]), None);
    let snapshot = hub.snapshot(None, BO, &RoomName::general().into()).await.unwrap().unwrap();
    assert!(snapshot.entries.is_empty() && snapshot.cursor == 0, "nor shown on a page");

    journal.answer(true);
    assert_eq!(next(&mut bo).await["text"], "held");
    assert_eq!(next(&mut ada).await["text"], "held");
    assert_eq!(next(&mut ada).await["type"], "joined");
    newcomer.await.unwrap().unwrap().unwrap();
    assert_eq!(hub.session(&[9; 32]), Some(UserId(3)));
}

#[tokio::test]
async fn what_is_not_stored_is_told_to_its_sender_alone_and_leaves_nothing_behind() {
    let (hub, journal) = start();
    let (mut ada, mut bo) = (connected(&hub, ADA).await, connected(&hub, BO).await);
    assert_eq!(next(&mut ada).await["type"], "user_joined");

    ada.says(message("lost"));
    ada.says(frame(json!({"type": "join", "room": "random"})));
    let newcomer = {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { hub.sign_in(None, "Cy", 0, [9; 32], false).await })
    };
    settle().await;
    journal.answer(false);
    let refused = next(&mut ada).await;
    assert_eq!((&refused["code"], &refused["client_id"]), (&json!("unavailable"), &json!("lost")));
    assert!(refused["retry_after_ms"].as_u64().is_some());
    assert_eq!(next(&mut ada).await["code"], "unavailable");
    assert!(newcomer.await.unwrap().unwrap().is_err());
    settle().await;
    assert!(is_silent(&mut bo) && !hub.is_ready());

    ada.says(frame(json!({"type": "message", "room": "random", "text": "no member"})));
    assert_eq!(next(&mut ada).await["code"], "not_in_room");
    ada.says(message("again"));
    settle().await;
    journal.answer(true);
    let stored = next(&mut bo).await;
    assert_eq!((&stored["text"], &stored["prev"]), (&json!("again"), &json!(0)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_failed_is_probed_until_it_can_be_written_and_nobody_hears_of_that() {
    let (hub, journal) = start();
    let mut ada = connected(&hub, ADA).await;
    ada.says(message("lost"));
    settle().await;
    journal.answer(false);
    assert_eq!(next(&mut ada).await["code"], "unavailable");
    for works in [false, true] {
        journal.until_probed().await;
        assert!(!hub.is_ready());
        journal.answer(works);
        settle().await;
        assert_eq!(hub.is_ready(), works);
    }
    assert!(is_silent(&mut ada));
}

#[tokio::test]
async fn a_full_journal_refuses_at_once() {
    let (hub, journal) = start();
    let mut ada = connected(&hub, ADA).await;
    *journal.is_full.lock().unwrap() = true;
    ada.says(message("too much"));
    let refused = next(&mut ada).await;
    assert_eq!((&refused["code"], &refused["client_id"]), (&json!("unavailable"), &json!("too much")));
}

#[tokio::test]
async fn a_stop_waits_for_what_was_accepted_and_takes_nothing_more() {
    let (hub, journal) = start();
    let mut ada = connected(&hub, ADA).await;
    ada.says(message("accepted"));
    let stopping = {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { hub.stop().await })
    };
    settle().await;
    assert!(!stopping.is_finished());
    assert!(hub.connect(Arrival::of(BO)).await.is_err());
    journal.answer(true);
    stopping.await.unwrap();
    assert_eq!(next(&mut ada).await["text"], "accepted");
    assert_eq!((&mut ada.closed).await.unwrap().number(), 1001);
}

#[derive(Debug, Clone)]
enum Step {
    Join(UserId),
    Leave(UserId),
    Answer(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let user = prop_oneof![Just(ADA), Just(BO)];
    prop_oneof![user.clone().prop_map(Step::Join), user.prop_map(Step::Leave), any::<bool>().prop_map(Step::Answer)]
}

proptest! {
    /// The access of users ends as the store has it, for any requests and any order of answers.
    #[test]
    fn membership_ends_as_it_is_stored(steps in proptest::collection::vec(step(), 0..40)) {
        let now = START;
        let mut chat = Stage::new(restored(), SETTINGS, now);
        let room = RoomName::parse("random").unwrap();
        chat.connect(now, 1, ADA, None, None, None);
        chat.connect(now, 2, BO, None, None, None);
        let mut waiting: Vec<(Ticket, Change)> = Vec::new();
        let mut stored = BTreeSet::new();
        let rest = std::iter::repeat_n(Step::Answer(true), 41);
        for step in steps.into_iter().chain(rest) {
            match step {
                Step::Join(user) => chat.frame(now, user.0, ClientFrame::Join { room: room.to_string(), client_id: None }),
                Step::Leave(user) => chat.frame(now, user.0, ClientFrame::Leave { room: room.to_string(), client_id: None }),
                Step::Answer(works) if !waiting.is_empty() => {
                    let (ticket, change) = waiting.remove(0);
                    match (&change, works) {
                        (Change::Join { user, .. }, true) => { stored.insert(*user); }
                        (Change::Leave { user, .. }, true) => { stored.remove(user); }
                        _ => {}
                    }
                    if works {
                        chat.store(now, ticket, change);
                    } else {
                        chat.answered(now, ticket, Err(JournalError::Closed));
                    }
                }
                Step::Answer(_) => {}
            }
            for effect in chat.take_effects() {
                if let Effect::Submit { ticket, change } = effect {
                    waiting.push((ticket, change));
                }
            }
        }
        prop_assert!(chat.is_idle());
        for user in [ADA, BO] {
            let text = ClientFrame::Message { room: room.to_string(), text: "may I?".to_owned(), client_id: None };
            chat.frame(now, user.0, text);
            let may_speak = chat.take_effects().iter().any(|effect| matches!(effect, Effect::Submit { .. }));
            prop_assert_eq!(may_speak, stored.contains(&user));
        }
        let present: BTreeSet<UserId> =
            chat.snapshot(ADA, &room.into()).map(|snapshot| snapshot.users.iter().map(|user| user.id).collect()).unwrap_or_default();
        prop_assert_eq!(present, stored);
    }
}
