//! Texts that the chat itself makes and stores. The line about a change of name is stored as a sentence, and the same
//! rule finds the names in it again.

/// The words between the two names of such a line.
const RENAMED: &str = " is now known as ";

/// Returns the line about a change of name.
#[must_use]
pub fn renamed(old: &str, new: &str) -> String {
    [old, RENAMED, new].concat()
}

/// Returns the stored text of an action: `* Ada waves`.
#[must_use]
pub fn acted(name: &str, action: &str) -> String {
    ["* ", name, " ", action].concat()
}

/// Returns the old name, the words after it and the new name of a line about a change of name; `None` for any other
/// line.
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
