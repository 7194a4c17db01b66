//! The examples of `docs/protocol.md` are readable by both sides and complete.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use app::{
    command,
    protocol::{ErrorCode, ServerFrame, Stats, decode_client_frame, decode_server_frame, limits},
};
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// Returns the text under a heading.
fn section(heading: &str) -> &'static str {
    DOCUMENT.split("\n## ").find(|section| section.starts_with(heading)).expect("the heading")
}

/// Returns the examples under a heading, in this language.
fn examples(heading: &str, language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let code = section(heading).split(&fence).nth(1).and_then(|rest| rest.split("```").next()).expect("its examples");
    code.lines().collect()
}

/// Returns the types of the frames in examples.
fn types(examples: &[&str]) -> BTreeSet<String> {
    let kind = |example: &&str| example.split('"').nth(3).expect("the type comes first").to_owned();
    examples.iter().map(kind).collect()
}

fn set(types: &[&str]) -> BTreeSet<String> {
    types.iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_client_may_send_is_read_and_every_frame_has_its_example() {
    let examples = examples("What you may send", "json");
    for example in &examples {
        decode_client_frame(example).unwrap_or_else(|error| panic!("{example}: {error}"));
    }
    let all = [
        "message",
        "join",
        "leave",
        "preview",
        "typing",
        "pm",
        "edit",
        "delete",
        "set_nick",
        "get_rooms",
        "get_users",
        "get_mentions",
        "get_history",
        "read",
        "ping",
        "pong",
    ];
    assert_eq!(types(&examples), set(&all));
    // The decoder itself lists the known types.
    let known = decode_client_frame(r#"{"type":"?"}"#).unwrap_err();
    assert!(all.iter().all(|kind| known.contains(&format!("`{kind}`"))), "{known}");
    assert_eq!(known.matches('`').count(), 2 * (all.len() + 1), "{known}");
}

#[test]
fn what_a_client_is_sent_is_what_the_server_writes_and_the_page_reads() {
    let examples = [examples("Connecting", "json"), examples("What you are sent", "json")].concat();
    for example in &examples {
        let frame = decode_server_frame(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        if !example.contains(r#""type":"pong""#) {
            assert_ne!(frame, ServerFrame::Unknown, "{example}");
            let written: serde_json::Value = serde_json::to_value(&frame).unwrap();
            assert_eq!(written, serde_json::from_str::<serde_json::Value>(example).unwrap(), "{example}");
        }
    }
    let all = [
        "connected",
        "resumed",
        "joined",
        "left",
        "preview",
        "message",
        "action",
        "system",
        "user_joined",
        "user_left",
        "typing",
        "pm",
        "pm_sent",
        "edit",
        "delete",
        "nick_changed",
        "room_created",
        "room_deleted",
        "room_list",
        "room_counts",
        "user_list",
        "mentions",
        "history",
        "read",
        "done",
        "error",
        "ping",
        "pong",
    ];
    assert_eq!(types(&examples), set(&all));
}

#[test]
fn every_error_code_and_command_is_explained() {
    for (code, name) in ErrorCode::KNOWN {
        assert!(section("What you are sent").contains(&format!("`{name}`")), "{code:?}");
    }
    for info in command::COMMANDS {
        assert!(section("Commands").contains(&format!("`{}`", info.usage())), "{}", info.name);
    }
}

#[test]
fn the_numbers_of_the_document_are_those_of_the_code() {
    for (part, number) in [
        ("2 to 20 letters", limits::USER_NAME_MAX),
        ("2 to 30 letters", limits::ROOM_NAME_MAX),
        ("1 to 64 bytes", limits::CLIENT_ID_MAX),
        ("the newest 200 at the most", limits::RESUMED_PER_ROOM),
        ("of the 50 conversations", limits::RESUMED_CONVERSATIONS),
        ("by name, 100 at the most", limits::LISTED_AWAY),
        ("the newest 50 entries that mention", limits::MENTIONS_LISTED),
        ("counted among the newest 200 entries", limits::RESUMED_PER_ROOM),
        ("one of the first 16 different names", limits::CALLED_AT_ONCE),
        ("(with the newest 50 entries)", limits::JOINED_HISTORY),
        ("In a room with over 200 present", limits::LISTED_MEMBERS),
        ("who come to a room with over 20 present", limits::TOLD_OF_EACH),
        ("(1 to 200, 100 when left out)", limits::HISTORY_MAX),
        ("wait for 16 pages", limits::READS_AT_ONCE),
        ("a user is in 50 at the most", limits::ROOMS_PER_USER),
    ] {
        let whole = DOCUMENT.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(whole.contains(part) && part.contains(&number.to_string()), "{part}: {number}");
    }
    assert_eq!((limits::TEXT_MAX, limits::FRAME_MAX, limits::TYPING_LEASE_MS), (4_000, 64 * 1_024, 6_000));
    assert_eq!(limits::AWAY_AMONG, 1_000, "in a room with over 1,000 members");
    assert_eq!((limits::PING_EVERY_MS, limits::SERVER_PATIENCE_MS), (25_000, 60_000));
}

#[test]
fn the_events_of_the_document_are_events() {
    let lines = examples("Events", "text");
    let names: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["user_connected", "user_disconnected", "room_created", "room_deleted", "stats"]);
    let data: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("data: ")).collect();
    for json in &data {
        serde_json::from_str::<serde_json::Value>(json).unwrap();
    }
    let stats: Stats = serde_json::from_str(data.last().unwrap()).unwrap();
    assert_eq!(serde_json::to_string(&stats).unwrap(), *data.last().unwrap());
}
