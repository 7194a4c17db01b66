//! The session's token: whose it is, and that one which is used does not end.

use super::{
    State,
    address::Sender,
    cookies::{Kind, SessionCookie},
};
use crate::{
    chat::{Done, Hub, HubError},
    journal::SessionHash,
};
use app::{
    protocol::{ErrorCode, UserId},
    ui::Theme,
};
use axum::{
    extract::{self, Request},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// A session's token: 128 random bits in hexadecimal. Who has it is the user, so it is shown to that user alone.
#[derive(Clone)]
pub(super) struct Token(Arc<str>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A new token.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let (high, low) = (getrandom::u64()?, getrandom::u64()?);
        Ok(Self(format!("{high:016x}{low:016x}").into()))
    }

    /// A token that a client claims to have. It may be anything.
    pub(super) fn claimed(token: &str) -> Self {
        Self(token.into())
    }

    /// What the store keeps of it.
    pub(super) fn hash(&self) -> SessionHash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The token itself.
    pub(super) fn reveal(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// The user whose cookie comes with a request.
pub(super) fn user(state: &State, headers: &HeaderMap) -> Option<UserId> {
    of(state, headers).map(|(user, _)| user)
}

/// The user whose cookie comes with a request, and the session.
pub(super) fn of(state: &State, headers: &HeaderMap) -> Option<(UserId, SessionHash)> {
    state.cookies.sessions(headers).find_map(|cookie| {
        let session = Token::claimed(&cookie.token).hash();
        Some((state.hub.session(&session)?, session))
    })
}

/// Whether a request comes with what is to be a session's cookie.
pub(super) fn is_claimed(state: &State, headers: &HeaderMap) -> bool {
    state.cookies.sessions(headers).next().is_some()
}

/// Renews the session that a request comes with, and its browser's cookies with it, once a day; and gives a session whose
/// cookie has a former name the present one.
pub(super) async fn renew(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let cookies = &state.cookies;
    let session = |cookie: SessionCookie<'_>| {
        let token = Token::claimed(&cookie.token);
        let is_due = state.hub.renew_session(&token.hash())?;
        Some((token, cookie.name.to_owned(), is_due))
    };
    let Some((token, name, is_due)) = cookies.sessions(request.headers()).find_map(session) else {
        return next.run(request).await;
    };
    let theme = cookies.get(Kind::Theme, request.headers()).and_then(|theme| Theme::parse(&theme));
    let mut response = next.run(request).await;
    // It may have ended meanwhile.
    if state.hub.session(&token.hash()).is_none() {
        return response;
    }
    let is_former = !cookies.is_present_name(&name);
    if is_due || is_former {
        cookies.set_session(&token.reveal(), &mut response);
    }
    if is_former {
        cookies.end_session(&name, &mut response);
    }
    // What the answer itself says of the theme is newer.
    if let Some(theme) = theme.filter(|_| is_due && !cookies.is_set(Kind::Theme, &response)) {
        cookies.set(Kind::Theme, theme.name(), &mut response);
    }
    response
}

/// Makes a user with a new session, and returns once both are stored. `by_form` is for a person at the page's door, who
/// reads a page first, which takes no connection.
pub(super) async fn sign_in(
    hub: &Hub,
    Sender(address): Sender,
    name: &str,
    by_form: bool,
) -> Result<(UserId, Token), SignInError> {
    let token = Token::random()?;
    match hub.sign_in(address, name, lot()?, token.hash(), by_form).await? {
        Ok(Done::SignedIn(user)) => Ok((user, token)),
        Ok(_) => Err(SignInError::Refused("The server did not answer. Try again.".to_owned())),
        Err(refused) => Err(match refused.code {
            ErrorCode::RateLimited => SignInError::TooMany,
            ErrorCode::BadName | ErrorCode::NameTaken => SignInError::Name(refused.message),
            _ => SignInError::Refused(refused.message),
        }),
    }
}

/// A name near to what somebody asked for, which is free now.
pub(super) fn suggestion(hub: &Hub, asked: &str) -> Option<String> {
    hub.suggested_name(asked, lot().ok()?).map(|name| name.to_string())
}

/// Three random digits for a name.
fn lot() -> Result<u16, getrandom::Error> {
    Ok(u16::try_from(getrandom::u32()? % 1_000).unwrap_or_default())
}

/// Why nobody was signed in. Each is a sentence for the person.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    #[error("The server can't start a session right now. Try again.")]
    NoRandomness(#[from] getrandom::Error),
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error("Too many people have just joined from your address. Try again in a moment.")]
    TooMany,
    /// Another name would do.
    #[error("{0}")]
    Name(String),
    #[error("{0}")]
    Refused(String),
}

impl SignInError {
    /// The status of the answer.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Name(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoRandomness(_) | Self::Hub(_) | Self::Refused(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
