//! The cache, and the loading of entries that a call needs: the pure rules, and the real hub, over a real store.

use super::{ADA, BO, SETTINGS, START, frame, hear, next};
use crate::{
    chat::{Arrival, Chat, Clock, Effect, Hub, HubError, Need, Rate, Rates, Settings},
    journal::{Change, Draft, Found, Journal, JournalError, News, NodeId, Page, Range, Search, Store, Ticket},
};
use app::protocol::{
    Cursor, Entry, EntryId, EntryKind, LogId, Place, RoomName, Timestamp, UserName, limits::JOINED_HISTORY,
};
use futures::future::BoxFuture;
use serde_json::json;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    sync::{Semaphore, mpsc::unbounded_channel},
    task::yield_now,
};

fn room(number: usize) -> RoomName {
    RoomName::told(&format!("room-{number}"))
}

fn write(store: &mut Store, change: Change) {
    store.write(NodeId(1), &[(1, change)]).answers.remove(0).result.unwrap();
}

/// A store with Ada and Bo in `rooms` rooms, with `said` entries of Bo in each.
fn store(rooms: usize, said: usize, text: &str) -> Store {
    let mut store = Store::in_memory("e", Arc::new(AtomicBool::new(true))).unwrap();
    for (user, name) in [(ADA, "Ada"), (BO, "Bo")] {
        let session = [user.0.to_le_bytes()[0]; 32];
        let (name, at) = (UserName::parse(name).unwrap(), Timestamp::default());
        write(&mut store, Change::CreateUser { name, session, by_form: false, at });
        for number in 0..rooms {
            write(&mut store, Change::Join { user, room: room(number), at });
        }
    }
    for number in 0..rooms {
        (0..said).for_each(|_| say(&mut store, number, text));
    }
    store
}

fn say(store: &mut Store, number: usize, text: &str) {
    let (log, at) = (LogId::Room(room(number)), Timestamp::default());
    let draft =
        Draft { log, author: BO, kind: EntryKind::Message, text: text.into(), client_id: None, at, target: None };
    write(store, Change::Append(draft));
}

fn chat(store: &Store, settings: Settings) -> Chat {
    Chat::new(store.restored(NodeId(1)).unwrap(), settings, START)
}

/// Reads the missing entries once, and returns the number of logs.
fn read(chat: &mut Chat, store: &Store, need: Need<'_>) -> usize {
    let missing = chat.missing(START, need);
    for part in &missing {
        chat.fill(&part.log, store.page(&part.log, part.range).unwrap().entries);
    }
    missing.len()
}

#[test]
fn a_start_reads_no_entry_and_a_page_the_rooms_in_which_something_is_unread() {
    let mut store = store(20, 60, "hi");
    for number in 5..20 {
        let last = store.page(&LogId::Room(room(number)), Range { after: 0, before: u64::MAX, limit: 1 }).unwrap();
        write(&mut store, Change::Read { user: ADA, log: LogId::Room(room(number)), id: last.entries[0].id });
    }
    let mut chat = chat(&store, SETTINGS);
    assert_eq!(chat.cached_bytes(), 0);
    let place = Place::Room(room(0));
    assert_eq!(read(&mut chat, &store, Need::Page(ADA, &place)), 5, "what is unread is counted");
    assert_eq!(read(&mut chat, &store, Need::Page(ADA, &place)), 0);
    let snapshot = chat.snapshot(ADA, &place).unwrap();
    assert_eq!(snapshot.entries.len(), JOINED_HISTORY);
    let unread = |number| {
        let listed = snapshot.rooms.iter().find(|listed| listed.name == room(number)).unwrap();
        listed.standing.unwrap().unread.count
    };
    assert_eq!([0, 4, 5, 19].map(unread), [60, 60, 0, 0]);
}

