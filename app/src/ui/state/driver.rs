//! The interface to the browser. The components and the state machine use no socket, timer or clock directly; the
//! frontend passes all of them in ([`Live::drive`](super::Live::drive)). The server sets no driver, so its page shows
//! the snapshot.

use crate::{
    calendar::HourCycle,
    protocol::{EntryId, Place, Timestamp},
    sync::Effect,
};
use std::{cell::RefCell, rc::Rc};

/// The browser's services for the page.
pub trait Driver {
    /// Returns the client's monotonic clock in milliseconds.
    fn now(&self) -> u64;
    /// Returns the calendar's time in milliseconds since 1970.
    fn clock(&self) -> u64;
    /// Returns a new `client_id` for a text: 128 random bits.
    fn client_id(&self) -> String;
    /// Returns the offset of the person's clock from UTC at a moment, in minutes.
    fn utc_offset(&self, ts: Timestamp) -> i32;
    /// Returns the hour cycle of the person's clock.
    fn hour_cycle(&self) -> HourCycle;
    /// Passes the stored outbox to the client: other tabs may have added to it just now.
    fn sync_outbox(&self);
    /// Opens the dialog of the quick switcher, with an empty field; loads its part if it is not there yet. A failure is
    /// shown to the person. Returns `false` if the dialog was open.
    fn open_switcher(&self) -> bool;
    /// Loads the composer's suggestions, if they are not there yet.
    fn load_autocomplete(&self);
    /// Asks the person whether an entry of theirs, of these words, shall be deleted, and calls
    /// [`Live::delete`](super::Live::delete) if so.
    fn ask_deletion(&self, entry: EntryId, words: &str);
    /// Returns `true` if the person wants Enter to send instead of inserting a line break.
    fn enter_sends(&self) -> bool;
    /// Calls [`Live::refresh`](super::Live::refresh) before the browser's next paint, or soon if the page is not
    /// painted.
    fn refresh_soon(&self);
    /// Sets the window's title, and its icon's badge.
    fn call_window(&self, title: &str, badge: Badge);
    /// Moves the focus after an action in another part of the page.
    fn focus(&self, target: Target);
    /// Scrolls the log to its end, or to the divider above the new entries.
    fn scroll_to(&self, target: ScrollTarget);
    /// Performs an effect. It must not call back into [`Live`](super::Live) before it returns.
    fn perform(&self, effect: Effect);
}

/// A store of drafts that outlives the page.
pub trait DraftKeeper {
    /// Returns the stored draft of a place.
    fn draft(&self, place: &Place) -> Option<String>;
    /// Stores the draft of a place; an empty text removes it.
    fn keep_draft(&self, place: &Place, text: &str);
    /// Removes the draft of a place after it was sent.
    fn remove_draft(&self, place: &Place);
}

/// The badge on the window's icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// Nothing is unread.
    None,
    /// Something is unread, but nothing mentions the person.
    Unread,
    /// A mention or a private message is unread.
    Attention,
}

/// A target of the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The text field; the heading on a touch device, whose on-screen keyboard would cover the page.
    Composer,
    /// The text field on any device, which the person has asked for.
    Field,
    /// The list of messages.
    Log,
}

/// A target of scrolling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScrollTarget {
    /// The newest entry.
    End,
    /// The first new entry.
    New,
}

thread_local! {
    /// The driver is not part of the page's state: the server may drop that state on another thread than the one that
    /// created it, and an `Rc` must stay on its thread.
    static DRIVER: RefCell<Option<Rc<dyn Driver>>> = const { RefCell::new(None) };
    static DRAFTS: RefCell<Option<Rc<dyn DraftKeeper>>> = const { RefCell::new(None) };
}

pub(super) fn driver() -> Option<Rc<dyn Driver>> {
    DRIVER.with_borrow(Clone::clone)
}

pub(super) fn set_driver(driver: Rc<dyn Driver>) {
    DRIVER.set(Some(driver));
}

pub(super) fn drafts() -> Option<Rc<dyn DraftKeeper>> {
    DRAFTS.with_borrow(Clone::clone)
}

/// Sets the store of drafts.
pub fn keep_drafts_by(keeper: Rc<dyn DraftKeeper>) {
    DRAFTS.set(Some(keeper));
}
