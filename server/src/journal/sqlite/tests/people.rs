//! The store's data about users: names, conversations, read marks, and the remains after a deletion.

use super::{Outcome, appended, log, message, message_in, open, room, run, stored, stored_in, user};
use crate::journal::{Answer, Change, Draft, Fact, Journal, NodeId, Placed, Range, StoredUser, sqlite::Store};
use app::protocol::{EntryId, EntryKind, LogId, Pair, Timestamp, UserId, UserName};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

const ADA: UserId = UserId(1);
const BO: UserId = UserId(2);

fn rename(user: UserId, name: &str) -> Change {
    Change::Rename { user, name: UserName::parse(name).unwrap(), at: Timestamp::from_millis(5) }
}

fn forget(user: UserId, if_no_entries: bool) -> Change {
    Change::Forget { user, if_no_entries, uptime_ms: 7 }
}

fn join(user: UserId, name: &str) -> Change {
    Change::Join { user, room: room(name), at: Timestamp::from_millis(4) }
}

fn leave(user: UserId, name: &str) -> Change {
    Change::Leave { user, room: room(name) }
}

fn conversation() -> LogId {
    LogId::Conversation(Pair::new(ADA, BO))
}

fn users(folder: &Path) -> Vec<StoredUser> {
    open(folder).1.users
}

fn names(folder: &Path) -> Vec<String> {
    users(folder).iter().map(|user| user.name.to_string()).collect()
}

#[test]
fn a_new_name_and_its_lines_are_stored_together_and_the_old_name_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes =
        run(folder.path(), vec![user("Ada"), user("Bo"), join(ADA, "random"), rename(ADA, "Zoe"), user("ADA")]);
    let lines = outcomes[3].entries();
    assert_eq!(lines.iter().map(|line| (line.prev, line.kind)).collect::<Vec<_>>(), [(0, EntryKind::System); 2]);
    assert!(lines.iter().all(|line| line.user_id.is_none() && &*line.text == "Ada is now known as Zoe"));
    assert!(matches!(outcomes[4].answer, Answer::Created(_)));
    assert_eq!(names(folder.path()), ["Zoe", "Bo", "ADA"]);
}

#[test]
fn a_name_that_somebody_has_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), user("Bo"), rename(BO, "aDA")]);
    assert_eq!(outcomes[2], Answer::NameTaken);
    assert_eq!(names(folder.path()), ["Ada", "Bo"]);
    assert_eq!(open(folder.path()).1.last_id, 0, "no line was stored");
}

#[test]
fn the_case_of_ones_own_name_may_change() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), rename(ADA, "ADA")]);
    assert_eq!((&outcomes[1].answer, outcomes[1].facts.len()), (&Answer::Done, 2), "the name and a line");
    assert_eq!(names(folder.path()), ["ADA"]);
}

#[test]
fn a_room_is_new_once_and_vanishes_without_members_and_entries() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            join(ADA, "den"),
            join(BO, "den"),
            leave(ADA, "den"),
            leave(BO, "den"),
            join(BO, "den"),
            message(2, "den", "kept", None),
            leave(BO, "den"),
            join(ADA, "random"),
            leave(ADA, "random"),
        ],
    );
    let life = |outcome: &Outcome| match outcome.facts[..] {
        [Fact::Joined { is_new, .. }] => ("joined", is_new),
        [Fact::Left { is_removed, .. }] => ("left", is_removed),
        _ => ("", false),
    };
    assert_eq!(
        outcomes[2..7].iter().map(life).collect::<Vec<_>>(),
        [("joined", true), ("joined", false), ("left", false), ("left", true), ("joined", true)]
    );
    assert_eq!(life(&outcomes[8]), ("left", false), "a room with history stays");
    assert_eq!(life(&outcomes[10]), ("left", false), "and so does a default one");
    let rooms = open(folder.path()).1.rooms;
    assert_eq!(rooms[&room("den")].head, appended(&outcomes[7]).id, "and so does one with history");
    assert!(rooms.contains_key(&room("random")));
}

