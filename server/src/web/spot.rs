//! A room or a conversation, by the address of its page.

use super::State;
use app::{
    protocol::{Peer, RoomName, UserId, peer_segment},
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
    /// The conversation with this user, who is called so now, or was when they were forgotten.
    With(UserId, Arc<str>),
}

impl Spot {
    /// The room that is meant by this name, if it is there.
    pub(super) fn room(state: &State, name: &str) -> Option<Self> {
        state.hub.room(name).map(Self::Room)
    }

    /// The conversation of a user with somebody: by number, whatever stands behind it, or, as people type it and pages
    /// linked it once, by the name that somebody has now, in letters of any case.
    pub(super) fn with(state: &State, user: UserId, segment: &str) -> Option<Self> {
        match Peer::parse(segment)? {
            Peer::Number(peer) => state.hub.peer_name(user, peer).map(|name| Self::With(peer, name)),
            Peer::Name(name) => state.hub.peer(name).map(|(peer, name)| Self::With(peer, name)),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Room(room) => Place::Room(room.clone()),
            Self::With(peer, _) => Place::With(*peer),
        }
    }

    /// The last segment of its path, in its one spelling: a page has one address.
    pub(super) fn segment(&self) -> String {
        match self {
            Self::Room(room) => room.to_string(),
            Self::With(peer, name) => peer_segment(*peer, name),
        }
    }

    /// What the wire calls it.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Room(_) => self.segment(),
            Self::With(..) => format!("@{}", self.segment()),
        }
    }

    /// Goes to its page.
    pub(super) fn redirect(&self) -> Response {
        self.redirect_with(None)
    }

    /// The same, with the query that its page was asked for with.
    pub(super) fn redirect_with(&self, query: Option<&str>) -> Response {
        let under = match self {
            Self::Room(_) => "room",
            Self::With(..) => "pm",
        };
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Redirect::to(&format!("/{under}/{}{query}", encoded(&self.segment()))).into_response()
    }
}

/// A name as a segment of a path, or in a query or a cookie.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}
