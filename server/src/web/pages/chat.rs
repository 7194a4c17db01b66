//! The pages of rooms, conversations and mentions.

use super::Renderer;
use crate::{
    journal::{JournalError, Page, Range},
    web::{
        State,
        cookies::Kind,
        errors::WebError,
        extract::{ClientAddress, PeerPath, Query, RoomPath, Viewer},
        page_target::{PageTarget, encoded},
    },
};
use app::{
    protocol::{EntryId, Place, UserId, limits::JOINED_HISTORY},
    ui::{ChatPage, Draft},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

/// The query of a page, which selects its entries.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Window {
    /// Only entries with a smaller id.
    before: Option<String>,
}

/// The page of a room.
pub(in crate::web) async fn room(
    renderer: Renderer,
    path: RoomPath,
    viewer: Viewer,
    window: Option<Query<Window>>,
) -> Result<Response, WebError> {
    page_of(renderer, viewer, &PageTarget::from(&path), &path.segment, window).await
}

/// The page of a conversation.
pub(in crate::web) async fn conversation(
    renderer: Renderer,
    path: PeerPath,
    viewer: Viewer,
    window: Option<Query<Window>>,
) -> Result<Response, WebError> {
    page_of(renderer, viewer, &PageTarget::from(&path), &path.segment, window).await
}

/// Renders the page, or redirects to its only URL.
async fn page_of(
    renderer: Renderer,
    viewer: Viewer,
    target: &PageTarget,
    segment: &str,
    window: Option<Query<Window>>,
) -> Result<Response, WebError> {
    if target.segment() != segment {
        return Ok(target.redirect_with(renderer.request.uri.query()).into_response());
    }
    let before = window.and_then(|Query(window)| window.before?.parse().ok());
    chat_page(renderer, viewer.user, StatusCode::OK, target, before, Draft::default()).await
}

/// Renders the page of a room or a conversation for a user, up to an entry or to the newest, with a draft in its
/// composer.
pub(in crate::web) async fn chat_page(
    renderer: Renderer,
    user: UserId,
    status: StatusCode,
    target: &PageTarget,
    before: Option<EntryId>,
    draft: Draft,
) -> Result<Response, WebError> {
    let state = renderer.state.clone();
    // The page lists its own reader among the present users.
    state.hub.page_loaded(user);
    let ClientAddress(address) = renderer.address;
    // The store is read outside of a turn, because that can take long.
    let prepared = state.hub.prepare(address, user, &target.place()).await;
    let older = match before {
        Some(before) => older(&state, renderer.address, user, target, before).await.map(Some),
        None => Ok(None),
    };
    let older = prepared.and(older)?;
    let turn = renderer.turn().await?;
    let snapshot = state.hub.snapshot(address, user, &target.place()).await?;
    let mut snapshot = snapshot.ok_or(WebError::NotFound)?;
    if let Some(older) = older {
        snapshot.entries = older.entries;
    }
    let client_id = getrandom::u64().unwrap_or_default();
    let draft = Draft { client_id: format!("form-{client_id:016x}"), ..draft };
    let (is_older, (options, theme)) = (before.is_some(), renderer.frame());
    let page = move || {
        let (options, snapshot, draft) = (options.clone(), snapshot.clone(), draft.clone());
        view! { <ChatPage options theme snapshot is_older mentions=Vec::new() draft /> }
    };
    let mut response = renderer.render(turn, status, page).await;
    if let PageTarget::Room(room) = target {
        state.cookies.set(Kind::LastRoom, &encoded(room.as_str()), &mut response);
    }
    Ok(response)
}

/// Reads the entries before `before`.
async fn older(
    state: &State,
    ClientAddress(address): ClientAddress,
    user: UserId,
    target: &PageTarget,
    before: EntryId,
) -> Result<Page, JournalError> {
    let range = Range { after: 0, before, limit: JOINED_HISTORY };
    match target {
        PageTarget::Room(room) => state.hub.history(address, room, range).await.map(Option::unwrap_or_default),
        PageTarget::Conversation { peer, .. } => state.hub.private_history(address, user, *peer, range).await,
    }
}

/// Renders the page of all messages that mention the user.
pub(in crate::web) async fn mentions(renderer: Renderer, Viewer { user, .. }: Viewer) -> Result<Response, WebError> {
    let (hub, ClientAddress(address)) = (renderer.state.hub.clone(), renderer.address);
    hub.page_loaded(user);
    hub.prepare(address, user, &Place::Mentions).await?;
    let turn = renderer.turn().await?;
    let snapshot = hub.snapshot(address, user, &Place::Mentions).await?;
    // The user may have been forgotten in the meantime.
    let snapshot = snapshot.ok_or(WebError::SignedOut { room: None, unsent: None })?;
    let mentions = hub.mentions(user);
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, snapshot, mentions) = (options.clone(), snapshot.clone(), mentions.clone());
        view! { <ChatPage options theme snapshot is_older=false mentions draft=Draft::default() /> }
    };
    Ok(renderer.render(turn, StatusCode::OK, page).await)
}
