//! The end of a session at its user's wish: in this browser, or everywhere.
//!
//! Invariant: no WebSocket outlives its session: who opens one is known here first, and then it is looked whether the session
//! is still there.

use super::{State, cookies::Kind, forms, session};
use crate::{chat::Done, journal::SessionHash};
use axum::{
    extract::{self, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// What the form says.
#[derive(Debug, Deserialize)]
pub(super) struct SignOut {
    /// Said, whatever it is, when all sessions of the user are to end.
    everywhere: Option<String>,
}

/// Ends the session that the request comes with, closes its WebSockets, and goes to the front door.
pub(super) async fn sign_out(extract::State(state): extract::State<State>, request: Request) -> Response {
    let (SignOut { everywhere }, request) = match forms::read::<SignOut>(&state, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let mut response = Redirect::to("/").into_response();
    if let Some((_, session)) = session::of(&state, request.headers()) {
        match state.hub.sign_out(session, everywhere.is_some()).await {
            Ok(Ok(Done::SignedOut(ended))) => state.open.end(&ended),
            Ok(Ok(_)) => {}
            Ok(Err(refused)) => return (forms::status_of(refused.code), refused.message + "\n").into_response(),
            Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
        }
    }
    let claimed: Vec<String> = state.cookies.sessions(request.headers()).map(|cookie| cookie.name.to_owned()).collect();
    claimed.iter().for_each(|name| state.cookies.end_session(name, &mut response));
    state.cookies.remove(Kind::LastRoom, &mut response);
    response
}

/// The sessions that have WebSockets open: how many each, and how they hear of the end.
#[derive(Debug, Default)]
pub(super) struct OpenSessions(Mutex<HashMap<SessionHash, (usize, CancellationToken)>>);

/// A WebSocket of a session.
#[derive(Debug)]
pub(super) struct OpenSession {
    all: Arc<OpenSessions>,
    session: SessionHash,
    /// Cancelled when the session ends.
    pub(super) ended: CancellationToken,
}

impl OpenSessions {
    /// Counts a WebSocket.
    pub(super) fn open(self: &Arc<Self>, session: SessionHash) -> OpenSession {
        let mut open = self.lock();
        let (count, ended) = open.entry(session).or_default();
        *count += 1;
        OpenSession { all: Arc::clone(self), session, ended: ended.clone() }
    }

    fn end(&self, sessions: &[SessionHash]) {
        for session in sessions {
            if let Some((_, ended)) = self.lock().get(session) {
                ended.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionHash, (usize, CancellationToken)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let mut open = self.all.lock();
        if let Some((count, _)) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_websocket_of_a_session_hears_of_its_end_and_nothing_is_left_of_it() {
        let open = Arc::new(OpenSessions::default());
        let [first, second, other] = [[1; 32], [1; 32], [2; 32]].map(|session| open.open(session));
        open.end(&[[1; 32], [3; 32]]);
        assert!(first.ended.is_cancelled() && second.ended.is_cancelled() && !other.ended.is_cancelled());
        assert!(open.open([1; 32]).ended.is_cancelled(), "one that comes late");
        drop((first, second, other));
        assert!(open.lock().is_empty());
    }
}
