//! A counter of the work of reading a text, for the test that bounds it: a clock would measure the other programs on
//! the machine. Code that looks ahead of the cursor or moves pieces reports how much. Outside of tests this is a no-op.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static DONE: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps beyond advancing by one byte.
#[cfg(test)]
pub(super) fn add(steps: usize) {
    DONE.set(DONE.get() + steps);
}

/// Does nothing outside of tests.
#[cfg(not(test))]
pub(super) const fn add(_steps: usize) {}

/// Returns and resets the steps of this thread.
#[cfg(test)]
pub(super) fn take() -> usize {
    DONE.take()
}
