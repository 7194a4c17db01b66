//! `/help` lists the commands.

use super::{Command, CommandInfo};

pub(super) const INFO: CommandInfo =
    CommandInfo { name: "help", arguments: "", summary: "Show available commands", read: |_| Some(Command::Help) };

#[cfg(test)]
mod tests {
    use crate::command::{Command, parse};

    #[test]
    fn help_is_read_whatever_follows() {
        for text in ["/help", "/HELP me"] {
            assert_eq!(parse(text), Some(Ok(Command::Help)), "{text}");
        }
    }
}
