use super::*;
use crate::completion::complete;
use proptest::prelude::*;

/// Yields each command with placeholders for its arguments.
fn typed() -> impl Iterator<Item = String> {
    COMMANDS.iter().map(CommandInfo::usage)
}

#[test]
fn every_command_is_read_listed_and_offered() {
    let offered = complete("/", 1, &[], &[]).unwrap().choices;
    assert_eq!(offered.len(), COMMANDS.len());
    for (info, choice) in COMMANDS.iter().zip(offered) {
        assert!(matches!(parse(&info.usage()), Some(Ok(_))), "{}", info.name);
        assert!(help().contains(&format!("\n{} - {}", info.usage(), info.summary)), "{}", info.name);
        assert_eq!((choice.label, choice.summary), (info.usage(), info.summary));
        assert!(std::ptr::eq(named(&info.name.to_uppercase()).unwrap(), named(info.name).unwrap()), "{}", info.name);
    }
}

#[test]
fn no_command_says_more_than_a_message_may() {
    for info in &COMMANDS {
        let words = info.arguments.split_whitespace().count();
        if words == 0 {
            continue;
        }
        let with = |length: usize| format!("/{} {}{}", info.name, "a ".repeat(words - 1), "é".repeat(length));
        let (at_limit, over) = (with(TEXT_MAX), with(TEXT_MAX + 1));
        match parse(&at_limit).unwrap() {
            Ok(Command::Say(speech)) => assert!(speech.text().chars().count() <= TEXT_MAX, "{}", info.name),
            Ok(_) => continue,
            // The stored text is longer than the argument.
            Err(error) => assert_eq!(error.code, ErrorCode::TooLong, "{}", info.name),
        }
        assert_eq!(parse(&over).unwrap().unwrap_err().code, ErrorCode::TooLong, "{}", info.name);
    }
}

#[test]
fn a_command_that_is_heard_in_a_room_is_refused_in_a_conversation() {
    for text in typed() {
        let command = parse(&text).unwrap().unwrap();
        assert!(command.reach() != Reach::Room || command.refusal_in_conversation().is_some(), "{text}");
        assert_eq!(command.is_said(), matches!(command, Command::Say(_)), "{text}");
    }
}

#[test]
fn what_does_not_look_like_a_command_is_plain_text() {
    for text in [
        "hello",
        "",
        "/",
        "//",
        "/ me",
        "/usr/bin",
        "/usr/bin/env is there",
        "/5",
        "/me!",
        " /me waves",
        "a /me",
        "/_x",
        "//me",
        "/* a comment */",
        "/etc/",
        "/.config",
        "/r/rust",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn a_second_slash_says_what_would_be_a_command() {
    for (text, expected) in [
        ("//etc is full", "/etc is full"),
        ("//me waves", "/me waves"),
        ("//join", "/join"),
        ("//नमस्ते", "/नमस्ते"),
        ("//etc/hosts", "//etc/hosts"),
        ("// a comment", "// a comment"),
        ("///", "///"),
        ("//", "//"),
        ("///me", "///me"),
        ("/ me", "/ me"),
        ("hello", "hello"),
    ] {
        assert_eq!(parse(text), None, "{text}");
        assert_eq!((plain(text), &*said(text)), (expected, expected), "{text}");
    }
}

#[test]
fn a_text_about_no_name_is_given_no_other_name() {
    for text in ["hello", "/join attic", "/pm Bo", "/dance"] {
        assert_eq!(with_name(text, "Bo"), None, "{text}");
    }
}

#[test]
fn an_unknown_command_is_named() {
    for (text, word) in [("/dance", "dance"), ("/café au lait", "café"), ("/join_x", "join_x"), ("/नमस्ते", "नमस्ते")]
    {
        let error = parse(text).unwrap().unwrap_err().message;
        assert!(error.starts_with(&format!("Unknown command: /{word}. Type /help for available commands.")));
        assert!(error.ends_with(&format!("start with //{word}.")), "{error}");
    }
}

/// Returns `true` if the text is refused for a missing or superfluous argument.
pub(super) fn is_misused(text: &str) -> bool {
    let Err(CommandError { code, message }) = parse(text).unwrap() else { return false };
    let word = text.split_whitespace().next().unwrap().strip_prefix('/').unwrap();
    code == ErrorCode::BadCommand && message == format!("Usage: {}.", named(word).unwrap().usage())
}

proptest! {
    #[test]
    fn no_text_makes_the_grammar_panic(text in "/?(pm|me|join|nick|é)?\\s*.{0,20}") {
        if let Some(Ok(Command::Say(speech))) = parse(&text) {
            prop_assert!(!speech.text().is_empty());
        }
        if let Some(other) = with_name(&text, "Bo_2") {
            prop_assert!(other.contains("Bo_2"));
        }
    }
}
