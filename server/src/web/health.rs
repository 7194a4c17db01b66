//! Liveness and readiness, for supervisors of the process.

use super::State;
use axum::{extract, http::StatusCode};

/// Answers as long as the process lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Answers 200 if the server stores what people send, and is not about to stop.
pub(super) async fn ready(extract::State(state): extract::State<State>) -> (StatusCode, &'static str) {
    if state.hub.is_ready() && !state.draining.is_cancelled() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
