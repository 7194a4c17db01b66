//! Read marks of a page without a script: an invisible image whose URL names the newest entry of the page.
//!
//! This is the only `GET` that changes something. So it must come from a page of this server ([`OwnPage`]), and a read
//! mark never moves back nor beyond the end.

use super::{
    State,
    errors::WebError,
    extract::{ClientAddress, OwnPage, PeerPath, Query, RoomPath, Viewer},
    page_target::PageTarget,
};
use app::protocol::EntryId;
use axum::{extract, http::StatusCode};
use serde::Deserialize;

/// The newest entry that the page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    id: EntryId,
}

/// Marks a room as read.
pub(super) async fn room(
    extract::State(state): extract::State<State>,
    address: ClientAddress,
    viewer: Viewer,
    _: OwnPage,
    Query(shown): Query<Shown>,
    path: RoomPath,
) -> Result<StatusCode, WebError> {
    mark(&state, address, viewer, &PageTarget::from(&path), &shown).await
}

/// Marks a conversation as read.
pub(super) async fn conversation(
    extract::State(state): extract::State<State>,
    address: ClientAddress,
    viewer: Viewer,
    _: OwnPage,
    Query(shown): Query<Shown>,
    path: PeerPath,
) -> Result<StatusCode, WebError> {
    mark(&state, address, viewer, &PageTarget::from(&path), &shown).await
}

async fn mark(
    state: &State,
    ClientAddress(address): ClientAddress,
    viewer: Viewer,
    target: &PageTarget,
    shown: &Shown,
) -> Result<StatusCode, WebError> {
    state.hub.shown(viewer.user, address, &target.wire_name(), shown.id).await??;
    Ok(StatusCode::NO_CONTENT)
}
