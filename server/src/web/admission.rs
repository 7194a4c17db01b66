//! Who may open one more WebSocket or event stream: how many each user, each address and all together may have, and how
//! fast.
//!
//! Invariants:
//! - a refused connection costs nothing but its answer: it is refused before the upgrade, and before anybody is made a
//!   user for it;
//! - newcomers never take the places that are reserved for those who come back with a session, nor their tokens.

mod ledger;

pub(super) use ledger::{Caps, Kind, Pace, Refusal, Who};

use app::protocol::UserId;
use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use ledger::Ledger;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// How soon somebody may try again who has as many connections as one may have, in seconds.
const RETRY_FULL: u64 = 10;

/// The adapter around the [`Ledger`]: its lock and its clock.
#[derive(Debug)]
pub(super) struct Admission {
    ledger: Mutex<Ledger>,
    started: Instant,
}

/// A place that is taken. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    who: Who,
}

impl Admission {
    /// All places free.
    pub(super) fn new(caps: Caps, pace: Pace) -> Arc<Self> {
        Arc::new(Self { ledger: Mutex::new(Ledger::new(caps, pace)), started: Instant::now() })
    }

    /// Takes a place.
    pub(super) fn admit(self: &Arc<Self>, who: Who) -> Result<Place, Refusal> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.ledger().take(now, who)?;
        Ok(Place { admission: Arc::clone(self), who })
    }

    /// How many places of a kind are taken.
    pub(super) fn taken(&self, kind: Kind) -> usize {
        self.ledger().taken(kind)
    }

    /// How many connections were refused, by the reason.
    pub(super) fn refusals(&self) -> [(&'static str, u64); 4] {
        self.ledger().refusals()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The newcomer who took the place is a user now.
    pub(super) fn belongs_to(&mut self, user: UserId) {
        self.who.user = Some(user);
        self.admission.ledger().belongs_to(user);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.ledger().give_back(self.who);
    }
}

impl Refusal {
    /// The answer, with the time after which to try again.
    pub(super) fn response(self) -> Response {
        let (status, seconds, sentence) = match self {
            Self::All => (StatusCode::SERVICE_UNAVAILABLE, RETRY_FULL, "The server is full."),
            Self::User => (StatusCode::TOO_MANY_REQUESTS, RETRY_FULL, "You have too many connections open."),
            Self::Address => (StatusCode::TOO_MANY_REQUESTS, RETRY_FULL, "Your address has too many connections open."),
            Self::TooFast { wait_ms } => {
                (StatusCode::TOO_MANY_REQUESTS, wait_ms.div_ceil(1_000), "Too many connections in a short time.")
            }
        };
        let retry: (HeaderName, String) = (header::RETRY_AFTER, seconds.to_string());
        (status, [retry], format!("{sentence} Try again later.\n")).into_response()
    }
}
