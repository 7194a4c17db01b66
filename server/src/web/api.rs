//! The REST API and its `OpenAPI` description.
//!
//! Invariant: every response under `/api` is JSON, errors included ([`as_json`](super::errors::as_json)).

#![allow(unused_qualifications, reason = "the path macro writes them")]

use super::{
    State,
    errors::{WebError, json},
    extract::{ClientAddress, Query, RoomPath, Viewer},
    page_target::{PageTarget, encoded},
};
use crate::{chat::Hub, journal::Range, search};
use app::protocol::{
    ApiError, Entry, EntryId, RoomDetails, RoomName, SearchResult, SearchResults, Stats, UserInfo,
    limits::{HISTORY_DEFAULT, HISTORY_MAX, ROOMS_TOLD, SEARCH_RESULTS},
};
use axum::{
    Router, extract,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The description without its paths, which come from the handlers.
#[derive(OpenApi)]
#[openapi(info(
    title = "Natter",
    description = "A chat whose screen shows exactly what its store holds. Rooms are open: whoever can reach the server \
                   can read them. Beside this there are the WebSocket /ws/chat and the event stream /events."
))]
struct Description;

/// All routes under `/api`.
pub(super) fn routes() -> Router<State> {
    let mut description = Description::openapi();
    description.info.license = None; // taken from Cargo.toml, which names none
    let (described, description) = OpenApiRouter::with_openapi(description)
        .routes(routes!(rooms))
        .routes(routes!(history))
        .routes(routes!(users))
        .routes(routes!(search))
        .routes(routes!(stats))
        .split_for_parts();
    described
        .route("/api/openapi.json", get(move || async move { Answer(description) }))
        .route("/api", any(no_such_path))
        .route("/api/", any(no_such_path))
        .route("/api/{*path}", any(no_such_path))
        .method_not_allowed_fallback(no_such_method)
}

/// A response with JSON content.
struct Answer<T>(T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        json(&self.0)
    }
}

async fn no_such_path() -> WebError {
    WebError::NotFound
}

async fn no_such_method() -> WebError {
    WebError::MethodNotAllowed
}

/// The query of a list of rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Rooms {
    /// Only rooms after this name.
    after: Option<String>,
    /// Only rooms with a word that starts like this, archived ones included. The result is a single page.
    search: Option<String>,
    /// Maximum number of rooms.
    #[param(minimum = 1, maximum = 500, default = 500)]
    limit: Option<usize>,
}

/// Lists the rooms that are not archived, sorted by name. If there are more, the header `Link` leads to the next page
/// (`rel="next"`).
#[utoipa::path(
    get,
    path = "/api/rooms",
    params(Rooms),
    responses(
        (status = 200, description = "The rooms", body = Vec<RoomDetails>),
        (status = 400, description = "A parameter cannot be read", body = ApiError),
    )
)]
async fn rooms(
    extract::State(hub): extract::State<Arc<Hub>>,
    Query(Rooms { after, search, limit }): Query<Rooms>,
) -> Response {
    let limit = limit.unwrap_or(ROOMS_TOLD).clamp(1, ROOMS_TOLD);
    if let Some(search) = search {
        return Answer(hub.find_rooms(&search, limit)).into_response();
    }
    let after = after.map(|name| RoomName::told(&name));
    let (page, is_more) = hub.rooms_after(after.as_ref(), limit);
    let next = page
        .last()
        .filter(|_| is_more)
        .map(|last| format!("</api/rooms?after={}&limit={limit}>; rel=\"next\"", encoded(last.name.as_str())));
    let link = next.and_then(|next| HeaderValue::from_str(&next).ok()).map(|next| [(header::LINK, next)]);
    (link, Answer(page)).into_response()
}

/// The query of a page of entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Window {
    /// Only entries with a smaller id.
    #[param(value_type = Option<u64>)]
    before: Option<EntryId>,
    /// Only entries with a greater id.
    #[param(value_type = Option<u64>)]
    after: Option<EntryId>,
    /// Maximum number of entries: the newest within the bounds.
    #[param(minimum = 1, maximum = 200, default = 100)]
    limit: Option<usize>,
}

