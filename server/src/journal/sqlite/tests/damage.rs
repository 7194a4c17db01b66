//! Reads of a damaged store.

use super::{appended, log, message, open, run, user};
use crate::journal::{
    Answer, Change, Journal, Page, Range,
    sqlite::{
        checksum::Fields,
        connect,
        damage::{COLUMNS, Flaw, TEXT, read},
        reader::{heads, page, restore},
    },
};
use app::protocol::{Entry, EntryId, EntryKind, RoomName, Timestamp, UserId};
use std::{fs, path::Path};

const EVERYTHING: Range = Range { after: 0, before: EntryId::MAX, limit: 100 };

/// A store in which Ada wrote `one` to `nine` in `general`, each with a `client_id` of its own.
pub(super) fn store() -> (tempfile::TempDir, Vec<Entry>) {
    let folder = tempfile::tempdir().unwrap();
    let texts = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let said = texts.map(|text| message(1, "general", text, Some(&format!("mark-{text}"))));
    let outcomes = run(folder.path(), [vec![user("Ada")], said.into()].concat());
    (folder, outcomes[1..].iter().map(|outcome| appended(outcome).clone()).collect())
}

/// Changes the store behind the journal's back.
pub(super) fn harm(folder: &Path, statements: &str) {
    let other = rusqlite::Connection::open(folder.join("natter.db")).unwrap();
    other.pragma_update(None, "ignore_check_constraints", true).unwrap();
    other.execute_batch(statements).unwrap();
}

