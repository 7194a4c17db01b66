mod check;
mod conformance;
mod damage;
mod files;
mod people;
mod probe;
mod search;

use super::{FILE, OpenError, SqliteJournal, connect, reader};
use crate::journal::{Answer, Answered, Change, Draft, Fact, Journal, JournalError, News, Range, Restored};
use app::protocol::{Entry, EntryId, EntryKind, LogId, RoomName, Timestamp, UserId, UserName};
use std::{fs, path::Path};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn open(folder: &Path) -> (SqliteJournal, Restored, UnboundedReceiver<News>) {
    let (listener, news) = unbounded_channel();
    let (journal, restored) = SqliteJournal::open(folder, listener).unwrap();
    (journal, restored, news)
}

/// The outcome of a change: its answer and its facts.
#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    answer: Answer,
    facts: Vec<Fact>,
}

impl PartialEq<Answer> for Outcome {
    fn eq(&self, answer: &Answer) -> bool {
        self.answer == *answer
    }
}

impl Outcome {
    fn entries(&self) -> Vec<&Entry> {
        let mut said = Vec::new();
        for fact in &self.facts {
            if let Fact::Said(_, entry) = fact {
                said.push(entry);
            }
        }
        said
    }
}

fn refused(folder: &Path) -> OpenError {
    SqliteJournal::open(folder, unbounded_channel().0).unwrap_err()
}

/// Reads a room's log, oldest first.
fn stored(folder: &Path, room: &str) -> Vec<Entry> {
    stored_in(folder, &log(room))
}

fn stored_in(folder: &Path, log: &LogId) -> Vec<Entry> {
    let everything = Range { after: 0, before: EntryId::MAX, limit: 200 };
    reader::page(&connect(&folder.join(FILE)).unwrap(), log, everything).unwrap().entries
}

/// Submits all changes, closes the journal, and returns the outcome of each.
fn run(folder: &Path, changes: Vec<Change>) -> Vec<Outcome> {
    let (journal, _, mut news) = open(folder);
    let count = changes.len();
    for (ticket, change) in (0..).zip(changes) {
        journal.submit(ticket, change).unwrap();
    }
    journal.close();
    let mut outcomes = Vec::new();
    while let Some(News { facts, answers }) = news.blocking_recv() {
        for Answered { ticket, result, .. } in answers {
            assert_eq!(ticket, outcomes.len() as u64, "answers come in the order of submission");
            let of_it = facts.iter().filter(|placed| placed.origin.1 == ticket);
            outcomes
                .push(Outcome { answer: result.unwrap(), facts: of_it.map(|placed| placed.fact.clone()).collect() });
        }
    }
    assert_eq!(outcomes.len(), count);
    outcomes
}

fn user(name: &str) -> Change {
    let mut session = [0; 32];
    session[..name.len()].copy_from_slice(name.as_bytes());
    Change::CreateUser { name: UserName::parse(name).unwrap(), session, by_form: false, at: Timestamp::from_millis(1) }
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

fn log(name: &str) -> LogId {
    LogId::Room(room(name))
}

fn message(author: u64, to: &str, text: &str, client_id: Option<&str>) -> Change {
    message_in(log(to), author, text, client_id)
}

fn message_in(log: LogId, author: u64, text: &str, client_id: Option<&str>) -> Change {
    Change::Append(Draft {
        log,
        author: UserId(author),
        kind: EntryKind::Message,
        text: text.into(),
        client_id: client_id.map(Into::into),
        at: Timestamp::from_millis(2),
        target: None,
    })
}

fn appended(outcome: &Outcome) -> &Entry {
    match outcome.entries()[..] {
        [entry] => entry,
        _ => panic!("{outcome:?}"),
    }
}

#[test]
fn ids_grow_over_all_rooms_and_prev_chains_each() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            Change::Join { user: UserId(1), room: room("random"), at: Timestamp::from_millis(1) },
            message(1, "general", "a", None),
            message(1, "random", "b", None),
            message(1, "general", "c", None),
        ],
    );
    let chain: Vec<(EntryId, EntryId)> =
        outcomes[2..].iter().map(appended).map(|entry| (entry.id, entry.prev)).collect();
    // Three facts came before: a user, and the memberships of two rooms.
    assert_eq!(chain, [(4, 0), (5, 0), (6, 4)]);
    let more = run(folder.path(), vec![message(1, "random", "d", None)]);
    assert_eq!((appended(&more[0]).id, appended(&more[0]).prev), (7, 5), "a restart goes on where it was");
}

