//! The front page, with the sign-in form for visitors without a session.

use super::Renderer;
use crate::web::{
    cookies::Kind,
    errors::WebError,
    extract::{Query, Viewer},
    page_target::{PageTarget, decoded},
};
use app::ui::{Door, SignInPage};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

/// The query of the front page.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Front {
    /// Room to go on to.
    room: Option<String>,
    /// Entry of the room to show.
    entry: Option<String>,
}

/// Redirects a user to the room or entry of the query, or else to the last room; shows the sign-in form to everybody else.
pub(in crate::web) async fn front(
    renderer: Renderer,
    viewer: Option<Viewer>,
    query: Option<Query<Front>>,
) -> Result<Response, WebError> {
    let Front { room: wanted, entry } = query.map(|Query(front)| front).unwrap_or_default();
    let entry = entry.and_then(|entry| entry.parse().ok());
    if viewer.is_none() {
        let door = Door { room: wanted.unwrap_or_default(), entry, ..Door::default() };
        return sign_in_form(renderer, StatusCode::OK, door).await;
    }
    let linked = wanted.as_ref().and_then(|room| renderer.state.hub.room(room)).zip(entry);
    if let Some((room, entry)) = linked {
        return Ok(PageTarget::Room(room).redirect_to(entry).into_response());
    }
    let last = renderer.cookie(Kind::LastRoom).and_then(|room| decoded(&room));
    let room = [wanted, last].into_iter().flatten().find_map(|room| renderer.state.hub.room(&room));
    Ok(room.map_or_else(PageTarget::general, PageTarget::Room).redirect().into_response())
}

/// Renders the sign-in form. It sets a cookie, so that the form's request shows if this browser sends cookies back.
pub(in crate::web) async fn sign_in_form(
    renderer: Renderer,
    status: StatusCode,
    door: Door,
) -> Result<Response, WebError> {
    let turn = renderer.turn().await?;
    let (options, theme) = renderer.frame();
    let state = renderer.state.clone();
    let page = move || {
        let (options, door) = (options.clone(), door.clone());
        view! { <SignInPage options theme door /> }
    };
    let mut response = renderer.render(turn, status, page).await;
    state.cookies.set(Kind::Probe, "1", &mut response);
    Ok(response)
}
