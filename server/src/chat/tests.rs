//! The promise that nothing is told before it is stored: the real hub over journals that keep it waiting or fail, and
//! the pure rules under every order of answers.

mod attention;
mod bystanders;
mod counted;
mod crowd;
mod memory;
mod people;
mod reserved;
mod rooms;
mod scale;

use super::{Chat, Effect, Hub, Now, Rate, Rates, Settings, Subscription, TAIL};
use crate::journal::{
    Change, Completion, Journal, JournalError, Log, Outcome, Page, Range, Restored, StoredRoom, StoredSession,
    StoredUser, Ticket,
};
use app::protocol::{ClientFrame, Entry, EntryKind, RoomName, Timestamp, UserId, UserName};
use futures::future::BoxFuture;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// A journal whose commits happen when the test says so.
pub(crate) struct HeldJournal {
    waiting: Mutex<Vec<(Ticket, Change)>>,
    head: Mutex<u64>,
    completions: UnboundedSender<Vec<Completion>>,
    is_full: Mutex<bool>,
}

impl HeldJournal {
    /// Answers everything that waits, as a store that works or one that fails.
    fn answer(&self, works: bool) {
        let waiting: Vec<_> = self.waiting.lock().unwrap().drain(..).collect();
        let done = waiting
            .into_iter()
            .map(|(ticket, change)| Completion {
                ticket,
                result: if works {
                    Ok(outcome(&change, &mut self.head.lock().unwrap()))
                } else {
                    Err(JournalError::Store("no space left".to_owned()))
                },
            })
            .collect();
        self.completions.send(done).unwrap();
    }

    /// Waits until a probe, and nothing else, is to be answered.
    async fn until_probed(&self) {
        let patience = Instant::now() + Duration::from_secs(15);
        while self.waiting.lock().unwrap().is_empty() {
            assert!(Instant::now() < patience, "a probe comes");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(matches!(self.waiting.lock().unwrap()[..], [(_, Change::Probe)]));
    }
}

fn outcome(change: &Change, head: &mut u64) -> Outcome {
    match change {
        Change::CreateUser { .. } => Outcome::Created(UserId(3)),
        Change::Join { .. } => Outcome::Joined { is_new: false },
        Change::Leave { .. } | Change::Forget { .. } => Outcome::Left(Vec::new()),
        Change::Rename { user, name, rooms, .. } => {
            let lines = rooms.iter().map(|room| (room.clone(), entry(*user, EntryKind::System, name.as_str(), head)));
            Outcome::Renamed(lines.collect())
        }
        Change::Seen { .. }
        | Change::Read { .. }
        | Change::Recall { .. }
        | Change::RenewSession { .. }
        | Change::EndSessions { .. }
        | Change::Probe => Outcome::Done,
        Change::Append(draft) => {
            let stored = entry(draft.author, draft.kind, &draft.text, head);
            Outcome::Appended(Entry { client_id: draft.client_id.clone(), ..stored })
        }
    }
}

/// As if there were one log.
fn entry(author: UserId, kind: EntryKind, text: &str, head: &mut u64) -> Entry {
    let prev = *head;
    *head += 1;
    Entry {
        id: *head,
        prev,
        ts: Timestamp::default(),
        from: "Somebody".into(),
        user_id: Some(author),
        text: text.into(),
        kind,
        client_id: None,
    }
}

impl Journal for HeldJournal {
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        if *self.is_full.lock().unwrap() {
            return Err(JournalError::Busy);
        }
        self.waiting.lock().unwrap().push((ticket, change));
        Ok(())
    }

    fn page(&self, _: &Log, _: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        Box::pin(async { Ok(Page::default()) })
    }

    fn close(&self) {}
}

impl Subscription {
    /// Hands in a frame for which nothing has to be read.
    pub(crate) fn says(&self, frame: ClientFrame) {
        assert!(self.frame(frame).is_none());
    }
}

const ADA: UserId = UserId(1);
const BO: UserId = UserId(2);

/// Ada and Bo, members of general.
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

/// The same, with entries that were said before the start and are in memory.
fn chat_with(mut restored: Restored, settings: Settings, said: Vec<(Log, Vec<Entry>)>) -> Chat {
    for (log, entries) in &said {
        let head = entries.last().map_or(0, |entry| entry.id);
        restored.last_id = restored.last_id.max(head);
        match log {
            Log::Room(room) => restored.rooms.entry(room.clone()).or_default().head = head,
            Log::Conversation(pair) => drop(restored.conversations.insert(*pair, head)),
        }
    }
    let mut chat = Chat::new(restored, settings, START);
    for (log, entries) in said {
        chat.fill(&log, entries);
    }
    chat
}

const NO_LIMIT: Rate = Rate { per_second: 0, burst: 0 };
const SETTINGS: Settings = Settings {
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
    tail: TAIL,
    cache_bytes: 64 << 20,
    archive_after_ms: 30 * 24 * 60 * 60 * 1_000,
};
const START: Now = Now { elapsed_ms: 0, clock: Timestamp::from_millis(0) };

pub(crate) fn start() -> (Arc<Hub>, Arc<HeldJournal>) {
    let (completions, completed) = unbounded_channel();
    let journal = Arc::new(HeldJournal {
        waiting: Mutex::default(),
        head: Mutex::default(),
        completions,
        is_full: Mutex::default(),
    });
    let chat = Chat::new(restored(), SETTINGS, START);
    let hub = Hub::start(chat, 1, Arc::<HeldJournal>::clone(&journal), completed, 10, 64 << 20);
    (hub, journal)
}

/// A connection past its greeting.
async fn connected(hub: &Arc<Hub>, user: UserId) -> Subscription {
    let mut subscription = hub.connect(user, None, None, None).await.unwrap();
    assert_eq!(next(&mut subscription).await["type"], "connected");
    assert_eq!(next(&mut subscription).await["type"], "joined");
    subscription
}

async fn next(subscription: &mut Subscription) -> Value {
    let mut frames = VecDeque::new();
    assert_eq!(subscription.frames.next(&mut frames, 1).await, 1);
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

#[tokio::test]
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
    assert!(hub.connect(BO, None, None, None).await.is_err());
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
    /// Whatever people ask for and however the store answers, in the end they may do what the store holds.
    #[test]
    fn membership_ends_as_it_is_stored(steps in proptest::collection::vec(step(), 0..40)) {
        let now = START;
        let mut chat = Chat::new(restored(), SETTINGS, now);
        let room = RoomName::parse("random").unwrap();
        chat.connect(now, 1, ADA, None, None, None);
        chat.connect(now, 2, BO, None, None, None);
        let mut waiting: Vec<(Ticket, Change)> = Vec::new();
        let mut stored = BTreeSet::new();
        let rest = std::iter::repeat_n(Step::Answer(true), 41);
        for step in steps.into_iter().chain(rest) {
            match step {
                Step::Join(user) => chat.frame(now, user.0, ClientFrame::Join { room: room.to_string() }),
                Step::Leave(user) => chat.frame(now, user.0, ClientFrame::Leave { room: room.to_string() }),
                Step::Answer(works) if !waiting.is_empty() => {
                    let (ticket, change) = waiting.remove(0);
                    match (&change, works) {
                        (Change::Join { user, .. }, true) => { stored.insert(*user); }
                        (Change::Leave { user, .. }, true) => { stored.remove(user); }
                        _ => {}
                    }
                    let answer = if works { Ok(outcome(&change, &mut 0)) } else { Err(JournalError::Closed) };
                    chat.stored(now, ticket, answer);
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
