//! The slash commands: one grammar, which the server executes and the composer completes. Each command has a file with
//! its word, its help line, its grammar and their tests.
//!
//! A text is a command if it begins with `/` and a word, followed by white space or the end: `/me waves`. Other texts
//! are plain, such as `/usr/bin` or `/ 2`. The word is case-insensitive. A second slash escapes a text that only looks
//! like a command: `//etc is full` sends `/etc is full`.
//!
//! A name can be typed with the sign that the page writes before it: `/join #tea`, `/pm @Bo`. Commands pass it on as
//! typed, and the parsers of names remove the sign.
//!
//! Invariants:
//! - a row of [`COMMANDS`] contains its reader, so every listed command can be read;
//! - [`Command::reach`] alone decides who receives the text of a command, and everything that executes commands obeys
//!   it: a text typed in a conversation never gets into a room;
//! - no command says more than a message may: [`parse`] refuses it.

mod help;
mod join;
mod leave;
mod me;
mod nick;
mod pm;
mod rooms;
mod users;

pub use rooms::listed as rooms;

use crate::{
    characters::{is_blank, is_letter, is_word},
    protocol::{EntryKind, ErrorCode, TextError, limits::TEXT_MAX},
};
use std::{fmt::Write as _, sync::Arc};

/// All commands, in the order of the help.
pub static COMMANDS: [CommandInfo; 8] =
    [help::INFO, rooms::INFO, users::INFO, join::INFO, leave::INFO, pm::INFO, nick::INFO, me::INFO];

/// The description of a command.
#[derive(Debug, Clone, Copy)]
pub struct CommandInfo {
    /// The word, without the slash.
    pub name: &'static str,
    /// Arguments as people read them: `<room>`.
    pub arguments: &'static str,
    /// Effect in a few words.
    pub summary: &'static str,
    /// Parses the trimmed text after the word; `None` if it does not fit [`arguments`](Self::arguments).
    read: for<'a> fn(&'a str) -> Option<Command<'a>>,
}

impl CommandInfo {
    /// Returns the whole command as it is typed: `/join <room>`.
    #[must_use]
    pub fn usage(&self) -> String {
        if self.arguments.is_empty() { format!("/{}", self.name) } else { format!("/{} {}", self.name, self.arguments) }
    }
}

/// A command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'a> {
    /// Shows the commands.
    Help,
    /// Lists all rooms.
    Rooms,
    /// Lists the present members of the current room.
    Users,
    /// Joins a room.
    Join {
        /// Name of the room, as typed.
        room: &'a str,
    },
    /// Leaves the current room.
    Leave,
    /// Changes the user's name.
    Nick {
        /// New name, as typed.
        name: &'a str,
    },
    /// Says something in the current room, in the current place, or to one person.
    Say(Speech<'a>),
}

/// A text that a command says, with its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speech<'a> {
    /// An entry of this kind in the current room, refused in a conversation.
    Room(EntryKind, Arc<str>),
    /// A message in the current room or conversation.
    Place(Arc<str>),
    /// A private message to one person, from any place.
    Person {
        /// Name of the recipient, as typed.
        to: &'a str,
        /// Text of the message.
        text: &'a str,
    },
}

impl Speech<'_> {
    /// Returns the text of the entry.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Room(_, text) | Self::Place(text) => text,
            Self::Person { text, .. } => text,
        }
    }
}

/// The recipients of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Its author alone, by an answer. Others see only the change that it causes.
    Answer,
    /// Everybody in the current room.
    Room,
    /// Everybody in the current room, or both in the current conversation.
    Place,
    /// One other person.
    Person,
}

/// Refusal in a conversation of a command about a room.
pub const ROOMS_ONLY: &str = "This command works in rooms only.";

impl<'a> Command<'a> {
    /// Returns the recipients of the command.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Help | Self::Rooms | Self::Users | Self::Join { .. } | Self::Leave | Self::Nick { .. } => {
                Reach::Answer
            }
            Self::Say(Speech::Room(..)) => Reach::Room,
            Self::Say(Speech::Place(_)) => Reach::Place,
            Self::Say(Speech::Person { .. }) => Reach::Person,
        }
    }

    /// Returns `true` for a command that appends an entry to a log.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        !matches!(self.reach(), Reach::Answer)
    }

    /// Returns a sentence if the command is not possible in a conversation.
    #[must_use]
    pub const fn refusal_in_conversation(&self) -> Option<&'static str> {
        match self {
            Self::Leave => Some("You can't leave a conversation."),
            Self::Users | Self::Say(Speech::Room(..)) => Some(ROOMS_ONLY),
            Self::Help | Self::Rooms | Self::Join { .. } | Self::Nick { .. } => None,
            Self::Say(Speech::Place(_) | Speech::Person { .. }) => None,
        }
    }

    /// Returns the name of the person in the command, as typed.
    const fn person(&self) -> Option<&'a str> {
        match self {
            Self::Nick { name } => Some(name),
            Self::Say(Speech::Person { to, .. }) => Some(to),
            Self::Help | Self::Rooms | Self::Users | Self::Join { .. } | Self::Leave => None,
            Self::Say(Speech::Room(..) | Speech::Place(_)) => None,
        }
    }
}

