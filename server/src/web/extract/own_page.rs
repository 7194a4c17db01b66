//! Proof that a page of this server caused a request.

use crate::web::{State, errors::WebError, origin};
use axum::{extract::FromRequestParts, http::request::Parts};

/// The check for a `GET` that changes something. Over HTTPS and on this machine, browsers tell which site requests an
/// image (`Sec-Fetch-Site`); over plain HTTP the URL of the page, which no page can forge, must suffice.
#[derive(Debug)]
pub(in crate::web) struct OwnPage;

impl FromRequestParts<State> for OwnPage {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let is_own = match parts.headers.get("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => origin::own_path(&parts.headers, state.public_url.as_deref()).is_some(),
        };
        if is_own { Ok(Self) } else { Err(WebError::ForeignOrigin { path: parts.uri.path().to_owned() }) }
    }
}
