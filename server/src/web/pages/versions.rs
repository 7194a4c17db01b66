//! The page with the texts that a message has had.

use super::Renderer;
use crate::web::{
    errors::WebError,
    extract::{ClientAddress, EntryPath, PeerPath, RoomPath, Viewer},
    page_target::PageTarget,
};
use app::{
    protocol::EntryId,
    ui::{Versions, VersionsPage},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

/// The versions of an entry of a room.
pub(in crate::web) async fn in_room(
    renderer: Renderer,
    path: RoomPath,
    EntryPath(entry): EntryPath,
    viewer: Viewer,
) -> Result<Response, WebError> {
    versions(renderer, viewer, &PageTarget::from(&path), entry).await
}

/// The versions of an entry of a conversation.
pub(in crate::web) async fn in_conversation(
    renderer: Renderer,
    path: PeerPath,
    EntryPath(entry): EntryPath,
    viewer: Viewer,
) -> Result<Response, WebError> {
    versions(renderer, viewer, &PageTarget::from(&path), entry).await
}

/// Renders the page, or redirects to an entry that has no versions: it was not edited, or it was deleted.
async fn versions(
    renderer: Renderer,
    Viewer { user, .. }: Viewer,
    target: &PageTarget,
    entry: EntryId,
) -> Result<Response, WebError> {
    let ClientAddress(address) = renderer.address;
    let versions = renderer.state.hub.versions(address, user, &target.place(), entry).await?;
    if versions.is_empty() {
        return Ok(target.redirect_to(entry).into_response());
    }
    let turn = renderer.turn().await?;
    let (options, theme) = renderer.frame();
    let content = Versions { versions, path: format!("{}/{entry}", target.path()) };
    let page = move || {
        let (options, versions) = (options.clone(), content.clone());
        view! { <VersionsPage options theme versions /> }
    };
    Ok(renderer.render(turn, StatusCode::OK, page).await)
}