/// The reason for which a text that looks like a command is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// [`UnknownCommand`](ErrorCode::UnknownCommand), [`BadCommand`](ErrorCode::BadCommand) for a missing or
    /// superfluous argument, or [`TooLong`](ErrorCode::TooLong).
    pub code: ErrorCode,
    /// Sentence for the author.
    pub message: String,
}

/// Parses a command; `None` if the text does not look like one.
///
/// # Errors
/// Returns [`CommandError`] if the text looks like a command and cannot be executed.
#[must_use]
pub fn parse(text: &str) -> Option<Result<Command<'_>, CommandError>> {
    split(text).map(|(word, rest)| read(word, rest))
}

/// Returns `true` if the text looks like a command.
#[must_use]
pub fn is_command(text: &str) -> bool {
    split(text).is_some()
}

/// Splits a command into its word and the trimmed rest; `None` if the text does not look like one.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('/')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    (word.starts_with(is_letter) && word.chars().all(is_word)).then(|| (word, rest.trim()))
}

fn read<'a>(word: &str, rest: &'a str) -> Result<Command<'a>, CommandError> {
    let error = |code, message| Err(CommandError { code, message });
    let Some(info) = named(word) else {
        let message = format!(
            "Unknown command: /{word}. Type /help for available commands. To send it as a message, start with //{word}."
        );
        return error(ErrorCode::UnknownCommand, message);
    };
    let Some(command) = (info.read)(rest) else {
        return error(ErrorCode::BadCommand, format!("Usage: {}.", info.usage()));
    };
    // The text of an entry can be longer than the typed argument.
    if let Command::Say(speech) = &command {
        let count = speech.text().chars().count();
        if count > TEXT_MAX {
            return error(ErrorCode::TooLong, TextError::TooLong(count).to_string());
        }
    }
    Ok(command)
}

/// Returns the only argument of a command, of which something must be visible.
fn argument(rest: &str) -> Option<&str> {
    (!is_blank(rest)).then_some(rest)
}

/// Returns the recipients of a typed text: of a message, everybody in the place; of a command that cannot be parsed,
/// the author alone.
#[must_use]
pub fn reach(text: &str) -> Reach {
    match parse(text) {
        None => Reach::Place,
        Some(Ok(command)) => command.reach(),
        Some(Err(_)) => Reach::Answer,
    }
}

/// Returns the text that a typed text says in its place: without an escaping slash, or the text of the command.
#[must_use]
pub fn said(text: &str) -> Arc<str> {
    match parse(text) {
        Some(Ok(Command::Say(Speech::Place(said)))) => said,
        _ => plain(text).into(),
    }
}

/// Returns a plain text without an escaping slash.
#[must_use]
pub fn plain(text: &str) -> &str {
    match text.strip_prefix('/') {
        Some(said) if is_command(said) => said,
        _ => text,
    }
}

/// Returns the command of a word, which is case-insensitive.
#[must_use]
pub fn named(word: &str) -> Option<&'static CommandInfo> {
    COMMANDS.iter().find(|info| info.name.eq_ignore_ascii_case(word))
}

/// Replaces the name of the person in a command; `None` if it contains none.
#[must_use]
pub fn with_name(text: &str, name: &str) -> Option<String> {
    let old = parse(text)?.ok()?.person()?;
    // `old` is a slice of `text`.
    let at = old.as_ptr().addr() - text.as_ptr().addr();
    Some([&text[..at], name, &text[at + old.len()..]].concat())
}

/// Returns the answer to `/help`: a line for each command.
#[must_use]
pub fn help() -> String {
    let mut text = "Available commands:".to_owned();
    for info in &COMMANDS {
        // Writing to a string cannot fail.
        write!(text, "\n{} - {}", info.usage(), info.summary).ok();
    }
    text
}

#[cfg(test)]
mod tests;