#[test]
fn who_comes_back_needs_what_was_said_since_and_who_has_read_all_needs_nothing() {
    let mut store = store(3, 5, "hi");
    let epoch: Arc<str> = "e".into();
    let cursor = |last_id| Cursor { last_id, epoch: Arc::clone(&epoch) };
    for number in 0..3 {
        write(&mut store, Change::Read { user: ADA, log: LogId::Room(room(number)), id: u64::MAX >> 12 });
    }
    let mut chat = chat(&store, SETTINGS);
    let need = |chat: &mut Chat, cursor: &Cursor| chat.missing(START, Need::Handshake(ADA, Some(cursor))).len();
    let newest = store.restored(NodeId(1)).unwrap().last_id;
    assert_eq!(need(&mut chat, &cursor(newest)), 0);
    assert_eq!(need(&mut chat, &cursor(newest - 1)), 1, "an entry of the last room");
    assert_eq!(need(&mut chat, &cursor(0)), 3);
    assert_eq!(chat.missing(START, Need::Handshake(ADA, None)).len(), 3, "the newest are told of each");
}

#[test]
fn what_is_said_while_older_entries_are_read_stands_behind_them() {
    let mut store = store(1, 5, "old");
    let mut chat = chat(&store, SETTINGS);
    let place = Place::Room(room(0));
    let missing = chat.missing(START, Need::Page(ADA, &place));
    let before = store.page(&missing[0].log, missing[0].range).unwrap().entries;
    chat.connect(START, 1, BO, None, None, None);
    chat.frame(START, 1, frame(json!({"type": "message", "room": room(0), "text": "new"})));
    for effect in chat.take_effects() {
        if let Effect::Submit { ticket, change } = effect {
            hear(&mut chat, START, store.write(NodeId(1), &[(ticket, change)]));
        }
    }
    chat.fill(&missing[0].log, before.clone());
    chat.fill(&missing[0].log, before);
    let shown = chat.snapshot(ADA, &place).unwrap().entries;
    let everything = Range { after: 0, before: u64::MAX, limit: 9 };
    assert_eq!(shown, store.page(&missing[0].log, everything).unwrap().entries);
    assert_eq!(shown.len(), 6);
    assert!(chat.missing(START, Need::Page(ADA, &place)).is_empty());
}

#[test]
fn entries_in_memory_take_so_many_bytes_and_what_was_let_go_of_is_read_again() {
    let store = store(40, 30, &"x".repeat(4_000));
    let one = {
        let mut chat = chat(&store, SETTINGS);
        chat.connect(START, 1, BO, None, None, None);
        read(&mut chat, &store, Need::Frame(1, &frame(json!({"type": "preview", "room": room(0)}))));
        chat.cached_bytes()
    };
    let mut chat = chat(&store, Settings { cache_bytes: 10 * one, ..SETTINGS });
    let show = |chat: &mut Chat, number| {
        let place = Place::Room(room(number));
        let missing = chat.missing(START, Need::Frame(1, &frame(json!({"type": "preview", "room": room(number)}))));
        assert!(missing.len() <= 1);
        for part in &missing {
            chat.fill(&part.log, store.page(&part.log, part.range).unwrap().entries);
        }
        assert!(chat.cached_bytes() <= 10 * one, "{} of {}", chat.cached_bytes(), 10 * one);
        assert_eq!(chat.snapshot(BO, &place).unwrap().entries.len(), 30);
        missing.len()
    };
    chat.connect(START, 1, BO, None, None, None);
    assert_eq!((0..10).map(|number| show(&mut chat, number)).sum::<usize>(), 10);
    assert_eq!(chat.cached_bytes(), 10 * one, "at the limit");
    assert_eq!((0..10).map(|number| show(&mut chat, number)).sum::<usize>(), 0, "all of them are there");
    assert_eq!(show(&mut chat, 10), 1, "and one more");
    assert_eq!(show(&mut chat, 0), 1, "took the place of the one that was not used for longest");
    assert_eq!((10..40).map(|number| show(&mut chat, number)).sum::<usize>(), 29);
}

