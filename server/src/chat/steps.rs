//! A counter of the work under the chat's lock, with which tests check that a call's cost does not grow with the chat.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts one step of a loop over many users, rooms or connections.
#[inline]
pub(super) fn count() {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
}

/// Returns and resets the number of steps.
#[cfg(test)]
pub(super) fn taken() -> usize {
    STEPS.take()
}
