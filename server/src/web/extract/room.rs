//! The room in a path.

use super::log::LogPath;
use crate::web::{State, errors::WebError, page_target::PageTarget};
use app::protocol::RoomName;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Deserialize;

/// An existing room of the path parameter `{name}`, in any case.
#[derive(Debug)]
pub(in crate::web) struct RoomPath {
    pub(in crate::web) room: RoomName,
    /// Parameter as the client spelled it.
    pub(in crate::web) segment: String,
}

#[derive(Deserialize)]
struct Parameters {
    name: String,
}

impl LogPath for RoomPath {
    fn target(&self) -> PageTarget {
        PageTarget::Room(self.room.clone())
    }

    fn segment(&self) -> &str {
        &self.segment
    }
}

impl FromRequestParts<State> for RoomPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let Path(Parameters { name }) = Path::from_request_parts(parts, state).await?;
        match state.hub.room(&name) {
            Some(room) => Ok(Self { room, segment: name }),
            None => Err(WebError::NoSuchRoom { name, unsent: None }),
        }
    }
}