#[tokio::test]
async fn a_page_ends_at_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let long = "\u{1}".repeat(4_000);
    let said = (0..30).map(|_| message(1, "general", &long, None));
    let path = folder.path().to_owned();
    let changes = [user("Ada")].into_iter().chain(said).collect();
    tokio::task::spawn_blocking(move || run(&path, changes)).await.unwrap();
    let (journal, restored, _completions) = open(folder.path());
    assert_eq!((restored.rooms[&room("general")].head, restored.entries), (32, 30));
    let range = Range { after: 0, before: EntryId::MAX, limit: 20 };
    let page = journal.page(&log("general"), range).await.unwrap();
    let ids: Vec<_> = page.entries.iter().map(|entry| entry.id).collect();
    assert_eq!((ids, page.more), ((23..=32).collect(), true));
    let last = journal.page(&log("general"), Range { before: 13, ..range }).await.unwrap();
    assert_eq!((last.entries.len(), last.more), (10, false), "as many as fit exactly");
}

#[test]
fn a_start_knows_the_newest_of_each_log_and_how_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let said = (0..300).map(|n| message(1, if n % 3 == 0 { "random" } else { "general" }, "x", None));
    let join = Change::Join { user: UserId(1), room: room("random"), at: Timestamp::from_millis(1) };
    let Change::Append(draft) = message(1, "general", "late", None) else { unreachable!() };
    let last = Change::Append(Draft { at: Timestamp::from_millis(4_000_000_000_000), ..draft });
    run(folder.path(), [user("Ada"), join].into_iter().chain(said).chain([last]).collect());
    let (_journal, restored, _completions) = open(folder.path());
    let heads = ["general", "random", "help"].map(|name| restored.rooms[&room(name)].head);
    assert_eq!((heads, restored.entries, restored.last_id), ([304, 301, 0], 301, 304));
    let late = Timestamp::from_millis(4_000_000_000_000);
    assert_eq!(restored.rooms[&room("general")].active_at, late);
    let help = &restored.rooms[&room("help")];
    assert_eq!(help.active_at, help.created_at, "nothing was ever said there");
}

#[test]
fn a_store_of_an_older_version_is_told_its_newest_entries_once() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), vec![user("Ada"), message(1, "general", "one", None), message(1, "general", "two", None)]);
    let connection = connect(&folder.path().join(FILE)).unwrap();
    let before = "DELETE FROM meta WHERE key = 'position';
        ALTER TABLE rooms DROP COLUMN head; ALTER TABLE rooms DROP COLUMN head_at;
        ALTER TABLE entries DROP COLUMN checksum;
        DROP TABLE search_terms; DELETE FROM meta WHERE key = 'unindexed';
        DROP TABLE amendments; ALTER TABLE entries DROP COLUMN target; ALTER TABLE entries DROP COLUMN rev;
        DROP INDEX users_by_forgotten; ALTER TABLE users DROP COLUMN forgotten_uptime;
        DELETE FROM meta WHERE key IN ('entries', 'unchecked'); PRAGMA user_version = 4";
    connection.execute_batch(before).unwrap();
    drop(connection);
    let (_journal, restored, _completions) = open(folder.path());
    assert_eq!((restored.rooms[&room("general")].head, restored.entries), (4, 2));
}

#[test]
fn everything_comes_back_as_it_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let text = "<script>\"'&\u{202e}\u{1f9d1}\u{200d}\u{1f680} e\u{301}\nnext\0line";
    let outcomes = run(
        folder.path(),
        vec![
            user("Ada"),
            message(1, "general", text, Some("c1")),
            Change::Join { user: UserId(1), room: room("日本語"), at: Timestamp::from_millis(3) },
        ],
    );
    let (_journal, restored, _completions) = open(folder.path());
    let general = stored(folder.path(), "general");
    assert_eq!(general, [appended(&outcomes[1]).clone()]);
    assert_eq!((&*general[0].text, general[0].user_id), (text, Some(UserId(1))));
    assert_eq!(restored.rooms[&room("日本語")].created_at, Timestamp::from_millis(3));
    assert_eq!(restored.last_id, appended(&outcomes[1]).id);
    assert_eq!(restored.users[0].rooms, [room("general"), room("日本語")]);
    assert_eq!(restored.users[0].name.as_str(), "Ada");
    assert_eq!(restored.users[0].sessions.len(), 1);
    assert!(["general", "random", "help"].iter().all(|name| restored.rooms.contains_key(&room(name))));
}

