//! Searches in a large store: what they find, and their duration.
//!
//! The duration is printed without a bound, because it depends on the machine. `ENTRIES` sets the size of the store.

use crate::{dice::Dice, starts::setting};
use app::protocol::{EntryId, EntryKind, LogId, Pair, RoomName, Timestamp, UserId, UserName};
use natter_server::{
    journal::{Change, Draft, Journal, News, QUEUE, Search, SqliteJournal},
    search::{Folded, Query},
};
use std::{path::Path, time::Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Number of different words.
const WORDS: u64 = 20_000;
/// Number of searches of each kind.
const SEARCHES: usize = 200;
const ADA: UserId = UserId(1);

/// Draws a place among so many.
fn place(dice: &mut Dice, below: usize) -> usize {
    usize::try_from(dice.below(below as u64)).unwrap()
}

/// Returns a word; a smaller number is a more frequent and mostly shorter word.
fn word(number: u64) -> String {
    let mut dice = Dice::seeded(number);
    let length = 2 + dice.below(2 + u64::from(number.ilog2()));
    let letters = b"etaoinshrdlucmfwypvbgkjqxz";
    let most = 8 + place(&mut dice, letters.len() - 7);
    (0..length).map(|_| char::from(letters[place(&mut dice, most)])).collect()
}

/// Draws a word, the frequent ones more often.
fn some_word(dice: &mut Dice) -> String {
    let below = dice.below(WORDS) + 1;
    let below = dice.below(below) + 1;
    word(dice.below(below) + 1)
}

fn text(number: u64) -> String {
    let mut dice = Dice::seeded(number);
    let count = 4 + dice.below(21);
    (0..count).map(|_| some_word(&mut dice)).collect::<Vec<_>>().join(" ")
}

/// Returns the log of an entry: mostly a room, and sometimes a conversation of others.
fn log_of(number: u64) -> LogId {
    match number % 10 {
        0 => LogId::Conversation(Pair::new(UserId(2), UserId(2))),
        _ => LogId::Room(RoomName::general()),
    }
}

fn fill(folder: &Path, entries: u64) -> (SqliteJournal, UnboundedReceiver<News>) {
    let (sender, mut news) = unbounded_channel();
    let (journal, _) = SqliteJournal::open(folder, sender).unwrap();
    let at = Timestamp::from_millis(1_900_000_000_000);
    let user = |(name, session): (&str, u8)| Change::CreateUser {
        name: UserName::parse(name).unwrap(),
        session: [session; 32],
        by_form: false,
        at,
    };
    let say = |number: u64| {
        let (author, kind) = (UserId(2), EntryKind::Message);
        let (log, text) = (log_of(number), text(number).into());
        Change::Append(Draft { log, author, kind, text, client_id: None, at, target: None })
    };
    let changes = [("Ada", 1), ("Bo", 2)].into_iter().map(user).chain((0..entries).map(say));
    let mut waiting = 0;
    for (ticket, change) in (1..).zip(changes) {
        while waiting >= QUEUE {
            waiting -= news.blocking_recv().unwrap().answers.len();
        }
        journal.submit(ticket, change).unwrap();
        waiting += 1;
    }
    while waiting > 0 {
        waiting -= news.blocking_recv().unwrap().answers.len();
    }
    (journal, news)
}

fn search(query: &str) -> Search {
    Search::of(ADA, Query::parse(query).unwrap().words)
}

/// Searches for what is in a random entry, until the search comes to it, and returns the milliseconds of each page.
async fn times(
    journal: &SqliteJournal,
    dice: &mut Dice,
    entries: u64,
    query: impl Fn(&str, &mut Dice) -> String,
) -> Vec<f64> {
    let mut times = Vec::new();
    while times.len() < SEARCHES {
        let number = dice.below(entries);
        let text = text(number);
        let mut search = search(&query(&text, dice));
        assert!(search.words.iter().all(|word| Folded::of(&text).contains(word)), "{search:?} of {text}");
        // Most words are in many entries; those on the first pages are enough.
        for _ in 0..3 {
            let since = Instant::now();
            let found = journal.search(search.clone()).await.unwrap();
            times.push(since.elapsed().as_secs_f64() * 1e3);
            assert!(found.entries.iter().all(|(log, entry)| search.finds(log, entry)));
            let Some(older) = found.older else {
                let may_find = search.may_read(&log_of(number)) && search.before == EntryId::MAX;
                assert!(!may_find || found.entries.iter().any(|(_, entry)| *entry.text == *text), "{search:?}");
                break;
            };
            search.before = older;
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    times
}

#[tokio::test]
async fn what_is_in_an_entry_is_found_among_many() {
    let entries = setting("ENTRIES", 2_000) as u64;
    let data = tempfile::tempdir().unwrap();
    let (folder, since) = (data.path().to_owned(), Instant::now());
    let (journal, _news) = tokio::task::spawn_blocking(move || fill(&folder, entries)).await.unwrap();
    let bytes = std::fs::metadata(data.path().join("natter.db")).unwrap().len();
    println!("{entries} entries, {} MB, stored in {:.1} s", bytes / 1_000_000, since.elapsed().as_secs_f64());
    let mut dice = Dice::of_this_run();
    let nth = |text: &str, at: usize| text.split(' ').nth(at).unwrap().to_owned();
    let begin = |text: &str, dice: &mut Dice| place(dice, text.split(' ').count() - 1);
    type Kind<'a> = (&'a str, &'a dyn Fn(&str, &mut Dice) -> String);
    let kinds: [Kind<'_>; 5] = [
        ("a word", &|text, dice| nth(text, begin(text, dice))),
        ("two words", &|text, dice| [nth(text, begin(text, dice)), nth(text, begin(text, dice))].join(" ")),
        ("two words in a row", &|text, dice| {
            let at = begin(text, dice);
            format!("\"{} {}\"", nth(text, at), nth(text, at + 1))
        }),
        ("two characters", &|text, dice| nth(text, begin(text, dice))[..2].to_owned()),
        ("five characters", &|text, dice| {
            let at = place(dice, text.len() - 5);
            format!("\"{}\"", &text[at..at + 5])
        }),
    ];
    for (name, query) in kinds {
        let times = times(&journal, &mut dice, entries, query).await;
        let at = |part: usize| times[times.len() * part / 100];
        println!("{name}: p50 {:.2} ms, p99 {:.2} ms, at most {:.2} ms", at(50), at(99), times[times.len() - 1]);
    }
}
