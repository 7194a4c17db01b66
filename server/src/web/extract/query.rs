//! The query of a request.

use crate::web::{State, errors::WebError};
use axum::{
    extract::{self, FromRequestParts},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// axum's `Query` with an error of the web layer. A handler that can do without takes an `Option` of it.
#[derive(Debug)]
pub(in crate::web) struct Query<T>(pub(in crate::web) T);

impl<T: DeserializeOwned> FromRequestParts<State> for Query<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let extract::Query(query) = extract::Query::from_request_parts(parts, state).await?;
        Ok(Self(query))
    }
}

/// An unreadable query counts as absent.
impl<T: DeserializeOwned> extract::OptionalFromRequestParts<State> for Query<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Self::Rejection> {
        Ok(<Self as FromRequestParts<State>>::from_request_parts(parts, state).await.ok())
    }
}
