//! A connection that reads is never closed for what others do: each kind of action at its limit, by many users at once.
//!
//! The tests run the real hub over the real store. A bystander reads whenever the hub lets others have their turn, and
//! the tests measure the longest queue.

use super::{SETTINGS, START};
use crate::{
    chat::{Arrival, Chat, Clock, Hub, RENAMES, Settings, Subscription},
    journal::{Change, Found, Journal, JournalError, News, NodeId, Page, Range, Search, Store, Ticket},
};
use app::protocol::{ClientFrame, CloseCode, Entry, EntryId, LogId, RoomName, UserId};
use futures::future::BoxFuture;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, atomic::AtomicBool},
};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::{JoinHandle, yield_now},
};

/// Size of a batch of the writer's thread.
const BATCH: usize = 128;
/// Upper bound of the frames to one receiver in one turn, with the action that exceeds it: a name in 50 rooms.
const A_TURN: usize = 128 + 51;

/// A journal that commits when the test says so.
struct StoreJournal {
    store: Mutex<Store>,
    waiting: Mutex<VecDeque<(Ticket, Change)>>,
    listener: UnboundedSender<News>,
}

impl StoreJournal {
    /// Commits all pending changes in batches. Returns `true` if there were any.
    fn commit(&self) -> bool {
        let mut waiting = self.waiting.lock().unwrap();
        let is_some = !waiting.is_empty();
        while !waiting.is_empty() {
            let most = BATCH.min(waiting.len());
            let batch: Vec<_> = waiting.drain(..most).collect();
            self.listener.send(self.store.lock().unwrap().write(NodeId(1), &batch)).unwrap();
        }
        is_some
    }
}

impl Journal for StoreJournal {
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        self.waiting.lock().unwrap().push_back((ticket, change));
        Ok(())
    }

    fn page(&self, log: &LogId, range: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        let page = self.store.lock().unwrap().page(log, range);
        Box::pin(async { page })
    }

    fn around(&self, log: &LogId, id: EntryId, limit: usize) -> BoxFuture<'static, Result<Option<Page>, JournalError>> {
        let page = self.store.lock().unwrap().around(log, id, limit);
        Box::pin(async { page })
    }

    fn versions(&self, _: &LogId, _: EntryId) -> BoxFuture<'static, Result<Vec<Entry>, JournalError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn search(&self, _: Search) -> BoxFuture<'static, Result<Found, JournalError>> {
        Box::pin(async { Ok(Found::default()) })
    }

    fn close(&self) {}
}

/// A chat with a bystander who only reads.
struct House {
    hub: Arc<Hub>,
    journal: Arc<StoreJournal>,
    users: u64,
}

/// The frames of a bystander, and the longest queue that was seen.
struct Read {
    frames: Vec<Value>,
    most: usize,
    closed: Option<CloseCode>,
}

impl House {
    fn open(settings: Settings) -> Self {
        Self::open_within(settings, 256 << 20)
    }

    /// Opens a chat with a budget for the bytes queued for all connections together.
    fn open_within(settings: Settings, queue_bytes: usize) -> Self {
        let (listener, news) = unbounded_channel();
        let store = Store::in_memory("epoch", Arc::new(AtomicBool::new(true))).unwrap();
        let chat = Chat::new(store.restored(NodeId(1)).unwrap(), settings, START);
        let journal = Arc::new(StoreJournal { store: Mutex::new(store), waiting: Mutex::default(), listener });
        let hub = Hub::start(
            chat,
            Clock::of_the_machine(),
            1,
            Arc::<StoreJournal>::clone(&journal),
            news,
            10_000,
            queue_bytes,
        );
        Self { hub, journal, users: 0 }
    }

    /// Waits until every request is stored and announced.
    async fn settle(&self) {
        let mut quiet = 0;
        while quiet < 50 {
            quiet = if self.journal.commit() { 0 } else { quiet + 1 };
            yield_now().await;
        }
    }

    async fn comes(&mut self) -> Subscription {
        self.users += 1;
        let (name, number) = (format!("Somebody{}", self.users), self.users);
        let mut session = [0; 32];
        session[..8].copy_from_slice(&number.to_le_bytes());
        let signed_in = self.hub.sign_in(None, &name, 0, session, false);
        let (reply, ()) = tokio::join!(signed_in, self.settle());
        reply.unwrap().unwrap();
        let subscription = self.hub.connect(Arrival::of(self.hub.session(&session).unwrap())).await.unwrap();
        subscription.reads_lists();
        subscription
    }

    async fn crowd(&mut self, size: usize) -> Vec<Subscription> {
        let mut crowd = Vec::new();
        for _ in 0..size {
            crowd.push(self.comes().await);
        }
        crowd
    }

