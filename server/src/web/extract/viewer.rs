//! The user who views a page or acts on it.

use super::{entry::EntryPath, query::Query, room::RoomPath};
use crate::{
    journal::SessionHash,
    web::{State, errors::WebError, session::Token},
};
use app::protocol::UserId;
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, request::Parts},
};
use serde::Deserialize;
use std::convert::Infallible;

/// The user of the session cookie of a request.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct Viewer {
    pub(in crate::web) user: UserId,
    pub(in crate::web) session: SessionHash,
}

impl Viewer {
    /// Returns the user of a token that a client claims to have.
    pub(in crate::web) fn of_token(state: &State, token: &Token) -> Option<Self> {
        let session = token.hash();
        state.hub.session(&session).map(|user| Self { user, session })
    }

    fn found(state: &State, headers: &HeaderMap) -> Option<Self> {
        let mut cookies = state.cookies.sessions(headers);
        cookies.find_map(|cookie| Self::of_token(state, &Token::claimed(&cookie.token)))
    }
}

/// The entry in the query of a page.
#[derive(Deserialize)]
struct Around {
    around: Option<String>,
}

impl FromRequestParts<State> for Viewer {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        if let Some(viewer) = Self::found(state, &parts.headers) {
            return Ok(viewer);
        }
        // The sign-in form leads on to the room, and to the entry there.
        let room = RoomPath::from_request_parts(parts, state).await.ok().map(|path| path.room);
        let entry = EntryPath::from_request_parts(parts, state).await.ok().map(|EntryPath(entry)| entry);
        let window = <Query<Around> as FromRequestParts<State>>::from_request_parts(parts, state).await.ok();
        let entry = entry.or_else(|| window?.0.around?.parse().ok());
        Err(WebError::SignedOut { room, entry, unsent: None })
    }
}

impl OptionalFromRequestParts<State> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Infallible> {
        Ok(Self::found(state, &parts.headers))
    }
}
