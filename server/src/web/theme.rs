//! The theme that a person has chosen, in a cookie: the server needs it before the first paint, and the page's script
//! writes it too, without a request.

use super::{State, cookies::Kind, forms, origin};
use app::ui::Theme;
use axum::{
    extract::{self, Request},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// The theme that a request's cookie chooses; none where the system decides.
pub(super) fn chosen(state: &State, headers: &HeaderMap) -> Option<Theme> {
    Theme::parse(&state.cookies.get(Kind::Theme, headers)?)
}

/// A choice: `system`, `light` or `dark`.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    theme: String,
}

/// Remembers a theme and goes back to the page where it was chosen.
pub(super) async fn choose(extract::State(state): extract::State<State>, request: Request) -> Response {
    let (Choice { theme }, request) = match forms::read::<Choice>(&state, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let back = origin::own_path(request.headers(), state.public_url.as_deref());
    let mut response = Redirect::to(back.as_deref().unwrap_or("/")).into_response();
    match Theme::parse(&theme) {
        Some(theme) => state.cookies.set(Kind::Theme, theme.name(), &mut response),
        None => state.cookies.remove(Kind::Theme, &mut response),
    }
    response
}
