//! The page with the texts that a message has had.

use super::Renderer;
use crate::web::{
    errors::WebError,
    extract::{ClientAddress, EntryPath, LogPath, Viewer},
};
use app::ui::{Versions, VersionsPage};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

/// The page of an entry, or a redirect to an entry that has no versions: it was not edited, or it was deleted.
pub(in crate::web) async fn versions<P: LogPath>(
    renderer: Renderer,
    path: P,
    EntryPath(entry): EntryPath,
    Viewer { user, .. }: Viewer,
) -> Result<Response, WebError> {
    let target = path.target();
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
