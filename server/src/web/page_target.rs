//! The target of a page: a room or a conversation, with its only URL path.

use crate::chat::Hub;
use app::protocol::{EntryId, LogId, Place, RoomName, UserId, WireName, peer_segment};
use axum::response::Redirect;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// Characters that are not escaped in a path segment, besides letters and digits.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// The target. See the [module](self).
#[derive(Debug, Clone)]
pub(super) enum PageTarget {
    Room(RoomName),
    Conversation {
        peer: UserId,
        /// Current name of the peer, or the last one of a forgotten peer.
        name: Arc<str>,
    },
}

impl PageTarget {
    /// Returns the page of a log as a user of it sees it.
    pub(super) fn of(hub: &Hub, user: UserId, log: LogId) -> Self {
        match log {
            LogId::Room(room) => Self::Room(room),
            LogId::Conversation(pair) => {
                let peer = pair.other(user);
                Self::Conversation { peer, name: hub.peer_name(user, peer).unwrap_or_default() }
            }
        }
    }

    /// Returns the room of which everybody is a member.
    pub(super) fn general() -> Self {
        Self::Room(RoomName::general())
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Room(room) => Place::Room(room.clone()),
            Self::Conversation { peer, .. } => Place::With(*peer),
        }
    }

    /// Returns the last segment of the path in its canonical spelling, without percent-encoding. Each page has one URL.
    pub(super) fn segment(&self) -> String {
        match self {
            Self::Room(room) => room.to_string(),
            Self::Conversation { peer, name } => peer_segment(*peer, name),
        }
    }

    /// Returns the log's name on the wire.
    pub(super) fn wire_name(&self) -> String {
        match self {
            Self::Room(_) => self.segment(),
            Self::Conversation { peer, name } => WireName::with_number(*peer, name),
        }
    }

    /// Returns the name of the room or person.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Room(room) => room.to_string(),
            Self::Conversation { name, .. } => name.to_string(),
        }
    }

    /// Returns the path of the page.
    pub(super) fn path(&self) -> String {
        let under = match self {
            Self::Room(_) => "room",
            Self::Conversation { .. } => "pm",
        };
        format!("/{under}/{}", encoded(&self.segment()))
    }

    /// Redirects to the page.
    pub(super) fn redirect(&self) -> Redirect {
        Redirect::to(&self.path())
    }

    /// Redirects to the page and keeps the query of the request.
    pub(super) fn redirect_with(&self, query: Option<&str>) -> Redirect {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Redirect::to(&(self.path() + &query))
    }

    /// Redirects to the page that shows an entry among its neighbours. The fragment makes the browser scroll to the
    /// entry and mark it, with or without a script.
    pub(super) fn redirect_to(&self, entry: EntryId) -> Redirect {
        Redirect::to(&format!("{}?around={entry}#e{entry}", self.path()))
    }
}

/// Percent-encodes a name for a path segment, a query or a cookie.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// Reverses [`encoded`]; `None` if the bytes are not UTF-8.
pub(super) fn decoded(value: &str) -> Option<String> {
    percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
}
