//! The rate limit of pages and of the API. Each request counts, successful or not, for the user and for the IP address,
//! with the same tokens as queries over a WebSocket.

use super::{
    State,
    errors::WebError,
    extract::{ClientAddress, Viewer},
};
use axum::{
    extract::{self, Request},
    middleware::Next,
    response::Response,
};

/// Counts a request, and refuses one beyond the limit with 429.
pub(super) async fn count(
    extract::State(state): extract::State<State>,
    ClientAddress(address): ClientAddress,
    viewer: Option<Viewer>,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    let user = viewer.map(|viewer| viewer.user);
    match state.hub.count_request(user, address) {
        Ok(()) => Ok(next.run(request).await),
        Err(wait_ms) => Err(WebError::TooManyRequests { wait_ms }),
    }
}