/// Replaces all occurrences of some bytes in the store's file, and returns their number.
pub(super) fn overwrite(folder: &Path, old: &[u8], new: &[u8]) -> usize {
    let file = folder.join("natter.db");
    let mut bytes = fs::read(&file).unwrap();
    let places: Vec<_> = (0..bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    for at in &places {
        bytes[*at..*at + new.len()].copy_from_slice(new);
    }
    fs::write(&file, bytes).unwrap();
    places.len()
}

/// Reads a page of `general` after a start.
fn shown(folder: &Path) -> Page {
    let (journal, _, _completions) = open(folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(journal.page(&log("general"), EVERYTHING)).unwrap()
}

/// Checks that the entries are the stored ones, except for the damaged ones, which keep their places.
fn assert_damaged(entries: &[Entry], stored: &[Entry], damaged: &[EntryId]) {
    let expected: Vec<_> = stored
        .iter()
        .map(|entry| {
            if !damaged.contains(&entry.id) {
                return entry.clone();
            }
            let (text, from) = (TEXT.into(), "system".into());
            let lost = Entry { user_id: None, client_id: None, target: None, amended: None, ..entry.clone() };
            Entry { kind: EntryKind::System, text, from, ..lost }
        })
        .collect();
    assert_eq!(entries, expected);
}

/// Checks that a start works, and that a page shows everything but the damaged entries.
fn assert_shown(folder: &Path, stored: &[Entry], damaged: &[EntryId]) {
    assert_damaged(&shown(folder).entries, stored, damaged);
}

#[test]
fn an_entry_of_which_one_byte_is_another_in_the_file_is_shown_as_damaged_in_its_place() {
    let (folder, stored) = store();
    assert_shown(folder.path(), &stored, &[]);
    assert_eq!(overwrite(folder.path(), b"sevenmark-", b"sEvenmark-"), 1, "the text, with the `client_id` behind it");
    assert_shown(folder.path(), &stored, &[9]);
}

#[test]
fn each_column_that_people_read_is_checked() {
    for change in [
        "ts = ts + 1",
        "kind = 'action'",
        "author = NULL",
        "from_name = 'Eve'",
        "text = 'two!'",
        "client_id = 'other'",
        "client_id = NULL",
        "checksum = checksum + 1",
        "checksum = NULL",
        "prev = 99",
    ] {
        let (folder, stored) = store();
        harm(folder.path(), &format!("UPDATE entries SET {change} WHERE id = 4"));
        let mut stored_now = stored;
        if change.starts_with("ts") {
            stored_now[1].ts = Timestamp::from_millis(3);
        }
        assert_shown(folder.path(), &stored_now, &[4]);
    }
}

#[test]
fn a_row_that_is_no_entry_is_shown_as_damaged_and_costs_the_others_nothing() {
    for change in [
        "kind = 'wish'",
        "text = CAST(X'ff41' AS TEXT)",
        "from_name = CAST(X'c328' AS TEXT)",
        "client_id = CAST(X'80' AS TEXT)",
        "kind = CAST(X'80' AS TEXT)",
        "ts = -1",
        "ts = 8640000000000001",
        "prev = -5",
        "prev = 9007199254740992",
        "author = -9223372036854775808",
    ] {
        let (folder, stored) = store();
        // Somebody who damages a store does not check foreign keys.
        harm(folder.path(), &format!("PRAGMA foreign_keys = OFF; UPDATE entries SET {change} WHERE id = 11"));
        assert_shown(folder.path(), &stored, &[11]);
    }
}

#[test]
fn a_damaged_first_entry_has_none_before_it_and_the_moment_of_the_next() {
    let (folder, stored) = store();
    harm(folder.path(), "UPDATE entries SET ts = -1, prev = 99 WHERE id = 3");
    assert_shown(folder.path(), &stored, &[3]);
}

#[test]
fn a_row_that_is_not_where_the_index_says_is_damaged_and_no_gap() {
    let (folder, stored) = store();
    // The row is deleted while the schema hides the index.
    harm(
        folder.path(),
        "CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'entries_by_room';
         PRAGMA writable_schema = ON;
         DELETE FROM sqlite_schema WHERE name = 'entries_by_room';",
    );
    harm(
        folder.path(),
        "DELETE FROM entries WHERE id = 6;
         PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT * FROM kept;",
    );
    harm(folder.path(), "DROP TABLE kept;");
    assert_shown(folder.path(), &stored, &[6]);
}

#[test]
fn a_page_of_the_table_that_cannot_be_read_costs_its_own_entries_only() {
    let folder = tempfile::tempdir().unwrap();
    let text = "x".repeat(500);
    let outcomes = run(folder.path(), [vec![user("Ada")], vec![message(1, "general", &text, None); 60]].concat());
    let stored: Vec<_> = outcomes[1..].iter().map(|outcome| appended(outcome).clone()).collect();
    let file = folder.path().join("natter.db");
    let mut bytes = fs::read(&file).unwrap();
    // A page in the middle of those that are full of the text.
    let full: Vec<_> = (0..bytes.len() / 4_096)
        .filter(|page| bytes[page * 4_096..][..4_096].iter().filter(|byte| **byte == b'x').count() > 3_000)
        .collect();
    let page = full[full.len() / 2] * 4_096;
    bytes[page..page + 4_096].fill(0xa5);
    fs::write(&file, bytes).unwrap();

    let page = shown(folder.path());
    let lost: Vec<_> = page.entries.iter().filter(|entry| &*entry.text == TEXT).map(|entry| entry.id).collect();
    assert!((5..=8).contains(&lost.len()), "as many as are on a page: {lost:?}");
    assert_damaged(&page.entries, &stored, &lost);
}

#[test]
fn an_entry_from_before_the_checksums_is_taken_as_it_is() {
    let (folder, stored) = store();
    harm(
        folder.path(),
        "UPDATE entries SET checksum = NULL WHERE id <= 7; UPDATE meta SET value = 7 WHERE key = 'unchecked';
         UPDATE entries SET kind = 'wish' WHERE id = 4;",
    );
    assert_shown(folder.path(), &stored, &[4]);
    harm(folder.path(), "UPDATE entries SET checksum = NULL WHERE id = 8");
    assert_shown(folder.path(), &stored, &[4, 8]);
}

#[test]
fn a_client_id_under_which_a_damaged_entry_is_stored_is_used() {
    let (folder, _) = store();
    harm(folder.path(), "UPDATE entries SET ts = ts + 1 WHERE id = 4");
    let again = run(folder.path(), vec![message(1, "general", "two", Some("mark-two"))]);
    assert_eq!(again, [Answer::ClientIdUsed]);
}

#[test]
fn the_line_of_a_new_name_stays_whole_when_its_user_is_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let name = app::protocol::UserName::parse("Eve").unwrap();
    let rename = Change::Rename { user: UserId(1), name, at: Timestamp::from_millis(3) };
    let outcomes = run(
        folder.path(),
        vec![user("Ada"), rename, Change::Forget { user: UserId(1), if_no_entries: true, uptime_ms: 0 }],
    );
    let lines = outcomes[1].entries();
    assert_shown(folder.path(), &[lines[0].clone()], &[]);
}

#[test]
fn a_damaged_entry_is_named_once() {
    let (folder, stored) = store();
    harm(folder.path(), "UPDATE entries SET text = 'tw0' WHERE id = 4");
    let named = || crate::journal::sqlite::damage::named_in(&folder.path().join("natter.db"));
    assert_eq!(named(), Vec::<i64>::new());
    assert_shown(folder.path(), &stored, &[4]);
    assert_shown(folder.path(), &stored, &[4]);
    assert_eq!(named(), [4]);
}

#[test]
fn the_reason_says_what_is_wrong() {
    let (folder, _) = store();
    harm(folder.path(), "UPDATE entries SET ts = -1 WHERE id = 3; UPDATE entries SET text = '' WHERE id = 4");
    let store = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    let mut statement = store.prepare(&format!("SELECT {COLUMNS} FROM entries WHERE id < 5 ORDER BY id")).unwrap();
    let flaws: Vec<_> = statement.query_map((), read).unwrap().map(|flaw| flaw.unwrap().unwrap_err()).collect();
    assert_eq!(flaws, [Flaw::Column("ts"), Flaw::Checksum]);
    let sentences: Vec<_> = flaws.iter().map(ToString::to_string).collect();
    assert_eq!(sentences, ["its column ts cannot be read", "its checksum does not match"]);
}

#[test]
fn whichever_byte_of_the_rows_is_another_a_start_and_a_page_show_each_entry_whole_or_damaged() {
    let (folder, stored) = store();
    let file = folder.path().join("natter.db");
    let whole = fs::read(&file).unwrap();
    let at = whole.windows(9).position(|bytes| bytes == b"ninemark-").unwrap();
    let begin = at / 4_096 * 4_096;
    let rows = (begin..begin + 4_096).filter(|at| whole[*at] != 0);
    for at in rows {
        for bits in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= bits;
            fs::write(&file, bytes).unwrap();
            let connection = connect(&file).unwrap();
            let place = format!("byte {} of the page, by {bits:x}", at - begin);
            let page =
                page(&connection, &log("general"), EVERYTHING).unwrap_or_else(|error| panic!("{place}: {error}"));
            let lost: Vec<_> = page.entries.iter().filter(|entry| &*entry.text == TEXT).map(|entry| entry.id).collect();
            let undated = |entry: &Entry| Entry { ts: Timestamp::from_millis(2), ..entry.clone() };
            let page: Vec<_> = page.entries.iter().map(undated).collect();
            assert_damaged(&page, &stored, &lost);
            let restored = heads(&connection).and_then(|heads| restore(&connection, &heads));
            assert!(restored.is_ok(), "{place}");
        }
    }
}

