//! Admission of WebSockets and event streams: limits for each user, for each IP address and in all, and a rate limit.
//!
//! Invariants:
//! - a refused connection costs nothing but its response: it is refused before the upgrade, and before a user is
//!   created for it;
//! - newcomers never take the places that are reserved for users who return with a session, nor their tokens.

mod ledger;

pub(super) use ledger::{Caps, ConnectRates, Kind, Refusal, Who};

use app::protocol::UserId;
use ledger::Ledger;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The adapter around the [`Ledger`]: its lock and its clock.
#[derive(Debug)]
pub(super) struct Admission {
    ledger: Mutex<Ledger>,
    started: Instant,
}

/// A taken place, which is free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    who: Who,
}

impl Admission {
    /// Creates places that are all free.
    pub(super) fn new(caps: Caps, rates: ConnectRates) -> Arc<Self> {
        Arc::new(Self { ledger: Mutex::new(Ledger::new(caps, rates)), started: Instant::now() })
    }

    /// Takes a place.
    pub(super) fn admit(self: &Arc<Self>, who: Who) -> Result<Place, Refusal> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.ledger().take(now, who)?;
        Ok(Place { admission: Arc::clone(self), who })
    }

    /// Returns the number of open connections of a kind.
    pub(super) fn taken(&self, kind: Kind) -> usize {
        self.ledger().taken(kind)
    }

    /// Returns the numbers of refused connections, by reason.
    pub(super) fn refusals(&self) -> [(&'static str, u64); 4] {
        self.ledger().refusals()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Counts the place for the user that was created for the newcomer.
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
