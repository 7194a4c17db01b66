//! Notices: lines for the person alone, such as answers to commands and warnings.
//!
//! Invariant: at most [`NOTICES_KEPT`] are kept, and no two have the same text.

use super::Client;
use crate::protocol::RoomName;
use std::{collections::VecDeque, sync::Arc};

/// Upper bound of the kept notices: more would cover what they are about.
pub const NOTICES_KEPT: usize = 2;

/// A line for the person alone, which is not stored anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// Number of the notice, which grows by one with each.
    pub number: u64,
    /// Text of the notice.
    pub text: Arc<str>,
    /// `true` for a warning, `false` for an answer.
    pub is_problem: bool,
    /// Room that the person left, which the notice offers to join again.
    pub left: Option<RoomName>,
}

/// The notices that are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Notices {
    kept: VecDeque<Notice>,
    next: u64,
    /// Number of the first notice after the person's last action. Earlier notices go when that action succeeds.
    first_of_action: u64,
    /// `true` once the person was warned that this browser stores nothing.
    told_not_kept: bool,
}

impl Notices {
    /// Notes that the person begins an action.
    pub(super) fn begin_action(&mut self) {
        self.first_of_action = self.next;
    }

    /// Removes the notices from before the person's last action, which has succeeded.
    pub(super) fn succeeded(&mut self) {
        let first = self.first_of_action;
        self.kept.retain(|notice| notice.number >= first);
    }

    /// Shows an answer.
    pub(super) fn tell(&mut self, text: &str) {
        self.notify(text, false, None);
    }

    /// Shows that the person left a room, with an offer to join it again.
    pub(super) fn tell_left(&mut self, room: &RoomName) {
        self.notify(&format!("You left #{room}."), false, Some(room.clone()));
    }

    /// Shows a warning.
    pub(super) fn warn(&mut self, text: &str) {
        self.notify(text, true, None);
    }

    /// Warns, once, that this browser stores no texts.
    pub(super) fn warn_not_kept(&mut self) {
        if !std::mem::replace(&mut self.told_not_kept, true) {
            self.warn("This browser keeps nothing: what is not sent yet is lost when you close the page.");
        }
    }

    pub(super) fn dismiss(&mut self, number: u64) {
        self.kept.retain(|notice| notice.number != number);
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }

    /// Adds a notice. A repeated text becomes the newest notice instead of a second one.
    fn notify(&mut self, text: &str, is_problem: bool, left: Option<RoomName>) {
        self.kept.retain(|notice| *notice.text != *text);
        if self.kept.len() == NOTICES_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Notice { number: self.next, text: text.into(), is_problem, left });
        self.next += 1;
    }
}

impl Client {
    /// Yields the notices, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.kept.iter()
    }
}
