//! Read marks of a page without a script: an invisible image whose URL names the newest entry of the page.
//!
//! This is the only `GET` that changes something. So it must come from a page of this server ([`OwnPage`]), and a read
//! mark never moves back nor beyond the end.

use super::{
    State,
    errors::WebError,
    extract::{ClientAddress, LogPath, OwnPage, Query, Viewer},
};
use app::protocol::EntryId;
use axum::{extract, http::StatusCode};
use serde::Deserialize;

/// The newest entry that the page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    id: EntryId,
}

/// Marks a room or a conversation as read.
pub(super) async fn mark<P: LogPath>(
    extract::State(state): extract::State<State>,
    ClientAddress(address): ClientAddress,
    viewer: Viewer,
    _: OwnPage,
    Query(shown): Query<Shown>,
    path: P,
) -> Result<StatusCode, WebError> {
    state.hub.shown(viewer.user, address, &path.target().wire_name(), shown.id).await??;
    Ok(StatusCode::NO_CONTENT)
}
