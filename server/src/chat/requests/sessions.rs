//! Sessions: lookup, renewal and end.

use crate::{
    chat::{Now, Outcome, RequestId, engine::Chat, state::Pending},
    journal::{Change, SessionHash},
};
use app::protocol::UserId;

/// Interval in milliseconds at which a session in use is renewed: a day, so that a browser keeps its cookie for at
/// least 364 days, and the store gets one write per day and session.
const RENEWED_EVERY_MS: u64 = 24 * 60 * 60 * 1_000;

impl Chat {
    /// Returns the user of a session that has not ended.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        let user = self.directory.sessions.get(session).filter(|_| !self.directory.ending.contains(session))?.user;
        self.directory.users.get(&user).is_some_and(|state| !state.is_going).then_some(user)
    }

    /// Records a use of a session. Returns `Some(true)` if the browser must be sent the cookie anew, which happens once
    /// a day, and `None` if the session does not exist.
    pub fn renew_session(&mut self, now: Now, session: &SessionHash) -> Option<bool> {
        self.session(session)?;
        let state = self.directory.sessions.get_mut(session)?;
        // A clock that was wrong and set back leaves a time in the future, hence the absolute difference.
        let age = now.clock.as_millis().abs_diff(state.renewed_at.as_millis());
        if age < RENEWED_EVERY_MS {
            return Some(false);
        }
        state.renewed_at = now.clock;
        self.submit(Change::RenewSession { session: *session, at: now.clock }, Pending::Unheard);
        Some(true)
    }

    /// Ends a session, or all sessions of its user, which are refused from here on. The reply is [`Outcome::SignedOut`]
    /// once that is stored. A user without sessions keeps the name until the deletion.
    pub fn sign_out(&mut self, request: RequestId, session: &SessionHash, everywhere: bool) {
        let Some(user) = self.session(session) else {
            return self.reply(request, Ok(Outcome::SignedOut(Vec::new())));
        };
        let all = self.directory.users.get(&user).map(|state| state.sessions.clone()).unwrap_or_default();
        let is_meant = |other: &SessionHash| (everywhere || other == session) && !self.directory.ending.contains(other);
        let sessions: Vec<_> = all.into_iter().filter(is_meant).collect();
        self.directory.ending.extend(&sessions);
        let change = Change::EndSessions { user, sessions: sessions.clone() };
        self.submit(change, Pending::EndSessions { request, sessions });
    }
}
