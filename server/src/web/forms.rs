//! What plain forms do: come in, say something. Each ends in a redirect, or in its page with what was typed and the
//! reason why it was not taken.

use super::{State, address::Sender, page, session, spot::Spot};
use crate::chat::Done;
use app::{
    command::{self, Command},
    protocol::{ErrorCode, UserId, UserName},
    ui::{About, Draft},
};
use axum::{
    Form,
    extract::{self, FromRequest, Path, Request, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header},
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
    let room = Spot::room(&state, &form.room).unwrap_or_else(page::general);
    if session::user(&state.hub, request.headers()).is_some() {
        return room.redirect();
    }
    let name = form.name.trim();
    if name.is_empty() {
        let problem = Some("Enter a name.".to_owned());
        return page::sign_in_form(&state, request, StatusCode::UNPROCESSABLE_ENTITY, room.name(), "", problem).await;
    }
    match session::sign_in(&state.hub, sender, name, true).await {
        Ok((user, token)) => {
            let mut response = room.redirect();
            add_cookie(token.set_cookie(state.is_https()), &mut response);
            let typed = UserName::parse(name).ok();
            if state.hub.name(user).is_some_and(|given| typed.is_none_or(|typed| typed.as_str() != &*given)) {
                add_cookie(Some(page::renamed(true)), &mut response);
            }
            response
        }
        Err(error) => {
            page::sign_in_form(&state, request, error.status(), room.name(), name, Some(error.to_string())).await
        }
    }
}

fn add_cookie(cookie: Option<HeaderValue>, response: &mut Response) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What the forms of a page send: a text for the place that it shows, or a room to join, or a new name.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Post {
    #[serde(default)]
    text: String,
    join: Option<String>,
    nick: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    /// With whom the conversation was that the page showed.
    #[serde(default)]
    with: Option<String>,
}

/// What was typed, and what is said or commanded by it; a sentence where it is nothing.
struct Typed {
    about: About,
    typed: String,
    text: Result<String, &'static str>,
}

impl Post {
    fn typed(self) -> (Typed, Option<String>) {
        let command = |about, typed: String, word, lacking| {
            let argument = typed.trim();
            let text = if argument.is_empty() { Err(lacking) } else { Ok(format!("/{word} {argument}")) };
            Typed { about, text, typed }
        };
        let typed = match (self.join, self.nick) {
            (Some(room), _) => command(About::Join, room, "join", "Enter a room name."),
            (None, Some(name)) => command(About::Nick, name, "nick", "Enter a name."),
            (None, None) => {
                // Browsers send every line break of a form as CR LF, whatever was typed.
                let text = self.text.replace("\r\n", "\n");
                Typed { about: About::Text, text: Ok(text.clone()), typed: text }
            }
        };
        // A mark is for a text alone.
        let is_text = typed.about == About::Text;
        (typed, self.client_id.filter(|mark| is_text && !mark.is_empty()))
    }
}

/// Stores a text for a room, or does what is commanded, and goes on to the place that this leads to.
pub(super) async fn post(
    extract::State(state): extract::State<State>,
    sender: Sender,
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
    let Some(spot) = Spot::room(&state, &name) else {
        return page::no_such_room(&state, request, &name).await;
    };
    let Some(user) = session::user(&state.hub, request.headers()) else {
        return Redirect::to("/").into_response();
    };
    post_to(&state, sender, user, &spot, form, request).await
}

/// The same for a conversation.
pub(super) async fn post_privately(
    extract::State(state): extract::State<State>,
    sender: Sender,
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
    let Some(user) = session::user(&state.hub, request.headers()) else {
        return Redirect::to("/").into_response();
    };
    let Some(spot) = Spot::with(&state, &name) else {
        return page::nobody(&state, request, &name).await;
    };
    post_to(&state, sender, user, &spot, form, request).await
}

async fn post_to(
    state: &State,
    Sender(address): Sender,
    user: UserId,
    spot: &Spot,
    form: Post,
    request: Request,
) -> Response {
    let was_with = form.with.clone().filter(|with| !with.is_empty());
    let (Typed { about, typed, text }, client_id) = form.typed();
    let text = match spot {
        // The name has changed hands since the page was made.
        Spot::With(peer, _) if was_with.is_some_and(|with| with != peer.to_string()) => {
            Err("Somebody else has this name now. Nothing was sent.")
        }
        _ => text,
    };
    let result = match (&text, spot) {
        (Ok(text), Spot::Room(room)) => state.hub.post(user, address, room, text, client_id).await,
        (Ok(text), Spot::With(peer, to)) => state.hub.post_privately(user, address, (*peer, to), text, client_id).await,
        (Err(lacking), _) => {
            let draft = refused(about, typed, (*lacking).to_owned());
            return page::chat_page(state, request, StatusCode::UNPROCESSABLE_ENTITY, spot, None, draft).await;
        }
    };
    let (status, problem) = match result {
        Ok(Ok(Done::Told(notice))) => {
            let draft = Draft { notice: Some(notice), ..Draft::default() };
            return page::chat_page(state, request, StatusCode::OK, spot, None, draft).await;
        }
        Ok(Ok(Done::Joined(room))) => return Spot::Room(room).redirect(),
        Ok(Ok(Done::Left(_))) => return page::general().redirect(),
        Ok(Ok(Done::Stored | Done::SignedIn(_))) => {
            let said_at = text.ok().and_then(|text| said_at(state, &text));
            return said_at.as_ref().unwrap_or(spot).redirect();
        }
        Ok(Err(refused)) => (status_of(refused.code), refused.message),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    page::chat_page(state, request, status, spot, None, refused(about, typed, problem)).await
}

/// What a page shows of a form that was refused. The fields for a room and a name may be in a drawer, which is shut when
/// the page comes, so their reason is said where it is seen, too.
fn refused(about: About, text: String, problem: String) -> Draft {
    let notice = (about != About::Text).then(|| problem.clone());
    Draft { text, about, problem: Some(problem), notice, ..Draft::default() }
}

/// The page on which what was said is to be seen: that of the conversation, for what a command said to somebody alone.
fn said_at(state: &State, text: &str) -> Option<Spot> {
    match command::parse(text) {
        Some(Ok(Command::Pm { to, .. })) => Spot::with(state, to),
        _ => None,
    }
}

pub(super) const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Reads a form and keeps what else the request says, for the page that may have to be rendered.
pub(super) async fn read<T: serde::de::DeserializeOwned>(request: Request) -> Result<(T, Request), Response> {
    let (parts, body) = request.into_parts();
    let rest = Request::from_parts(parts.clone(), axum::body::Body::empty());
    let Form(form) =
        Form::<T>::from_request(Request::from_parts(parts, body), &()).await.map_err(IntoResponse::into_response)?;
    Ok((form, rest))
}