#[test]
fn a_conversation_is_a_log_of_its_own_that_both_find_again() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            user("Cy"),
            message_in(conversation(), 1, "secret", Some("m")),
            message(1, "general", "open", None),
            message_in(conversation(), 2, "answer", None),
            message_in(conversation(), 1, "secret", Some("m")),
        ],
    );
    let entries: Vec<_> = [3, 5].map(|n: usize| appended(&outcomes[n]).clone()).into();
    assert_eq!(entries[1].prev, entries[0].id);
    assert_eq!(outcomes[6], Answer::Repeated(conversation(), entries[0].clone()));
    let (_, restored, _) = open(folder.path());
    assert_eq!(restored.conversations[&Pair::new(BO, ADA)], entries[1].id);
    assert_eq!(stored_in(folder.path(), &conversation()), entries);
    assert_eq!(restored.entries, 3);
    assert!(restored.rooms.keys().all(|room| !room.as_str().contains('@') && !room.as_str().contains(':')));
    assert_eq!(restored.users.iter().map(|user| user.has_entries).collect::<Vec<_>>(), [true, true, false]);
}

#[tokio::test]
async fn a_conversations_pages_are_read_like_a_rooms() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let texts = (0..5).map(|n| message_in(conversation(), 1, &n.to_string(), None));
    let changes = [user("Ada"), user("Bo")].into_iter().chain(texts).collect();
    tokio::task::spawn_blocking(move || run(&path, changes)).await.unwrap();
    let (journal, _, _completions) = open(folder.path());
    let page = journal.page(&conversation(), Range { after: 0, before: EntryId::MAX, limit: 2 }).await.unwrap();
    assert_eq!(page.entries.iter().map(|entry| &*entry.text).collect::<Vec<_>>(), ["3", "4"]);
    assert!(page.more);
}

#[test]
fn a_read_mark_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        run(folder.path(), vec![user("Ada"), message(1, "general", "a", None), message(1, "general", "b", None)]);
    let [first, second] = [&said[1], &said[2]].map(|outcome| appended(outcome).id);
    let read = |id| Change::Read { user: ADA, log: log("general"), id };
    let read = run(folder.path(), vec![read(first), read(0), read(u64::MAX), read(first)]);
    assert_eq!(read.iter().map(|outcome| outcome.facts.len()).collect::<Vec<_>>(), [1, 0, 1, 0]);
    assert_eq!(users(folder.path())[0].reads, [(log("general"), second)], "nor beyond the end");
}

#[test]
fn who_becomes_a_member_has_read_what_was_said_before_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let den = [join(ADA, "den"), message(1, "den", "b", None), join(BO, "den"), message(1, "den", "c", None)];
    let changes = [user("Ada"), message(1, "general", "a", None), user("Bo")].into_iter().chain(den);
    let outcomes = run(folder.path(), changes.chain([join(BO, "den")]).collect());
    let users = users(folder.path());
    let [general, den] = [1, 4].map(|at: usize| appended(&outcomes[at]).id);
    assert_eq!(users[0].reads, []);
    assert_eq!(users[1].reads, [(log("general"), general), (log("den"), den)]);
}

#[test]
fn who_has_no_entries_is_forgotten_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), user("Bo"), join(BO, "den"), forget(BO, true), user("bo")]);
    assert_eq!(
        outcomes[3].facts,
        [Fact::Forgotten { user: BO, removed: vec![room("den")] }],
        "and the room that was theirs alone vanishes"
    );
    assert_eq!(outcomes[4], Answer::Created(UserId(3)), "the name is free; the number is not given out again");
    let store = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    let left: i64 = store.query_row("SELECT count(*) FROM users WHERE id = 2", (), |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn who_has_entries_leaves_them_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let read = Change::Read { user: ADA, log: log("general"), id: 1 };
    run(
        folder.path(),
        vec![user("Ada"), message(1, "general", "stays", None), join(ADA, "den"), read, forget(ADA, false)],
    );
    let outcomes = run(folder.path(), vec![user("ADA"), message(1, "general", "after", None)]);
    assert_eq!(outcomes[1], Answer::NotMember);
    assert_eq!(outcomes[0], Answer::Created(BO), "the name is free");
    let (_, restored, _) = open(folder.path());
    assert_eq!(restored.users.len(), 1);
    let general = stored(folder.path(), "general");
    assert_eq!((&*general[0].text, &*general[0].from, general[0].user_id), ("stays", "Ada", Some(ADA)));
    assert!(!restored.rooms.contains_key(&room("den")));
}