#[test]
fn a_start_leaves_out_what_is_damaged_beside_the_entries_and_has_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let join = |user| Change::Join { user: UserId(user), room: super::room("random"), at: Timestamp::from_millis(1) };
    let read = |user| Change::Read { user: UserId(user), log: log("general"), id: 1 };
    let said = [message(1, "general", "one", None), message(2, "random", "two", None)];
    let changes = [vec![user("Ada"), user("Bo"), user("Cy"), join(1), join(2)], said.into(), vec![read(1), read(2)]];
    run(folder.path(), changes.concat());
    harm(
        folder.path(),
        "PRAGMA foreign_keys = OFF;
         UPDATE users SET name = CAST(X'ff' AS TEXT) WHERE name = 'Cy';
         UPDATE users SET seen_uptime = -1, caught_up_to = -1 WHERE name = 'Bo';
         UPDATE rooms SET name = '@x' WHERE name = 'help';
         UPDATE rooms SET created_at = -1, head = -1, head_at = -1 WHERE name = 'random';
         UPDATE reads SET id = -1 WHERE user = 2 AND room = 1;
         UPDATE sessions SET hash = X'00' WHERE user = 2;
         UPDATE sessions SET renewed_at = -1 WHERE user = 1;
         INSERT INTO members VALUES (-3, 1);
         UPDATE meta SET value = CAST(X'ff' AS TEXT) WHERE key = 'uptime'",
    );
    let (_journal, restored, _completions) = open(folder.path());
    let users: Vec<_> = restored.users.iter().map(|user| (user.id.0, user.rooms.len(), user.sessions.len())).collect();
    assert_eq!(users, [(1, 2, 1), (2, 2, 0)]);
    assert_eq!((restored.users[1].seen_uptime_ms, restored.users[1].caught_up_to), (u64::MAX, 0));
    let read: Vec<_> =
        restored.users.iter().map(|user| user.reads.iter().any(|(at, _)| *at == log("general"))).collect();
    assert_eq!(read, [true, false]);
    assert_eq!(restored.rooms.keys().map(RoomName::as_str).collect::<Vec<_>>(), ["general", "random"]);
    assert_eq!(restored.rooms[&super::room("random")].head, 10, "as the entries say");
}

