//! The pages, rendered on the server.

use super::{
    State,
    headers::page_policy,
    origin, session,
    spot::{Spot, encoded},
    theme,
};
use crate::journal::Range;
use app::{
    protocol::{EntryId, RoomName, limits::JOINED_HISTORY},
    ui::{Address, ChatPage, Draft, Mention, MentionsPage, NotFoundPage, SignInPage},
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
use serde::Deserialize;

/// The cookie with the room that a person was in last.
const LAST_ROOM: &str = "natter_room";
/// The cookie that says that somebody was given another name than they asked for, until a page has told them.
const RENAMED: &str = "natter_renamed";
/// For how long at the most.
const RENAMED_FOR: cookie::time::Duration = cookie::time::Duration::minutes(1);

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
        let room = [wanted, last].into_iter().flatten().find_map(|room| Spot::room(&state, &room));
        return room.unwrap_or_else(general).redirect();
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
    let theme = theme::chosen(request.headers());
    let page = move || {
        let (options, room, name, problem) = (options.clone(), room.clone(), name.clone(), problem.clone());
        view! { <SignInPage options theme room name problem /> }
    };
    render(state, status, request, page).await
}

/// Which entries a page shows.
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
    let Some(spot) = Spot::room(&state, &name) else {
        return no_such_room(&state, request, &name).await;
    };
    if session::user(&state.hub, &headers).is_none() {
        return Redirect::to(&format!("/?room={}", encoded(spot.name()))).into_response();
    }
    shown(&state, request, &spot, &name, window).await
}

/// The page of a conversation. Only who has a session is told whether there is anybody to talk with.
pub(super) async fn conversation(
    extract::State(state): extract::State<State>,
    name: Result<Path<String>, PathRejection>,
    window: Result<Query<Window>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Ok(Path(name)) = name else {
        return not_found(extract::State(state), request).await;
    };
    if session::user(&state.hub, &headers).is_none() {
        return Redirect::to("/").into_response();
    }
    let Some(spot) = Spot::with(&state, &name) else {
        return nobody(&state, request, &name).await;
    };
    shown(&state, request, &spot, &name, window).await
}

/// The page of a place that was asked for under a name, or the way to its one address.
async fn shown(
    state: &State,
    request: Request,
    spot: &Spot,
    name: &str,
    window: Result<Query<Window>, QueryRejection>,
) -> Response {
    if spot.name() != name {
        return spot.redirect();
    }
    let before = window.ok().and_then(|Query(window)| window.before?.parse().ok());
    chat_page(state, request, StatusCode::OK, spot, before, Draft::default()).await
}

/// The page of a place that is there, for a user who is there: up to an entry or to the newest, with a draft.
pub(super) async fn chat_page(
    state: &State,
    request: Request,
    status: StatusCode,
    spot: &Spot,
    before: Option<EntryId>,
    draft: Draft,
) -> Response {
    let user = session::user(&state.hub, request.headers());
    let Some((user, mut snapshot)) = user.and_then(|user| Some((user, state.hub.snapshot(user, &spot.place())?)))
    else {
        return not_found(extract::State(state.clone()), request).await;
    };
    if let Some(before) = before {
        let range = Range { after: 0, before, limit: JOINED_HISTORY };
        let page = match spot {
            Spot::Room(room) => state.hub.history(room, range).await.map(Option::unwrap_or_default),
            Spot::With(peer, _) => state.hub.private_history(user, *peer, range).await,
        };
        match page {
            Ok(page) => snapshot.entries = page.entries,
            Err(error) => {
                tracing::error!(%error, "a page of the log could not be read");
                let problem = "Older messages cannot be read right now. Please try again.\n";
                return (StatusCode::SERVICE_UNAVAILABLE, problem).into_response();
            }
        }
    }
    let mark = getrandom::u64().unwrap_or_default();
    let was_renamed = CookieJar::from_headers(request.headers()).get(RENAMED).is_some();
    let notice = draft.notice.or_else(|| was_renamed.then(|| another_name(&snapshot.name)));
    let draft = Draft { client_id: format!("form-{mark:016x}"), notice, ..draft };
    let (options, is_older, theme) = (state.options.clone(), before.is_some(), theme::chosen(request.headers()));
    let page = move || {
        let (options, snapshot, draft) = (options.clone(), snapshot.clone(), draft.clone());
        view! { <ChatPage options theme snapshot is_older draft /> }
    };
    let mut response = render(state, status, request, page).await;
    if was_renamed {
        response.headers_mut().append(header::SET_COOKIE, renamed(false));
    }
    if let Spot::Room(room) = spot {
        let last = Cookie::build((LAST_ROOM, encoded(room.as_str())));
        let last = last.path("/").http_only(true).same_site(SameSite::Lax).build();
        if let Ok(last) = last.to_string().parse() {
            response.headers_mut().append(header::SET_COOKIE, last);
        }
    }
    response
}