#[test]
fn when_somebody_was_last_seen_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let seen = Change::Seen { users: vec![(BO, 5)], at: Timestamp::from_millis(7), uptime_ms: 7 };
    run(folder.path(), vec![user("Ada"), user("Bo"), seen]);
    let again = Change::Seen { users: vec![(BO, 4)], at: Timestamp::from_millis(6), uptime_ms: 6 };
    run(folder.path(), vec![again]);
    let seen = users(folder.path()).iter().map(|user| (user.seen_uptime_ms, user.caught_up_to)).collect::<Vec<_>>();
    assert_eq!(seen, [(0, 0), (7, 5)], "it never goes back");
}

#[test]
fn each_opening_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let runs: Vec<u64> = (0..3).map(|_| open(folder.path()).1.run).collect();
    assert_eq!(runs, [1, 2, 3]);
}

/// Makes a store of the first format with Ada, who wrote an entry, Bo, who did not, and a room.
pub(super) fn first_format(folder: &Path) {
    let store = rusqlite::Connection::open(folder.join("natter.db")).unwrap();
    store.execute_batch(include_str!("../migrations/001_begin.sql")).unwrap();
    store
        .execute_batch(
            "INSERT INTO meta VALUES ('epoch', 'e');
             INSERT INTO users (name, name_key, created_at) VALUES ('Ada', 'ada', 1), ('Bo', 'bo', 1);
             INSERT INTO sessions VALUES (x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 1, 1);
             INSERT INTO members SELECT users.id, rooms.id FROM users, rooms WHERE rooms.name = 'general';
             INSERT INTO entries (room, prev, ts, kind, author, from_name, text, client_id)
             SELECT id, 0, 9, 'message', 1, 'Ada', 'old', 'm' FROM rooms WHERE name = 'general';
             PRAGMA application_id = 0x4e415452;
             PRAGMA user_version = 1;",
        )
        .unwrap();
}

#[test]
fn a_store_of_the_first_format_is_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    first_format(folder.path());
    let (journal, restored, _completions) = open(folder.path());
    drop(journal);
    assert_eq!((restored.epoch.as_str(), restored.run, restored.last_id), ("e", 1, 1));
    assert_eq!(restored.users.iter().map(|user| user.has_entries).collect::<Vec<_>>(), [true, false]);
    assert!(restored.users.iter().all(|user| user.seen_uptime_ms == 0) && restored.uptime_ms == 0);
    assert_eq!(restored.users.iter().map(|user| user.has_written).collect::<Vec<_>>(), [true, false]);
    assert_eq!(restored.users[0].sessions.len(), 1);
    assert_eq!(restored.users[0].sessions[0].renewed_at, Timestamp::from_millis(1), "as old as it is");
    let outcomes =
        run(folder.path(), vec![message(1, "general", "old", Some("m")), message(2, "general", "new", None)]);
    assert!(matches!(&outcomes[0].answer, Answer::Repeated(_, entry) if &*entry.text == "old"));
    assert_eq!(appended(&outcomes[1]).prev, 1);
}

#[test]
fn what_is_said_is_stored_under_the_name_of_that_moment() {
    let folder = tempfile::tempdir().unwrap();
    let action = Change::Append(Draft {
        log: log("general"),
        author: ADA,
        kind: EntryKind::Action,
        text: "waves".into(),
        client_id: None,
        at: Timestamp::from_millis(1),
        target: None,
    });
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            message(1, "general", "before", None),
            rename(ADA, "Zoe"),
            message(1, "general", "after", None),
            action,
        ],
    );
    let said = [1, 3, 4].map(|n: usize| appended(&outcomes[n])).map(|entry| (&*entry.from, &*entry.text));
    assert_eq!(said, [("Ada", "before"), ("Zoe", "after"), ("Zoe", "* Zoe waves")]);
}

