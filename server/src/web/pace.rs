//! Every request for a page or an answer of the API is counted, whether it finds something or not, as what a WebSocket
//! asks for is: by the user and by the address.

use super::{State, address::Sender, session};
use axum::{
    Json,
    extract::{self, Request},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// What is asked for too often is answered with 429.
pub(super) async fn count(
    extract::State(state): extract::State<State>,
    sender: Sender,
    request: Request,
    next: Next,
) -> Response {
    let user = session::user(&state, request.headers());
    let Err(wait_ms) = state.hub.count_request(user, sender.0) else {
        return next.run(request).await;
    };
    let again = [(header::RETRY_AFTER, wait_ms.div_ceil(1_000).to_string())];
    let sentence = "Too many requests. Wait a moment and try again.";
    if request.uri().path().starts_with("/api/") {
        (StatusCode::TOO_MANY_REQUESTS, again, Json(json!({ "error": sentence }))).into_response()
    } else {
        (StatusCode::TOO_MANY_REQUESTS, again, format!("{sentence}\n")).into_response()
    }
}
