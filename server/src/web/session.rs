//! Sessions: their tokens, their creation, and the daily renewal that keeps them from expiring.

use super::{
    State,
    cookies::{Kind, SessionCookie},
    errors::WebError,
};
use crate::{
    chat::{Address, Hub, Outcome},
    journal::SessionHash,
};
use app::{
    protocol::{ErrorCode, UserId},
    ui::Theme,
};
use axum::{
    extract::{self, Request},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// A session's token: 128 random bits in hexadecimal. It grants access as the user, so only that user's client receives
/// it.
#[derive(Clone)]
pub(super) struct Token(Arc<str>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// Draws a new token.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let (high, low) = (getrandom::u64()?, getrandom::u64()?);
        Ok(Self(format!("{high:016x}{low:016x}").into()))
    }

    /// Wraps a token that a client claims to have. It can be any text.
    pub(super) fn claimed(token: &str) -> Self {
        Self(token.into())
    }

    /// Returns the SHA-256 hash, which is all that the store keeps.
    pub(super) fn hash(&self) -> SessionHash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns the token itself.
    pub(super) fn reveal(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// Renews the session of a request and the browser's cookies once a day. A session cookie with a former name is
/// replaced.
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
    // The session may have ended in the meantime.
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
    // A theme that the handler has set is newer.
    if let Some(theme) = theme.filter(|_| is_due && !cookies.is_set(Kind::Theme, &response)) {
        cookies.set(Kind::Theme, theme.name(), &mut response);
    }
    response
}

/// Creates a user with a session, and returns once both are stored. `by_form` tells that a person used the sign-in
/// form, and so will read a page without a connection first.
///
/// # Errors
/// Returns [`WebError::Refused`] with `bad_name` or `name_taken` if another name can succeed.
pub(super) async fn sign_in(
    hub: &Hub,
    address: Option<Address>,
    name: &str,
    by_form: bool,
) -> Result<(UserId, Token), WebError> {
    let token = Token::random()?;
    match hub.sign_in(address, name, random_suffix()?, token.hash(), by_form).await? {
        Ok(Outcome::SignedIn(user)) => Ok((user, token)),
        Ok(_) => Err(WebError::NoAnswer),
        Err(refused) if refused.code == ErrorCode::RateLimited => {
            Err(WebError::TooManySignIns { wait_ms: refused.retry_after_ms })
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Returns a free name that is similar to the wanted one.
pub(super) fn suggestion(hub: &Hub, wanted: &str) -> Option<String> {
    hub.suggested_name(wanted, random_suffix().ok()?).map(|name| name.to_string())
}

/// Draws three random digits for a name.
fn random_suffix() -> Result<u16, getrandom::Error> {
    Ok(u16::try_from(getrandom::u32()? % 1_000).unwrap_or_default())
}
