//! The sentences about the search, and a comparison with a search through all entries.

use super::{ADA, BO, NODE, Subject, amends, between, done, in_room, said, says, user, with_two};
use crate::{
    journal::{Author, Change, Draft, Found, Range, Search},
    search::{Folded, Query},
};
use app::protocol::{EntryId, LogId, Timestamp, UserId, UserName};
use proptest::prelude::*;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// A search by Ada for what a query says, without names.
pub(in crate::journal) fn by_ada(query: &str) -> Search {
    let Query { words, has_link, since, until, .. } = Query::parse(query).unwrap();
    Search { has_link, since, until, limit: 100, ..Search::of(ADA, words) }
}

fn texts(found: &Found) -> Vec<&str> {
    found.entries.iter().map(|(_, entry)| &*entry.text).collect()
}

fn found<S: Subject>(store: &S, query: &str) -> Vec<String> {
    let found = store.search(&by_ada(query)).unwrap();
    texts(&found).into_iter().map(ToOwned::to_owned).collect()
}

pub(in crate::journal) fn parts<S: Subject>() {
    let mut store = with_two::<S>();
    let sentences =
        ["Crème Straßenfest", "明天我们去东京吃饭", "ภาษาไทยง่ายนิดเดียว", "한국어를 배워요", "snake_case? 100 %"];
    for text in sentences {
        said(&mut store, says(in_room("general"), BO, text, None));
    }
    for (query, expected) in [
        ("creme", 0),
        ("STRASSENF", 0),
        ("ssen rem", 0),
        ("东京", 1),
        ("吃", 1),
        ("ไทย", 2),
        ("국어", 3),
        ("배", 3),
        ("e_c", 4),
        ("\"? 1\"", 4),
        ("\"0 %\"", 4),
    ] {
        assert_eq!(found(&store, query), [sentences[expected]], "{query}");
    }
    assert!(found(&store, "\"ssen rem\"").is_empty());
    assert!(found(&store, "ab").is_empty());
}

pub(in crate::journal) fn present<S: Subject>() {
    let mut store = with_two::<S>();
    let general = || in_room("general");
    let first = said(&mut store, says(general(), ADA, "the quick fox", None));
    said(&mut store, amends(general(), ADA, first.id, "the slow fox", None));
    assert!(found(&store, "quick").is_empty());
    assert_eq!(found(&store, "fox"), ["the slow fox"], "once, and as it is now");
    let again = [
        (1, amends(general(), ADA, first.id, "the red fox", None)),
        (2, amends(general(), ADA, first.id, "a hen", None)),
    ];
    store.write(NODE, &again);
    assert_eq!((found(&store, "hen").len(), found(&store, "fox").len()), (1, 0));
    let second = says(general(), ADA, "a fox", Some("x"));
    store.write(NODE, &[(3, second), (4, amends(general(), ADA, first.id, "", None))]);
    assert!(found(&store, "hen").is_empty(), "what is deleted is not found");
    assert_eq!(found(&store, "fox"), ["a fox"]);
}

pub(in crate::journal) fn own<S: Subject>() {
    let mut store = with_two::<S>();
    let cy = UserId(3);
    done(&mut store, user("Cy"));
    for (log, text) in
        [(between(ADA, BO), "secret one"), (between(BO, cy), "secret two"), (between(ADA, ADA), "secret note")]
    {
        let author = if text.ends_with("note") { ADA } else { BO };
        said(&mut store, says(log, author, text, None));
    }
    assert_eq!(found(&store, "secret"), ["secret note", "secret one"]);
    let within = |log| Search { log: Some(log), ..by_ada("secret") };
    assert!(store.search(&within(between(BO, cy))).unwrap().entries.is_empty());
    assert_eq!(texts(&store.search(&within(between(ADA, BO))).unwrap()), ["secret one"]);
    assert!(store.search(&within(in_room("nowhere"))).unwrap().entries.is_empty());
}

