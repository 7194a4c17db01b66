//! What plain forms do: come in, say something. Each ends in a redirect, or in its page with what was typed and the
//! reason why it was not taken.

use super::{
    State,
    address::Sender,
    page,
    session::{self, Token},
};
use crate::chat::Done;
use app::{
    protocol::{ErrorCode, RoomName},
    ui::Draft,
};
use axum::{
    Form,
    extract::{self, FromRequest, Path, Request, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// A name and where to go with it.
#[derive(Debug, Deserialize)]
pub(super) struct SignIn {
    name: String,
    #[serde(default)]
    room: String,
}

/// Makes a user and a session, and goes on to the room.
pub(super) async fn sign_in(
    extract::State(state): extract::State<State>,
    sender: Sender,
    request: Request,
) -> Response {
    let (form, request) = match read::<SignIn>(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let room = RoomName::parse(&form.room).ok().filter(|room| state.hub.has_room(room));
    let room = room.unwrap_or_else(RoomName::general);
    if session::user(&state.hub, request.headers()).is_some() {
        return page::redirect(&room);
    }
    let name = form.name.trim();
    if name.is_empty() {
        let problem = Some("Please enter a name.".to_owned());
        return page::sign_in_form(&state, request, StatusCode::UNPROCESSABLE_ENTITY, room.as_str(), "", problem).await;
    }
    match session::sign_in(&state.hub, sender, name, true).await {
        Ok((_, token)) => {
            let mut response = page::redirect(&room);
            give(&token, &state, &mut response);
            response
        }
        Err(error) => {
            page::sign_in_form(&state, request, error.status(), room.as_str(), name, Some(error.to_string())).await
        }
    }
}

fn give(token: &Token, state: &State, response: &mut Response) {
    let is_https = state.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    if let Some(cookie) = token.set_cookie(is_https) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// A text for a room.
#[derive(Debug, Deserialize)]
pub(super) struct Post {
    text: String,
    #[serde(default)]
    client_id: Option<String>,
}

/// Stores a text, or does what it commands, and goes on to the room that this leads to.
pub(super) async fn post(
    extract::State(state): extract::State<State>,
    Sender(address): Sender,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(name)) = name else {
        return page::not_found(extract::State(state), request).await;
    };
    let (form, request) = match read::<Post>(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let Some(room) = RoomName::parse(&name).ok().filter(|room| state.hub.has_room(room)) else {
        return page::not_found(extract::State(state), request).await;
    };
    let Some(user) = session::user(&state.hub, request.headers()) else {
        return Redirect::to("/").into_response();
    };
    // Browsers send every line break of a form as CR LF, whatever was typed.
    let text = form.text.replace("\r\n", "\n");
    let client_id = form.client_id.filter(|mark| !mark.is_empty());
    let (status, problem) = match state.hub.post(user, address, &room, &text, client_id).await {
        Ok(Ok(Done::Told(notice))) => {
            let draft = Draft { notice: Some(notice), ..Draft::default() };
            return page::room_page(&state, request, StatusCode::OK, &room, None, draft).await;
        }
        Ok(Ok(Done::Joined(room))) => return page::redirect(&room),
        Ok(Ok(Done::Left(_))) => return page::redirect(&RoomName::general()),
        Ok(Ok(Done::Stored | Done::SignedIn(_))) => return page::redirect(&room),
        Ok(Err(refused)) => (status_of(refused.code), refused.message),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    let draft = Draft { text, problem: Some(problem), ..Draft::default() };
    page::room_page(&state, request, status, &room, None, draft).await
}

const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Reads a form and keeps what else the request says, for the page that may have to be rendered.
async fn read<T: serde::de::DeserializeOwned>(request: Request) -> Result<(T, Request), Response> {
    let (parts, body) = request.into_parts();
    let rest = Request::from_parts(parts.clone(), axum::body::Body::empty());
    let Form(form) =
        Form::<T>::from_request(Request::from_parts(parts, body), &()).await.map_err(IntoResponse::into_response)?;
    Ok((form, rest))
}
