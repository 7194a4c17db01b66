//! The findings of a check, which changes nothing.

use super::{
    damage::{harm, overwrite, store},
    message, open, run,
};
use crate::journal::{OpenError, check};
use std::{collections::BTreeMap, ffi::OsString, fs, path::Path};

/// Reads all files of a folder.
fn files(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

/// Returns the findings about a store and `true` if it is whole, after a check that no file changed.
fn found(folder: &Path) -> (Vec<String>, bool) {
    let before = files(folder);
    let findings = check(folder).unwrap();
    assert!(files(folder) == before, "nothing is changed");
    (findings.to_string().lines().map(str::to_owned).collect(), findings.is_whole())
}

/// The verdict on a store of nine entries.
fn verdict(folder: &Path, verdict: &str) -> String {
    let file = folder.join("natter.db");
    format!("The store {} {verdict}. Read: 9 entries, 3 rooms and conversations, 1 users.", file.display())
}

#[test]
fn a_whole_store_is_called_whole() {
    let (folder, _) = store();
    assert_eq!(found(folder.path()), (vec![verdict(folder.path(), "is whole")], true));
}

#[test]
fn damaged_entries_are_named_with_the_reason() {
    let (folder, _) = store();
    assert_eq!(overwrite(folder.path(), b"sevenmark-", b"sEvenmark-"), 1);
    harm(
        folder.path(),
        "UPDATE entries SET prev = 77, checksum = NULL WHERE id = 5; UPDATE meta SET value = 5 WHERE key = 'unchecked'",
    );
    let (said, is_whole) = found(folder.path());
    assert!(!is_whole);
    assert_eq!(
        said,
        [
            "Entry 5 in general is damaged: entry 4 is before it, and it names 77.",
            "Entry 9 in general is damaged: its checksum does not match.",
            "1 entries were stored without a checksum: another text in one of them would not be noticed.",
            &verdict(folder.path(), "is damaged; nothing was changed"),
        ]
    );
}

#[test]
fn an_end_of_a_log_that_is_noted_wrongly_is_found() {
    let (folder, _) = store();
    harm(
        folder.path(),
        "UPDATE rooms SET head = 10 WHERE name = 'general'; UPDATE rooms SET head = 1 WHERE name = 'help'",
    );
    let (said, _) = found(folder.path());
    assert_eq!(
        said[..2],
        [
            "The newest entry of general is 11, and another one is noted.",
            "The newest entry of help is 0, and another one is noted."
        ]
    );
}

#[test]
fn a_hundred_problems_are_named_and_the_others_counted() {
    let (folder, _) = store();
    run(folder.path(), vec![message(1, "general", "another", None); 92]);
    harm(folder.path(), "UPDATE entries SET text = 'x' WHERE id <= 102");
    let (said, _) = found(folder.path());
    assert_eq!(said.len(), 101);
    harm(folder.path(), "UPDATE entries SET text = 'x'");
    let (said, _) = found(folder.path());
    assert_eq!((said.len(), said[100].as_str()), (102, "There are 1 more problems."));
}

#[test]
fn names_that_cannot_be_read_are_named() {
    let (folder, _) = store();
    harm(
        folder.path(),
        "UPDATE users SET name = CAST(X'ff' AS TEXT); UPDATE rooms SET name = '@x' WHERE name = 'help'",
    );
    let (said, _) = found(folder.path());
    assert_eq!(said[..2], ["The name of user 1 is damaged.", "The name of room or conversation 3 is damaged."]);
}

#[test]
fn entries_on_a_damaged_page_are_between_those_that_can_be_read() {
    let (folder, _) = store();
    run(folder.path(), vec![message(1, "general", &"x".repeat(500), None); 60]);
    let file = folder.path().join("natter.db");
    let mut bytes = fs::read(&file).unwrap();
    let is_full = |page: &usize| bytes[page * 4_096..][..4_096].iter().filter(|byte| **byte == b'x').count() > 3_000;
    let full: Vec<_> = (0..bytes.len() / 4_096).filter(is_full).collect();
    let page = full[full.len() / 2] * 4_096;
    bytes[page..page + 4_096].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    let (said, is_whole) = found(folder.path());
    assert!(!is_whole);
    let lost = said.iter().find(|line| line.starts_with("Entries after ")).unwrap_or_else(|| panic!("{said:?}"));
    let numbers: Vec<u64> =
        lost.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
    assert!((6..=9).contains(&(numbers[1] - numbers[0])), "{lost}");
    assert!(said.iter().any(|line| line.starts_with("The file is damaged: ")), "{said:?}");
}

#[test]
fn an_index_that_lost_a_row_is_found() {
    let (folder, _) = store();
    harm(folder.path(), "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'entries_by_author'");
    let (said, _) = found(folder.path());
    assert!(said[0].starts_with("The file is damaged: "), "{said:?}");
}

#[test]
fn what_is_still_in_sqlites_log_after_a_crash_is_read_too() {
    let (folder, _) = store();
    let (journal, _, mut completions) = open(folder.path());
    crate::journal::Journal::submit(&journal, 1, message(1, "general", "ten", None)).unwrap();
    completions.blocking_recv().unwrap();
    // The files as they are now are what a crash leaves.
    let crashed = tempfile::tempdir().unwrap();
    for (name, bytes) in files(folder.path()) {
        fs::write(crashed.path().join(name), bytes).unwrap();
    }
    let (said, is_whole) = found(crashed.path());
    assert!(is_whole && said[0].contains("Read: 10 entries"), "{said:?}");
}

#[test]
fn a_store_that_a_server_has_is_left_to_it() {
    let (folder, _) = store();
    let _server = open(folder.path());
    assert!(matches!(check(folder.path()), Err(OpenError::InUse(_))));
}

#[test]
fn what_is_no_store_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(check(folder.path()), Err(OpenError::Missing(_))));
    assert!(matches!(check(&folder.path().join("nowhere")), Err(OpenError::Missing(_))));
    let file = folder.path().join("natter.db");
    fs::write(&file, "").unwrap();
    assert!(matches!(check(folder.path()), Err(OpenError::Missing(_))));
    fs::write(&file, "these are somebody's notes, not a store").unwrap();
    assert!(matches!(check(folder.path()), Err(OpenError::Damaged { .. })));
    assert_eq!(files(folder.path()).len(), 1, "and no lock is made");
}

#[test]
fn a_store_from_before_the_checksums_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    super::people::first_format(folder.path());
    let (said, is_whole) = found(folder.path());
    assert!(is_whole && said[0].contains("stored without a checksum"), "{said:?}");
}
