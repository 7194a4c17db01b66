//! What a person can do with an entry of their own: links of its row, which lead to a page with a form where there is no
//! script.

use crate::{
    protocol::EntryId,
    ui::{
        state::Live,
        widgets::{choice::pressed, html::Html},
    },
};
use leptos::ev;

/// The acts, each with its label.
const ACTS: [(&str, &str); 2] = [("edit", "Edit"), ("delete", "Delete")];

/// Writes the links of an entry, whose own page has the path `there`.
pub(super) fn links(html: &mut Html, live: Live, there: &str) {
    html.tag(r#"<span class="acts">"#);
    for (act, label) in ACTS {
        html.tag("<a")
            .attribute("data-act", act)
            // With a script the Tab key does not stop at each entry; keys of the focused one do the same.
            .tag_if(live.is_started(), r#" tabindex="-1""#)
            .attribute("href", &[there, "/edit"].concat())
            .tag(">")
            .tag(label)
            .tag("</a>");
    }
    html.tag("</span>");
}

/// Handles a click on a link of an entry; returns `true` if it was one.
pub(super) fn click(live: Live, event: &ev::MouseEvent) -> bool {
    let act = pressed(event, "[data-act]").and_then(|link| link.get_attribute("data-act"));
    let entry = pressed(event, "[data-id]").and_then(|row| row.get_attribute("data-id")?.parse::<EntryId>().ok());
    let (Some(act), Some(entry)) = (act, entry.filter(|_| live.is_started())) else {
        return false;
    };
    event.prevent_default();
    match &*act {
        "edit" => live.edit(entry),
        _ => live.ask_deletion(entry),
    };
    true
}
