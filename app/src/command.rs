//! The slash commands: one grammar, which the server executes and the composer completes.
//!
//! A text is a command when it begins with `/`, a word, and then white space or its end: `/me waves`. Anything else is
//! plain text, such as `/usr/bin` or `/ 2`. The word is compared without regard to case. A text that only looks like a
//! command is said with a second slash: `//etc is full` says `/etc is full`.
//!
//! A name may be typed with the sign that the page writes before it: `/join #tea`, `/pm @Bo`. Commands hand it on as it
//! was typed, and whatever takes a name knows its sign.

use crate::{
    bidi::isolated,
    characters::{is_blank, is_letter, is_word},
    protocol::RoomInfo,
};
use std::fmt::Write as _;

/// A command as somebody can type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandInfo {
    /// The word, without the slash.
    pub name: &'static str,
    /// What follows it, for people: `<room>`.
    pub arguments: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
}

/// All commands, in the order of the help.
pub const COMMANDS: [CommandInfo; 8] = [
    CommandInfo { name: "help", arguments: "", summary: "Show available commands" },
    CommandInfo { name: "rooms", arguments: "", summary: "List all rooms" },
    CommandInfo { name: "users", arguments: "", summary: "List users in the current room" },
    CommandInfo { name: "join", arguments: "<room>", summary: "Join or create a room" },
    CommandInfo { name: "leave", arguments: "", summary: "Leave the current room" },
    CommandInfo { name: "pm", arguments: "<user> <message>", summary: "Send a private message" },
    CommandInfo { name: "nick", arguments: "<name>", summary: "Change your name" },
    CommandInfo { name: "me", arguments: "<action>", summary: "Describe an action" },
];

impl CommandInfo {
    /// The whole command as it is typed: `/join <room>`.
    #[must_use]
    pub fn usage(&self) -> String {
        if self.arguments.is_empty() { format!("/{}", self.name) } else { format!("/{} {}", self.name, self.arguments) }
    }
}

/// What somebody wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// Show the commands.
    Help,
    /// List all rooms.
    Rooms,
    /// List who is in this room.
    Users,
    /// Join a room.
    Join {
        /// Which, as it was typed.
        room: &'a str,
    },
    /// Leave this room.
    Leave,
    /// Say something to one user alone.
    Pm {
        /// The user's name.
        to: &'a str,
        /// What.
        text: &'a str,
    },
    /// Take another name.
    Nick {
        /// Which, as it was typed.
        name: &'a str,
    },
    /// Say what one does.
    Me {
        /// What, without the name.
        action: &'a str,
    },
}

impl Command<'_> {
    /// Whether it puts something into a log, as a message does.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        matches!(self, Self::Pm { .. } | Self::Me { .. })
    }

    /// Why the command cannot be given in a conversation, as a sentence; `None` if it can.
    #[must_use]
    pub const fn refusal_in_conversation(&self) -> Option<&'static str> {
        match self {
            Self::Leave => Some("You can't leave a conversation."),
            Self::Users | Self::Me { .. } => Some("This command works in rooms only."),
            _ => None,
        }
    }
}

/// Why something that looks like a command is none. Each is a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no such command.
    #[error("Unknown command: /{0}. Type /help for available commands. To send it as a message, start with //{0}.")]
    Unknown(String),
    /// It lacks an argument, or has one that it does not take.
    #[error("Usage: {0}.")]
    Usage(String),
}

/// Reads a command; nothing when the text does not look like one.
///
/// # Errors
/// [`CommandError`] when it looks like a command and cannot be executed.
#[must_use]
pub fn parse(text: &str) -> Option<Result<Command<'_>, CommandError>> {
    let rest = text.strip_prefix('/')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    let is_command = word.starts_with(is_letter) && word.chars().all(is_word);
    is_command.then(|| read(word, rest.trim()))
}

/// What a text that is no command says: itself, without the first slash of two that say that it is none.
#[must_use]
pub fn plain(text: &str) -> &str {
    match text.strip_prefix('/') {
        Some(said) if parse(said).is_some() => said,
        _ => text,
    }
}

/// The command of this word, in any case.
#[must_use]
pub fn named(word: &str) -> Option<&'static CommandInfo> {
    COMMANDS.iter().find(|info| info.name.eq_ignore_ascii_case(word))
}

