//! The text of an entry by its kind: a person's message, an action, a system line.
//!
//! Invariant: the text of the elements is byte for byte the text that is stored.

use super::rich_text::rich_text;
use crate::{
    protocol::{Entry, EntryKind, names_in},
    ui::widgets::html::Html,
};

/// Writes an entry's text. Mentions of the name `me` are highlighted.
pub(super) fn entry_text(html: &mut Html, entry: &Entry, me: &str) {
    match entry.kind {
        EntryKind::Message => rich_text(html, &entry.text, me),
        // The stored form is `* Ada waves`.
        EntryKind::Action => match entry.text.strip_prefix("* ").and_then(|text| text.strip_prefix(&*entry.from)) {
            Some(action) => rich_text(html.tag("* ").name(&entry.from), action, me),
            None => rich_text(html, &entry.text, me),
        },
        EntryKind::System => {
            match names_in(&entry.text) {
                Some((old, between, new)) => html.name(old).text(between).name(new),
                None => html.text(&entry.text),
            };
        }
        // Amendments have no row.
        EntryKind::Edit | EntryKind::Delete | EntryKind::Unknown => {
            html.text(&entry.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Timestamp, UserId};

    fn html(kind: EntryKind, from: &str, text: &str) -> String {
        let ts = Timestamp::from_millis(0);
        let user_id = Some(UserId(1));
        let entry = Entry {
            id: 1,
            prev: 0,
            ts,
            from: from.into(),
            user_id,
            text: text.into(),
            kind,
            client_id: None,
            amended: None,
            target: None,
        };
        let mut html = Html::default();
        entry_text(&mut html, &entry, "Ada");
        html.into_string()
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
