//! The pages, rendered on the server.

use super::{State, headers::page_policy, session};
use crate::journal::Range;
use app::{
    protocol::{EntryId, RoomName, limits::JOINED_HISTORY},
    ui::{Draft, NotFoundPage, RoomPage, SignInPage},
};
use axum::{
    body::Body,
    extract::{
        self, Path, Query, Request,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The cookie with the room that a person was in last.
const LAST_ROOM: &str = "natter_room";
/// What stands as it is in a path's segment, beside letters and digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// Where the front page leads.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Front {
    room: Option<String>,
}

/// The front page: on to the last room for who has a session, a form for a name for who has none.
pub(super) async fn front(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    front: Result<Query<Front>, QueryRejection>,
    request: Request,
) -> Response {
    let wanted = front.ok().and_then(|Query(front)| front.room);
    if session::user(&state.hub, &headers).is_some() {
        let last = CookieJar::from_headers(&headers).get(LAST_ROOM).and_then(|cookie| decoded(cookie.value()));
        let room = [wanted, last].into_iter().flatten().filter_map(|room| RoomName::parse(&room).ok());
        return redirect(&room.into_iter().find(|room| state.hub.has_room(room)).unwrap_or_else(RoomName::general));
    }
    sign_in_form(&state, request, StatusCode::OK, &wanted.unwrap_or_default(), "", None).await
}

/// The form that asks for a name.
pub(super) async fn sign_in_form(
    state: &State,
    request: Request,
    status: StatusCode,
    room: &str,
    name: &str,
    problem: Option<String>,
) -> Response {
    let (options, room, name) = (state.options.clone(), room.to_owned(), name.to_owned());
    let page = move || {
        let (options, room, name, problem) = (options.clone(), room.clone(), name.clone(), problem.clone());
        view! { <SignInPage options room name problem /> }
    };
    render(status, request, page).await
}

/// Which entries a room's page shows.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Window {
    before: Option<String>,
}

/// The page of a room.
pub(super) async fn room(
    extract::State(state): extract::State<State>,
    name: Result<Path<String>, PathRejection>,
    window: Result<Query<Window>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Ok(Path(name)) = name else {
        return not_found(extract::State(state), request).await;
    };
    let Ok(room) = RoomName::parse(&name) else {
        return no_such_room(&state, request, &name).await;
    };
    if !state.hub.has_room(&room) {
        return no_such_room(&state, request, &name).await;
    }
    if session::user(&state.hub, &headers).is_none() {
        return Redirect::to(&format!("/?room={}", encoded(&room))).into_response();
    }
    if room.as_str() != name {
        return redirect(&room);
    }
    let before = window.ok().and_then(|Query(window)| window.before?.parse().ok());
    room_page(&state, request, StatusCode::OK, &room, before, Draft::default()).await
}

/// The page of a room that is there, for a user who is there: up to an entry or to the newest, with a draft.
pub(super) async fn room_page(
    state: &State,
    request: Request,
    status: StatusCode,
    room: &RoomName,
    before: Option<EntryId>,
    draft: Draft,
) -> Response {
    let user = session::user(&state.hub, request.headers());
    let Some((mut snapshot, rooms)) = user.and_then(|user| state.hub.snapshot(user, room)) else {
        return not_found(extract::State(state.clone()), request).await;
    };
    if let Some(before) = before {
        let range = Range { after: 0, before, limit: JOINED_HISTORY };
        match state.hub.history(room, range).await {
            Ok(page) => snapshot.entries = page.unwrap_or_default().entries,
            Err(error) => {
                tracing::error!(%error, "a page of the log could not be read");
                let problem = "Older messages cannot be read right now. Please try again.\n";
                return (StatusCode::SERVICE_UNAVAILABLE, problem).into_response();
            }
        }
    }
    let mark = getrandom::u64().unwrap_or_default();
    let draft = Draft { client_id: format!("form-{mark:016x}"), ..draft };
    let options = state.options.clone();
    let page = move || {
        let (options, snapshot, rooms, draft) = (options.clone(), snapshot.clone(), rooms.clone(), draft.clone());
        view! { <RoomPage options snapshot rooms draft /> }
    };
    let mut response = render(status, request, page).await;
    let last = Cookie::build((LAST_ROOM, encoded(room))).path("/").http_only(true).same_site(SameSite::Lax).build();
    if let Ok(last) = last.to_string().parse() {
        response.headers_mut().append(header::SET_COOKIE, last);
    }
    response
}

async fn no_such_room(state: &State, request: Request, name: &str) -> Response {
    problem_page(state, request, format!("There is no room called “{name}”.")).await
}

/// What answers for every other path.
pub(super) async fn not_found(extract::State(state): extract::State<State>, request: Request) -> Response {
    problem_page(&state, request, "There is nothing at this address.".to_owned()).await
}

async fn problem_page(state: &State, request: Request, problem: String) -> Response {
    let options = state.options.clone();
    let page = move || {
        let (options, problem) = (options.clone(), problem.clone());
        view! { <NotFoundPage options problem /> }
    };
    render(StatusCode::NOT_FOUND, request, page).await
}

/// Goes to a room.
pub(super) fn redirect(room: &RoomName) -> Response {
    Redirect::to(&format!("/room/{}", encoded(room))).into_response()
}

fn encoded(room: &RoomName) -> String {
    utf8_percent_encode(room.as_str(), SEGMENT).to_string()
}

fn decoded(value: &str) -> Option<String> {
    percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
}

/// Renders a page with its policy. Pages are about one person at one moment and are not kept by anybody.
async fn render<View: IntoView + 'static>(
    status: StatusCode,
    request: Request<Body>,
    page: impl Fn() -> View + Clone + Send + Sync + 'static,
) -> Response {
    let context = move || {
        let options = expect_context::<ResponseOptions>();
        options.set_status(status);
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        if let Ok(policy) = page_policy(&nonce).parse() {
            options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        options.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    };
    render_app_async_with_context(context, page)(request).await
}
