//! `/join` joins a room, which is created if necessary.

use super::{Command, CommandInfo, argument};

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "join",
    arguments: "<room>",
    summary: "Join or create a room",
    read: |rest| Some(Command::Join { room: argument(rest)? }),
};

#[cfg(test)]
mod tests {
    use crate::command::{Command, parse, tests::is_misused};

    #[test]
    fn a_room_is_joined_by_whatever_was_typed_as_its_name() {
        for (text, room) in [("/join random", "random"), ("/join  日本語 café ", "日本語 café"), ("/JOIN #tea", "#tea")]
        {
            assert_eq!(parse(text), Some(Ok(Command::Join { room })), "{text}");
        }
        for text in ["/join", "/join  ", "/join \u{feff}"] {
            assert!(is_misused(text), "{text}");
        }
    }
}
