//! The REST API, and its own description.
//!
//! Invariant: everything under `/api` is answered with JSON, refusals too.

#![allow(unused_qualifications, reason = "the path macro writes them")]

use super::{State, address::Sender, headers, spot::encoded};
use crate::{chat::Hub, journal::Range};
use app::protocol::{
    ApiError, Entry, EntryId, RoomDetails, RoomName, Stats, UserInfo,
    limits::{HISTORY_DEFAULT, HISTORY_MAX, ROOMS_TOLD},
};
use axum::{
    Router,
    extract::{
        self, Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header},
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

/// Everything under `/api`.
pub(super) fn router() -> Router<State> {
    let mut description = Description::openapi();
    description.info.license = None; // taken from Cargo.toml, which names none
    let (described, description) = OpenApiRouter::with_openapi(description)
        .routes(routes!(rooms))
        .routes(routes!(history))
        .routes(routes!(users))
        .routes(routes!(stats))
        .split_for_parts();
    described
        .route("/api/openapi.json", get(move || async move { Answer(description) }))
        .route("/api", any(no_such_path))
        .route("/api/", any(no_such_path))
        .route("/api/{*path}", any(no_such_path))
        .method_not_allowed_fallback(no_such_method)
}

/// What is answered with.
struct Answer<T>(T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

/// Why something is not answered.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    sentence: String,
}

impl Refusal {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    fn no_such_room() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Room not found")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &ApiError { error: self.sentence });
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().extend(headers::retry_after());
        }
        response
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

fn json(status: StatusCode, content: &impl Serialize) -> Response {
    let content = serde_json::to_vec(content).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        b"{}".to_vec()
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, content).into_response()
}

/// Says that too many ask.
pub(super) fn busy() -> Response {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server is busy right now. Please try again.").into_response()
}

async fn no_such_path() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Not found")
}

async fn no_such_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}

/// The room that is meant by the name in a path.
fn named(hub: &Hub, name: Result<Path<String>, PathRejection>) -> Result<RoomName, Refusal> {
    let Path(name) = name?;
    hub.room(&name).ok_or_else(Refusal::no_such_room)
}

/// Which rooms are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Rooms {
    /// Only rooms behind this name.
    after: Option<String>,
    /// Only rooms in whose names a word begins like this, archived ones too. It has one page.
    search: Option<String>,
    /// How many at the most.
    #[param(minimum = 1, maximum = 500, default = 500)]
    limit: Option<usize>,
}

/// Rooms that are not archived, sorted by name. When there are more, the header `Link` leads to the next page
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
    asked: Result<Query<Rooms>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(Rooms { after, search, limit }) = asked?;
    let limit = limit.unwrap_or(ROOMS_TOLD).clamp(1, ROOMS_TOLD);
    if let Some(search) = search {
        return Ok(Answer(hub.find_rooms(&search, limit)).into_response());
    }
    let after = after.map(|name| RoomName::told(&name));
    let (page, is_more) = hub.rooms_after(after.as_ref(), limit);
    let next = page
        .last()
        .filter(|_| is_more)
        .map(|last| format!("</api/rooms?after={}&limit={limit}>; rel=\"next\"", encoded(last.name.as_str())));
    let link = next.and_then(|next| HeaderValue::from_str(&next).ok()).map(|next| [(header::LINK, next)]);
    Ok((link, Answer(page)).into_response())
}

/// Which entries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Window {
    /// Only entries with a smaller id.
    #[param(value_type = Option<u64>)]
    before: Option<EntryId>,
    /// Only entries with a greater id.
    #[param(value_type = Option<u64>)]
    after: Option<EntryId>,
    /// How many at the most: the newest within the bounds.
    #[param(minimum = 1, maximum = 200, default = 100)]
    limit: Option<usize>,
}

/// Entries of a room, oldest first. Older ones exist exactly when the first one's `prev` is greater than `after` (or 0).
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
    Sender(address): Sender,
    name: Result<Path<String>, PathRejection>,
    window: Result<Query<Window>, QueryRejection>,
) -> Result<Answer<Vec<Entry>>, Refusal> {
    let room = named(&hub, name)?;
    let Query(Window { before, after, limit }) = window?;
    let limit = limit.unwrap_or(HISTORY_DEFAULT).clamp(1, HISTORY_MAX);
    let range = Range { after: after.unwrap_or(0), before: before.unwrap_or(EntryId::MAX), limit };
    let page = hub.history(address, &room, range).await.map_err(|error| {
        error.log_reading();
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_a_reader())
    })?;
    page.map(|page| Answer(page.entries)).ok_or_else(Refusal::no_such_room)
}

/// Those present in a room, by name.
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
    name: Result<Path<String>, PathRejection>,
) -> Result<Answer<Vec<UserInfo>>, Refusal> {
    hub.users_in(&named(&hub, name)?).map(Answer).ok_or_else(Refusal::no_such_room)
}

/// The chat in numbers.
#[utoipa::path(get, path = "/api/stats", responses((status = 200, description = "The numbers", body = Stats)))]
async fn stats(extract::State(hub): extract::State<Arc<Hub>>) -> Answer<Stats> {
    Answer(hub.stats())
}
