//! Forms that people send, with their senders.
//!
//! Invariants:
//! - a form is read only if a page of this server sent it, up to [`FORM_MAX`] bytes and within `--body-timeout`;
//! - the text of a refused form goes into the error, whose page returns it.

use super::viewer::Viewer;
use crate::web::{State, errors::WebError, origin};
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum size of a form in bytes: a text of 4,000 characters, each of which takes up to twelve bytes when it is
/// encoded, and the other fields.
pub(in crate::web) const FORM_MAX: usize = 64 * 1024;

/// The body of a form.
#[derive(Debug)]
pub(in crate::web) struct Form<T>(pub(in crate::web) T);

impl<T: DeserializeOwned> FromRequest<State> for Form<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &State) -> Result<Self, WebError> {
        origin::check(state, request.method(), request.uri(), request.headers())?;
        read_within(state.body_within, request).await.map(Self)
    }
}

async fn read_within<T: DeserializeOwned>(within: Duration, request: Request) -> Result<T, WebError> {
    match timeout(within, extract::Form::<T>::from_request(request, &())).await {
        Ok(form) => Ok(form?.0),
        Err(_) => Err(WebError::FormTooLate),
    }
}

/// A form with a text that must not be lost.
pub(in crate::web) trait Unsent {
    /// Returns the text, or `None` if it is empty.
    fn unsent(&self) -> Option<String>;
}

/// A form that a user sent to the page of a room or a conversation (`P`).
#[derive(Debug)]
pub(in crate::web) struct FormWithViewer<P, T> {
    pub(in crate::web) path: P,
    pub(in crate::web) viewer: Viewer,
    pub(in crate::web) form: T,
}

impl<P, T> FromRequest<State> for FormWithViewer<P, T>
where
    P: FromRequestParts<State, Rejection = WebError> + Send,
    T: DeserializeOwned + Unsent + Send + Sync,
{
    type Rejection = WebError;

    async fn from_request(request: Request, state: &State) -> Result<Self, WebError> {
        let (mut parts, body) = request.into_parts();
        let path = match P::from_request_parts(&mut parts, state).await {
            Err(unreadable @ WebError::BadPath(_)) => return Err(unreadable),
            path => path,
        };
        let Form(form) = Form::<T>::from_request(Request::from_parts(parts.clone(), body), state).await?;
        let unsent = |error: WebError| error.with_unsent(form.unsent());
        let path = path.map_err(unsent)?;
        let viewer =
            <Viewer as FromRequestParts<State>>::from_request_parts(&mut parts, state).await.map_err(unsent)?;
        Ok(Self { path, viewer, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chat::tests::start, config::Config};
    use axum::{
        body::{Body, Bytes},
        http::header,
    };
    use clap::Parser;
    use futures::{StreamExt, stream};
    use tokio::time::Instant;

    fn request(body: Body) -> Request {
        let form = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Request::post("/").header(form.0, form.1).body(body).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_does_not_end_is_given_up_however_steadily_it_comes() {
        let within = Duration::from_secs(10);
        let drops = |count| {
            let drop = |_| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"name=a&"))
            };
            Body::from_stream(stream::iter(0..count).then(drop))
        };
        let since = Instant::now();
        let late = read_within::<Vec<(String, String)>>(within, request(drops(10_000))).await.unwrap_err();
        assert_eq!((late.code(), since.elapsed()), ("form_too_late", within));
        let in_time = read_within::<Vec<(String, String)>>(within, request(drops(9))).await.unwrap();
        assert_eq!(in_time.len(), 9);
    }

    #[tokio::test]
    async fn a_form_of_a_foreign_page_is_not_read_whatever_is_around_its_route() {
        let (config, hub) = (Config::parse_from(["natter"]), start().0);
        let state = State::new(&config, 100, hub, Default::default(), Default::default(), Default::default()).unwrap();
        for (origin, code) in [("http://localhost", None), ("http://evil.example", Some("foreign_origin"))] {
            let mut request = request(Body::from("name=a"));
            request.headers_mut().insert(header::HOST, "localhost".parse().unwrap());
            request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
            let read = Form::<Vec<(String, String)>>::from_request(request, &state).await;
            assert_eq!(read.err().map(|error| error.code()), code, "{origin}");
        }
    }
}
