//! The peer of a conversation in a path.

use super::{log::LogPath, viewer::Viewer};
use crate::web::{State, errors::WebError, page_target::PageTarget};
use app::protocol::{Peer, UserId};
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Deserialize;
use std::sync::Arc;

/// The peer of the path parameter `{peer}`. Only users may learn who exists, so it needs a [`Viewer`].
#[derive(Debug)]
pub(in crate::web) struct PeerPath {
    pub(in crate::web) peer: UserId,
    pub(in crate::web) name: Arc<str>,
    /// Parameter as the client spelled it.
    pub(in crate::web) segment: String,
}

#[derive(Deserialize)]
struct Parameters {
    peer: String,
}

impl PeerPath {
    /// Finds the peer of a user: by number, whatever follows it, or by the current name in letters of any case, as
    /// people type it and pages once linked it.
    pub(in crate::web) fn found(state: &State, user: UserId, segment: &str) -> Option<Self> {
        let (peer, name) = match Peer::parse(segment)? {
            Peer::Number(peer) => (peer, state.hub.peer_name(user, peer)?),
            Peer::Name(name) => state.hub.peer(name)?,
        };
        Some(Self { peer, name, segment: segment.to_owned() })
    }
}

impl LogPath for PeerPath {
    fn target(&self) -> PageTarget {
        PageTarget::Conversation { peer: self.peer, name: Arc::clone(&self.name) }
    }

    fn segment(&self) -> &str {
        &self.segment
    }
}

impl FromRequestParts<State> for PeerPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let Path(Parameters { peer: segment }) = Path::from_request_parts(parts, state).await?;
        let Viewer { user, .. } = Viewer::from_request_parts(parts, state).await?;
        Self::found(state, user, &segment).ok_or(WebError::NoSuchPeer { segment, unsent: None })
    }
}
