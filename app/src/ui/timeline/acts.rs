//! The acts on an entry: the links of its row that edit it, delete it or show its versions. Without a script they lead
//! to pages.

use crate::{
    protocol::EntryId,
    ui::{
        state::Live,
        widgets::{choice::pressed, html::Html},
    },
};
use leptos::ev;

/// The acts: the name of each, its label, and the page below that of the entry.
const ACTS: [(&str, &str, &str); 3] =
    [("versions", "Versions", "/versions"), ("edit", "Edit", "/edit"), ("delete", "Delete", "/edit")];

/// Writes the links of an entry, whose own page has the path `there`. Anybody can read the former texts of an edited
/// one, and its author can change it.
pub(super) fn links(html: &mut Html, live: Live, there: &str, is_edited: bool, is_own: bool) {
    if !is_edited && !is_own {
        return;
    }
    html.tag(r#"<span class="acts">"#);
    for (act, label, page) in ACTS {
        if if act == "versions" { is_edited } else { is_own } {
            html.tag("<a")
                .attribute("data-act", act)
                // With a script the Tab key does not stop at each entry; keys of the focused one do the same.
                .tag_if(live.is_started(), r#" tabindex="-1""#)
                .attribute("href", &[there, page].concat())
                .tag(">")
                .tag(label)
                .tag("</a>");
        }
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
    // The browser opens a tab or a window.
    if event.ctrl_key() || event.meta_key() || event.shift_key() {
        return true;
    }
    match &*act {
        "edit" => live.edit(entry),
        "delete" => live.ask_deletion(entry),
        // A page of its own.
        _ => return true,
    };
    event.prevent_default();
    true
}
