//! The pages, each a whole document.

mod chat_page;
mod document;
mod frame;
mod not_found;
mod room_list;
mod search;
mod sign_in;
mod versions;

pub use chat_page::ChatPage;
pub use document::{DESCRIPTION, Document, PageParts, PageUrl};
pub use not_found::NotFoundPage;
pub use room_list::{RoomList, RoomListPage};
pub use search::{SearchHit, SearchPage, SearchState};
pub use sign_in::{Door, SignInPage};
pub use versions::{Versions, VersionsPage};
