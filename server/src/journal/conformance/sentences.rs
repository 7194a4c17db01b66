//! The rules as sentences, one test each.

use super::{
    ADA, BO, NODE, Subject, amends, between, done, done_by, forget, in_room, join, leave, places, room, said, says,
    user, with_two,
};
use crate::journal::{Answer, Change, Draft, Fact, JournalError, NodeId, Range};
use app::protocol::{
    EntryId, EntryKind, LogId, Timestamp, UserId, UserName,
    limits::{EDITS_MAX, TEXT_MAX},
};

pub(in crate::journal) fn positions<S: Subject>() {
    let mut store = with_two::<S>();
    let batch = [
        (1, join(ADA, "den")),
        (2, says(in_room("den"), ADA, "one", None)),
        (3, says(in_room("nowhere"), ADA, "refused", None)),
        (4, says(in_room("general"), ADA, "two", None)),
        (5, says(in_room("den"), ADA, "three", None)),
    ];
    let news = store.write(NODE, &batch);
    assert_eq!(places(&news.facts), [5, 6, 7, 8], "two users and their memberships came before");
    let ends: Vec<_> = news.answers.iter().map(|answer| (answer.ticket, answer.at)).collect();
    assert_eq!(ends, [(1, 5), (2, 6), (3, 6), (4, 7), (5, 8)], "an answer comes after its facts");
    let chain: Vec<_> = news
        .facts
        .iter()
        .filter_map(|placed| if let Fact::Said(_, entry) = &placed.fact { Some((entry.id, entry.prev)) } else { None })
        .collect();
    assert_eq!(chain, [(6, 0), (7, 0), (8, 6)], "`prev` is the log's entry before");
    assert!(news.facts.iter().all(|placed| placed.origin.0 == NODE && placed.origin.1 > 0));
    assert_eq!(store.write(NODE, &[(6, says(in_room("den"), ADA, "four", None))]).facts[0].at, 9);
}

