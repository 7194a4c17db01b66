//! The pages, rendered on the server.

use super::{
    State,
    address::Sender,
    cookies::Kind,
    headers::{page_policy, retry_after},
    origin, session,
    spot::{Spot, encoded},
    theme,
    workshop::Place as Turn,
};
use crate::journal::{JournalError, Page, Range};
use app::{
    bidi::isolated,
    protocol::{EntryId, RoomName, UserId, limits::JOINED_HISTORY},
    sync::Place,
    ui::{Address, ChatPage, Door, Draft, NotFoundPage, SignInPage},
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
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use serde::Deserialize;
use std::convert::Infallible;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;

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
    if session::user(&state, &headers).is_some() {
        let last = state.cookies.get(Kind::LastRoom, &headers).and_then(|room| decoded(&room));
        let room = [wanted, last].into_iter().flatten().find_map(|room| Spot::room(&state, &room));
        return room.unwrap_or_else(general).redirect();
    }
    let door = Door { room: wanted.unwrap_or_default(), ..Door::default() };
    sign_in_form(&state, request, StatusCode::OK, door).await
}

/// The form that asks for a name. It sets a cookie, so that the form shows whether this browser sends cookies back.
pub(super) async fn sign_in_form(state: &State, request: Request, status: StatusCode, door: Door) -> Response {
    let turn = match turn(state, Sender::of(state, &request)).await {
        Ok(turn) => turn,
        Err(busy) => return busy,
    };
    let (options, theme) = (state.options.clone(), theme::chosen(state, request.headers()));
    let page = move || {
        let (options, door) = (options.clone(), door.clone());
        view! { <SignInPage options theme door /> }
    };
    let mut response = render(state, turn, status, request, page).await;
    state.cookies.set(Kind::Probe, "1", &mut response);
    response
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
        return no_such_room(&state, request, &name, None).await;
    };
    let Some(user) = session::user(&state, &headers) else {
        return Redirect::to(&format!("/?room={}", encoded(&spot.segment()))).into_response();
    };
    shown(&state, user, request, &spot, &name, window).await
}

/// The page of a conversation. Whether there is anybody to talk with is for users to know.
pub(super) async fn conversation(
    extract::State(state): extract::State<State>,
    peer: Result<Path<String>, PathRejection>,
    window: Result<Query<Window>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Ok(Path(peer)) = peer else {
        return not_found(extract::State(state), request).await;
    };
    let Some(user) = session::user(&state, &headers) else {
        return Redirect::to("/").into_response();
    };
    let Some(spot) = Spot::with(&state, user, &peer) else {
        return nobody(&state, request, &peer, None).await;
    };
    shown(&state, user, request, &spot, &peer, window).await
}

/// The page of a place that was asked for by a segment of the path, or the way to its one address.
async fn shown(
    state: &State,
    user: UserId,
    request: Request,
    spot: &Spot,
    segment: &str,
    window: Result<Query<Window>, QueryRejection>,
) -> Response {
    if spot.segment() != segment {
        return spot.redirect_with(request.uri().query());
    }
    let before = window.ok().and_then(|Query(window)| window.before?.parse().ok());
    chat_page(state, user, request, StatusCode::OK, spot, before, Draft::default()).await
}

/// The page of a place that is there, for a user who is there: up to an entry or to the newest, with a draft.
pub(super) async fn chat_page(
    state: &State,
    user: UserId,
    request: Request,
    status: StatusCode,
    spot: &Spot,
    before: Option<EntryId>,
    draft: Draft,
) -> Response {
    // Who reads this is among those present on it.
    state.hub.page_loaded(user);
    let sender = Sender::of(state, &request);
    // What waits for the store waits without a turn.
    let prepared = state.hub.prepare(sender.0, user, &spot.place()).await;
    let older = match before {
        Some(before) => older(state, sender, user, spot, before).await.map(Some),
        None => Ok(None),
    };
    let older = match prepared.and(older) {
        Ok(older) => older,
        Err(error) => return unreadable(&error),
    };
    let turn = match turn(state, sender).await {
        Ok(turn) => turn,
        Err(busy) => return busy,
    };
    let mut snapshot = match state.hub.snapshot(sender.0, user, &spot.place()).await {
        Ok(Some(snapshot)) => snapshot,
        Ok(None) => {
            drop(turn);
            return not_found(extract::State(state.clone()), request).await;
        }
        Err(error) => return unreadable(&error),
    };
    if let Some(older) = older {
        snapshot.entries = older.entries;
    }
    let mark = getrandom::u64().unwrap_or_default();
    let draft = Draft { client_id: format!("form-{mark:016x}"), ..draft };
    let (options, is_older, theme) = (state.options.clone(), before.is_some(), theme::chosen(state, request.headers()));
    let page = move || {
        let (options, snapshot, draft) = (options.clone(), snapshot.clone(), draft.clone());
        view! { <ChatPage options theme snapshot is_older mentions=Vec::new() draft /> }
    };
    let mut response = render(state, turn, status, request, page).await;
    if let Spot::Room(room) = spot {
        state.cookies.set(Kind::LastRoom, &encoded(room.as_str()), &mut response);
    }
    response
}

