//! The texts that a message has had. The page is rendered on the server alone.

use super::Document;
use crate::{
    calendar::{self, HourCycle},
    protocol::Entry,
    ui::state::Theme,
};
use leptos::prelude::*;

/// The content of the page of a message's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The message as it was first stored, and its edits, oldest first.
    pub versions: Vec<Entry>,
    /// The path of the message among its neighbours.
    pub path: String,
}

/// Shows each text of a message with its time, the newest first.
#[component]
pub fn VersionsPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The content of the page.
    versions: Versions,
) -> impl IntoView {
    let Versions { versions, path } = versions;
    let version = |entry: Entry| {
        let when = format!("{} UTC", calendar::full(entry.ts, 0, HourCycle::H24));
        view! {
            <li>
                <time datetime=calendar::rfc3339(entry.ts)>{when}</time>
                <p dir="auto" translate="no">
                    {entry.text.to_string()}
                </p>
            </li>
        }
    };
    view! {
        <Document options theme title="Versions of a message · Natter" is_live=false>
            <main class="door versions">
                <h1>"Versions of a message"</h1>
                <ol reversed>{versions.into_iter().rev().map(version).collect_view()}</ol>
                <p>
                    <a href=path>"Go to the message"</a>
                </p>
            </main>
        </Document>
    }
}
