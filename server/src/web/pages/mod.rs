//! The pages, rendered on the server. A handler gathers the contents of its page; [`Renderer`] makes the response, and
//! [`show_errors`] the page of an error.

mod chat;
mod problem;
mod render;
mod room_list;
mod search;
mod sign_in;
mod versions;

use super::errors::WebError;
pub(super) use chat::{Part, chat_page, entry, log, mentions, words_of};
pub(super) use problem::show_errors;
pub(super) use render::Renderer;
pub(super) use room_list::rooms;
pub(super) use search::search;
pub(super) use sign_in::{front, sign_in_form};
pub(super) use versions::versions;

/// Handles all other paths.
pub(super) async fn not_found() -> WebError {
    WebError::NotFound
}
