//! The pages of rooms, conversations and mentions.

use super::Renderer;
use crate::{
    journal::{Page, Range},
    web::{
        State,
        cookies::Kind,
        errors::WebError,
        extract::{ClientAddress, EntryPath, LogPath, Query, Viewer},
        page_target::{PageTarget, encoded},
    },
};
use app::{
    protocol::{EntryId, Place, UserId, limits::JOINED_HISTORY},
    ui::{ChatPage, Draft},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

/// The query of a page, which selects its entries.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Window {
    /// Only entries with a smaller id.
    before: Option<String>,
    /// The entry with this id, and those before and after it.
    around: Option<String>,
}

/// The part of a log that a page shows, always at most [`JOINED_HISTORY`] entries, without amendments.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) enum Part {
    Newest,
    /// The newest entries with smaller ids.
    Before(EntryId),
    /// An entry in the middle of its neighbours.
    Around(EntryId),
}

impl From<Window> for Part {
    /// An unreadable id counts as absent.
    fn from(window: Window) -> Self {
        let id = |text: Option<String>| text?.parse().ok();
        match (id(window.around), id(window.before)) {
            (Some(id), _) => Self::Around(id),
            (None, Some(id)) => Self::Before(id),
            (None, None) => Self::Newest,
        }
    }
}

/// The page of a room or a conversation, or a redirect to its only URL.
pub(in crate::web) async fn log<P: LogPath>(
    renderer: Renderer,
    path: P,
    viewer: Viewer,
    window: Option<Query<Window>>,
) -> Result<Response, WebError> {
    let target = path.target();
    if target.segment() != path.segment() {
        return Ok(target.redirect_with(renderer.request.uri.query()).into_response());
    }
    let part = window.map_or(Part::Newest, |Query(window)| window.into());
    chat_page(renderer, viewer.user, StatusCode::OK, &target, part, Draft::default()).await
}

/// The link to an entry.
pub(in crate::web) async fn entry<P: LogPath>(path: P, EntryPath(entry): EntryPath, _viewer: Viewer) -> Redirect {
    path.target().redirect_to(entry)
}

/// Renders the page of a part of a room or a conversation for a user, with a draft in its composer.
pub(in crate::web) async fn chat_page(
    renderer: Renderer,
    user: UserId,
    status: StatusCode,
    target: &PageTarget,
    part: Part,
    draft: Draft,
) -> Result<Response, WebError> {
    let state = renderer.state.clone();
    // The page lists its own reader among the present users.
    state.hub.page_loaded(user);
    let ClientAddress(address) = renderer.address;
    // The store is read outside of a turn, because that can take long.
    state.hub.prepare(address, user, &target.place()).await?;
    // Amendments that are stored while the part is read have greater ids than this cursor, so the page's connection
    // gets them.
    let cursor = state.hub.newest_entry();
    let older = older(&state, renderer.address, user, target, part).await?;
    let turn = renderer.turn().await?;
    let snapshot = state.hub.snapshot(address, user, &target.place()).await?;
    let mut snapshot = snapshot.ok_or(WebError::NotFound)?;
    let newest = snapshot.entries.last().map(|entry| entry.id);
    if let Some(older) = older {
        snapshot.entries = older.entries;
        snapshot.cursor = cursor;
    }
    let is_older = match part {
        Part::Newest => false,
        Part::Before(_) => true,
        Part::Around(_) => snapshot.entries.last().map(|entry| entry.id) < newest,
    };
    let client_id = getrandom::u64().unwrap_or_default();
    let draft = Draft { client_id: format!("form-{client_id:016x}"), ..draft };
    let (options, theme) = renderer.frame();
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

/// Returns the words of an entry that a user can edit; `None` for any other entry.
pub(in crate::web) async fn words_of(
    renderer: &Renderer,
    user: UserId,
    target: &PageTarget,
    id: EntryId,
) -> Result<Option<String>, WebError> {
    let page = older(&renderer.state, renderer.address, user, target, Part::Around(id)).await?;
    let entries = page.map(|page| page.entries).unwrap_or_default();
    let entry = entries.iter().find(|entry| entry.id == id && entry.user_id == Some(user));
    Ok(entry.and_then(|entry| entry.words().map(ToOwned::to_owned)))
}

/// Reads the part of a log; `None` if it is the newest, which the snapshot has.
async fn older(
    state: &State,
    ClientAddress(address): ClientAddress,
    user: UserId,
    target: &PageTarget,
    part: Part,
) -> Result<Option<Page>, WebError> {
    let before = match part {
        Part::Newest => return Ok(None),
        Part::Before(before) => before,
        Part::Around(id) => {
            let page = state.hub.around(address, user, &target.place(), id, JOINED_HISTORY).await?;
            return page.map(Some).ok_or_else(|| WebError::NoSuchEntry { target: target.clone() });
        }
    };
    let range = Range { after: 0, before, limit: JOINED_HISTORY };
    let page = match target {
        PageTarget::Room(room) => state.hub.history(address, room, range).await?.unwrap_or_default(),
        PageTarget::Conversation { peer, .. } => state.hub.private_history(address, user, *peer, range).await?,
    };
    Ok(Some(page))
}

/// Renders the page of all messages that mention the user.
pub(in crate::web) async fn mentions(renderer: Renderer, Viewer { user, .. }: Viewer) -> Result<Response, WebError> {
    let (hub, ClientAddress(address)) = (renderer.state.hub.clone(), renderer.address);
    hub.page_loaded(user);
    hub.prepare(address, user, &Place::Mentions).await?;
    let turn = renderer.turn().await?;
    let snapshot = hub.snapshot(address, user, &Place::Mentions).await?;
    // The user may have been forgotten in the meantime.
    let snapshot = snapshot.ok_or(WebError::SignedOut { room: None, entry: None, unsent: None })?;
    let mentions = hub.mentions(user);
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, snapshot, mentions) = (options.clone(), snapshot.clone(), mentions.clone());
        view! { <ChatPage options theme snapshot is_older=false mentions draft=Draft::default() /> }
    };
    Ok(renderer.render(turn, StatusCode::OK, page).await)
}
