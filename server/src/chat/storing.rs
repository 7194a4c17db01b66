//! Whether the store takes what it is given, and when it is asked whether it does so again.
//!
//! Invariants:
//! - one refusal is enough to call the store failing, and only a stored probe ends that: other changes may be answered
//!   without anything being written, such as an entry that was stored before;
//! - one probe at most is under way, and none while all is well.

use crate::journal::{PROBE, Ticket};

/// How long after a refusal, or after a probe that was refused, the next probe is due, in milliseconds.
pub(super) const PROBE_EVERY_MS: u64 = 1_000;

/// What is known of the store.
#[derive(Debug, Default)]
pub(super) enum Storing {
    /// It stored everything, or was not asked yet.
    #[default]
    Well,
    /// It refused a change; from this moment on, in milliseconds, a probe is due.
    Failing { probe_at: u64 },
    /// It refused a change, and has a probe to answer.
    Probing,
}

/// What an answer of the store changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It stored, and does not any more.
    Fails,
    /// It stores again.
    Recovers,
}

impl Storing {
    pub(super) const fn is_well(&self) -> bool {
        matches!(self, Self::Well)
    }

    /// Whether a probe is to be made now. Whoever asks makes it.
    pub(super) fn take_probe(&mut self, now_ms: u64) -> bool {
        let is_due = matches!(self, Self::Failing { probe_at } if *probe_at <= now_ms);
        if is_due {
            *self = Self::Probing;
        }
        is_due
    }

    /// A change was stored, or refused; whether that is news.
    pub(super) fn answered(&mut self, now_ms: u64, ticket: Ticket, is_stored: bool) -> Option<Turn> {
        let probe_at = now_ms + PROBE_EVERY_MS;
        match (&*self, ticket, is_stored) {
            (Self::Well, _, false) => {
                *self = Self::Failing { probe_at };
                Some(Turn::Fails)
            }
            (Self::Probing, PROBE, false) => {
                *self = Self::Failing { probe_at };
                None
            }
            (Self::Probing, PROBE, true) => {
                *self = Self::Well;
                Some(Turn::Recovers)
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

    /// A store that refused change 1 at [`FIRST`].
    fn failing() -> Storing {
        let mut storing = Storing::default();
        assert_eq!(storing.answered(FIRST, 1, false), Some(Turn::Fails));
        storing
    }

    #[test]
    fn while_all_is_well_nothing_is_probed_and_nothing_is_news() {
        let mut storing = Storing::default();
        for now in [0, PROBE_EVERY_MS, u64::MAX - PROBE_EVERY_MS] {
            assert_eq!(storing.answered(now, now + 1, true), None);
            assert!(storing.is_well() && !storing.take_probe(now));
        }
    }

    #[test]
    fn a_store_that_refuses_many_changes_is_news_once() {
        let mut storing = failing();
        for ticket in 2..100 {
            assert_eq!(storing.answered(FIRST + ticket, ticket, false), None);
        }
        assert!(!storing.is_well());
    }

    #[test]
    fn a_probe_is_due_a_while_after_the_first_refusal_however_many_follow() {
        let mut storing = failing();
        storing.answered(DUE - 1, 2, false);
        assert!(!storing.take_probe(DUE - 1));
        assert!(storing.take_probe(DUE));
    }

    #[test]
    fn one_probe_is_under_way_at_a_time_and_the_next_comes_a_while_after_its_refusal() {
        let mut storing = failing();
        assert!(storing.take_probe(DUE));
        assert!(!storing.take_probe(DUE + 60_000));
        let refused = DUE + 60_000;
        assert_eq!(storing.answered(refused, PROBE, false), None);
        assert!(!storing.take_probe(refused + PROBE_EVERY_MS - 1));
        assert!(storing.take_probe(refused + PROBE_EVERY_MS));
    }

    #[test]
    fn only_a_stored_probe_says_that_the_store_can_be_written_again() {
        let mut storing = failing();
        assert_eq!(storing.answered(DUE, 2, true), None);
        assert!(storing.take_probe(DUE));
        assert_eq!(storing.answered(DUE, 3, true), None);
        assert!(!storing.is_well());
        assert_eq!(storing.answered(DUE, PROBE, true), Some(Turn::Recovers));
        assert!(storing.is_well() && !storing.take_probe(DUE + PROBE_EVERY_MS));
        assert_eq!(storing.answered(DUE + 1, 4, false), Some(Turn::Fails), "and it may fail anew");
    }
}
