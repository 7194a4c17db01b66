//! The log in a path.

use crate::web::{State, errors::WebError, page_target::PageTarget};
use axum::extract::FromRequestParts;

/// A path parameter that names a log: a [`RoomPath`](super::RoomPath) or a [`PeerPath`](super::PeerPath). Handlers that
/// do the same for both are generic over it.
pub(in crate::web) trait LogPath:
    FromRequestParts<State, Rejection = WebError> + Send + 'static
{
    /// Returns the page of the log.
    fn target(&self) -> PageTarget;

    /// Returns the parameter as the client spelled it.
    fn segment(&self) -> &str;
}