#[test]
fn an_entry_of_a_newer_versions_kind_is_read_as_unknown_and_keeps_its_place() {
    let (folder, stored) = store();
    let unknown = Entry { kind: EntryKind::Unknown, ..stored[3].clone() };
    let checksum = {
        let connection = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (room, author) = connection.query_row("SELECT room, author FROM entries WHERE id = 6", [], row).unwrap();
        let [id, prev, ts] =
            [unknown.id, unknown.prev, unknown.ts.as_millis()].map(|number| i64::try_from(number).unwrap());
        let (from, text, client_id) = (&*unknown.from, &*unknown.text, unknown.client_id.as_deref());
        Fields {
            id,
            room,
            prev,
            ts,
            kind: "poll",
            author: Some(author),
            from,
            text,
            client_id,
            rev: None,
            target: None,
        }
        .checksum()
    };
    harm(folder.path(), &format!("UPDATE entries SET kind = 'poll', checksum = {checksum} WHERE id = 6"));
    let entries = shown(folder.path()).entries;
    assert_eq!(entries, [&stored[..3], &[unknown], &stored[4..]].concat(), "as it is");
    let connection = rusqlite::Connection::open(folder.path().join("natter.db")).unwrap();
    let kind = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(kind("SELECT kind FROM entries WHERE id = 6"), "poll", "the store is not changed");
    harm(folder.path(), "UPDATE entries SET kind = 'pall' WHERE id = 7");
    assert_damaged(&shown(folder.path()).entries[4..], &stored[4..], &[7]);
}

/// The same store, where `two` (4) was edited (12), `three` (5) deleted (13) and `four` (6) edited twice (14, 15).
fn amended_store() -> (tempfile::TempDir, Vec<Entry>) {
    let (folder, mut entries) = store();
    let amend = |kind, target, text: &str| {
        let Change::Append(draft) = message(1, "general", text, None) else { unreachable!() };
        Change::Append(crate::journal::Draft { kind, target: Some(target), ..draft })
    };
    let (edit, delete) = (EntryKind::Edit, EntryKind::Delete);
    let changes = vec![amend(edit, 4, "zwei"), amend(delete, 5, ""), amend(edit, 6, "fuor"), amend(edit, 6, "vier")];
    for outcome in run(folder.path(), changes) {
        let amendment = appended(&outcome).clone();
        for entry in &mut entries {
            entry.amend(&amendment);
        }
        entries.push(amendment);
    }
    (folder, entries)
}

#[test]
fn a_damaged_amendment_hides_the_words_that_it_changed_and_a_deleted_text_stays_away() {
    let (folder, stored) = amended_store();
    assert_eq!(shown(folder.path()).entries, stored);
    for (change, damaged) in [
        ("UPDATE entries SET text = 'drei' WHERE id = 12", &[4, 12][..]),
        ("UPDATE entries SET kind = 'edit' WHERE id = 13", &[5, 13]),
        ("UPDATE entries SET text = 'tow' WHERE id = 4", &[4]),
        ("UPDATE entries SET rev = 4 WHERE id = 4", &[4]),
        ("UPDATE entries SET rev = NULL WHERE id = 4", &[4]),
        ("UPDATE entries SET target = 7 WHERE id = 12", &[4, 12]),
        ("PRAGMA foreign_keys = OFF; DELETE FROM entries WHERE id = 12", &[4]),
    ] {
        let (folder, stored) = amended_store();
        harm(folder.path(), change);
        let mut entries = shown(folder.path()).entries;
        let is_there = |entry: &&Entry| !change.contains("DELETE") || entry.id != 12;
        let stored: Vec<Entry> = stored.iter().filter(is_there).cloned().collect();
        if change.contains("DELETE") {
            entries.iter_mut().filter(|entry| entry.id == 13).for_each(|entry| entry.prev = 12);
        }
        assert_damaged(&entries, &stored, damaged);
        let found = super::super::check(folder.path()).unwrap().to_string();
        assert!(found.contains(&format!("Entry {} in general is damaged", damaged[0])), "{change}: {found}");
    }
}

#[test]
fn a_store_of_an_older_format_is_carried_over_with_its_damaged_rows() {
    let (folder, stored) = store();
    harm(
        folder.path(),
        "DROP TABLE search_terms; DELETE FROM meta WHERE key = 'unindexed';
         DROP TABLE amendments; ALTER TABLE entries DROP COLUMN target; ALTER TABLE entries DROP COLUMN rev;
         UPDATE entries SET kind = 'wish' WHERE id = 6; UPDATE entries SET text = CAST(X'ff41' AS TEXT) WHERE id = 7;
         PRAGMA user_version = 8",
    );
    assert_shown(folder.path(), &stored, &[6, 7]);
}
