//! What plain forms do: come in, say something. Each ends in a redirect, or in its page with what was typed and the
//! reason why it was not taken.

use super::{
    State,
    address::Sender,
    cookies::Kind,
    page,
    session::{self, SignInError},
    spot::Spot,
};
use crate::chat::Done;
use app::{
    command::{self, Command},
    protocol::{ErrorCode, UserId},
    ui::{About, Door, Draft},
};
use axum::{
    Form,
    body::Body,
    extract::{self, FromRequest, Path, Request, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::timeout;

/// The largest form, in bytes: a text of the most characters, each of which takes twelve when it is encoded, and the rest.
pub(super) const FORM_MAX: usize = 64 * 1024;
/// Why a form is not taken that did not come in time.
const TOO_LATE: &str = "The form took too long to arrive. Try again.\n";
/// Why a form is not taken that is larger than [`FORM_MAX`].
const TOO_LARGE: &str = "That is more than one message can hold. Shorten it and try again.\n";

/// Why the door asks for a name.
const NO_NAME: &str = "Enter a name.";
/// Why a browser that sends no cookies back is not let in: it would come to the door again and again.
const NO_COOKIES: &str = "Your browser did not send our cookie back, and without it you can't stay signed in. Allow \
                          cookies for this site and try again.";

/// Why a text was not taken whose session is over, or never was.
const SIGNED_OUT: &str = "You've been signed out. Sign in again.";

/// A name and where to go with it.
#[derive(Debug, Deserialize)]
pub(super) struct SignIn {
    name: String,
    #[serde(default)]
    room: String,
    /// A text that the door shows because nobody could be found to be its author.
    unsent: Option<String>,
}

/// Makes a user and a session, and goes on to the room.
pub(super) async fn sign_in(
    extract::State(state): extract::State<State>,
    sender: Sender,
    request: Request,
) -> Response {
    let (form, request) = match read::<SignIn>(&state, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let room = Spot::room(&state, &form.room).unwrap_or_else(page::general);
    let unsent = form.unsent.map(|text| typed_lines(&text)).filter(|text| !text.is_empty());
    if let Some(user) = session::user(&state, request.headers()) {
        return entered(&state, user, request, &room, unsent).await;
    }
    let keeps_cookies = state.cookies.get(Kind::Probe, request.headers()).is_some();
    let name = form.name.trim().to_owned();
    let door = Door { name: name.clone(), room: room.segment(), unsent: unsent.clone(), ..Door::default() };
    let again = |request, status, problem: String, suggestion| {
        page::sign_in_form(&state, request, status, Door { problem: Some(problem), suggestion, ..door })
    };
    if name.is_empty() {
        return again(request, StatusCode::UNPROCESSABLE_ENTITY, NO_NAME.to_owned(), None).await;
    }
    // Before anybody is made a user who would not be known again.
    if !keeps_cookies {
        return again(request, StatusCode::UNPROCESSABLE_ENTITY, NO_COOKIES.to_owned(), None).await;
    }
    match session::sign_in(&state.hub, sender, &name, true).await {
        Ok((user, token)) => {
            let mut response = entered(&state, user, request, &room, unsent).await;
            state.cookies.set_session(&token.reveal(), &mut response);
            state.cookies.remove(Kind::Probe, &mut response);
            response
        }
        Err(error) => {
            let is_of_name = matches!(error, SignInError::Name(_));
            let suggestion = is_of_name.then(|| session::suggestion(&state.hub, &name)).flatten();
            again(request, error.status(), error.to_string(), suggestion).await
        }
    }
}

/// Leads who has a session to a room, and a text that could not be sent before into its composer.
async fn entered(state: &State, user: UserId, request: Request, room: &Spot, unsent: Option<String>) -> Response {
    match unsent {
        Some(text) => {
            let draft = Draft { text, ..Draft::default() };
            page::chat_page(state, user, request, StatusCode::OK, room, None, draft).await
        }
        None => room.redirect(),
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
}

/// What was typed, and what is said or commanded by it; a sentence where it is nothing.
struct Typed {
    about: About,
    typed: String,
    text: Result<String, &'static str>,
}

impl Post {
    /// The text, for a page that cannot take it.
    fn unsent(self) -> Option<String> {
        Some(typed_lines(&self.text)).filter(|text| !text.is_empty())
    }

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
                let text = typed_lines(&self.text);
                Typed { about: About::Text, text: Ok(text.clone()), typed: text }
            }
        };
        // A mark is for a text alone.
        let is_text = typed.about == About::Text;
        let mark = self.client_id.filter(|mark| is_text && !mark.is_empty());
        let mark = mark.map(|mark| mark_of(&mark, &typed.typed));
        (typed, mark)
    }
}

/// A text of a form as it was typed: browsers send every line break as CR LF.
fn typed_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The mark of a text that a form sends. A form that is sent twice is one text; but a page that stays when its form is sent,
/// to another tab, sends its next text from the same form.
fn mark_of(form: &str, text: &str) -> String {
    let hash = Sha256::new().chain_update(form).chain_update([0]).chain_update(text).finalize();
    hash.iter().take(16).fold("form-".to_owned(), |mark, byte| mark + &format!("{byte:02x}"))
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
    let (form, request) = match read::<Post>(&state, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let Some(spot) = Spot::room(&state, &name) else {
        return page::no_such_room(&state, request, &name, form.unsent()).await;
    };
    let Some(user) = session::user(&state, request.headers()) else {
        return signed_out(&state, request, form, spot.segment()).await;
    };
    post_to(&state, sender, user, &spot, form, request).await
}

/// The same for a conversation.
pub(super) async fn post_privately(
    extract::State(state): extract::State<State>,
    sender: Sender,
    peer: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(peer)) = peer else {
        return page::not_found(extract::State(state), request).await;
    };
    let (form, request) = match read::<Post>(&state, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let Some(user) = session::user(&state, request.headers()) else {
        return signed_out(&state, request, form, String::new()).await;
    };
    let Some(spot) = Spot::with(&state, user, &peer) else {
        return page::nobody(&state, request, &peer, form.unsent()).await;
    };
    post_to(&state, sender, user, &spot, form, request).await
}

/// The door, with the text that nobody could be found to be the author of.
async fn signed_out(state: &State, request: Request, form: Post, room: String) -> Response {
    let Some(unsent) = form.unsent() else {
        return Redirect::to("/").into_response();
    };
    let (problem, unsent) = (Some(SIGNED_OUT.to_owned()), Some(unsent));
    let door = Door { room, problem, unsent, ..Door::default() };
    page::sign_in_form(state, request, StatusCode::UNPROCESSABLE_ENTITY, door).await
}

async fn post_to(
    state: &State,
    Sender(address): Sender,
    user: UserId,
    spot: &Spot,
    form: Post,
    request: Request,
) -> Response {
    let (Typed { about, typed, text }, client_id) = form.typed();
    let result = match (&text, spot) {
        (Ok(text), Spot::Room(room)) => state.hub.post(user, address, room, text, client_id).await,
        (Ok(text), Spot::With(peer, to)) => state.hub.post_privately(user, address, (*peer, to), text, client_id).await,
        (Err(lacking), _) => {
            let draft = refused(about, typed, (*lacking).to_owned());
            return page::chat_page(state, user, request, StatusCode::UNPROCESSABLE_ENTITY, spot, None, draft).await;
        }
    };
    let (status, problem) = match result {
        Ok(Ok(Done::Told(notice))) => {
            let draft = Draft { notice: Some(notice), ..Draft::default() };
            return page::chat_page(state, user, request, StatusCode::OK, spot, None, draft).await;
        }
        Ok(Ok(Done::Joined(room))) => return Spot::Room(room).redirect(),
        Ok(Ok(Done::Left(_))) => return page::general().redirect(),
        Ok(Ok(Done::Stored | Done::SignedIn(_) | Done::SignedOut(_))) => {
            let said_at = text.ok().and_then(|text| said_at(state, user, &text));
            return said_at.as_ref().unwrap_or(spot).redirect();
        }
        Ok(Err(refused)) => (status_of(refused.code), refused.message),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    page::chat_page(state, user, request, status, spot, None, refused(about, typed, problem)).await
}

/// What a page shows of a form that was refused. The fields for a room and a name may be in a drawer, which is shut when
/// the page comes, so their reason is said where it is seen, too.
fn refused(about: About, text: String, problem: String) -> Draft {
    let notice = (about != About::Text).then(|| problem.clone());
    Draft { text, about, problem: Some(problem), notice, ..Draft::default() }
}

/// The page on which what was said is to be seen: that of the conversation, for what a command said to somebody alone.
fn said_at(state: &State, user: UserId, text: &str) -> Option<Spot> {
    match command::parse(text) {
        Some(Ok(Command::Pm { to, .. })) => Spot::with(state, user, to),
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
pub(super) async fn read<T: DeserializeOwned>(state: &State, request: Request) -> Result<(T, Request), Response> {
    read_within(state.body_within, request).await
}

async fn read_within<T: DeserializeOwned>(within: Duration, request: Request) -> Result<(T, Request), Response> {
    let (parts, body) = request.into_parts();
    let rest = Request::from_parts(parts.clone(), Body::empty());
    let form = Form::<T>::from_request(Request::from_parts(parts, body), &());
    match timeout(within, form).await {
        Ok(Ok(Form(form))) => Ok((form, rest)),
        Ok(Err(refused)) => Err(match refused.status() {
            status @ StatusCode::PAYLOAD_TOO_LARGE => (status, TOO_LARGE).into_response(),
            _ => refused.into_response(),
        }),
        Err(_) => {
            let close = [(header::CONNECTION, "close")];
            Err((StatusCode::REQUEST_TIMEOUT, close, TOO_LATE).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use futures::{StreamExt, stream};
    use tokio::time::Instant;

    fn request(body: Body) -> Request {
        let form = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Request::post("/").header(form.0, form.1).body(body).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_does_not_end_is_given_up_however_steadily_it_comes() {
        let within = Duration::from_secs(10);
        let drops = |count| {
            let drop = |_| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"name=a&"))
            };
            Body::from_stream(stream::iter(0..count).then(drop))
        };
        let since = Instant::now();
        let late = read_within::<Vec<(String, String)>>(within, request(drops(10_000))).await.unwrap_err();
        assert_eq!((late.status(), since.elapsed()), (StatusCode::REQUEST_TIMEOUT, within));
        let (in_time, _) = read_within::<Vec<(String, String)>>(within, request(drops(9))).await.unwrap();
        assert_eq!(in_time.len(), 9);
    }
}
