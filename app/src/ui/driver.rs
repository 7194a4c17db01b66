//! What the browser does for the page. The components and the state machine name no socket, no timer and no clock; the
//! browser's side hands all that in ([`Live::drive`](super::Live::drive)). On the server nothing drives the page, and it shows its snapshot.

use crate::{
    calendar::HourCycle,
    protocol::Timestamp,
    sync::{Effect, Place},
};
use std::{cell::RefCell, rc::Rc};

/// What the browser does for the page.
pub trait Driver {
    /// The client's clock in milliseconds, which never goes back.
    fn now(&self) -> u64;
    /// The calendar's time in milliseconds since 1970.
    fn clock(&self) -> u64;
    /// A mark for a new text: 128 random bits.
    fn client_id(&self) -> String;
    /// How far the person's clock was ahead of UTC at a moment, in minutes.
    fn utc_offset(&self, ts: Timestamp) -> i32;
    /// How the person's clock counts the hours.
    fn hour_cycle(&self) -> HourCycle;
    /// Hands in what is kept of the outbox: other tabs may have added to it just now.
    fn hand_in(&self);
    /// What was being written in a place when a page of it was last left.
    fn draft(&self, place: &Place) -> Option<String>;
    /// Keeps what is being written in a place; nothing for an empty text.
    fn keep_draft(&self, place: &Place, text: &str);
    /// What was being written in a place is sent.
    fn let_go_of_draft(&self, place: &Place);
    /// Whether the person wants Enter to send, and not to break the line.
    fn enter_sends(&self) -> bool;
    /// Calls [`Live::refresh`](super::Live::refresh) before the browser paints next, or soon when nobody looks.
    fn refresh_soon(&self);
    /// Names the window, and marks its icon.
    fn call_window(&self, title: &str, badge: Badge);
    /// Puts the person's attention where the page's other part was just changed by them.
    fn focus(&self, target: Target);
    /// Scrolls the log to its end, or to the line between what was read and what is new.
    fn scroll_to(&self, target: ScrollTarget);
    /// Carries an effect out. It must not call back into [`Live`](super::Live) before it returns.
    fn perform(&self, effect: Effect);
}

/// What the window's icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// Nothing waits.
    None,
    /// Something is unread.
    Unread,
    /// Somebody named the person, or wrote to them alone.
    Attention,
}

/// What is to have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Where one writes; the heading on a device whose keyboard would cover the page.
    Composer,
    /// The list of messages.
    Log,
}

/// Where the log is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScrollTarget {
    /// At its newest entry.
    End,
    /// At the first one that is new.
    New,
}

thread_local! {
    /// Not in the page's own state: that is made on the server too, where it may be let go of on another thread than it
    /// was made on, which nothing of one thread survives.
    static DRIVER: RefCell<Option<Rc<dyn Driver>>> = const { RefCell::new(None) };
}

pub(super) fn driver() -> Option<Rc<dyn Driver>> {
    DRIVER.with_borrow(Clone::clone)
}

pub(super) fn set_driver(driver: Rc<dyn Driver>) {
    DRIVER.set(Some(driver));
}
