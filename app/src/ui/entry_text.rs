//! The text of an entry, by what it is: a person's words, what somebody does, a line of the chat itself.
//!
//! Invariant: the text of the elements is byte for byte the text that is stored.

use super::rich_text::{escaped, rich_text};
use crate::protocol::{Entry, EntryKind, names_in};

/// The HTML of an entry's text. `me` is the name whose mentions stand out.
pub(super) fn entry_text(entry: &Entry, me: &str) -> String {
    match entry.kind {
        EntryKind::Message => rich_text(&entry.text, me),
        // `* Ada waves`, as it is stored.
        EntryKind::Action => match entry.text.strip_prefix("* ").and_then(|text| text.strip_prefix(&*entry.from)) {
            Some(action) => ["* ", &isolated(&entry.from), &rich_text(action, me)].concat(),
            None => rich_text(&entry.text, me),
        },
        EntryKind::System => match names_in(&entry.text) {
            Some((old, between, new)) => [&isolated(old), between, &isolated(new)].concat(),
            None => escaped(&entry.text),
        },
    }
}

/// A name within a sentence of the chat's own: with a direction of its own, and in no language that could be translated.
pub(super) fn isolated(name: &str) -> String {
    [r#"<bdi translate="no">"#, &escaped(name), "</bdi>"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Timestamp, UserId};

    fn html(kind: EntryKind, from: &str, text: &str) -> String {
        let ts = Timestamp::from_millis(0);
        let user_id = Some(UserId(1));
        let entry = Entry { id: 1, prev: 0, ts, from: from.into(), user_id, text: text.into(), kind, client_id: None };
        entry_text(&entry, "Ada")
    }

    #[test]
    fn the_names_in_a_line_of_the_chat_are_isolated() {
        assert_eq!(
            html(EntryKind::System, "system", "משה is now known as דוד"),
            r#"<bdi translate="no">משה</bdi> is now known as <bdi translate="no">דוד</bdi>"#
        );
        assert_eq!(html(EntryKind::System, "system", "<b> *a*"), "&lt;b&gt; *a*");
    }

    #[test]
    fn the_name_of_who_does_something_is_isolated_and_the_rest_is_their_words() {
        assert_eq!(
            html(EntryKind::Action, "משה", "* משה waves **twice**"),
            [
                r#"* <bdi translate="no">משה</bdi> waves <strong><span class="mark" aria-hidden="true">**</span>"#,
                r#"twice<span class="mark" aria-hidden="true">**</span></strong>"#
            ]
            .concat()
        );
        assert_eq!(html(EntryKind::Action, "Bo", "waves"), "waves");
    }
}
