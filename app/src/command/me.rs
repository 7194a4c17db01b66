//! `/me` describes an action of the person in the current room.

use super::{Command, CommandInfo, Speech, argument};
use crate::protocol::EntryKind;

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "me",
    arguments: "<action>",
    summary: "Describe an action",
    read: |rest| Some(Command::Say(Speech::Room(EntryKind::Action, argument(rest)?.into()))),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{parse, tests::is_misused};

    #[test]
    fn an_action_is_said_in_rooms_only() {
        let waves = Command::Say(Speech::Room(EntryKind::Action, "waves \u{1f44b}".into()));
        assert_eq!(waves.refusal_in_conversation(), Some("This command works in rooms only."));
        assert_eq!(parse("/me waves \u{1f44b}"), Some(Ok(waves)));
        for text in ["/me", "/me \u{200b}\u{3164}"] {
            assert!(is_misused(text), "{text}");
        }
    }
}
