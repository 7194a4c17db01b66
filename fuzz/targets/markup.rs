//! Texts of messages: marks, words, commands and mentions.
#![no_main]

use app::{command, markup, mention, protocol::Text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(text) = Text::parse(text) else { return };
    let text = text.into_inner();
    let words = markup::words(&text);
    for most in [0, 1, 40] {
        assert!(markup::cut(&words, most).chars().count() <= most + 1, "an ellipsis may stand behind it");
    }
    for piece in markup::parse(&text) {
        piece.walk(&mut |piece| {
            if let markup::Piece::Link(link) = piece {
                assert!(!link.contains(['"', '<', '>']), "{link}");
            }
        });
    }
    drop(command::parse(&text));
    mention::mentions(&text).for_each(drop);
});
