//! Sessions: whose each is, and that one which is used does not end.

use super::{Chat, Pending, UserId};
use crate::{
    chat::Now,
    journal::{Change, SessionHash, StoredSession},
};
use app::protocol::Timestamp;

/// After how long a session that is used is renewed, in milliseconds: a day, so that a browser keeps it for 364 days at
/// the least, and the store is written to once a day for each session.
const RENEWED_EVERY_MS: u64 = 24 * 60 * 60 * 1_000;

/// A session in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    user: UserId,
    renewed_at: Timestamp,
}

impl Chat {
    /// Whose session this is.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.sessions.get(session).map(|session| session.user)
    }

    /// A session was used. Returns whether its browser is to keep it for as long again, which is so once a day; `None` for
    /// a session that is nobody's.
    pub fn renew_session(&mut self, now: Now, session: &SessionHash) -> Option<bool> {
        let state = self.sessions.get_mut(session)?;
        // A clock that was wrong, and set back, leaves a moment that is to come.
        let age = now.clock.as_millis().abs_diff(state.renewed_at.as_millis());
        if age < RENEWED_EVERY_MS {
            return Some(false);
        }
        state.renewed_at = now.clock;
        self.submit(Change::RenewSession { session: *session, at: now.clock }, Pending::RenewSession);
        Some(true)
    }

    pub(super) fn add_session(&mut self, user: UserId, session: StoredSession) {
        self.sessions.insert(session.hash, Session { user, renewed_at: session.renewed_at });
        if let Some(state) = self.users.get_mut(&user) {
            state.sessions.push(session.hash);
        }
    }

    /// Takes all sessions of a user away: from here on nobody comes back as this user.
    pub(super) fn take_sessions(&mut self, user: UserId) -> Vec<StoredSession> {
        let hashes = self.users.get_mut(&user).map(|state| std::mem::take(&mut state.sessions)).unwrap_or_default();
        let stored = |hash: SessionHash| {
            let session = self.sessions.remove(&hash)?;
            Some(StoredSession { hash, renewed_at: session.renewed_at })
        };
        hashes.into_iter().filter_map(stored).collect()
    }
}
