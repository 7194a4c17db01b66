//! Whether somebody looks at the page. Entries that are shown to them then are read, and no notification is needed.
//!
//! A window can be in sight while its person works in another one, so being visible is not enough: the window has the
//! focus, or it has just been used without one (a wheel turns the page under it, a tablet's keyboard is elsewhere).

/// For how long a touch, a key or the wheel counts in a window that has no focus, in milliseconds.
pub const INPUT_COUNTS_MS: u64 = 30_000;

/// What is known of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watching {
    /// Whether any of it is in sight.
    pub is_visible: bool,
    /// Whether keys go to it, or to something within it.
    pub has_focus: bool,
    /// Whether it is on a device for fingers, where one window is in front and browsers are vague about the focus.
    pub is_touch: bool,
    /// When it was last used, by the clock of `now`.
    pub used_at: Option<u64>,
}

impl Watching {
    /// Whether somebody looks at it.
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
