//! Counters of the accept loop, for `/metrics`.

use super::{deadlines::Overdue, places::Full};
use std::sync::atomic::{AtomicU64, Ordering};

/// Totals since the start. They are read one by one, so they can differ slightly from each other.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    open: AtomicU64,
    refused: [AtomicU64; Full::ALL.len()],
    overdue: [AtomicU64; Overdue::ALL.len()],
}

impl Counters {
    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, full: Full) {
        self.refused[full.index()].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn overdue(&self, overdue: Overdue) {
        self.overdue[overdue.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of open TCP connections.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Returns the number of TCP connections that were accepted for serving.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Yields the numbers of TCP connections that were closed at once, by the limit that was reached.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Full::ALL.into_iter().map(|full| (full.name(), self.refused[full.index()].load(Ordering::Relaxed)))
    }

    /// Yields the numbers of TCP connections that timed out, by the step.
    pub fn late(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Overdue::ALL.into_iter().map(|step| (step.name(), self.overdue[step.index()].load(Ordering::Relaxed)))
    }
}