/// The cookie by which the next page says that a name is not the one that was asked for, or its end.
pub(super) fn renamed(was_renamed: bool) -> HeaderValue {
    let kept_for = if was_renamed { RENAMED_FOR } else { cookie::time::Duration::ZERO };
    let cookie = Cookie::build((RENAMED, "1")).path("/").http_only(true).same_site(SameSite::Lax).max_age(kept_for);
    cookie.to_string().parse().unwrap_or(HeaderValue::from_static(""))
}

fn another_name(name: &str) -> String {
    format!(
        "The name that you asked for is taken or cannot be one here, so you are {name}. You can change it in the \
         settings."
    )
}

/// Where the person was named.
pub(super) async fn mentions(extract::State(state): extract::State<State>, request: Request) -> Response {
    let user = session::user(&state.hub, request.headers());
    let Some((user, name)) = user.and_then(|user| Some((user, state.hub.name(user)?))) else {
        return Redirect::to("/").into_response();
    };
    let mention = |(room, entry)| Mention { room, entry };
    let mentions: Vec<_> = state.hub.mentions(user).into_iter().map(mention).collect();
    let (options, theme) = (state.options.clone(), theme::chosen(request.headers()));
    let page = move || {
        let (options, name, mentions) = (options.clone(), name.to_string(), mentions.clone());
        view! { <MentionsPage options theme name mentions /> }
    };
    render(&state, StatusCode::OK, request, page).await
}

/// Says that there is no such room, and to who could make it that it can be made.
pub(super) async fn no_such_room(state: &State, request: Request, name: &str) -> Response {
    let room = RoomName::parse(name).ok().filter(|_| session::user(&state.hub, request.headers()).is_some());
    let problem = format!("No room is called “{name}”.");
    problem_page(state, request, problem, room.map(|room| room.to_string())).await
}

/// Says that nobody is called so.
pub(super) async fn nobody(state: &State, request: Request, name: &str) -> Response {
    problem_page(state, request, format!("Nobody is called “{name}”."), None).await
}

/// What answers for every other path.
pub(super) async fn not_found(extract::State(state): extract::State<State>, request: Request) -> Response {
    problem_page(&state, request, "There's nothing at this address.".to_owned(), None).await
}

async fn problem_page(state: &State, request: Request, problem: String, create: Option<String>) -> Response {
    let (options, theme) = (state.options.clone(), theme::chosen(request.headers()));
    let page = move || {
        let (options, problem, create) = (options.clone(), problem.clone(), create.clone());
        view! { <NotFoundPage options theme problem create /> }
    };
    render(state, StatusCode::NOT_FOUND, request, page).await
}

/// The room that everybody is in.
pub(super) fn general() -> Spot {
    Spot::Room(RoomName::general())
}

fn decoded(value: &str) -> Option<String> {
    percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
}

/// Renders a page with its policy. Pages are about one person at one moment and are not kept by anybody.
async fn render<View: IntoView + 'static>(
    state: &State,
    status: StatusCode,
    request: Request<Body>,
    page: impl Fn() -> View + Clone + Send + Sync + 'static,
) -> Response {
    let origin = origin::found_at(request.headers(), state.public_url.as_deref());
    let address = origin.map(|origin| Address { origin, path: request.uri().path().to_owned() });
    let context = move || {
        if let Some(address) = address.clone() {
            provide_context(address);
        }
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
