//! Sessions: whose each is, that one which is used does not end, and that one ends when its user says so.

use super::{Chat, Done, Pending, UserId, unavailable};
use crate::{
    chat::{Now, RequestId},
    journal::{Change, JournalError, Outcome, SessionHash, StoredSession},
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

    /// Ends a session, or all of its user's. From here on nobody comes back by them; the request is answered with
    /// [`Done::SignedOut`] once that is stored. A user without a session keeps the name until it is forgotten.
    pub fn sign_out(&mut self, request: RequestId, session: &SessionHash, everywhere: bool) {
        let Some(user) = self.session(session) else {
            return self.reply(request, Ok(Done::SignedOut(Vec::new())));
        };
        let mut sessions = self.take_sessions(user);
        if !everywhere {
            for other in sessions.extract_if(.., |it| it.hash != *session).collect::<Vec<_>>() {
                self.add_session(user, other);
            }
        }
        let ended = sessions.iter().map(|session| session.hash).collect();
        self.submit(Change::EndSessions { sessions: ended }, Pending::EndSessions { request, user, sessions });
    }

    pub(super) fn signed_out(
        &mut self,
        request: RequestId,
        user: UserId,
        sessions: Vec<StoredSession>,
        result: Result<Outcome, JournalError>,
    ) {
        let reply = match result {
            Ok(_) => Ok(Done::SignedOut(sessions.into_iter().map(|session| session.hash).collect())),
            // They are not over after all, and would be there again after a start.
            Err(error) => {
                sessions.into_iter().for_each(|session| self.add_session(user, session));
                Err(unavailable(&error))
            }
        };
        self.reply(request, reply);
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
