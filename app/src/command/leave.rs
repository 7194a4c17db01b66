//! `/leave` leaves this room.

use super::{Command, CommandInfo};

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "leave",
    arguments: "",
    summary: "Leave the current room",
    // An argument is most likely the name of another room, so leaving the current one would be wrong.
    read: |rest| rest.is_empty().then_some(Command::Leave),
};

#[cfg(test)]
mod tests {
    use crate::command::{Command, parse, tests::is_misused};

    #[test]
    fn only_this_room_is_left() {
        assert_eq!(parse("/leave "), Some(Ok(Command::Leave)));
        assert!(is_misused("/leave random"));
        assert_eq!(Command::Leave.refusal_in_conversation(), Some("You can't leave a conversation."));
    }
}