#[test]
fn only_members_speak_in_a_room_and_nobody_makes_one_by_speaking() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            message(1, "random", "not yet", Some("m")),
            message(1, "nowhere", "nor here", None),
            join(ADA, "random"),
            message(1, "random", "now", Some("m")),
            leave(ADA, "random"),
            message(1, "random", "now", Some("m")),
            message(1, "random", "more", None),
        ],
    );
    assert_eq!(outcomes[1..3], [Answer::NotMember, Answer::NotMember]);
    assert!(
        matches!(&outcomes[6].answer, Answer::Repeated(_, entry) if &*entry.text == "now"),
        "what is stored is answered"
    );
    assert_eq!(outcomes[7], Answer::NotMember);
    assert!(!open(folder.path()).1.rooms.contains_key(&room("nowhere")));
}

#[test]
fn a_client_id_is_looked_up_by_its_author_alone() {
    let folder = tempfile::tempdir().unwrap();
    let lookup = |author, client_id: &str, text: &str| Change::LookupByClientId {
        author,
        client_id: client_id.into(),
        kind: EntryKind::Message,
        text: text.into(),
        target: None,
    };
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            message(1, "general", "said", Some("m")),
            lookup(ADA, "m", "said"),
            lookup(ADA, "n", "said"),
            lookup(BO, "m", "said"),
            lookup(ADA, "m", "unsaid"),
        ],
    );
    assert_eq!(outcomes[3], Answer::Repeated(log("general"), appended(&outcomes[2]).clone()));
    assert_eq!(outcomes[4..], [Answer::Done, Answer::Done, Answer::Done]);
}

#[test]
fn who_wrote_meanwhile_is_not_forgotten_as_silent() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), message(1, "general", "wait", None), forget(ADA, true)]);
    assert_eq!(outcomes[2], Answer::Stays);
    assert_eq!(names(folder.path()), ["Ada"]);
}

#[test]
fn a_client_id_is_used_by_one_text_in_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let action = |text: &str| {
        Change::Append(Draft {
            log: log("general"),
            author: ADA,
            kind: EntryKind::Action,
            text: text.into(),
            client_id: Some("a".into()),
            at: Timestamp::from_millis(1),
            target: None,
        })
    };
    let with = |user| LogId::Conversation(Pair::new(ADA, UserId(user)));
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            join(ADA, "random"),
            message(1, "general", "said", Some("m")),
            message(1, "general", "other", Some("m")),
            message(1, "random", "said", Some("m")),
            message_in(with(2), 1, "said", Some("m")),
            message(1, "general", "said", Some("m")),
            action("waves"),
            rename(ADA, "Zoe"),
            action("waves"),
            action("bows"),
            message_in(with(2), 1, "psst", Some("p")),
            message_in(with(1), 1, "psst", Some("p")),
            message_in(with(2), 1, "other", Some("p")),
        ],
    );
    let repeats = |at: usize, first: usize| matches!(&outcomes[at].answer, Answer::Repeated(_, entry) if *entry == *appended(&outcomes[first]));
    for used in [4, 5, 6, 11, 14] {
        assert_eq!(outcomes[used], Answer::ClientIdUsed, "{used}");
    }
    assert!(repeats(7, 3));
    assert!(repeats(10, 8), "under the name that the author had");
    assert!(repeats(13, 12), "the name by which a conversation is meant may be another's by now");
    assert_eq!(open(folder.path()).1.entries, 5, "three texts, and the lines about the new name");
}

#[test]
fn sessions_that_ended_are_not_there_after_a_start_and_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let [ada, bo] = [b"Ada", b"Bo\0"].map(|name| {
        let mut session = [0; 32];
        session[..3].copy_from_slice(name);
        session
    });
    run(folder.path(), vec![user("Ada"), user("Bo"), Change::EndSessions { user: ADA, sessions: vec![ada, [9; 32]] }]);
    let users = open(folder.path()).1.users;
    let sessions: Vec<Vec<_>> =
        users.iter().map(|user| user.sessions.iter().map(|session| session.hash).collect()).collect();
    assert_eq!(sessions, [vec![], vec![bo]]);
}

