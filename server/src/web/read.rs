//! How a page without a script says up to where it was shown: by a picture that is none.
//!
//! It is a `GET` that changes something, which only a read mark may: it has to come from a page of ours ([`is_own_page`]),
//! and a mark never goes back nor beyond the end.

use super::{State, address::Sender, forms, origin, session, spot::Spot};
use app::protocol::{EntryId, UserId};
use axum::{
    extract::{
        self, Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// The newest entry that the page showed.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    id: EntryId,
}

/// A room was shown.
pub(super) async fn room(
    extract::State(state): extract::State<State>,
    sender: Sender,
    name: Result<Path<String>, PathRejection>,
    shown: Result<Query<Shown>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let spot = |_| name.ok().and_then(|Path(name)| Spot::room(&state, &name));
    answer(mark(&state, sender, spot, id_of(shown), &headers).await)
}

/// A conversation was shown.
pub(super) async fn conversation(
    extract::State(state): extract::State<State>,
    sender: Sender,
    peer: Result<Path<String>, PathRejection>,
    shown: Result<Query<Shown>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let spot = |user| peer.ok().and_then(|Path(peer)| Spot::with(&state, user, &peer));
    answer(mark(&state, sender, spot, id_of(shown), &headers).await)
}

fn id_of(shown: Result<Query<Shown>, QueryRejection>) -> Option<EntryId> {
    shown.ok().map(|Query(shown)| shown.id)
}

async fn mark(
    state: &State,
    Sender(address): Sender,
    spot: impl FnOnce(UserId) -> Option<Spot>,
    shown: Option<EntryId>,
    headers: &HeaderMap,
) -> StatusCode {
    let Some(user) = session::user(state, headers) else {
        return StatusCode::UNAUTHORIZED;
    };
    if !is_own_page(state, headers) {
        return StatusCode::FORBIDDEN;
    }
    let Some(id) = shown else {
        return StatusCode::BAD_REQUEST;
    };
    let Some(spot) = spot(user) else {
        return StatusCode::NOT_FOUND;
    };
    match state.hub.shown(user, address, &spot.address(), id).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT,
        Ok(Err(refused)) => forms::status_of(refused.code),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Whether a picture is asked for by a page of ours. Browsers say so over HTTPS and on this machine (`Sec-Fetch-Site`); over
/// plain HTTP the address of the page has to do, which no page can put in its own place.
fn is_own_page(state: &State, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => origin::own_path(headers, state.public_url.as_deref()).is_some(),
    }
}

fn answer(status: StatusCode) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")]).into_response()
}
