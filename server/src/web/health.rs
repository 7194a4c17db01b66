//! Liveness and readiness, for whoever watches the process.

use super::State;
use axum::{extract, http::StatusCode};

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The server takes and stores what people send, and will go on doing so.
pub(super) async fn ready(extract::State(state): extract::State<State>) -> (StatusCode, &'static str) {
    if state.hub.is_ready() && !state.draining.is_cancelled() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
