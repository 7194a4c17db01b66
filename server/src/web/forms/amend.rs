//! The form that edits or deletes a message, on a page that shows the message among its neighbours.

use super::typed_lines;
use crate::web::{
    errors::WebError,
    extract::{ClientAddress, EntryPath, FormWithViewer, LogPath, Unsent, Viewer},
    pages::{Part, Renderer, chat_page, words_of},
};
use app::ui::{About, Draft};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Amend {
    #[serde(default)]
    text: String,
    /// Present if the message shall be deleted.
    delete: Option<String>,
}

impl Unsent for Amend {
    fn unsent(&self) -> Option<String> {
        Some(typed_lines(&self.text)).filter(|text| self.delete.is_none() && !text.is_empty())
    }
}

/// Shows the page with the words of the entry in its composer. What cannot be edited is only shown.
pub(in crate::web) async fn edit<P: LogPath>(
    renderer: Renderer,
    path: P,
    EntryPath(entry): EntryPath,
    Viewer { user, .. }: Viewer,
) -> Result<Response, WebError> {
    let target = path.target();
    match words_of(&renderer, user, &target, entry).await? {
        Some(text) => {
            let draft = Draft { text, target: Some(entry), ..Draft::default() };
            chat_page(renderer, user, StatusCode::OK, &target, Part::Around(entry), draft).await
        }
        None => Ok(target.redirect_to(entry).into_response()),
    }
}

/// Stores the amendment and redirects to the entry, or shows the page again with what was typed and the reason of the
/// refusal.
pub(in crate::web) async fn amend<P: LogPath>(
    renderer: Renderer,
    EntryPath(entry): EntryPath,
    FormWithViewer { path, viewer: Viewer { user, .. }, form: Amend { text, delete } }: FormWithViewer<P, Amend>,
) -> Result<Response, WebError> {
    let target = path.target();
    let text = typed_lines(&text);
    let new_text = if delete.is_none() { Some(&*text) } else { None };
    let ClientAddress(address) = renderer.address;
    let name = target.wire_name();
    // A form that is sent twice leads to the same state. A repeat must not be ignored: other words may have been saved
    // in between.
    let reply = renderer.state.hub.amend(user, address, &name, entry, new_text).await?;
    let Err(refused) = reply else {
        return Ok(target.redirect_to(entry).into_response());
    };
    let report = WebError::from(refused).report();
    let draft = Draft {
        text,
        about: About::Text,
        problem: Some(report.sentence),
        // The words of a deleted entry can only become a message of their own.
        target: words_of(&renderer, user, &target, entry).await?.map(|_| entry),
        ..Draft::default()
    };
    let mut response = chat_page(renderer, user, report.status, &target, Part::Around(entry), draft).await?;
    response.headers_mut().extend(report.headers);
    Ok(response)
}
