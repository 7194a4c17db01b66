//! `/pm` sends a private message to one person.

use super::{Command, CommandInfo, Speech, argument};

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "pm",
    arguments: "<user> <message>",
    summary: "Send a private message",
    read: |rest| {
        let (to, text) = rest.split_once(char::is_whitespace)?;
        Some(Command::Say(Speech::Person { to, text: argument(text)?.trim_start() }))
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{parse, tests::is_misused, with_name};

    #[test]
    fn a_name_and_a_message_of_any_lines_are_read() {
        let command = Command::Say(Speech::Person { to: "Ελληνικά", text: "hi  there\nyou" });
        assert_eq!(parse("/pm Ελληνικά hi  there\nyou"), Some(Ok(command)));
        for text in ["/pm", "/pm Bo", "/pm Bo  ", "/pm Bo \u{2800}"] {
            assert!(is_misused(text), "{text}");
        }
    }

    #[test]
    fn the_name_is_replaced_where_it_stands() {
        assert_eq!(with_name("/pm  m, said\nto m", "Bo").as_deref(), Some("/pm  Bo said\nto m"));
    }
}
