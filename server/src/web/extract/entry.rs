//! The entry in a path.

use crate::web::{State, errors::WebError};
use app::protocol::EntryId;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Deserialize;

/// The entry of the path parameter `{entry}`, which may not exist.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct EntryPath(pub(in crate::web) EntryId);

#[derive(Deserialize)]
struct Parameters {
    entry: EntryId,
}

impl FromRequestParts<State> for EntryPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let Path(Parameters { entry }) = Path::from_request_parts(parts, state).await?;
        Ok(Self(entry))
    }
}
