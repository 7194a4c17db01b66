//! The page: rendered on the server, readable and usable as it is, then hydrated in islands that go live from the snapshot
//! it was rendered with.
//!
//! Invariants:
//! - what people wrote is only ever text, never markup;
//! - server and browser render the same from the same snapshot: no clock, no random number in a view;
//! - every action is a form or a link first, and works without a script.

#![allow(unreachable_pub, reason = "the component macro writes items with `pub` around private ones")]
#![allow(clippy::needless_pass_by_value, reason = "a component owns its properties")]

mod announcer;
mod avatar;
mod chat;
mod completions;
mod composer;
mod document;
mod driver;
mod dynamic;
mod entry_text;
mod head;
mod icon;
mod keys;
mod lines;
mod list;
mod live;
mod members;
mod new_room;
mod not_found;
mod outgoing;
mod page;
mod part;
mod places;
mod press;
mod preview;
mod rich_text;
mod room_list;
mod rows;
mod settings;
mod sign_in;
mod status_line;
mod stretches;
mod switcher;
mod text_content;
mod theme;
mod timeline;
mod toasts;
mod writing;

pub use chat::Start;
pub use document::{Address, DESCRIPTION, Document};
pub use driver::{Badge, Driver, ScrollTarget, Target};
pub use live::Live;
pub use not_found::NotFoundPage;
pub use page::{About, ChatPage, Draft};
pub use press::{Press, Shortcut};
pub use room_list::{RoomList, RoomListPage};
pub use settings::{ENTER_SENDS, NOTIFY, SOUND};
pub use sign_in::{Door, SignInPage};
pub use theme::{HTTPS_ONLY, Theme};