#[test]
fn a_renewed_session_and_a_forgotten_peers_name_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = [0; 32];
    session[..3].copy_from_slice(b"Ada");
    run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            user("Cy"),
            message_in(conversation(), 2, "remember me", None),
            message(3, "general", "and me", None),
            forget(BO, false),
            forget(UserId(3), false),
            Change::RenewSession { session, at: Timestamp::from_millis(9) },
        ],
    );
    let restored = open(folder.path()).1;
    assert_eq!(restored.users[0].sessions[0].renewed_at, Timestamp::from_millis(9));
    assert_eq!(restored.forgotten.iter().map(|(id, name)| (*id, name.as_str())).collect::<Vec<_>>(), [(BO, "Bo")]);
    assert!(restored.users[0].has_entries && !restored.users[0].has_written, "Ada was only written to");
}

#[test]
fn absence_goes_on_from_the_servers_uptime_and_new_users_begin_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let seen = Change::Seen { users: vec![(ADA, 0)], at: Timestamp::from_millis(1), uptime_ms: 5_000 };
    run(folder.path(), vec![user("Ada"), seen, user("Bo")]);
    let early = Change::Seen { users: Vec::new(), at: Timestamp::from_millis(1), uptime_ms: 900 };
    run(folder.path(), vec![early]);
    let (_journal, restored, _completions) = open(folder.path());
    assert_eq!(restored.uptime_ms, 5_000, "as a number, and never back");
    assert!(restored.users.iter().all(|user| user.seen_uptime_ms == 5_000));
}

#[test]
fn the_names_of_those_who_wrote_and_were_forgotten_last_come_back_with_when_that_was() {
    let folder = tempfile::tempdir().unwrap();
    let pm = message_in(conversation(), 1, "hi", None);
    let forget = |user, uptime_ms| Change::Forget { user: UserId(user), if_no_entries: false, uptime_ms };
    run(folder.path(), vec![user("Ada"), user("Bo"), user("Cy"), pm, forget(2, 5), forget(3, 6), forget(1, 7)]);
    let (_journal, restored, _completions) = open(folder.path());
    let reserved: Vec<_> = restored.reserved.iter().map(|(user, name, at)| (user.0, name.as_str(), *at)).collect();
    assert_eq!(reserved, [(1, "Ada", 7)], "Bo was only written to, and Cy not even that");
}

#[test]
fn of_more_names_than_are_reserved_the_newest_come_back() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let store = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    let most = crate::journal::RESERVED_NAMES_MAX as u64;
    store
        .execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
             INSERT INTO users (name, name_key, created_at, is_forgotten, forgotten_uptime)
             SELECT 'User' || n, '-' || n, 1, 1, n FROM numbers",
            [(most + 1).cast_signed()],
        )
        .unwrap();
    drop(store);
    let (_journal, restored, _completions) = open(folder.path());
    let since = || restored.reserved.iter().map(|(_, _, since)| *since);
    assert_eq!((since().count() as u64, since().min(), since().max()), (most, Some(2), Some(most + 1)));
}

#[test]
fn what_was_not_committed_is_not_remembered() {
    let commits = Arc::new(AtomicBool::new(true));
    let mut store = Store::in_memory("epoch", Arc::clone(&commits)).unwrap();
    let mut authors = |changes: Vec<Change>| -> Vec<Arc<str>> {
        let news = store.write(NodeId(1), &(0..).zip(changes).collect::<Vec<_>>());
        let said = |placed: Placed| if let Fact::Said(_, entry) = placed.fact { Some(entry.from) } else { None };
        news.facts.into_iter().filter_map(said).collect()
    };
    let says = |text| message(1, "general", text, None);
    let joins = || Change::Join { user: ADA, room: room("random"), at: Timestamp::from_millis(1) };
    assert_eq!(authors(vec![user("Ada"), says("one")]), ["Ada".into()]);
    commits.store(false, Ordering::Relaxed);
    assert_eq!(authors(vec![rename(ADA, "Bo"), joins(), says("two"), message(1, "random", "three", None)]), []);
    commits.store(true, Ordering::Relaxed);
    assert_eq!(authors(vec![says("four"), message(1, "random", "five", None)]), ["Ada".into()], "no member of random");
}
