//! The session's token and the cookie that keeps it.

use super::address::Sender;
use crate::{
    chat::{Done, Hub, HubError},
    journal::SessionHash,
};
use app::protocol::{ErrorCode, UserId};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// The cookie with the session's token.
const COOKIE: &str = "natter_session";
/// How long a browser keeps it: a year, from each sign-in.
const KEPT_FOR: cookie::time::Duration = cookie::time::Duration::days(365);

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

    /// The `Set-Cookie` header that gives it to a browser, with which no script can read it.
    pub(super) fn set_cookie(&self, is_https: bool) -> Option<HeaderValue> {
        let cookie = Cookie::build((COOKIE, self.0.as_ref()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(is_https)
            .max_age(KEPT_FOR)
            .build();
        cookie.to_string().parse().ok()
    }
}

/// The token in a request's cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Option<Token> {
    headers
        .contains_key(header::COOKIE)
        .then(|| CookieJar::from_headers(headers))?
        .get(COOKIE)
        .map(|cookie| Token::claimed(cookie.value()))
}

/// The user whose cookie comes with a request.
pub(super) fn user(hub: &Hub, headers: &HeaderMap) -> Option<UserId> {
    hub.session(&cookie(headers)?.hash())
}

/// Makes a user with a new session, and returns once both are stored. `by_form` is for who reads a page first, which
/// takes no connection.
pub(super) async fn sign_in(
    hub: &Hub,
    Sender(address): Sender,
    name: &str,
    by_form: bool,
) -> Result<(UserId, Token), SignInError> {
    let token = Token::random()?;
    let lot = u16::try_from(getrandom::u32()? % 1_000).unwrap_or_default();
    match hub.sign_in(address, name, lot, token.hash(), by_form).await? {
        Ok(Done::SignedIn(user)) => Ok((user, token)),
        Ok(_) => Err(SignInError::Refused("The server did not answer. Try again.".to_owned())),
        Err(refused) if refused.code == ErrorCode::RateLimited => Err(SignInError::TooMany),
        Err(refused) => Err(SignInError::Refused(refused.message)),
    }
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
    #[error("{0}")]
    Refused(String),
}

impl SignInError {
    /// The status of the answer.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::NoRandomness(_) | Self::Hub(_) | Self::Refused(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
