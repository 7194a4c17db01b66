//! The page: rendered on the server, readable and usable without a script, then hydrated from the snapshot that it was
//! rendered from. Each folder is a place on the screen:
//!
//! - [`pages`]: whole documents, and the frame that lays out the chat page;
//! - [`sidebar`]: rooms, conversations, members; [`head`]: the title and the status of the connection; [`timeline`]:
//!   the entries; [`composer`]: the text field and its notes; [`dialogs`]: sheets and dialogs over the page;
//! - [`state`]: the state that all of them show; [`widgets`]: their building blocks.
//!
//! A live view is a function. The server renders it into an element that `data-live` names, and a `hydrate_…` function,
//! which exists in the browser only, finds that element. The frontend decides which of these functions share a file of
//! WebAssembly, and when that file is loaded.
//!
//! Invariants:
//! - people's texts are only ever text, never markup;
//! - server and browser render the same HTML from the same snapshot: a view reads no clock and no random number;
//! - every action is a form or a link first, and works without a script.

#![allow(unreachable_pub, reason = "the component macro writes items with `pub` around private ones")]
#![allow(clippy::needless_pass_by_value, reason = "a component owns its properties")]

mod composer;
mod dialogs;
mod head;
#[cfg(feature = "hydrate")]
mod hydrate;
mod pages;
mod sidebar;
mod state;
mod timeline;
mod widgets;

pub use dialogs::{DELETES, ENTER_SENDS, NOTIFY, SOUND};
pub use pages::{
    ChatPage, DESCRIPTION, Document, Door, NotFoundPage, PageParts, PageUrl, RoomList, RoomListPage, SearchHit,
    SearchPage, SearchState, SignInPage, Versions, VersionsPage,
};
pub use state::{
    About, Badge, Draft, DraftKeeper, Driver, HTTPS_ONLY, Live, ScrollTarget, Start, Target, Theme, keep_drafts_by,
};
pub use widgets::{Press, Shortcut};

#[cfg(feature = "hydrate")]
pub use {
    composer::{hydrate_autocomplete, hydrate_composer, hydrate_notes},
    dialogs::{ENTERED, hydrate_switcher},
    head::hydrate_head,
    sidebar::hydrate_sidebar,
    timeline::hydrate_timeline,
};
