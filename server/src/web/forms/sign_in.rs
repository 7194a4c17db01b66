//! The sign-in form: a name, and the room to open.

use super::typed_lines;
use crate::web::{
    cookies::Kind,
    errors::WebError,
    extract::{Form, Viewer},
    page_target::PageTarget,
    pages::{Part, Renderer, chat_page, sign_in_form},
    session,
};
use app::{
    protocol::{EntryId, ErrorCode, UserId},
    ui::{Door, Draft},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// Message for an empty name.
const NO_NAME: &str = "Enter a name.";
/// Message for a browser that sends no cookies back, and would see this form again and again.
const NO_COOKIES: &str = "Your browser did not send our cookie back, and without it you can't stay signed in. Allow \
                          cookies for this site and try again.";

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct SignIn {
    name: String,
    #[serde(default)]
    room: String,
    /// Entry of the room to show.
    entry: Option<String>,
    /// Text that was posted without a session, which the form shows.
    unsent: Option<String>,
}

/// Creates a user and a session, and redirects to the room.
pub(in crate::web) async fn sign_in(
    renderer: Renderer,
    viewer: Option<Viewer>,
    Form(form): Form<SignIn>,
) -> Result<Response, WebError> {
    let state = renderer.state.clone();
    let known = state.hub.room(&form.room);
    let entry = form.entry.filter(|_| known.is_some()).and_then(|entry| entry.parse().ok());
    let room = known.map_or_else(PageTarget::general, PageTarget::Room);
    let unsent = form.unsent.map(|text| typed_lines(&text)).filter(|text| !text.is_empty());
    if let Some(viewer) = viewer {
        return entered(renderer, viewer.user, &room, entry, unsent).await;
    }
    let name = form.name.trim().to_owned();
    let door = Door { name: name.clone(), room: room.segment(), entry, unsent: unsent.clone(), ..Door::default() };
    // Without cookies the user would not be recognized again, so none is created.
    let is_cookie_back = renderer.cookie(Kind::Probe).is_some();
    let problem = if name.is_empty() { Some(NO_NAME) } else { (!is_cookie_back).then_some(NO_COOKIES) };
    if let Some(problem) = problem {
        let door = Door { problem: Some(problem.to_owned()), ..door };
        return sign_in_form(renderer, StatusCode::UNPROCESSABLE_ENTITY, door).await;
    }
    match session::sign_in(&state.hub, renderer.address.0, &name, true).await {
        Ok((user, token)) => {
            let page = entered(renderer, user, &room, entry, unsent).await;
            let mut response = page.unwrap_or_else(IntoResponse::into_response);
            state.cookies.set_session(&token.reveal(), &mut response);
            state.cookies.remove(Kind::Probe, &mut response);
            Ok(response)
        }
        Err(error) => refused(renderer, error, door).await,
    }
}

/// Redirects a user to a room, or to an entry there; an unsent text goes into its composer.
async fn entered(
    renderer: Renderer,
    user: UserId,
    room: &PageTarget,
    entry: Option<EntryId>,
    unsent: Option<String>,
) -> Result<Response, WebError> {
    match unsent {
        Some(text) => {
            let draft = Draft { text, ..Draft::default() };
            chat_page(renderer, user, StatusCode::OK, room, Part::Newest, draft).await
        }
        None => Ok(entry.map_or_else(|| room.redirect(), |entry| room.redirect_to(entry)).into_response()),
    }
}

/// Renders the form again, with the problem, and with another name if one can succeed.
async fn refused(renderer: Renderer, error: WebError, door: Door) -> Result<Response, WebError> {
    let is_of_name = match &error {
        WebError::Refused(refused) => matches!(refused.code, ErrorCode::BadName | ErrorCode::NameTaken),
        _ => false,
    };
    let suggestion = is_of_name.then(|| session::suggestion(&renderer.state.hub, &door.name)).flatten();
    let report = error.report();
    let door = Door { problem: Some(report.sentence), suggestion, ..door };
    let mut response = sign_in_form(renderer, report.status, door).await?;
    response.headers_mut().extend(report.headers);
    Ok(response)
}
