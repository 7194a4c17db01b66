//! How much is done under the chat's lock for one call: tests count it, and compare it with what there is.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Something was done that is done for each of many.
#[inline]
pub(super) fn count() {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
}

/// The steps since this was last asked.
#[cfg(test)]
pub(super) fn taken() -> usize {
    STEPS.take()
}