/// The entries before one.
async fn older(
    state: &State,
    Sender(address): Sender,
    user: UserId,
    spot: &Spot,
    before: EntryId,
) -> Result<Page, JournalError> {
    let range = Range { after: 0, before, limit: JOINED_HISTORY };
    match spot {
        Spot::Room(room) => state.hub.history(address, room, range).await.map(Option::unwrap_or_default),
        Spot::With(peer, _) => state.hub.private_history(address, user, *peer, range).await,
    }
}

fn unreadable(error: &JournalError) -> Response {
    error.log_reading();
    let problem = format!("{}\n", error.to_a_reader());
    (StatusCode::SERVICE_UNAVAILABLE, retry_after(), problem).into_response()
}

/// Where the person was named.
pub(super) async fn mentions(extract::State(state): extract::State<State>, request: Request) -> Response {
    let user = session::user(&state, request.headers());
    user.into_iter().for_each(|user| state.hub.page_loaded(user));
    let Some(user) = user else {
        return Redirect::to("/").into_response();
    };
    let sender = Sender::of(&state, &request);
    if let Err(error) = state.hub.prepare(sender.0, user, &Place::Mentions).await {
        return unreadable(&error);
    }
    let turn = match turn(&state, sender).await {
        Ok(turn) => turn,
        Err(busy) => return busy,
    };
    let snapshot = match state.hub.snapshot(sender.0, user, &Place::Mentions).await {
        Ok(Some(snapshot)) => snapshot,
        Ok(None) => return Redirect::to("/").into_response(),
        Err(error) => return unreadable(&error),
    };
    let mentions = state.hub.mentions(user);
    let (options, theme) = (state.options.clone(), theme::chosen(&state, request.headers()));
    let page = move || {
        let (options, snapshot, mentions) = (options.clone(), snapshot.clone(), mentions.clone());
        view! { <ChatPage options theme snapshot is_older=false mentions draft=Draft::default() /> }
    };
    render(&state, turn, StatusCode::OK, request, page).await
}

/// Says that there is no such room, and to who could make it that it can be made.
pub(super) async fn no_such_room(state: &State, request: Request, name: &str, unsent: Option<String>) -> Response {
    let is_known = session::user(state, request.headers()).is_some();
    let room = is_known.then(|| state.hub.room_to_make(name)).flatten();
    let problem = format!("No room is called “{}”.", isolated(name));
    problem_page(state, request, problem, room.map(|room| room.to_string()), unsent).await
}

/// Says that nobody is called so, or has that number, and gives a text back that was posted there.
pub(super) async fn nobody(state: &State, request: Request, peer: &str, unsent: Option<String>) -> Response {
    let name = peer.split_once('-').map_or(peer, |(_, name)| name);
    problem_page(state, request, format!("Nobody is called “{}”.", isolated(name)), None, unsent).await
}

/// What answers for every other path.
pub(super) async fn not_found(extract::State(state): extract::State<State>, request: Request) -> Response {
    problem_page(&state, request, "There's nothing at this address.".to_owned(), None, None).await
}

async fn problem_page(
    state: &State,
    request: Request,
    problem: String,
    create: Option<String>,
    unsent: Option<String>,
) -> Response {
    let turn = match turn(state, Sender::of(state, &request)).await {
        Ok(turn) => turn,
        Err(busy) => return busy,
    };
    let (options, theme) = (state.options.clone(), theme::chosen(state, request.headers()));
    let page = move || {
        let (options, problem, create, unsent) = (options.clone(), problem.clone(), create.clone(), unsent.clone());
        view! { <NotFoundPage options theme problem create unsent /> }
    };
    render(state, turn, StatusCode::NOT_FOUND, request, page).await
}

/// The room that everybody is in.
pub(super) fn general() -> Spot {
    Spot::Room(RoomName::general())
}

fn decoded(value: &str) -> Option<String> {
    percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
}

/// A turn to gather what is on a page and to render it, or the answer that there is none.
pub(super) async fn turn(state: &State, sender: Sender) -> Result<Turn, Response> {
    state.workshop.place(sender).await.map_err(IntoResponse::into_response)
}

/// Renders a page with its policy, and compresses it. Pages are about one person at one moment and are not kept by anybody.
pub(super) async fn render<View: IntoView + 'static>(
    state: &State,
    turn: Turn,
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
    let rendered = service_fn(move |request| {
        let page = render_app_async_with_context(context.clone(), page.clone())(request);
        async move { Ok::<_, Infallible>(page.await) }
    });
    let rendered = CompressionLayer::new().layer(rendered).oneshot(request);
    let response = async { rendered.await.unwrap_or_else(|never| match never {}).map(Body::new) };
    state.workshop.make(turn, response).await
}
