//! Refusals: a stable code for programs, and a sentence for the person.

use crate::{
    chat::scripts::{MIXED, is_unmixed},
    journal::JournalError,
};
use app::{
    bidi::isolated,
    protocol::{ErrorCode, ErrorFrame, NameError, RoomName, UserName, limits::EDITS_MAX},
};

/// A refusal before the `client_id` of its request is filled in.
pub type Refused = ErrorFrame;

/// Time in milliseconds after which clients retry what the store refused.
const RETRY_AFTER_MS: u64 = 1_000;

pub(in crate::chat) fn refusal(code: ErrorCode, message: impl Into<String>) -> Refused {
    ErrorFrame { message: message.into(), code, client_id: None, retry_after_ms: None, suggestion: None }
}

/// A refusal because of the store, which clients retry. The host logs the cause once, not for each refusal.
pub(in crate::chat) fn unavailable(error: &JournalError) -> Refused {
    tracing::debug!(%error, "it is refused");
    ErrorFrame {
        retry_after_ms: Some(RETRY_AFTER_MS),
        ..refusal(ErrorCode::Unavailable, "The server can't store messages right now. Nothing is lost. Try again soon.")
    }
}

pub(in crate::chat) fn parse_room(room: &str) -> Result<RoomName, Refused> {
    RoomName::parse(room).map_err(|error| refusal(ErrorCode::BadRoom, error.to_string()))
}

pub(in crate::chat) fn not_in_room(room: &RoomName) -> Refused {
    refusal(ErrorCode::NotInRoom, format!("You are not in {}. Join it first.", isolated(room.as_str())))
}

pub(in crate::chat) fn no_such_number() -> Refused {
    refusal(ErrorCode::NoSuchUser, "Nobody has that number.")
}

/// The user of this request was forgotten in the meantime.
pub(in crate::chat) fn nobody() -> Refused {
    refusal(ErrorCode::NoSuchUser, "You've been signed out. Sign in again.")
}

pub(in crate::chat) fn too_fast(wait_ms: u64) -> Refused {
    let message = match wait_ms.div_ceil(1_000) {
        0..=2 => "Too fast. Wait a moment and try again.".to_owned(),
        seconds => format!("Too fast. Try again in {seconds} seconds."),
    };
    ErrorFrame { retry_after_ms: Some(wait_ms), ..refusal(ErrorCode::RateLimited, message) }
}

/// Parses a name that must be valid as it is, without corrections.
pub(in crate::chat) fn parsed(name: &str) -> Result<UserName, Refused> {
    UserName::parse(name).map_err(wrong)
}

pub(in crate::chat) fn wrong(error: NameError) -> Refused {
    let code = match error {
        NameError::Invalid => ErrorCode::BadName,
        NameError::Reserved => ErrorCode::NameTaken,
    };
    refusal(code, error.to_string())
}

/// Checks that the letters of a new name are of one script.
pub(in crate::chat) fn check_scripts(name: &UserName) -> Result<(), Refused> {
    if is_unmixed(name.as_str()) { Ok(()) } else { Err(refusal(ErrorCode::BadName, MIXED)) }
}

/// Another user has the name.
pub(in crate::chat) fn taken(name: &UserName) -> Refused {
    refusal(ErrorCode::NameTaken, format!("\"{}\" is taken.", isolated(name.as_str())))
}

/// Another text is stored under this `client_id`: accepting the repeat would lose the new text.
pub(in crate::chat) fn client_id_used() -> Refused {
    refusal(ErrorCode::ClientIdUsed, "Another message was sent under this client_id. Nothing was stored.")
}

/// The log has no entry that could be amended under this id.
pub(in crate::chat) fn no_such_entry() -> Refused {
    refusal(ErrorCode::NoSuchEntry, "That message is not here, or was deleted.")
}

/// The entry is somebody else's.
pub(in crate::chat) fn not_yours() -> Refused {
    refusal(ErrorCode::NotYours, "Only the author of a message can change it.")
}

/// The entry has [`EDITS_MAX`] edits.
pub(in crate::chat) fn too_many_edits() -> Refused {
    refusal(
        ErrorCode::TooManyEdits,
        format!("A message can be edited {EDITS_MAX} times. Delete it, or write a new one."),
    )
}

pub(in crate::chat) fn gone(name: &str) -> Refused {
    refusal(ErrorCode::NoSuchUser, format!("{} is gone. Nothing was sent.", isolated(name)))
}
