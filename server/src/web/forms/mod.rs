//! The plain forms, which work without a script. Each ends in a redirect, or in its page again with what was typed and
//! the reason of the refusal.

mod amend;
mod post;
mod sign_in;
mod sign_out;
mod theme;

pub(super) use amend::{amend, edit};
pub(super) use post::post;
pub(super) use sign_in::sign_in;
pub(super) use sign_out::sign_out;
pub(super) use theme::choose as choose_theme;

/// Restores the typed text: browsers send every line break as CR LF.
fn typed_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
