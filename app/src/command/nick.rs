//! `/nick` takes another name.

use super::{Command, CommandInfo, argument};

pub(super) const INFO: CommandInfo = CommandInfo {
    name: "nick",
    arguments: "<name>",
    summary: "Change your name",
    read: |rest| Some(Command::Nick { name: argument(rest)? }),
};

#[cfg(test)]
mod tests {
    use crate::command::{Command, parse, tests::is_misused, with_name};

    #[test]
    fn a_name_is_read_as_it_was_typed() {
        assert_eq!(parse("/nick Zoë"), Some(Ok(Command::Nick { name: "Zoë" })));
        assert!(is_misused("/nick"));
        assert_eq!(with_name("/nick Bo", "Bo_2").as_deref(), Some("/nick Bo_2"));
    }
}