#[test]
fn the_epoch_is_the_stores_own_and_stays() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let epochs = folders.each_ref().map(|folder| open(folder.path()).1.epoch);
    assert_eq!(open(folders[0].path()).1.epoch, epochs[0]);
    assert_ne!(epochs[0], epochs[1]);
}

#[test]
fn a_client_id_is_stored_once_for_its_author_also_after_a_restart_and_in_one_batch() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(
        folder.path(),
        vec![
            user("Ada"),
            user("Bo"),
            message(1, "general", "a", Some("m")),
            message(1, "general", "a", Some("m")),
            message(2, "general", "another's", Some("m")),
        ],
    );
    let original = appended(&first[2]).clone();
    assert_eq!(first[3], Answer::Repeated(log("general"), original.clone()));
    assert_eq!(appended(&first[4]).prev, original.id);
    let later = run(folder.path(), vec![message(1, "general", "a", Some("m"))]);
    assert_eq!(later, [Answer::Repeated(log("general"), original)]);
}

#[test]
fn a_name_is_one_users_whatever_its_case() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), user("aDA"), user("Bo")]);
    assert!(matches!(
        [0, 1, 2].map(|at: usize| outcomes[at].answer.clone()),
        [Answer::Created(ada), Answer::NameTaken, Answer::Created(bo)] if ada != bo
    ));
}

#[tokio::test]
async fn a_page_is_the_newest_within_its_bounds() {
    // Ada and her membership are the facts 1 and 2.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let texts = ["1", "2", "3", "4", "5"].map(|text| message(1, "general", text, None));
    tokio::task::spawn_blocking(move || run(&path, [vec![user("Ada")], texts.into()].concat())).await.unwrap();
    let (journal, _, _completions) = open(folder.path());
    let read = async |after, before, limit| {
        let page = journal.page(&log("general"), Range { after, before, limit }).await.unwrap();
        (page.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(read(0, EntryId::MAX, 5).await, (vec![3, 4, 5, 6, 7], false));
    assert_eq!(read(0, EntryId::MAX, 4).await, (vec![4, 5, 6, 7], true));
    assert_eq!(read(3, 7, 2).await, (vec![5, 6], true));
    assert_eq!(read(3, 6, 2).await, (vec![4, 5], false));
    assert_eq!(read(7, EntryId::MAX, 2).await, (vec![], false));
    let nowhere = journal.page(&log("nowhere"), Range { after: 0, before: 9, limit: 9 }).await.unwrap();
    assert_eq!(nowhere.entries, []);
}

#[test]
fn a_closed_journal_takes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, _completions) = open(folder.path());
    journal.close();
    assert_eq!(journal.submit(1, user("Ada")), Err(JournalError::Closed));
}

#[test]
fn a_folder_belongs_to_one_journal_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    assert!(matches!(refused(folder.path()), OpenError::InUse(_)));
    drop(first);
    open(folder.path());
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("natter.db");
    fs::write(&file, "these are somebody's notes, not a store").unwrap();
    assert!(matches!(refused(folder.path()), OpenError::Damaged { .. }));
    assert_eq!(fs::read_to_string(&file).unwrap(), "these are somebody's notes, not a store");
}

#[test]
fn another_programs_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    assert!(matches!(refused(folder.path()), OpenError::Damaged { .. }));
}

#[test]
fn a_store_that_lost_its_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = "x".repeat(4_000);
    run(folder.path(), [vec![user("Ada")], vec![message(1, "general", &text, None); 50]].concat());
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("natter.db")).unwrap();
    let half = file.metadata().unwrap().len() / 2;
    file.set_len(half).unwrap();
    assert!(matches!(refused(folder.path()), OpenError::Damaged { .. }));
    assert_eq!(file.metadata().unwrap().len(), half);
}

#[test]
fn a_newer_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    let store = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    store.pragma_update(None, "user_version", 999).unwrap();
    drop(store);
    assert!(matches!(refused(folder.path()), OpenError::Newer { found: 999, .. }));
}
