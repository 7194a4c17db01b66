//! The theme that a person has chosen, in a cookie: the server needs it before the first paint, and the page's script
//! writes it too, without a request.

use super::{State, forms, origin};
use app::ui::Theme;
use axum::{
    extract::{self, Request},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

/// How long a browser keeps it: a year, from each choice.
const KEPT_FOR: cookie::time::Duration = cookie::time::Duration::days(365);

/// The theme that a request's cookie chooses; none where the system decides.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Theme> {
    CookieJar::from_headers(headers).get(Theme::COOKIE).and_then(|cookie| Theme::parse(cookie.value()))
}

/// A choice: `system`, `light` or `dark`.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    theme: String,
}

/// Remembers a theme and goes back to the page where it was chosen.
pub(super) async fn choose(extract::State(state): extract::State<State>, request: Request) -> Response {
    let (Choice { theme }, request) = match forms::read::<Choice>(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let cookie = |value, kept_for| {
        Cookie::build((Theme::COOKIE, value))
            .path("/")
            .same_site(SameSite::Lax)
            .secure(state.is_https())
            .max_age(kept_for)
            .build()
    };
    let cookie = Theme::parse(&theme)
        .map_or_else(|| cookie("", cookie::time::Duration::ZERO), |theme| cookie(theme.name(), KEPT_FOR));
    let back = origin::own_path(request.headers(), state.public_url.as_deref());
    let mut response = Redirect::to(back.as_deref().unwrap_or("/")).into_response();
    if let Ok(cookie) = cookie.to_string().parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
