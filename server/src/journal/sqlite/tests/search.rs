//! The index of the search: how it is made for an older store, what a deletion leaves in it, and its damage.

use super::*;
use crate::journal::{Found, NodeId, Search, Store, conformance::searches::by_ada};
use rusqlite::Connection;

const NODE: NodeId = NodeId(1);

/// Opens a store over the file of a folder, without its writer.
fn store(folder: &Path) -> Store {
    Store::over(connect(&folder.join(FILE)).unwrap(), None).unwrap()
}

fn count(found: &Found) -> usize {
    found.entries.len()
}

/// Says `count` messages in a new store, and makes it one of the time before the search.
fn before_the_search(folder: &Path, count: usize) {
    let changes = (0..count).map(|n| message(1, "general", &format!("needle {n}"), None));
    run(folder, [user("Ada")].into_iter().chain(changes).collect());
    let connection = connect(&folder.join(FILE)).unwrap();
    connection
        .execute_batch("DROP TABLE search_terms; DELETE FROM meta WHERE key = 'unindexed'; PRAGMA user_version = 9")
        .unwrap();
}

/// Returns the number of entries that the index has for a term.
fn listed(connection: &Connection, term: &str) -> i64 {
    connection.execute_batch("CREATE VIRTUAL TABLE temp.lists USING fts5vocab('main', 'search_terms', 'row')").unwrap();
    let count = "SELECT coalesce(sum(doc), 0) FROM temp.lists WHERE term = ?1";
    let count = connection.query_row(count, [term], |row| row.get(0)).unwrap();
    connection.execute_batch("DROP TABLE temp.lists").unwrap();
    count
}

/// Returns the number of the index's own rows that contain some bytes.
fn kept(connection: &Connection, bytes: &str) -> i64 {
    let count = "SELECT (SELECT count(*) FROM search_terms_data WHERE instr(block, CAST(?1 AS BLOB)))
        + (SELECT count(*) FROM search_terms_idx WHERE instr(term, CAST(?1 AS BLOB)))";
    connection.query_row(count, [bytes], |row| row.get(0)).unwrap()
}

#[test]
fn the_entries_of_an_older_store_are_found_from_the_newest_on_until_all_are() {
    let folder = tempfile::tempdir().unwrap();
    before_the_search(folder.path(), 450);
    let mut migrated = connect(&folder.path().join(FILE)).unwrap();
    assert!(super::super::schema::prepare(&mut migrated, "e").is_ok());
    drop(migrated);

    let mut store = store(folder.path());
    let search = Search { limit: 1_000, ..by_ada("needle") };
    let newest = store.write(NODE, &[(1, message(1, "general", "a new needle", None))]).facts[0].at;
    assert_eq!(count(&store.search(&search).unwrap()), 1);
    assert!(store.tend_index());
    let found = store.search(&search).unwrap();
    assert_eq!((count(&found), found.is_indexing), (201, true));
    assert_eq!(found.entries[0].1.id, newest);
    // Entries that the index does not have yet can be amended all the same.
    let oldest = stored(folder.path(), "general")[0].id;
    for (target, text) in [(oldest, "a thread"), (newest - 1, "a thread")] {
        let edit = Draft { kind: EntryKind::Edit, target: Some(target), ..draft(message(1, "general", text, None)) };
        store.write(NODE, &[(2, Change::Append(edit))]);
    }
    while store.tend_index() {}
    let found = store.search(&search).unwrap();
    assert_eq!((count(&found), found.is_indexing, found.older), (449, false, None));
    assert_eq!(count(&store.search(&by_ada("thread")).unwrap()), 2);
}

fn draft(change: Change) -> Draft {
    if let Change::Append(draft) = change { draft } else { panic!("{change:?}") }
}

#[test]
fn the_writer_makes_the_index_of_an_older_store_while_it_is_idle() {
    let folder = tempfile::tempdir().unwrap();
    before_the_search(folder.path(), 450);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (journal, ..) = open(folder.path());
    let search = Search { limit: 1_000, ..by_ada("needle") };
    let found = loop {
        let found = runtime.block_on(journal.search(search.clone())).unwrap();
        if !found.is_indexing {
            break found;
        }
        std::thread::yield_now();
    };
    assert_eq!(count(&found), 450);
}

#[test]
fn a_deletion_leaves_nothing_of_the_words_in_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let others = (0..100).map(|n| message(1, "general", &format!("other words {n}"), None));
    let changes = [user("Ada"), message(1, "general", "жжж", None)].into_iter().chain(others);
    let outcomes = run(folder.path(), changes.collect());
    let said = appended(&outcomes[1]).id;
    let mut store = store(folder.path());
    let amend =
        |kind, text| Change::Append(Draft { kind, target: Some(said), ..draft(message(1, "general", text, None)) });
    store.write(NODE, &[(1, amend(EntryKind::Edit, "щщщ"))]);
    assert_eq!(["жжж", "щщщ"].map(|term| listed(&store.connection, term)), [1, 1], "former texts stay");
    store.write(NODE, &[(2, amend(EntryKind::Delete, ""))]);
    assert_eq!(["жжж", "щщщ"].map(|term| listed(&store.connection, term)), [0, 0]);
    assert!(["жж", "щщ"].iter().all(|bytes| kept(&store.connection, bytes) > 0), "the lists are rewritten later");
    while store.tend_index() {}
    assert_eq!(["жж", "щщ"].map(|bytes| kept(&store.connection, bytes)), [0, 0]);
    assert_eq!(count(&store.search(&by_ada("\"words 9\"")).unwrap()), 11, "the others are still there");
}

