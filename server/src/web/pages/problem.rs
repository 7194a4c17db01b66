//! Errors as people see them in a browser: a page about the missing thing, the sign-in form, or a sentence.

use super::{Renderer, sign_in_form};
use crate::web::{
    errors::{Raised, WebError},
    extract::Viewer,
    page_target::{PageTarget, encoded},
};
use app::{
    bidi::isolated,
    protocol::name_in,
    ui::{Door, NotFoundPage},
};
use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;

/// A layer around the routes of pages: it shows the error of a response as a page, if there is one for it.
pub(in crate::web) async fn show_errors(
    renderer: Renderer,
    viewer: Option<Viewer>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = Raised::taken(&mut response) else {
        return response;
    };
    let shown = match &*error {
        WebError::SignedOut { room, entry, unsent: None } => {
            let mut query = room.as_ref().map(|room| format!("?room={}", encoded(room.as_str()))).unwrap_or_default();
            if let (Some(entry), false) = (entry, query.is_empty()) {
                query += &format!("&entry={entry}");
            }
            return Redirect::to(&format!("/{query}")).into_response();
        }
        WebError::SignedOut { room, unsent, .. } => {
            let room = room.as_ref().map(ToString::to_string).unwrap_or_default();
            let door = Door { room, problem: Some(error.to_string()), unsent: unsent.clone(), ..Door::default() };
            sign_in_form(renderer, StatusCode::UNPROCESSABLE_ENTITY, door).await
        }
        WebError::NoSuchRoom { name, unsent } => {
            // Only users can create rooms.
            let create = viewer.and_then(|_| renderer.state.hub.room_to_make(name)).map(|room| room.to_string());
            let problem = format!("No room is called “{}”.", isolated(name));
            not_found(renderer, Problem { create, unsent: unsent.clone(), ..Problem::of(problem) }).await
        }
        WebError::NoSuchPeer { segment, unsent } => {
            let problem = format!("Nobody is called “{}”.", isolated(name_in(segment)));
            not_found(renderer, Problem { unsent: unsent.clone(), ..Problem::of(problem) }).await
        }
        WebError::NoSuchEntry { target } => {
            not_found(renderer, Problem { instead: target.clone(), ..Problem::of(error.to_string()) }).await
        }
        WebError::NotFound | WebError::BadPath(_) => {
            not_found(renderer, Problem::of("There's nothing at this address.".to_owned())).await
        }
        WebError::Busy => {
            let text = with_advice(&error);
            return replaced(response, text);
        }
        _ => return response,
    };
    let mut shown = shown.unwrap_or_else(|busy| {
        let text = with_advice(&busy);
        replaced(busy.into_response(), text)
    });
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        shown.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    shown
}

/// Returns the sentence of a busy server to somebody who may have typed something.
fn with_advice(busy: &WebError) -> String {
    format!("{busy} What you typed is still there when you go back.\n")
}

/// Replaces the text of a response.
fn replaced(response: Response, text: String) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts.status, parts.headers, text).into_response()
}

/// The contents of the page about a missing room, person, message or path.
#[derive(Debug, Clone)]
struct Problem {
    problem: String,
    /// Room that can be created.
    create: Option<String>,
    /// Text that was posted.
    unsent: Option<String>,
    /// Page to go to instead.
    instead: PageTarget,
}

impl Problem {
    fn of(problem: String) -> Self {
        Self { problem, create: None, unsent: None, instead: PageTarget::general() }
    }
}

async fn not_found(renderer: Renderer, shown: Problem) -> Result<Response, WebError> {
    let turn = renderer.turn().await?;
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, Problem { problem, create, unsent, instead }) = (options.clone(), shown.clone());
        view! { <NotFoundPage options theme problem create unsent instead=(instead.path(), instead.name()) /> }
    };
    Ok(renderer.render(turn, StatusCode::NOT_FOUND, page).await)
}