fn read<'a>(word: &str, rest: &'a str) -> Result<Command<'a>, CommandError> {
    let info = named(word).ok_or_else(|| CommandError::Unknown(word.to_owned()))?;
    let misused = || CommandError::Usage(info.usage());
    let argument = || if is_blank(rest) { Err(misused()) } else { Ok(rest) };
    Ok(match info.name {
        "rooms" => Command::Rooms,
        "users" => Command::Users,
        "join" => Command::Join { room: argument()? },
        // An argument is most likely another room than this one, and the wrong one would be left.
        "leave" if rest.is_empty() => Command::Leave,
        "leave" => return Err(misused()),
        "pm" => {
            let (to, text) = rest.split_once(char::is_whitespace).ok_or_else(misused)?;
            if is_blank(text) {
                return Err(misused());
            }
            Command::Pm { to, text: text.trim_start() }
        }
        "nick" => Command::Nick { name: argument()? },
        "me" => Command::Me { action: argument()? },
        _ => Command::Help,
    })
}

/// The same command about somebody or with a name that is called so, in place of the name in it; `None` for one that is
/// about no name.
#[must_use]
pub fn with_name(text: &str, name: &str) -> Option<String> {
    match parse(text)?.ok()? {
        Command::Pm { text, .. } => Some(format!("/pm {name} {text}")),
        Command::Nick { .. } => Some(format!("/nick {name}")),
        _ => None,
    }
}

/// What `/help` shows: a line for each command.
#[must_use]
pub fn help() -> String {
    let mut text = "Available commands:".to_owned();
    for info in &COMMANDS {
        // Writing to a string cannot fail.
        write!(text, "\n{} - {}", info.usage(), info.summary).ok();
    }
    text
}

/// What `/rooms` shows: some rooms, and how many there are beside them.
#[must_use]
pub fn rooms(rooms: &[RoomInfo], total: usize) -> String {
    let mut text = "Rooms: ".to_owned();
    for (at, room) in rooms.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(text, "{comma}{} ({})", isolated(room.name.as_str()), room.users).ok();
    }
    if total > rooms.len() {
        write!(text, " and {} more", total - rooms.len()).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_command_is_read_with_its_arguments() {
        for (text, command) in [
            ("/help", Command::Help),
            ("/HELP me", Command::Help),
            ("/rooms", Command::Rooms),
            ("/users", Command::Users),
            ("/join random", Command::Join { room: "random" }),
            ("/join  日本語 café ", Command::Join { room: "日本語 café" }),
            ("/leave", Command::Leave),
            ("/pm Ελληνικά hi  there\nyou", Command::Pm { to: "Ελληνικά", text: "hi  there\nyou" }),
            ("/nick Zoë", Command::Nick { name: "Zoë" }),
            ("/me waves \u{1f44b}", Command::Me { action: "waves \u{1f44b}" }),
        ] {
            assert_eq!(parse(text), Some(Ok(command)), "{text}");
        }
    }

    #[test]
    fn every_command_of_the_list_can_be_read() {
        for info in COMMANDS {
            assert!(matches!(parse(&info.usage()), Some(Ok(_))), "{}", info.name);
            assert!(help().contains(&info.usage()));
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
        for (text, said) in [
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
            assert_eq!(plain(text), said, "{text}");
        }
    }

    #[test]
    fn a_missing_argument_is_answered_with_the_usage() {
        for (text, usage) in [
            ("/join", "/join <room>"),
            ("/join  ", "/join <room>"),
            ("/pm", "/pm <user> <message>"),
            ("/pm Bo", "/pm <user> <message>"),
            ("/pm Bo  ", "/pm <user> <message>"),
            ("/nick", "/nick <name>"),
            ("/me", "/me <action>"),
            ("/me \u{200b}\u{3164}", "/me <action>"),
            ("/pm Bo \u{2800}", "/pm <user> <message>"),
            ("/join \u{feff}", "/join <room>"),
            ("/leave random", "/leave"),
        ] {
            assert_eq!(parse(text), Some(Err(CommandError::Usage(usage.to_owned()))), "{text}");
        }
    }

    #[test]
    fn a_command_is_given_another_name() {
        assert_eq!(with_name("/PM m, said\nto m", "Bo").as_deref(), Some("/pm Bo said\nto m"));
        assert_eq!(with_name("/nick Bo", "Bo_2").as_deref(), Some("/nick Bo_2"));
        for text in ["hello", "/join attic", "/pm Bo", "/dance"] {
            assert_eq!(with_name(text, "Bo"), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_command_is_named() {
        for (text, word) in [("/dance", "dance"), ("/café au lait", "café"), ("/join_x", "join_x"), ("/नमस्ते", "नमस्ते")]
        {
            let error = parse(text).unwrap().unwrap_err().to_string();
            assert!(error.starts_with(&format!("Unknown command: /{word}. Type /help for available commands.")));
            assert!(error.ends_with(&format!("start with //{word}.")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_grammar_panic(text in "/?(pm|me|join|é)?\\s*.{0,20}") {
            if let Some(Ok(Command::Pm { to, text })) = parse(&text) {
                prop_assert!(!to.is_empty() && !text.is_empty());
            }
        }
    }
}
