//! The building blocks of views: rows and lists, icons, keys. They do not depend on the page's state.

pub(super) mod avatar;
pub(super) mod choice;
pub(super) mod close;
pub(super) mod html;
pub(super) mod icon;
pub(super) mod list;
pub(super) mod press;
pub(super) mod reactive;
pub(super) mod textarea;
pub(super) mod unread;

pub use press::{Press, Shortcut};
