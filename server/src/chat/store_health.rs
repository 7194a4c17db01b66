//! The store's health: it fails with a refusal, and a stored probe restores it.
//!
//! Invariants:
//! - one refusal marks the store as failing, and only a stored probe ends that: other changes, such as the repeat of a
//!   stored entry, can be answered without a write;
//! - at most one probe is in flight, and none while the store is well.

use crate::journal::{PROBE, Ticket};

/// Delay in milliseconds between a refusal, also that of a probe, and the next probe.
pub(super) const PROBE_EVERY_MS: u64 = 1_000;

/// The known condition of the store.
#[derive(Debug, Default)]
pub(super) enum StoreHealth {
    /// The store has accepted every change so far.
    #[default]
    Well,
    /// The store refused a change. `probe_at` is the time of the next probe, in milliseconds since start.
    Failing { probe_at: u64 },
    /// The store refused a change, and a probe is in flight.
    Probing,
}

/// A transition of the store's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HealthChange {
    /// The store stopped accepting changes.
    Fails,
    /// The store accepts changes again.
    Recovers,
}

impl StoreHealth {
    pub(super) const fn is_well(&self) -> bool {
        matches!(self, Self::Well)
    }

    /// Returns `true` if a probe is due. The caller must then submit it: the probe counts as in flight.
    pub(super) fn take_probe(&mut self, now_ms: u64) -> bool {
        let is_due = matches!(self, Self::Failing { probe_at } if *probe_at <= now_ms);
        if is_due {
            *self = Self::Probing;
        }
        is_due
    }

    /// Records that a change was stored or refused, and returns the transition, if any.
    pub(super) fn answered(&mut self, now_ms: u64, ticket: Ticket, is_stored: bool) -> Option<HealthChange> {
        let probe_at = now_ms + PROBE_EVERY_MS;
        match (&*self, ticket, is_stored) {
            (Self::Well, _, false) => {
                *self = Self::Failing { probe_at };
                Some(HealthChange::Fails)
            }
            (Self::Probing, PROBE, false) => {
                *self = Self::Failing { probe_at };
                None
            }
            (Self::Probing, PROBE, true) => {
                *self = Self::Well;
                Some(HealthChange::Recovers)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u64 = 5_000;
    const DUE: u64 = FIRST + PROBE_EVERY_MS;

    /// Returns the health of a store that refused change 1 at [`FIRST`].
    fn failing() -> StoreHealth {
        let mut health = StoreHealth::default();
        assert_eq!(health.answered(FIRST, 1, false), Some(HealthChange::Fails));
        health
    }

    #[test]
    fn while_all_is_well_nothing_is_probed_and_nothing_is_news() {
        let mut health = StoreHealth::default();
        for now in [0, PROBE_EVERY_MS, u64::MAX - PROBE_EVERY_MS] {
            assert_eq!(health.answered(now, now + 1, true), None);
            assert!(health.is_well() && !health.take_probe(now));
        }
    }

    #[test]
    fn a_store_that_refuses_many_changes_is_news_once() {
        let mut health = failing();
        for ticket in 2..100 {
            assert_eq!(health.answered(FIRST + ticket, ticket, false), None);
        }
        assert!(!health.is_well());
    }

    #[test]
    fn a_probe_is_due_a_while_after_the_first_refusal_however_many_follow() {
        let mut health = failing();
        health.answered(DUE - 1, 2, false);
        assert!(!health.take_probe(DUE - 1));
        assert!(health.take_probe(DUE));
    }

    #[test]
    fn one_probe_is_under_way_at_a_time_and_the_next_comes_a_while_after_its_refusal() {
        let mut health = failing();
        assert!(health.take_probe(DUE));
        assert!(!health.take_probe(DUE + 60_000));
        let refused = DUE + 60_000;
        assert_eq!(health.answered(refused, PROBE, false), None);
        assert!(!health.take_probe(refused + PROBE_EVERY_MS - 1));
        assert!(health.take_probe(refused + PROBE_EVERY_MS));
    }

    #[test]
    fn only_a_stored_probe_says_that_the_store_can_be_written_again() {
        let mut health = failing();
        assert_eq!(health.answered(DUE, 2, true), None);
        assert!(health.take_probe(DUE));
        assert_eq!(health.answered(DUE, 3, true), None);
        assert!(!health.is_well());
        assert_eq!(health.answered(DUE, PROBE, true), Some(HealthChange::Recovers));
        assert!(health.is_well() && !health.take_probe(DUE + PROBE_EVERY_MS));
        assert_eq!(health.answered(DUE + 1, 4, false), Some(HealthChange::Fails), "and it may fail anew");
    }
}
