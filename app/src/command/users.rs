//! `/users` lists the present members of the current room.

use super::{Command, CommandInfo};

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "users",
    arguments: "",
    summary: "List users in the current room",
    read: |_| Some(Command::Users),
};

#[cfg(test)]
mod tests {
    use crate::command::{Command, parse};

    #[test]
    fn users_are_asked_for_in_rooms_only() {
        assert_eq!(parse("/users"), Some(Ok(Command::Users)));
        assert_eq!(Command::Users.refusal_in_conversation(), Some("This command works in rooms only."));
    }
}
