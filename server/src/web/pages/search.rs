//! The page of the search.

use super::Renderer;
use crate::{
    chat::SearchError,
    search::{Query as Asked, excerpt},
    web::{
        errors::WebError,
        extract::{ClientAddress, Query, Viewer},
        page_target::{PageTarget, encoded},
    },
};
use app::{
    protocol::{Entry, EntryId, LogId, UserId, limits::SEARCH_RESULTS},
    ui::{SearchHit, SearchPage, SearchState},
};
use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Wanted {
    /// The search, as it was typed.
    q: Option<String>,
    /// Only entries with a smaller id.
    before: Option<String>,
}

/// Renders the search form, and the results of what was asked for.
pub(in crate::web) async fn search(
    renderer: Renderer,
    Viewer { user, .. }: Viewer,
    wanted: Option<Query<Wanted>>,
) -> Result<Response, WebError> {
    let Wanted { q, before } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let typed = q.unwrap_or_default();
    let before = before.and_then(|before| before.parse().ok()).unwrap_or(EntryId::MAX);
    let found = if typed.trim().is_empty() {
        SearchState { is_asked: false, ..SearchState::default() }
    } else {
        results(&renderer, user, &typed, before).await?
    };
    let status = if found.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let state = SearchState { query: typed, ..found };
    let turn = renderer.turn().await?;
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, state) = (options.clone(), state.clone());
        view! { <SearchPage options theme state /> }
    };
    Ok(renderer.render(turn, status, page).await)
}

/// Searches, and returns what the page shows of it. A query that cannot be answered is shown with the reason.
async fn results(renderer: &Renderer, user: UserId, typed: &str, before: EntryId) -> Result<SearchState, WebError> {
    let (hub, ClientAddress(address)) = (&renderer.state.hub, renderer.address);
    let problem =
        |problem: String| Ok(SearchState { is_asked: true, problem: Some(problem), ..SearchState::default() });
    let asked = match Asked::parse(typed) {
        Ok(asked) => asked,
        Err(error) => return problem(error.to_string()),
    };
    let words = asked.words.clone();
    let found = match hub.search(address, user, asked, before, SEARCH_RESULTS).await {
        Err(SearchError::Query(error)) => return problem(error.to_string()),
        found => found?,
    };
    let hit = |(log, entry): (LogId, Entry)| {
        let target = match log {
            LogId::Room(room) => PageTarget::Room(room),
            LogId::Conversation(pair) => {
                let peer = pair.other(user);
                PageTarget::Conversation { peer, name: hub.peer_name(user, peer).unwrap_or_default() }
            }
        };
        let place = match &target {
            PageTarget::Room(room) => format!("#{room}"),
            PageTarget::Conversation { name, .. } => format!("@{name}"),
        };
        SearchHit {
            place,
            path: format!("{}/{}", target.path(), entry.id),
            parts: excerpt(&entry.text, &words).into_iter().map(|part| (part.text, part.is_found)).collect(),
            from: entry.from,
            ts: entry.ts,
            is_edited: entry.amended.is_some(),
        }
    };
    Ok(SearchState {
        hits: found.entries.into_iter().map(hit).collect(),
        older: found.older.map(|older| format!("/search?q={}&before={older}", encoded(typed))),
        is_indexing: found.is_indexing,
        is_asked: true,
        ..SearchState::default()
    })
}
