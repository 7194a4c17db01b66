//! The end of a session at its user's request: in this browser, or everywhere.

use crate::{
    chat::Outcome,
    web::{
        State,
        cookies::Kind,
        errors::WebError,
        extract::{Form, Viewer},
    },
};
use axum::{
    extract,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct SignOut {
    /// Present, with any value, to end all sessions of the user.
    everywhere: Option<String>,
}

/// Ends the session of the request, closes its WebSockets, and goes to the front page.
pub(in crate::web) async fn sign_out(
    extract::State(state): extract::State<State>,
    viewer: Option<Viewer>,
    headers: HeaderMap,
    Form(SignOut { everywhere }): Form<SignOut>,
) -> Result<Response, WebError> {
    if let Some(Viewer { session, .. }) = viewer
        && let Outcome::SignedOut(ended) = state.hub.sign_out(session, everywhere.is_some()).await??
    {
        state.open.end(&ended);
    }
    let mut response = Redirect::to("/").into_response();
    let claimed: Vec<String> = state.cookies.sessions(&headers).map(|cookie| cookie.name.to_owned()).collect();
    claimed.iter().for_each(|name| state.cookies.end_session(name, &mut response));
    state.cookies.remove(Kind::LastRoom, &mut response);
    Ok(response)
}
