//! The choice of a theme, stored in a cookie: the server needs it before the first paint, and the page's script writes
//! it, too, without a request.

use crate::web::{State, cookies::Kind, extract::Form, origin};
use app::ui::Theme;
use axum::{
    extract,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Choice {
    /// `light` or `dark`; anything else leaves the choice to the browser.
    theme: String,
}

/// Stores a theme and returns to the page where it was chosen.
pub(in crate::web) async fn choose(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    Form(Choice { theme }): Form<Choice>,
) -> Response {
    let back = origin::own_path(&headers, state.public_url.as_deref());
    let mut response = Redirect::to(back.as_deref().unwrap_or("/")).into_response();
    match Theme::parse(&theme) {
        Some(theme) => state.cookies.set(Kind::Theme, theme.name(), &mut response),
        None => state.cookies.remove(Kind::Theme, &mut response),
    }
    response
}