#[test]
fn however_long_the_texts_are_one_call_needs_a_part_of_the_memory_and_no_more_than_a_frame_of_each_log() {
    let store = store(50, 40, &"\u{8a9e}".repeat(4_000));
    let mut chat = chat(&store, SETTINGS);
    let mut rounds = 0;
    while read(&mut chat, &store, Need::Handshake(ADA, None)) > 0 {
        rounds += 1;
        assert!(chat.cached_bytes() < SETTINGS.cache_bytes / 2, "{} bytes", chat.cached_bytes());
    }
    assert!((1..=2).contains(&rounds), "{rounds} rounds");

    let mut small = self::chat(&store, Settings { cache_bytes: 1 << 20, ..SETTINGS });
    for _ in 0..6 {
        read(&mut small, &store, Need::Handshake(ADA, None));
    }
    assert!(
        !small.missing(START, Need::Handshake(ADA, None)).iter().any(|part| part.is_blank),
        "it is told nevertheless"
    );
    small.connect(START, 1, ADA, None, None, None);
    let told = small.take_effects().iter().filter_map(|effect| effect.frame_to(1)).collect::<Vec<_>>();
    let joined = |frame: &&tungstenite::Utf8Bytes| frame.contains(r#""type":"joined","room":"room-0""#);
    let frame: serde_json::Value = serde_json::from_str(told.iter().find(joined).unwrap()).unwrap();
    assert!(frame["head"].as_u64().unwrap() > 0 && frame["unread"]["count"].as_u64().unwrap() > 0, "{frame}");
    let shown = small.missing(START, Need::Page(ADA, &Place::Room(room(0))));
    assert!(shown.iter().all(|part| part.is_blank == (part.log == LogId::Room(room(0)))));
}

#[test]
fn what_is_read_for_a_frame_counts_as_a_request_for_each_log() {
    let store = store(10, 5, "hi");
    let rates = Rates { query: Rate { per_second: 1, burst: 12 }, ..SETTINGS.rates };
    let mut chat = chat(&store, Settings { rates, ..SETTINGS });
    chat.connect(START, 1, ADA, None, None, None);
    let mentions = frame(json!({"type": "get_mentions"}));
    assert!(chat.has_to_read(START, 1, &mentions));
    let asked = |chat: &mut Chat| {
        chat.take_effects();
        chat.frame(START, 1, mentions.clone());
        let told = chat.take_effects().iter().filter_map(|effect| effect.frame_to(1)).next_back().unwrap();
        serde_json::from_str::<serde_json::Value>(&told).unwrap()["type"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [asked(&mut chat), asked(&mut chat), asked(&mut chat)],
        ["mentions", "mentions", "error"],
        "ten are gone"
    );
    assert!(!chat.has_to_read(START, 1, &mentions), "nothing is read for what will be refused");
}

#[test]
fn what_cannot_be_read_again_and_again_is_refused_like_what_can() {
    let rates = Rates { query: Rate { per_second: 1, burst: 2 }, ..SETTINGS.rates };
    let mut chat = chat(&store(1, 5, "hi"), Settings { rates, ..SETTINGS });
    chat.connect(START, 1, ADA, None, None, None);
    chat.take_effects();
    let mentions = frame(json!({"type": "get_mentions"}));
    for _ in 0..600 {
        chat.unreadable(START, 1, &mentions, &JournalError::Busy);
    }
    let closed = |effect: &Effect| matches!(effect, Effect::Close { connection: 1, .. });
    assert!(chat.take_effects().iter().any(closed), "its patience has an end");
}

#[test]
fn nothing_is_read_for_what_will_be_refused() {
    let store = store(2, 5, "hi");
    let few = Rate { per_second: 1, burst: 1 };
    let rates = Rates { query: few, ..SETTINGS.rates };
    let mut chat = chat(&store, Settings { rates, ..SETTINGS });
    chat.connect(START, 1, ADA, None, None, None);
    let preview = frame(json!({"type": "preview", "room": room(1)}));
    assert_eq!(chat.missing(START, Need::Frame(1, &preview)).len(), 1);
    chat.frame(START, 1, preview.clone());
    assert_eq!(chat.missing(START, Need::Frame(1, &preview)).len(), 0);
}

/// A store whose reads wait for the test.
struct HeldStore {
    store: Mutex<Store>,
    reads: AtomicUsize,
    gate: Arc<Semaphore>,
    works: AtomicBool,
}

impl Journal for HeldStore {
    fn submit(&self, _: Ticket, _: Change) -> Result<(), JournalError> {
        Ok(())
    }

    fn page(&self, log: &LogId, range: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let page = self.store.lock().unwrap().page(log, range);
        let page = if self.works.load(Ordering::Relaxed) { page } else { Err(JournalError::Busy) };
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            drop(gate.acquire().await);
            page
        })
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

fn hub(store: Store) -> (Arc<Hub>, Arc<HeldStore>) {
    let chat = chat(&store, SETTINGS);
    let (_, completed) = unbounded_channel::<News>();
    let store = Arc::new(HeldStore {
        store: Mutex::new(store),
        reads: AtomicUsize::new(0),
        gate: Arc::new(Semaphore::new(0)),
        works: AtomicBool::new(true),
    });
    (Hub::start(chat, Clock::of_the_machine(), 1, Arc::<HeldStore>::clone(&store), completed, 100, 64 << 20), store)
}

#[tokio::test]
async fn what_many_wait_for_is_read_once() {
    let (hub, store) = hub(store(1, 5, "hi"));
    let place = Place::Room(room(0));
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let (hub, place) = (Arc::clone(&hub), place.clone());
            tokio::spawn(async move { hub.snapshot(None, ADA, &place).await.unwrap().unwrap().entries.len() })
        })
        .collect();
    while store.reads.load(Ordering::Relaxed) == 0 {
        yield_now().await;
    }
    // Some of the waiting calls are dropped.
    waiting[0].abort();
    store.gate.add_permits(1);
    for (number, waiting) in waiting.into_iter().enumerate() {
        assert!(waiting.await.map_or(number == 0, |entries| entries == 5));
    }
    assert_eq!(store.reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_read_comes_to_its_end_though_nobody_waits_for_it_any_more() {
    let (hub, store) = hub(store(1, 5, "hi"));
    let waiting = {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { hub.snapshot(None, ADA, &Place::Room(room(0))).await.map(drop) })
    };
    while store.reads.load(Ordering::Relaxed) == 0 {
        yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(hub.cached_bytes(), 0);
    store.gate.add_permits(1);
    for _ in 0..1_000 {
        yield_now().await;
    }
    assert!(hub.cached_bytes() > 0, "and the next who asks finds it");
}

#[tokio::test]
async fn a_frame_waits_for_what_it_needs_and_a_page_that_cannot_be_read_is_none() {
    let (hub, store) = hub(store(1, 5, "hi"));
    let cursor = Cursor { last_id: 5, epoch: "e".into() };
    store.gate.add_permits(100);
    let mut ada = hub.connect(Arrival { cursor: Some(&cursor), ..Arrival::of(ADA) }).await.unwrap();
    let preview = frame(json!({"type": "preview", "room": room(0)}));
    ada.says(preview.clone());
    assert_eq!(next(&mut ada).await["type"], "resumed");
    assert_eq!(next(&mut ada).await["history"].as_array().unwrap().len(), 5, "its unread entries are there");

    let (hub, store) = self::hub(self::store(2, 5, "hi"));
    store.works.store(false, Ordering::Relaxed);
    store.gate.add_permits(100);
    assert_eq!(hub.snapshot(None, ADA, &Place::Room(room(0))).await, Err(JournalError::Busy));
    assert_eq!(hub.connect(Arrival::of(ADA)).await.unwrap_err(), HubError::Unreadable);
    store.works.store(true, Ordering::Relaxed);
    assert_eq!(hub.snapshot(None, ADA, &Place::Room(room(0))).await.unwrap().unwrap().entries.len(), 5);
}
