//! Sessions with open WebSockets.
//!
//! Invariant: no WebSocket outlives its session. A WebSocket is registered here before its session is looked up, so a
//! sign-out in between closes it, too.

use crate::journal::SessionHash;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// The number of open WebSockets of each session, and the token that closes them.
#[derive(Debug, Default)]
pub(super) struct OpenSessions(Mutex<HashMap<SessionHash, (usize, CancellationToken)>>);

/// The registration of one WebSocket of a session.
#[derive(Debug)]
pub(super) struct OpenSession {
    all: Arc<OpenSessions>,
    session: SessionHash,
    /// Cancelled when the session ends.
    pub(super) ended: CancellationToken,
}

impl OpenSessions {
    /// Registers a WebSocket until the guard is dropped.
    pub(super) fn open(self: &Arc<Self>, session: SessionHash) -> OpenSession {
        let mut open = self.lock();
        let (count, ended) = open.entry(session).or_default();
        *count += 1;
        OpenSession { all: Arc::clone(self), session, ended: ended.clone() }
    }

    /// Closes the WebSockets of these sessions.
    pub(super) fn end(&self, sessions: &[SessionHash]) {
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