/// Lists entries of a room in their present state, oldest first. Amendments are not listed. If there are older entries,
/// the header `Link` has their address as `rel="next"`.
#[utoipa::path(
    get,
    path = "/api/room/{name}/history",
    params(("name" = String, Path, description = "The room's name, percent-encoded"), Window),
    responses(
        (status = 200, description = "The entries", body = Vec<Entry>),
        (status = 400, description = "The name or a parameter cannot be read", body = ApiError),
        (status = 404, description = "There is no such room", body = ApiError),
        (status = 503, description = "The store cannot be read right now, or too many ask", body = ApiError),
    )
)]
async fn history(
    extract::State(hub): extract::State<Arc<Hub>>,
    ClientAddress(address): ClientAddress,
    RoomPath { room, segment }: RoomPath,
    Query(Window { before, after, limit }): Query<Window>,
) -> Result<Response, WebError> {
    let limit = limit.unwrap_or(HISTORY_DEFAULT).clamp(1, HISTORY_MAX);
    let range = Range { after: after.unwrap_or(0), before: before.unwrap_or(EntryId::MAX), limit };
    let page = hub.history(address, &room, range).await?;
    let mut page = page.ok_or(WebError::NoSuchRoom { name: segment, unsent: None })?;
    let oldest = page.entries.first().map(|entry| entry.id).filter(|_| page.more);
    let next = oldest.map(|oldest| {
        let (name, after) = (encoded(room.as_str()), after.map(|after| format!("&after={after}")).unwrap_or_default());
        format!("</api/room/{name}/history?before={oldest}{after}&limit={limit}>; rel=\"next\"")
    });
    let link = next.and_then(|next| HeaderValue::from_str(&next).ok()).map(|next| [(header::LINK, next)]);
    page.entries.retain(Entry::is_shown);
    Ok((link, Answer(page.entries)).into_response())
}

/// Lists the present members of a room, by name.
#[utoipa::path(
    get,
    path = "/api/room/{name}/users",
    params(("name" = String, Path, description = "The room's name, percent-encoded")),
    responses(
        (status = 200, description = "The users", body = Vec<UserInfo>),
        (status = 400, description = "The name cannot be read", body = ApiError),
        (status = 404, description = "There is no such room", body = ApiError),
    )
)]
async fn users(
    extract::State(hub): extract::State<Arc<Hub>>,
    RoomPath { room, segment }: RoomPath,
) -> Result<Answer<Vec<UserInfo>>, WebError> {
    hub.users_in(&room).map(Answer).ok_or(WebError::NoSuchRoom { name: segment, unsent: None })
}

/// The query of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Words, of which an entry contains all, anywhere; `"several words"` are one. In addition `from:name`, `in:room` or
    /// `in:@name`, `before:2026-11-28`, `after:2026-11-28`, `has:link`.
    #[param(max_length = 200, example = "lunch from:Ada")]
    q: String,
    /// Only entries with a smaller id.
    #[param(value_type = Option<u64>)]
    before: Option<EntryId>,
    /// Maximum number of entries.
    #[param(minimum = 1, maximum = 50, default = 50)]
    limit: Option<usize>,
}

/// Searches the rooms and the conversations of the session's user, newest entries first. It counts as ten requests.
#[utoipa::path(
    get,
    path = "/api/search",
    params(Wanted),
    responses(
        (status = 200, description = "The entries", body = SearchResults),
        (status = 400, description = "A parameter cannot be read", body = ApiError),
        (status = 401, description = "There is no session", body = ApiError),
        (status = 429, description = "Too many requests", body = ApiError),
        (status = 503, description = "The store cannot be read right now, or too many ask", body = ApiError),
    )
)]
async fn search(
    extract::State(hub): extract::State<Arc<Hub>>,
    ClientAddress(address): ClientAddress,
    Viewer { user, .. }: Viewer,
    Query(Wanted { q, before, limit }): Query<Wanted>,
) -> Result<Response, WebError> {
    let query = search::Query::parse(&q)?;
    let limit = limit.unwrap_or(SEARCH_RESULTS).clamp(1, SEARCH_RESULTS);
    let found = hub.search(address, user, &query, before.unwrap_or(EntryId::MAX), limit).await?;
    let result = |(log, entry)| SearchResult { room: PageTarget::of(&hub, user, log).wire_name(), entry };
    let results = found.entries.into_iter().map(result).collect();
    let answer = SearchResults { results, older: found.older, indexing: found.is_indexing };
    // It contains private texts.
    Ok(([(header::CACHE_CONTROL, "no-store")], Answer(answer)).into_response())
}

/// Returns the statistics of the chat.
#[utoipa::path(get, path = "/api/stats", responses((status = 200, description = "The numbers", body = Stats)))]
async fn stats(extract::State(hub): extract::State<Arc<Hub>>) -> Answer<Stats> {
    Answer(hub.stats())
}
