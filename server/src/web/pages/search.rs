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
    protocol::{Entry, EntryId, LogId, ROOM_SIGN, USER_SIGN, UserId, limits::SEARCH_RESULTS},
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

/// Renders the search form, and the results of what was asked for. A query that cannot be answered is shown with the
/// reason.
pub(in crate::web) async fn search(
    renderer: Renderer,
    Viewer { user, .. }: Viewer,
    wanted: Option<Query<Wanted>>,
) -> Result<Response, WebError> {
    let Wanted { q, before } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let typed = q.unwrap_or_default();
    let before = before.and_then(|before| before.parse().ok()).unwrap_or(EntryId::MAX);
    let state = if typed.trim().is_empty() {
        SearchState::default()
    } else {
        match results(&renderer, user, &typed, before).await {
            Err(SearchError::Query(error)) => {
                SearchState { problem: Some(error.to_string()), ..SearchState::default() }
            }
            found => found?,
        }
    };
    let status = if state.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let state = SearchState { query: typed, ..state };
    let turn = renderer.turn().await?;
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, state) = (options.clone(), state.clone());
        view! { <SearchPage options theme state /> }
    };
    Ok(renderer.render(turn, status, page).await)
}

/// Searches, and returns what the page shows of it.
async fn results(renderer: &Renderer, user: UserId, typed: &str, before: EntryId) -> Result<SearchState, SearchError> {
    let (hub, ClientAddress(address)) = (&renderer.state.hub, renderer.address);
    let asked = Asked::parse(typed)?;
    let found = hub.search(address, user, &asked, before, SEARCH_RESULTS).await?;
    let hit = |(log, entry): (LogId, Entry)| {
        let target = PageTarget::of(hub, user, log);
        let sign = match target {
            PageTarget::Room(_) => ROOM_SIGN,
            PageTarget::Conversation { .. } => USER_SIGN,
        };
        SearchHit {
            place: format!("{sign}{}", target.name()),
            path: format!("{}/{}", target.path(), entry.id),
            parts: excerpt(&entry.text, &asked.words).into_iter().map(|part| (part.text, part.is_found)).collect(),
            from: entry.from,
            ts: entry.ts,
            is_edited: entry.amended.is_some(),
        }
    };
    Ok(SearchState {
        hits: found.entries.into_iter().map(hit).collect(),
        older: found.older.map(|older| format!("/search?q={}&before={older}", encoded(typed))),
        is_indexing: found.is_indexing,
        ..SearchState::default()
    })
}