pub(in crate::journal) fn filters<S: Subject>() {
    let mut store = with_two::<S>();
    let general = || in_room("general");
    said(&mut store, says(general(), ADA, "see https://example.org", None));
    said(&mut store, says(general(), BO, "see you", None));
    let name = UserName::parse("Zoe").unwrap();
    done(&mut store, Change::Rename { user: BO, name, at: Timestamp::from_millis(DAY) });
    let later = |text| match says(general(), BO, text, None) {
        Change::Append(draft) => Change::Append(Draft { at: Timestamp::from_millis(5 * DAY), ..draft }),
        other => other,
    };
    said(&mut store, later("see me"));
    assert_eq!(found(&store, "see has:link"), ["see https://example.org"]);
    assert_eq!(found(&store, "see after:1970-01-06"), ["see me"], "the day itself is in");
    assert_eq!(found(&store, "see before:1970-01-06"), ["see you", "see https://example.org"]);
    assert!(found(&store, "after:1970-01-02 before:1970-01-06").is_empty());
    let by = |user, name: &str| {
        let author = Author { user, name: Folded::word(name) };
        let found = store.search(&Search { author: Some(author), ..by_ada("see") }).unwrap();
        texts(&found).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(by(Some(BO), "ZOE"), ["see me", "see you"], "whatever the name was");
    assert_eq!(by(None, "bo"), ["see you"], "who is no longer called so");
    assert!(by(None, "nobody").is_empty());
    assert!(found(&store, "known as").is_empty(), "a line of the chat itself is nobody's words");
}

pub(in crate::journal) fn pages<S: Subject>() {
    let mut store = with_two::<S>();
    for n in 0..5 {
        said(&mut store, says(in_room("general"), ADA, &format!("entry {n}"), None));
    }
    let (mut search, mut seen) = (Search { limit: 2, ..by_ada("entry") }, Vec::new());
    loop {
        let found = store.search(&search).unwrap();
        assert!(found.entries.len() <= 2);
        seen.extend(texts(&found).into_iter().map(ToOwned::to_owned));
        match found.older {
            Some(older) => search.before = older,
            None => break,
        }
    }
    assert_eq!(seen, ["entry 4", "entry 3", "entry 2", "entry 1", "entry 0"]);
}

/// Texts of few characters, so that words occur in many of them.
pub(in crate::journal) fn sayings() -> impl Strategy<Value = Vec<(usize, u8, String)>> {
    prop::collection::vec((0_usize..4, 0_u8..4, "[aAäb 中“?]{1,8}"), 1..40)
}

/// Compares searches with a look at each entry, after texts, edits and deletions of the last one.
pub(in crate::journal) fn agrees<S: Subject>(
    sayings: &[(usize, u8, String)],
    query: &str,
) -> Result<(), TestCaseError> {
    let mut store = with_two::<S>();
    let logs = [in_room("general"), between(ADA, BO), between(BO, BO), between(ADA, ADA)];
    let mut last: Vec<Option<EntryId>> = vec![None; logs.len()];
    for (at, act, text) in sayings {
        let (log, author) = (logs[*at].clone(), if *at == 2 { BO } else { ADA });
        match (act, last[*at]) {
            (0, Some(target)) => drop(store.write(NODE, &[(1, amends(log, author, target, text, None))])),
            (1, Some(target)) => drop(store.write(NODE, &[(1, amends(log, author, target, "", None))])),
            _ => last[*at] = Some(said(&mut store, says(log, author, text, None)).id),
        }
    }
    let Ok(_) = Query::parse(query) else { return Ok(()) };
    let by_name = Author { user: Some(BO), name: Folded::word("bo") };
    for search in [
        by_ada(query),
        Search { reader: BO, ..by_ada(query) },
        Search { log: Some(between(ADA, BO)), ..by_ada(query) },
        Search { author: Some(by_name), reader: BO, ..by_ada(query) },
    ] {
        let mut expected: Vec<(LogId, EntryId)> = Vec::new();
        for log in &logs {
            let page = store.page(log, Range { after: 0, before: EntryId::MAX, limit: 100 }).unwrap();
            expected.extend(
                page.entries.iter().filter(|entry| search.finds(log, entry)).map(|entry| (log.clone(), entry.id)),
            );
        }
        expected.sort_unstable_by_key(|(_, id)| std::cmp::Reverse(*id));
        let found = store.search(&search).unwrap();
        let found: Vec<_> = found.entries.into_iter().map(|(log, entry)| (log, entry.id)).collect();
        prop_assert_eq!(found, expected);
    }
    Ok(())
}
