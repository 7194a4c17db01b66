//! The search of messages. The page is rendered on the server alone, so that it is the same with and without a script.

use super::Document;
use crate::{
    bidi::isolated,
    calendar::{self, HourCycle},
    protocol::{Timestamp, limits::QUERY_MAX},
    ui::state::Theme,
};
use leptos::prelude::*;
use std::sync::Arc;

/// The content of the search page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchState {
    /// The query as it was typed.
    pub query: String,
    /// The reason for which the query cannot be answered.
    pub problem: Option<String>,
    /// The found messages, newest first.
    pub hits: Vec<SearchHit>,
    /// The address of the next page.
    pub older: Option<String>,
    /// `true` while older messages cannot be found yet.
    pub is_indexing: bool,
}

/// A found message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// The room or the conversation, such as `#general` or `@Bo`.
    pub place: String,
    /// The path of the message among its neighbours.
    pub path: String,
    /// The author's name when the message was written.
    pub from: Arc<str>,
    /// The time of the message.
    pub ts: Timestamp,
    /// `true` if the message was edited.
    pub is_edited: bool,
    /// The text, or a part of it: in pieces, `true` for the words that were searched for.
    pub parts: Vec<(String, bool)>,
}

/// Shows the search form and the found messages, each with a link to its place.
#[component]
pub fn SearchPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The content of the page.
    state: SearchState,
) -> impl IntoView {
    let SearchState { query, problem, hits, older, is_indexing } = state;
    let is_asked = !query.trim().is_empty();
    let title = match query.trim() {
        "" => "Search · Natter".to_owned(),
        query => format!("{} · Search · Natter", isolated(query)),
    };
    let is_refused = problem.is_some();
    let note = problem.or_else(|| match &older {
        _ if !is_asked || !hits.is_empty() => None,
        Some(_) => Some("None of the newest messages has all of this.".to_owned()),
        None => Some("No message has all of this.".to_owned()),
    });
    view! {
        <Document options theme title is_live=false>
            <main class="door search">
                <h1>"Search"</h1>
                <form method="get" action="/search" role="search">
                    <label for="search">"Find messages"</label>
                    <input
                        id="search"
                        type="search"
                        name="q"
                        value=query
                        maxlength=QUERY_MAX
                        autocomplete="off"
                        dir="auto"
                        autofocus=!is_asked || is_refused
                        aria-invalid=is_refused.then_some("true")
                        aria-describedby="search-note search-help"
                    />
                    <button>"Search"</button>
                </form>
                <p id="search-help">
                    "Any part of a word will do. Add "<code>"from:name"</code>", "<code>"in:room"</code>", "
                    <code>"before:2026-11-28"</code>", "<code>"after:2026-11-28"</code>" or "<code>"has:link"</code>"."
                </p>
                <div id="search-note" role="status">{note.map(|note| view! { <p class="lead">{note}</p> })}</div>
                <ol class="hits">{hits.into_iter().map(hit_view).collect_view()}</ol>
                {is_indexing.then(|| view! { <p>"Older messages are still being prepared for the search."</p> })}
                {older.map(|older| view! { <p><a href=older rel="next">"Older results"</a></p> })}
                <p>
                    <a href="/room/general">"Go to general"</a>
                </p>
            </main>
        </Document>
    }
}

fn hit_view(hit: SearchHit) -> impl IntoView {
    let SearchHit { place, path, from, ts, is_edited, parts } = hit;
    let when = format!("{} UTC", calendar::full(ts, 0, HourCycle::H24));
    let part = |(text, is_found): (String, bool)| {
        if is_found { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
    };
    view! {
        <li>
            <a href=path>
                <bdi translate="no">{from.to_string()}</bdi>
                " in "
                <bdi translate="no">{place}</bdi>
                ", "
                <time datetime=calendar::rfc3339(ts)>{when}</time>
            </a>
            <p dir="auto" translate="no">
                {parts.into_iter().map(part).collect_view()}
            </p>
            {is_edited.then(|| view! { <small>"(edited)"</small> })}
        </li>
    }
}
