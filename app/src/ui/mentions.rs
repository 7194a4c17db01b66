//! Where somebody was named.

use super::{
    Document, Theme,
    avatar::{avatar, initial},
    rich_text::rich_text,
};
use crate::{
    calendar,
    protocol::{Entry, RoomName},
};
use leptos::prelude::*;

/// An entry that names the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where it was said.
    pub room: RoomName,
    /// What was said.
    pub entry: Entry,
}

/// The newest mentions of the person, the newest first. A page without a script, so its times are UTC.
#[component]
pub fn MentionsPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme.
    theme: Option<Theme>,
    /// The person's name.
    #[prop(into)]
    name: String,
    /// The mentions.
    mentions: Vec<Mention>,
) -> impl IntoView {
    let nothing = mentions.is_empty().then(|| {
        let words = format!("Nobody has mentioned @{name} in your rooms lately.");
        view! { <p class="empty">{words}</p> }
    });
    let rows: Vec<_> = mentions.into_iter().map(|mention| row(mention, &name)).collect();
    view! {
        <Document options theme title="Mentions · Natter" is_live=false>
            <main class="page">
                <header class="page-head">
                    <h1>"Mentions of you"</h1>
                    <a href="/">"Back to the chat"</a>
                </header>
                {nothing}
                <ol class="mentions">{rows}</ol>
            </main>
        </Document>
    }
}

fn row(Mention { room, entry }: Mention, me: &str) -> impl IntoView + use<> {
    let there = format!("/room/{room}?before={}#e{}", entry.id + 1, entry.id);
    view! {
        <li class="entry" data-kind="message" data-id=entry.id>
            {avatar(entry.user_id, initial(&entry.from))}
            <span class="author" dir="auto" translate="no">
                {entry.from.to_string()}
            </span>
            <a class="where" href=there>
                {format!("#{room}, ")}
                <time datetime=entry.ts.rfc3339()>{calendar::full(entry.ts, 0, calendar::HourCycle::H24) + " UTC"}</time>
            </a>
            <div class="text" dir="auto" translate="no" inner_html=rich_text(&entry.text, me)></div>
        </li>
    }
}
