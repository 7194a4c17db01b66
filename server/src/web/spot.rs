//! A room or a conversation, by the address of its page.

use super::State;
use app::{
    protocol::{RoomName, UserId},
    sync::Place,
};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// What stands as it is in a path's segment, beside letters and digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// See the [module](self).
#[derive(Debug, Clone)]
pub(super) enum Spot {
    /// A room.
    Room(RoomName),
    /// The conversation with this user, who is called so.
    With(UserId, Arc<str>),
}

impl Spot {
    /// The room of this name, in any letters, if it is there.
    pub(super) fn room(state: &State, name: &str) -> Option<Self> {
        RoomName::parse(name).ok().filter(|room| state.hub.has_room(room)).map(Self::Room)
    }

    /// The conversation with who is called so, in letters of any case, if there is anybody.
    pub(super) fn with(state: &State, name: &str) -> Option<Self> {
        state.hub.peer(name).map(|(peer, name)| Self::With(peer, name))
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Room(room) => Place::Room(room.clone()),
            Self::With(peer, _) => Place::With(*peer),
        }
    }

    /// How it is written exactly: a page has one address.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Room(room) => room.as_str(),
            Self::With(_, name) => name,
        }
    }

    /// What the wire calls it.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Room(room) => room.to_string(),
            Self::With(_, name) => format!("@{name}"),
        }
    }

    /// Goes to its page.
    pub(super) fn redirect(&self) -> Response {
        let under = match self {
            Self::Room(_) => "room",
            Self::With(..) => "pm",
        };
        Redirect::to(&format!("/{under}/{}", encoded(self.name()))).into_response()
    }
}

/// A name as a segment of a path, or in a query or a cookie.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}
