//! The page: rendered on the server, readable and usable as it is, then hydrated as one island that goes live from the
//! snapshot it was rendered with.
//!
//! Invariants:
//! - what people wrote is only ever text, never markup;
//! - server and browser render the same from the same snapshot: no clock, no random number in a view;
//! - every action is a form or a link first, and works without a script.

#![allow(unreachable_pub, reason = "the component macro writes items with `pub` around private ones")]
#![allow(clippy::needless_pass_by_value, reason = "a component owns its properties")]

mod chat_room;
mod composer;
mod document;
mod live;
mod members;
mod not_found;
mod private;
mod room_page;
mod sign_in;
mod status_line;
mod timeline;
mod writing;

pub use document::Document;
pub use live::{Driver, Live, install};
pub use not_found::NotFoundPage;
pub use room_page::{Draft, RoomPage};
pub use sign_in::SignInPage;