    /// Reads as a bystander until the hub is gone.
    fn reading(mut subscription: Subscription) -> (JoinHandle<Read>, tokio::sync::oneshot::Sender<()>) {
        let (end, mut ended) = tokio::sync::oneshot::channel();
        let reading = tokio::spawn(async move {
            let mut read = Read { frames: Vec::new(), most: 0, closed: None };
            let mut batch = VecDeque::new();
            loop {
                tokio::select! {
                    biased;
                    is_open = subscription.frames.next(&mut batch, usize::MAX) => {
                        batch.extend(subscription.frames.rest());
                        read.most = read.most.max(batch.len());
                        read.frames.extend(batch.drain(..).map(|frame| serde_json::from_str::<Value>(&frame).unwrap()));
                        if !is_open {
                            read.closed = subscription.closed.try_recv().ok();
                            return read;
                        }
                    }
                    _ = &mut ended => return read,
                }
            }
        });
        (reading, end)
    }

    /// Returns what a bystander in these rooms reads while the others act.
    async fn bystander(&mut self, rooms: &[String], act: impl AsyncFnOnce(&mut Self)) -> Read {
        let mut bystander = self.comes().await;
        for room in rooms {
            bystander.says(ClientFrame::Join { room: room.clone(), client_id: None });
        }
        self.settle().await;
        bystander.frames.rest();
        let (reading, end) = Self::reading(bystander);
        act(self).await;
        self.settle().await;
        // The task may have ended, if the connection was closed.
        end.send(()).ok();
        let read = reading.await.unwrap();
        assert_eq!(read.closed, None, "who reads stays");
        assert!(read.most <= A_TURN, "{} frames waited at once", read.most);
        read
    }
}

fn rooms(prefix: &str) -> Vec<String> {
    (0..49).map(|number| format!("{prefix}-{number}")).collect()
}

fn count(frames: &[Value], kind: &str) -> usize {
    frames.iter().filter(|frame| frame["type"] == kind).count()
}

#[tokio::test]
async fn a_name_is_told_in_one_frame_with_its_rooms_and_may_change_three_times_at_once() {
    let settings = Settings { rates: crate::chat::Rates { rename: RENAMES, ..SETTINGS.rates }, ..SETTINGS };
    let mut house = House::open(settings);
    let shared = rooms("team");
    let mut renamers = house.crowd(15).await;
    for renamer in &renamers {
        shared.iter().for_each(|room| renamer.says(ClientFrame::Join { room: room.clone(), client_id: None }));
        house.settle().await;
    }
    renamers.iter_mut().for_each(|renamer| drop(renamer.frames.rest()));
    let read = house
        .bystander(&shared, async |house| {
            for (at, renamer) in renamers.iter().enumerate() {
                for turn in 0..4 {
                    renamer.says(ClientFrame::SetNick { name: format!("Renamed{at}x{turn}"), client_id: None });
                }
            }
            house.settle().await;
        })
        .await;
    assert_eq!(count(&read.frames, "nick_changed"), 15 * 3, "one for each change");
    assert_eq!(count(&read.frames, "system"), 15 * 3 * 50, "a line in every room");
    let told = read.frames.iter().find(|frame| frame["type"] == "nick_changed").unwrap();
    assert_eq!((&told["room"], told["rooms"].as_array().unwrap().len()), (&"general".into(), 50));
    for renamer in &mut renamers {
        let own: Vec<Value> = renamer.frames.rest().iter().map(|frame| serde_json::from_str(frame).unwrap()).collect();
        let refused = own.iter().find(|frame| frame["type"] == "error").unwrap();
        assert_eq!(refused["code"], "rate_limited");
        assert!(refused["retry_after_ms"].as_u64().unwrap() <= 10_000);
    }
}

#[tokio::test]
async fn rooms_that_appear_and_go_by_the_hundred_close_nobody() {
    let mut house = House::open(SETTINGS);
    let makers = house.crowd(15).await;
    let read = house
        .bystander(&[], async |house| {
            for (at, maker) in makers.iter().enumerate() {
                for room in rooms(&format!("of{at}")) {
                    maker.says(ClientFrame::Join { room, client_id: None });
                }
            }
            house.settle().await;
            for (at, maker) in makers.iter().enumerate() {
                for room in rooms(&format!("of{at}")) {
                    maker.says(ClientFrame::Leave { room, client_id: None });
                }
            }
        })
        .await;
    assert_eq!(count(&read.frames, "room_created"), 15 * 49);
    let gone = read.frames.iter().filter(|frame| frame["type"] == "room_deleted");
    let others = |frame: &Value| frame["rooms"].as_array().map_or(0, Vec::len);
    let (frames, names) = gone.fold((0, 0), |(frames, names), frame| (frames + 1, names + 1 + others(frame)));
    assert_eq!(names, 15 * 49);
    assert!(frames < 30, "{frames} frames");
}

