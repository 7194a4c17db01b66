//! The number of unread entries, as a badge and in words.

use crate::protocol::Unread;

/// Largest number of unread entries that is shown as it is; a larger one is shown as `99+`.
const COUNTED: usize = 99;

fn number(count: usize) -> String {
    if count > COUNTED { format!("{COUNTED}+") } else { count.to_string() }
}

/// Returns the text of the badge, such as `3` or `@1`; empty if nothing is unread.
pub(in crate::ui) fn badge(unread: Unread) -> String {
    match (unread.mentions, unread.count) {
        (0, 0) => String::new(),
        (0, count) => number(count),
        (mentions, _) => format!("@{}", number(mentions)),
    }
}

/// Returns the numbers in words, for screen readers.
pub(in crate::ui) fn in_words(unread: Unread) -> String {
    match (unread.mentions, unread.count) {
        (0, 0) => String::new(),
        (0, count) => format!("{} unread", number(count)),
        (mentions, count) => format!("{} unread, {} of them for you", number(count), number(mentions)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_said_in_signs_and_in_words() {
        let of = |count, mentions| (badge(Unread { count, mentions }), in_words(Unread { count, mentions }));
        assert_eq!(of(0, 0), (String::new(), String::new()));
        assert_eq!(of(COUNTED, 0), ("99".into(), "99 unread".into()));
        assert_eq!(of(COUNTED + 1, 0), ("99+".into(), "99+ unread".into()));
        assert_eq!(of(3, 1), ("@1".into(), "3 unread, 1 of them for you".into()));
    }
}
