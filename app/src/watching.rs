//! The attention of the person at the page: entries that are visible while somebody watches are read, and need no
//! notification.
//!
//! A window can be visible while its person works in another one, so visibility is not enough: the window must have the
//! focus, or have been used without it (the wheel scrolls the page under the pointer, a tablet's keyboard is
//! elsewhere).

/// Duration in milliseconds for which a touch, a key or the wheel counts as attention in a window without focus.
pub const INPUT_COUNTS_MS: u64 = 30_000;

/// The observable state of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watching {
    /// `true` if a part of the window is visible.
    pub is_visible: bool,
    /// `true` if the window, or an element in it, has the keyboard focus.
    pub has_focus: bool,
    /// `true` on a touch device, which shows one window and reports the focus unreliably.
    pub is_touch: bool,
    /// Time of the last use, on the clock of `now`.
    pub used_at: Option<u64>,
}

impl Watching {
    /// Returns `true` if somebody is watching the page.
    #[must_use]
    pub fn is_watched(&self, now: u64) -> bool {
        let is_used = || self.used_at.is_some_and(|at| now < at + INPUT_COUNTS_MS);
        self.is_visible && (self.has_focus || self.is_touch || is_used())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_SIGHT: Watching = Watching { is_visible: true, has_focus: false, is_touch: false, used_at: None };

    #[test]
    fn a_window_in_sight_is_watched_while_it_has_the_focus() {
        assert!(Watching { has_focus: true, ..IN_SIGHT }.is_watched(0));
        assert!(!IN_SIGHT.is_watched(0));
    }

    #[test]
    fn a_window_out_of_sight_is_not_watched_whatever_else_is_so() {
        let hidden = Watching { is_visible: false, has_focus: true, is_touch: true, used_at: Some(5) };
        assert!(!hidden.is_watched(5));
    }

    #[test]
    fn a_window_that_is_used_without_the_focus_is_watched_for_a_while() {
        let used = Watching { used_at: Some(1_000), ..IN_SIGHT };
        assert!(used.is_watched(1_000 + INPUT_COUNTS_MS - 1));
        assert!(!used.is_watched(1_000 + INPUT_COUNTS_MS));
    }

    #[test]
    fn a_page_in_sight_on_a_phone_is_watched() {
        assert!(Watching { is_touch: true, ..IN_SIGHT }.is_watched(0));
    }
}
