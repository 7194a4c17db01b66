//! The lines that the chat itself writes into a log. They are stored as sentences; which parts of them are names is
//! found again by the same rule.

/// What stands between the two names of a line about a new name.
const RENAMED: &str = " is now known as ";

/// The line about a new name.
#[must_use]
pub fn renamed(old: &str, new: &str) -> String {
    [old, RENAMED, new].concat()
}

/// The old name of a line about a new name, the words after it, and the new name; `None` for any other line.
#[must_use]
pub fn names_in(line: &str) -> Option<(&str, &str, &str)> {
    let (old, new) = line.split_once(RENAMED)?;
    let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name(old) && is_name(new)).then_some((old, RENAMED, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_line_are_found_again() {
        assert_eq!(names_in(&renamed("משה", "דוד")), Some(("משה", RENAMED, "דוד")));
        for line in ["Welcome", "Ada is now known as", " is now known as Bo", "Ada is now known as the boss"] {
            assert_eq!(names_in(line), None, "{line}");
        }
    }
}