#[test]
fn the_lists_are_rewritten_after_a_restart_if_they_were_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = run(folder.path(), vec![user("Ada"), message(1, "general", "жжж", None)]);
    let said = appended(&outcomes[1]).id;
    let mut before = store(folder.path());
    let delete = Draft { kind: EntryKind::Delete, target: Some(said), ..draft(message(1, "general", "", None)) };
    before.write(NODE, &[(1, Change::Append(delete))]);
    drop(before);
    let mut after = store(folder.path());
    assert!(kept(&after.connection, "жж") > 0);
    while after.tend_index() {}
    assert_eq!(kept(&after.connection, "жж"), 0);
    drop(after);
    assert!(!store(folder.path()).tend_index(), "once is enough");
}

#[test]
fn an_index_that_cannot_even_be_removed_refuses_neither_words_nor_the_start() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), vec![user("Ada"), message(1, "general", "needle", None)]);
    let file = folder.path().join(FILE);
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'search_terms_data'";
    let root: u32 = connect(&file).unwrap().query_row(root, (), |row| row.get(0)).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[(root as usize - 1) * 4_096..][..8].fill(0xff);
    fs::write(&file, bytes).unwrap();
    for n in 0..3 {
        let mut store = store(folder.path());
        let said = store.write(NODE, &[(1, message(1, "general", &format!("word {n}"), None))]);
        assert!(said.answers[0].result.is_ok(), "{said:?}");
        assert!(matches!(store.search(&by_ada("needle")), Err(JournalError::Damaged(_))));
    }
    assert_eq!(stored(folder.path(), "general").len(), 4);
}

#[test]
fn a_room_with_a_damaged_name_takes_no_others_out_of_the_search() {
    let folder = tempfile::tempdir().unwrap();
    let join = Change::Join { user: UserId(1), room: room("den"), at: Timestamp::from_millis(1) };
    run(
        folder.path(),
        vec![user("Ada"), join, message(1, "den", "needle", None), message(1, "general", "needle", None)],
    );
    let harm = "UPDATE rooms SET name = CAST(X'ff41' AS TEXT) WHERE name = 'den'";
    connect(&folder.path().join(FILE)).unwrap().execute_batch(harm).unwrap();
    assert_eq!(count(&store(folder.path()).search(&by_ada("needle")).unwrap()), 1);
}

#[test]
fn a_damaged_index_refuses_no_words_and_is_made_anew_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), vec![user("Ada"), message(1, "general", "needle one", None)]);
    let mut damaged = store(folder.path());
    damaged.connection.execute("UPDATE search_terms_data SET block = x'ff' WHERE id <= 10", ()).unwrap();
    damaged = store(folder.path());
    let said = damaged.write(NODE, &[(1, message(1, "general", "needle two", None))]);
    assert!(said.answers[0].result.is_ok(), "{said:?}");
    drop(damaged);

    let mut anew = store(folder.path());
    while anew.tend_index() {}
    let found = anew.search(&by_ada("needle")).unwrap();
    assert_eq!((count(&found), found.is_indexing), (2, false));
}

#[test]
fn a_search_reads_a_thousand_entries_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    // All of its groups of three are in each text, and it itself is in none but the first.
    let changes = (0..1_001).map(|n| message(1, "general", if n == 0 { "abcde" } else { "abcd bcde" }, None));
    run(folder.path(), [user("Ada")].into_iter().chain(changes).collect());
    let store = store(folder.path());
    let found = store.search(&by_ada("abcde")).unwrap();
    assert_eq!(count(&found), 0);
    let next = store.search(&Search { before: found.older.unwrap(), ..by_ada("abcde") }).unwrap();
    assert_eq!((count(&next), next.older), (1, None));
}

#[test]
fn times_that_are_not_in_order_by_less_than_a_day_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let day = 86_400_000;
    let at = |millis, text: &str| {
        Change::Append(Draft { at: Timestamp::from_millis(millis), ..draft(message(1, "general", text, None)) })
    };
    let changes = (0..40).map(|n| at(10 * day + n * (day / 4) - if n % 7 == 3 { day / 2 } else { 0 }, "needle"));
    run(folder.path(), [user("Ada")].into_iter().chain(changes).collect());
    let store = store(folder.path());
    let search = by_ada("needle after:1970-01-14 before:1970-01-16");
    let all = stored(folder.path(), "general");
    let expected: Vec<_> = all.iter().rev().filter(|entry| search.finds(&log("general"), entry)).collect();
    let found = store.search(&search).unwrap();
    assert_eq!(found.entries.iter().map(|(_, entry)| entry).collect::<Vec<_>>(), expected);
    assert!(!expected.is_empty());
}
