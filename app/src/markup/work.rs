//! How much is done to read a text, for the test that holds the time to it: a clock would measure who else uses the
//! machine. Whatever looks ahead of the cursor or moves pieces says how much it looked at or moved. Outside of tests
//! this is nothing.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static DONE: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps that are done besides going on by one byte.
#[cfg(test)]
pub(super) fn add(steps: usize) {
    DONE.set(DONE.get() + steps);
}

/// Counts nothing.
#[cfg(not(test))]
pub(super) const fn add(_steps: usize) {}

/// The steps since this was last asked, on this thread.
#[cfg(test)]
pub(super) fn take() -> usize {
    DONE.take()
}