pub(in crate::journal) fn amendments<S: Subject>() {
    let mut store = with_two::<S>();
    let general = || in_room("general");
    let first = said(&mut store, says(general(), ADA, "begun", None));
    let action = Change::Append(Draft { kind: EntryKind::Action, ..draft(says(general(), ADA, "winks", None)) });
    let action = said(&mut store, action);
    let edit = said(&mut store, amends(general(), ADA, first.id, "first", None));
    assert_eq!((edit.kind, edit.target, edit.prev), (EntryKind::Edit, Some(first.id), action.id));
    let waves = said(&mut store, amends(general(), ADA, action.id, "waves", None));
    assert_eq!(&*waves.text, "* Ada waves", "an action keeps its name");
    let texts = |store: &S| {
        let page = store.page(&general(), Range { after: 0, before: EntryId::MAX, limit: 20 }).unwrap();
        page.entries.iter().map(|entry| (entry.text.to_string(), entry.rev())).collect::<Vec<_>>()
    };
    let shown = |of: &[(&str, EntryId)]| of.iter().map(|(text, rev)| ((*text).to_owned(), *rev)).collect::<Vec<_>>();
    let [mended, waved] = [("first", edit.id), ("* Ada waves", waves.id)];
    assert_eq!(texts(&store), shown(&[mended, waved, ("first", 0), ("* Ada waves", 0)]));

    let versions = |store: &S, log: LogId, id| {
        let versions = store.versions(&log, id).unwrap();
        versions.iter().map(|entry| entry.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(versions(&store, general(), first.id), ["begun", "first"]);
    assert_eq!(versions(&store, general(), action.id), ["* Ada winks", "* Ada waves"]);
    let none: [String; 0] = [];
    assert_eq!(versions(&store, in_room("help"), first.id), none, "in its own log alone");
    assert_eq!(versions(&store, general(), edit.id), none);

    let deletion = said(&mut store, amends(general(), ADA, first.id, "", None));
    assert_eq!(versions(&store, general(), first.id), none, "all of them are gone");
    assert_eq!(texts(&store), shown(&[("", deletion.id), waved, ("", 0), ("* Ada waves", 0), ("", 0)]));
    let refused = |store: &mut S, change| {
        let (answer, facts) = done(store, change);
        assert_eq!(facts, []);
        answer
    };
    for text in ["again", ""] {
        assert_eq!(refused(&mut store, amends(general(), ADA, first.id, text, None)), Answer::NoSuchEntry);
        assert_eq!(refused(&mut store, amends(general(), ADA, waves.id, text, None)), Answer::NoSuchEntry);
        assert_eq!(refused(&mut store, amends(general(), BO, action.id, text, None)), Answer::NotYours);
        assert_eq!(refused(&mut store, amends(in_room("help"), ADA, action.id, text, None)), Answer::NotMember);
        done(&mut store, join(ADA, "help"));
        let elsewhere = amends(in_room("help"), ADA, action.id, text, None);
        assert_eq!(refused(&mut store, elsewhere), Answer::NoSuchEntry, "of another log");
        done(&mut store, leave(ADA, "help"));
    }
    let private = said(&mut store, says(between(ADA, BO), ADA, "psst", None));
    let cy = UserId(3);
    done(&mut store, user("Cy"));
    assert_eq!(refused(&mut store, amends(between(ADA, BO), cy, private.id, "", None)), Answer::NotMember);
    assert_eq!(refused(&mut store, amends(between(ADA, BO), BO, private.id, "", None)), Answer::NotYours);
    done(&mut store, forget(BO, false));
    said(&mut store, amends(between(ADA, BO), ADA, private.id, "", None));
}

pub(in crate::journal) fn repeated_amendments<S: Subject>() {
    let mut store = with_two::<S>();
    let general = || in_room("general");
    let word = said(&mut store, says(general(), ADA, "word", Some("m")));
    let edit = amends(general(), ADA, word.id, "words", Some("e"));
    let stored = said(&mut store, edit.clone());
    assert_eq!(done(&mut store, edit.clone()), (Answer::Repeated(general(), stored), vec![]));
    let other = amends(general(), ADA, word.id, "other", Some("e"));
    assert_eq!(done(&mut store, other).0, Answer::ClientIdUsed);
    let (answer, _) = done(&mut store, says(general(), ADA, "word", Some("m")));
    let Answer::Repeated(_, repeated) = answer else { panic!("{answer:?}") };
    assert_eq!(&*repeated.text, "words", "a repeat is answered with the present state");

    said(&mut store, amends(general(), ADA, word.id, "", Some("d")));
    for change in [says(general(), ADA, "word", Some("m")), edit, amends(general(), ADA, word.id, "", Some("d"))] {
        let (answer, facts) = done(&mut store, change);
        let Answer::Repeated(_, repeated) = answer else { panic!("{answer:?}") };
        assert_eq!((&*repeated.text, facts), ("", vec![]));
    }
}

pub(in crate::journal) fn pages_of_amendments<S: Subject>() {
    let mut store = with_two::<S>();
    let general = || in_room("general");
    let words: Vec<_> = (0..4).map(|at| said(&mut store, says(general(), ADA, &format!("{at}"), None)).id).collect();
    for _ in 0..2 {
        said(&mut store, amends(general(), ADA, words[0], "edited", None));
    }
    let last = said(&mut store, says(general(), ADA, "last", None)).id;
    let page = |before, limit| {
        let page = store.page(&general(), Range { after: 0, before, limit }).unwrap();
        let shown = page.entries.iter().filter(|entry| entry.is_shown()).map(|entry| entry.id).collect::<Vec<_>>();
        (shown, page.entries.len(), page.more)
    };
    assert_eq!(page(EntryId::MAX, 3), (vec![words[2], words[3], last], 5, true));
    assert_eq!(page(EntryId::MAX, 5), ([&words[..], &[last]].concat(), 7, false));
    assert_eq!(page(EntryId::MAX, 1), (vec![last], 3, true));
    assert_eq!(page(last, 1), (vec![words[3]], 3, true));
    let older = store.page(&general(), Range { after: 0, before: words[2], limit: 5 }).unwrap();
    assert_eq!(&*older.entries[0].text, "edited", "wherever the amendment is");
    let around = store.around(&general(), words[1], 3).unwrap().unwrap();
    assert!(around.entries.iter().any(|entry| entry.id == words[1]));
    assert_eq!(store.around(&general(), last - 1, 3).unwrap(), None, "an amendment has no place of its own");
}

pub(in crate::journal) fn many_edits<S: Subject>() {
    let mut store = with_two::<S>();
    let word = said(&mut store, says(in_room("general"), ADA, "word", None)).id;
    let edit = |at: usize| amends(in_room("general"), ADA, word, &format!("edit {at}"), None);
    for at in 0..EDITS_MAX {
        said(&mut store, edit(at));
    }
    assert_eq!(done(&mut store, edit(EDITS_MAX)), (Answer::TooManyEdits, vec![]));
    said(&mut store, amends(in_room("general"), ADA, word, "", None));
    let page = store.page(&in_room("general"), Range { after: 0, before: EntryId::MAX, limit: 200 }).unwrap();
    assert!(page.entries.iter().all(|entry| entry.text.is_empty()), "all edits are gone, too");
}

/// Returns the draft of an entry.
fn draft(change: Change) -> Draft {
    let Change::Append(draft) = change else { panic!("{change:?}") };
    draft
}

pub(in crate::journal) fn around<S: Subject>() {
    let mut store = with_two::<S>();
    done(&mut store, join(ADA, "den"));
    let mut say = |log: LogId, text: &str| said(&mut store, says(log, ADA, text, None)).id;
    let mut ids = Vec::new();
    for n in 0..9 {
        ids.push(say(in_room("general"), &format!("entry {n}")));
        say(in_room("den"), "elsewhere");
    }
    let private = say(between(ADA, BO), "for two");
    let around = |at: usize, limit| -> Vec<usize> {
        let page = store.around(&in_room("general"), ids[at], limit).unwrap().unwrap();
        page.entries.iter().map(|entry| ids.iter().position(|id| *id == entry.id).unwrap()).collect()
    };
    assert_eq!(around(4, 5), [2, 3, 4, 5, 6]);
    assert_eq!(around(4, 4), [3, 4, 5, 6], "one may be missing before it, never itself");
    assert_eq!(around(4, 1), [4]);
    assert_eq!(around(0, 5), [0, 1, 2], "nothing is before the first");
    assert_eq!(around(8, 5), [4, 5, 6, 7, 8], "the newest are shown whole");
    assert_eq!(around(4, 99), (0..9).collect::<Vec<_>>());

    let is_there = |log: LogId, id| store.around(&log, id, 5).unwrap().is_some();
    assert!(is_there(between(ADA, BO), private));
    assert!(!is_there(in_room("general"), private), "it is in another log");
    assert!(!is_there(between(BO, BO), private));
    assert!(!is_there(in_room("den"), ids[4]) && !is_there(in_room("nowhere"), ids[4]));
    assert!(!is_there(in_room("general"), 0) && !is_there(in_room("general"), EntryId::MAX));
}

pub(in crate::journal) fn around_long<S: Subject>() {
    let mut store = with_two::<S>();
    let long = "w".repeat(TEXT_MAX);
    let ids: Vec<_> = (0..120).map(|_| said(&mut store, says(in_room("general"), ADA, &long, None)).id).collect();
    let page = store.around(&in_room("general"), ids[0], 200).unwrap().unwrap();
    assert_eq!(page.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [ids[0]], "the others fill a page");
}

pub(in crate::journal) fn names<S: Subject>() {
    let rename =
        |user, name: &str| Change::Rename { user, name: UserName::parse(name).unwrap(), at: Timestamp::from_millis(4) };
    let mut store = with_two::<S>();
    assert_eq!(done(&mut store, user("aDA")), (Answer::NameTaken, vec![]));
    assert_eq!(done(&mut store, rename(BO, "ADA")), (Answer::NameTaken, vec![]));
    assert_eq!(done(&mut store, rename(ADA, "ADA")).0, Answer::Done, "one's own may be spelled otherwise");
    assert_eq!(done(&mut store, rename(ADA, "Zoe")).0, Answer::Done);
    assert_eq!(done(&mut store, user("Ada")).0, Answer::Created(UserId(3)), "it is free");
    assert_eq!(done(&mut store, forget(UserId(3), true)).0, Answer::Done);
    assert_eq!(done(&mut store, user("Ada")).0, Answer::Created(UserId(4)), "free again; no number is given out twice");
    assert_eq!(done(&mut store, rename(UserId(3), "Eve")), (Answer::NoSuchUser, vec![]));
}

pub(in crate::journal) fn lines_of_a_name<S: Subject>() {
    let mut store = with_two::<S>();
    done(&mut store, join(ADA, "den"));
    let name = UserName::parse("Zoe").unwrap();
    let (_, facts) = done(&mut store, Change::Rename { user: ADA, name, at: Timestamp::from_millis(4) });
    let lines: Vec<_> = facts[1..]
        .iter()
        .map(|fact| match fact {
            Fact::Said(log, line) => (log.clone(), line.kind, line.user_id, line.text.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let line = "Ada is now known as Zoe".to_owned();
    let expected = ["den", "general"].map(|room| (in_room(room), EntryKind::System, None, line.clone()));
    assert_eq!(lines, expected);
    let action = |text: &str| {
        let Change::Append(draft) = says(in_room("general"), ADA, text, None) else { unreachable!() };
        Change::Append(Draft { kind: EntryKind::Action, ..draft })
    };
    let waves = said(&mut store, action("waves"));
    assert_eq!((&*waves.from, &*waves.text), ("Zoe", "* Zoe waves"), "under the name of that place in the order");
    let again = Change::Rename { user: ADA, name: UserName::parse("Zoe").unwrap(), at: Timestamp::from_millis(5) };
    assert_eq!(done(&mut store, again), (Answer::Done, vec![]), "the name is theirs already");
}

pub(in crate::journal) fn rooms<S: Subject>() {
    let life = |(answer, facts): (Answer, Vec<Fact>)| match facts[..] {
        [Fact::Joined { is_new, .. }] => (answer, "joined", is_new),
        [Fact::Left { is_removed, .. }] => (answer, "left", is_removed),
        _ => (answer, "nothing", facts.is_empty()),
    };
    let mut store = with_two::<S>();
    let joined = |is_new| Answer::Joined { is_new };
    assert_eq!(life(done(&mut store, join(ADA, "den"))), (joined(true), "joined", true));
    assert_eq!(life(done(&mut store, join(ADA, "den"))), (joined(false), "nothing", true));
    assert_eq!(life(done(&mut store, join(BO, "den"))), (joined(false), "joined", false));
    assert_eq!(life(done(&mut store, leave(ADA, "den"))), (Answer::Done, "left", false));
    assert_eq!(life(done(&mut store, leave(ADA, "den"))), (Answer::Done, "nothing", true));
    assert_eq!(life(done(&mut store, leave(BO, "den"))), (Answer::Done, "left", true));
    done(&mut store, join(BO, "den"));
    said(&mut store, says(in_room("den"), BO, "stays", None));
    assert_eq!(life(done(&mut store, leave(BO, "den"))), (Answer::Done, "left", false), "it has an entry");
    done(&mut store, join(BO, "random"));
    assert_eq!(life(done(&mut store, leave(BO, "random"))), (Answer::Done, "left", false), "a default one stays");
    assert_eq!(done(&mut store, join(UserId(9), "attic")), (Answer::NoSuchUser, vec![]), "nobody makes no room");
}

pub(in crate::journal) fn membership<S: Subject>() {
    let mut store = with_two::<S>();
    let refused = |store: &mut S, change| done(store, change).0;
    assert_eq!(refused(&mut store, says(in_room("random"), ADA, "not yet", None)), Answer::NotMember);
    assert_eq!(refused(&mut store, says(in_room("nowhere"), ADA, "nor here", None)), Answer::NotMember);
    done(&mut store, join(ADA, "random"));
    said(&mut store, says(in_room("random"), ADA, "now", None));
    done(&mut store, leave(ADA, "random"));
    assert_eq!(refused(&mut store, says(in_room("random"), ADA, "no more", None)), Answer::NotMember);
    said(&mut store, says(between(ADA, BO), ADA, "psst", None));
    assert_eq!(refused(&mut store, says(between(ADA, ADA), BO, "a third one", None)), Answer::NotMember);
    assert_eq!(done(&mut store, forget(BO, false)).0, Answer::Done);
    assert_eq!(refused(&mut store, says(between(ADA, BO), ADA, "are you there?", None)), Answer::NoPeer);
    assert_eq!(refused(&mut store, says(between(ADA, BO), BO, "from nowhere", None)), Answer::NotMember);
}

pub(in crate::journal) fn repeats<S: Subject>() {
    let mut store = with_two::<S>();
    let first = said(&mut store, says(in_room("general"), ADA, "hi", Some("m")));
    let again = |store: &mut S, log, text| done(store, says(log, ADA, text, Some("m")));
    let repeated = |entry| (Answer::Repeated(in_room("general"), entry), vec![]);
    assert_eq!(again(&mut store, in_room("general"), "hi"), repeated(first.clone()));
    assert_eq!(again(&mut store, in_room("general"), "other"), (Answer::ClientIdUsed, vec![]));
    assert_eq!(again(&mut store, between(ADA, BO), "hi"), (Answer::ClientIdUsed, vec![]));
    said(&mut store, says(in_room("general"), BO, "hi", Some("m")));
    let name = UserName::parse("Zoe").unwrap();
    done(&mut store, Change::Rename { user: ADA, name, at: Timestamp::from_millis(4) });
    assert_eq!(again(&mut store, in_room("general"), "hi"), repeated(first.clone()), "as it was stored");
    let lookup = |author, text: &str| Change::LookupByClientId {
        author,
        client_id: "m".into(),
        kind: EntryKind::Message,
        text: text.into(),
        target: None,
    };
    assert_eq!(done(&mut store, lookup(ADA, "hi")), repeated(first));
    assert_eq!(done(&mut store, lookup(ADA, "other")), (Answer::Done, vec![]));
}

pub(in crate::journal) fn reads<S: Subject>() {
    let mut store = with_two::<S>();
    let first = said(&mut store, says(in_room("general"), BO, "one", None)).id;
    let second = said(&mut store, says(in_room("general"), BO, "two", None)).id;
    let read = |store: &mut S, id| done(store, Change::Read { user: ADA, log: in_room("general"), id });
    let told = |id| (Answer::Done, vec![Fact::Read { user: ADA, log: in_room("general"), id }]);
    assert_eq!(read(&mut store, first), told(first));
    assert_eq!(read(&mut store, first), (Answer::Done, vec![]));
    assert_eq!(read(&mut store, u64::MAX), told(second), "not beyond the end");
    assert_eq!(read(&mut store, first), (Answer::Done, vec![]), "never back");
    done(&mut store, join(BO, "den"));
    said(&mut store, says(in_room("den"), BO, "before", None));
    done(&mut store, join(ADA, "den"));
    let den = Change::Read { user: ADA, log: in_room("den"), id: u64::MAX };
    assert_eq!(done(&mut store, den.clone()), (Answer::Done, vec![]), "a new member has read what was said before");
    done(&mut store, leave(ADA, "den"));
    assert_eq!(done(&mut store, den).0, Answer::NotMember);
}

pub(in crate::journal) fn forgetting<S: Subject>() {
    let mut store = with_two::<S>();
    done(&mut store, join(BO, "den"));
    done(&mut store, Change::Came { user: BO, node: NODE });
    assert_eq!(done(&mut store, forget(BO, true)), (Answer::Stays, vec![]), "connected");
    done(&mut store, Change::Went { user: BO, node: NODE, caught_up_to: 0 });
    let removed = vec![room("den")];
    let gone = vec![Fact::Forgotten { user: BO, removed }];
    assert_eq!(done(&mut store, forget(BO, true)), (Answer::Done, gone), "with the room that was theirs alone");
    assert_eq!(done(&mut store, forget(BO, true)), (Answer::NoSuchUser, vec![]));
    let stays = said(&mut store, says(in_room("general"), ADA, "stays", None));
    assert_eq!(done(&mut store, forget(ADA, true)), (Answer::Stays, vec![]), "has written");
    assert_eq!(done(&mut store, forget(ADA, false)).0, Answer::Done);
    done(&mut store, user("Cy"));
    let next = said(&mut store, says(in_room("general"), UserId(3), "after", None));
    assert_eq!(next.prev, stays.id, "the entries stay");
}

pub(in crate::journal) fn presence<S: Subject>() {
    let mut store = with_two::<S>();
    let other = NodeId(2);
    let came = |node| Change::Came { user: ADA, node };
    let went = |node| Change::Went { user: ADA, node, caught_up_to: 0 };
    let told = |node, is_new| vec![Fact::Came { user: ADA, node, is_new }];
    assert_eq!(done(&mut store, Change::Gone { user: ADA }).1, []);
    assert_eq!(done(&mut store, came(NODE)).1, told(Some(NODE), true));
    assert_eq!(done(&mut store, came(NODE)).1, []);
    assert_eq!(done(&mut store, came(other)).1, told(Some(other), false), "present already");
    assert_eq!(done(&mut store, went(NODE)).1.len(), 1);
    assert_eq!(done(&mut store, Change::Gone { user: ADA }).1, [], "connected elsewhere");
    assert_eq!(done(&mut store, went(other)).1.len(), 1);
    assert_eq!(done(&mut store, went(other)).1, []);
    assert_eq!(done(&mut store, Change::Visited { user: ADA }).1, [], "still present");
    assert_eq!(done(&mut store, Change::Gone { user: ADA }).1, [Fact::Gone { user: ADA }]);
    assert_eq!(done(&mut store, Change::Visited { user: ADA }).1, told(None, true));
    assert_eq!(done(&mut store, came(other)).1, told(Some(other), false));
    assert_eq!(done(&mut store, Change::Bury { node: other }).1, [Fact::NodeDown { node: other }]);
    assert_eq!(done(&mut store, Change::Bury { node: other }).1, [], "buried already");
    assert_eq!(done(&mut store, Change::Gone { user: ADA }).1, [Fact::Gone { user: ADA }], "connected nowhere");
    assert_eq!(done(&mut store, Change::Came { user: UserId(9), node: NODE }), (Answer::NoSuchUser, vec![]));
}

pub(in crate::journal) fn fencing<S: Subject>() {
    let mut store = with_two::<S>();
    let dead = NodeId(7);
    let came = |user, node| Change::Came { user, node };
    assert_eq!(done_by(&mut store, dead, came(ADA, dead)).0, Ok(Answer::Done));
    assert_eq!(done(&mut store, Change::Bury { node: dead }).1, [Fact::NodeDown { node: dead }]);
    for change in [says(in_room("general"), ADA, "hi", None), came(ADA, dead), Change::Probe, user("Cy")] {
        assert_eq!(done_by(&mut store, dead, change), (Err(JournalError::Fenced), vec![]));
    }
    assert_eq!(done(&mut store, forget(ADA, false)).0, Answer::Done, "nobody is connected to a dead node");
    assert_eq!(said(&mut store, says(in_room("general"), BO, "still here", None)).user_id, Some(BO));
}
