//! The examples of `docs/protocol.md` are frames that both sides read.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use app::protocol::{ServerFrame, decode_client_frame, decode_server_frame};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The JSON examples under a heading.
fn examples(heading: &str) -> Vec<&'static str> {
    let section = DOCUMENT.split("\n## ").find(|section| section.starts_with(heading)).expect("the heading");
    let code = section.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("its examples");
    code.lines().collect()
}

#[test]
fn what_a_client_may_send_is_read() {
    for example in examples("What you may send") {
        decode_client_frame(example).unwrap_or_else(|error| panic!("{example}: {error}"));
    }
}

#[test]
fn what_a_client_is_sent_is_read() {
    for example in examples("What you are sent") {
        let frame = decode_server_frame(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        let unused = ["left", "room_list", "pong"].iter().any(|kind| example.contains(&format!(r#""type":"{kind}""#)));
        assert_eq!(frame == ServerFrame::Unknown, unused, "{example}");
    }
}
