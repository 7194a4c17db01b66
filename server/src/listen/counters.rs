//! What the accept loop counts, for `/metrics`.

use super::{deadlines::Overdue, places::Full};
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers since the start. They are read one by one, so they need not agree with each other to the last one.
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

    /// TCP connections that are open now.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// TCP connections that were served or are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// TCP connections that were closed at once, by what was full.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Full::ALL.into_iter().map(|full| (full.name(), self.refused[full.index()].load(Ordering::Relaxed)))
    }

    /// TCP connections that were closed because their client took too long, by the step.
    pub fn late(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Overdue::ALL.into_iter().map(|step| (step.name(), self.overdue[step.index()].load(Ordering::Relaxed)))
    }
}