#[tokio::test]
async fn a_crowd_that_goes_and_is_forgotten_at_once_closes_nobody() {
    let mut house = House::open(Settings { grace_ms: 0, ..SETTINGS });
    let mut crowd = house.crowd(60).await;
    for (at, visitor) in crowd.iter_mut().enumerate() {
        // Each is in rooms of its own, which are removed with it, and in common rooms.
        let own = rooms(&format!("of{at}")).into_iter().take(25);
        for room in own.chain(rooms("all").into_iter().take(24)) {
            visitor.says(ClientFrame::Join { room, client_id: None });
        }
        house.settle().await;
        visitor.frames.rest();
    }
    let all: Vec<_> = rooms("all").into_iter().take(24).collect();
    let read = house
        .bystander(&all, async |house| {
            drop(crowd);
            let general = RoomName::general();
            while house.hub.users_in(&general).unwrap().len() > 1 || house.hub.stats().rooms_count > 27 {
                house.settle().await;
            }
        })
        .await;
    assert_eq!(count(&read.frames, "user_left"), 60 * 25);
    let gone = read.frames.iter().filter(|frame| frame["type"] == "room_deleted");
    assert_eq!(gone.map(|frame| 1 + frame["rooms"].as_array().map_or(0, Vec::len)).sum::<usize>(), 60 * 25);
}

#[tokio::test]
async fn the_largest_queue_goes_when_too_much_waits_for_all_together() {
    let mut house = House::open_within(SETTINGS, 1 << 20);
    let (mut stalled, mut slow, mut speaker) = (house.comes().await, house.comes().await, house.comes().await);
    let mut said = 0;
    while stalled.closed.try_recv().is_err() {
        assert!(said < 1_000, "it is let go of");
        speaker.says(ClientFrame::Message { room: "general".to_owned(), text: "x".repeat(4_000), client_id: None });
        house.settle().await;
        speaker.frames.rest();
        said += 1;
        if said == 50 {
            slow.frames.rest();
        }
    }
    let closed = house.hub.closed();
    assert_eq!((closed.for_memory, closed.too_slow), (1, 0));
    assert!(said > 50, "{said}");
    assert!(slow.closed.try_recv().is_err() && speaker.closed.try_recv().is_err());
}

#[tokio::test]
async fn whoever_does_not_read_what_others_say_goes_and_whoever_does_stays() {
    let mut house = House::open(SETTINGS);
    let mut stalled = house.comes().await;
    let mut slow = house.comes().await;
    let speaker = house.comes().await;
    let text = "x".repeat(4_000);
    let mut said = 0;
    while stalled.closed.try_recv().is_err() {
        assert!(said < 10_000, "it is let go of");
        speaker.says(ClientFrame::Message { room: "general".to_owned(), text: text.clone(), client_id: None });
        house.settle().await;
        slow.frames.rest();
        said += 1;
    }
    assert_eq!(house.hub.closed().too_slow, 2, "the speaker did not read either");
    assert!(slow.closed.try_recv().is_err());
}

#[tokio::test]
async fn a_person_whose_rooms_are_full_of_the_longest_texts_resumes_and_joins_with_a_quarter_of_a_mebibyte() {
    let mut house = House::open(SETTINGS);
    let mut writer = house.comes().await;
    let all = rooms("long");
    for room in &all {
        writer.says(ClientFrame::Join { room: room.clone(), client_id: None });
    }
    house.settle().await;
    for _ in 0..12 {
        for room in &all {
            let text = "\u{1}".repeat(3_999) + "x";
            writer.says(ClientFrame::Message { room: room.clone(), text, client_id: None });
        }
        house.settle().await;
        writer.frames.rest();
    }
    let cursor = app::protocol::Cursor { last_id: 0, epoch: "epoch".into() };
    let arrival = Arrival { cursor: Some(&cursor), ..Arrival::of(UserId(1)) };
    let mut resumed = house.hub.connect(arrival).await.unwrap();
    let frames = resumed.frames.rest();
    assert_eq!(frames.len(), 1);
    assert!(frames[0].len() < 280_000, "{}", frames[0].len());
    let resumed: Value = serde_json::from_str(&frames[0]).unwrap();
    let missed = resumed["missedMessages"].as_object().unwrap();
    assert_eq!(missed.len(), 10, "as many of the longest texts as fit, each of another room");
    for (room, entries) in missed {
        assert_eq!(entries.as_array().unwrap().last().unwrap()["id"], resumed["heads"][room]);
    }
    assert_eq!(resumed["heads"].as_object().unwrap().len(), 50, "and what is missing is said");

    let mut first = house.hub.connect(Arrival::of(UserId(1))).await.unwrap();
    let frames = first.frames.rest();
    assert_eq!(frames.len(), 51);
    assert!(frames.iter().map(|frame| frame.len()).sum::<usize>() < 280_000);
    let told: Vec<Value> = frames[1..].iter().map(|frame| serde_json::from_str(frame).unwrap()).collect();
    assert_eq!(told.iter().filter(|joined| joined["head"].as_u64().is_some()).count(), 49);
}
