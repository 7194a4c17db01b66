//! Errors of the web layer: the only place where a failure becomes a response.
//!
//! Invariants:
//! - a handler returns a [`WebError`] and knows nothing of its presentation;
//! - an error is logged once, with its whole cause, when it becomes a response ([`WebError::report`]);
//! - a response to a request that can succeed later says after how many seconds, in `Retry-After`;
//! - the kind of route determines the form of the body: a sentence as plain text, unless a layer around the route turns
//!   it into JSON ([`as_json`]), into the status alone ([`as_status`]), or into a page
//!   ([`pages::problem`](super::pages::show_errors)).

use super::{admission::Refusal, page_target::PageTarget};
use crate::{
    chat::{HubError, SearchError},
    fair_queue::Busy,
    journal::JournalError,
    search::QueryError,
};
use app::protocol::{ApiError, EntryId, ErrorCode, ErrorFrame, RoomName};
use axum::{
    extract::{
        Request,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::sync::Arc;

/// Delay in seconds before a request is repeated that found the server busy, or whose content could not be read.
const RETRY_SOON_S: u64 = 1;
/// Delay in seconds before another attempt to open a connection when the limit of open ones is reached.
const RETRY_FULL_S: u64 = 10;

/// The reason for which a request is not served. The [`Display`](std::fmt::Display) text is a sentence for people,
/// without secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    /// The request comes without a session, or with one that has ended.
    #[error("You've been signed out. Sign in again.")]
    SignedOut {
        /// Room in the path.
        room: Option<RoomName>,
        /// Entry of that room in the path.
        entry: Option<EntryId>,
        /// Posted text, which the sign-in form keeps.
        unsent: Option<String>,
    },
    #[error("Not found")]
    NotFound,
    #[error("Room not found")]
    NoSuchRoom {
        name: String,
        /// Text that was posted there.
        unsent: Option<String>,
    },
    #[error("Nobody has this name or number")]
    NoSuchPeer {
        /// Path segment: a number and a name, or a name.
        segment: String,
        /// Text that was posted there.
        unsent: Option<String>,
    },
    #[error("There's no such message here.")]
    NoSuchEntry {
        /// Page of the place in which it was looked for.
        target: PageTarget,
    },
    #[error("Method not allowed")]
    MethodNotAllowed,
    #[error("{0}")]
    BadPath(String),
    #[error("{0}")]
    BadQuery(String),
    #[error(transparent)]
    BadSearch(#[from] QueryError),
    #[error("{}", .0.body_text())]
    BadForm(FormRejection),
    #[error("That is more than one message can hold. Shorten it and try again.")]
    FormTooLarge,
    #[error("The form took too long to arrive. Try again.")]
    FormTooLate,
    /// A page of another site caused the request.
    #[error("Only Natter's own pages can do this.")]
    ForeignOrigin { path: String },
    #[error("A request names one host.")]
    NotOneHost,
    #[error("Natter is not set up for this host name. Whoever runs it can allow it with --allow-host.")]
    UnknownHost(Option<HeaderValue>),
    /// The handshake does not request a WebSocket of version 13 at all.
    #[error("This is a WebSocket of version 13.")]
    WebSocketOnly,
    #[error("This is a WebSocket. {0}.")]
    BadHandshake(tungstenite::Error),
    /// The rate limit of the user or the IP address is exceeded.
    #[error("Too many requests. Wait a moment and try again.")]
    TooManyRequests { wait_ms: u64 },
    /// The rate limit of new users from one IP address is exceeded.
    #[error("Too many people have just joined from your address. Try again in a moment.")]
    TooManySignIns { wait_ms: Option<u64> },
    #[error(transparent)]
    TooManyConnections(#[from] Refusal),
    /// No turn in the workshop came in time.
    #[error("The server is busy right now. Please try again.")]
    Busy,
    /// The chat's rules refuse the request.
    #[error("{}", .0.message)]
    Refused(ErrorFrame),
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error("{}", .0.to_a_reader())]
    Journal(#[source] JournalError),
    #[error("The server can't start a session right now. Try again.")]
    NoRandomness(#[from] getrandom::Error),
    /// The chat gave an answer that does not belong to the request.
    #[error("The server did not answer. Try again.")]
    NoAnswer,
    #[error("Something went wrong.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl WebError {
    /// Returns a stable name for logs and tests.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::SignedOut { .. } => "signed_out",
            Self::NotFound => "not_found",
            Self::NoSuchRoom { .. } => "no_such_room",
            Self::NoSuchPeer { .. } => "no_such_user",
            Self::NoSuchEntry { .. } => "no_such_entry",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadPath(_) => "bad_path",
            Self::BadQuery(_) => "bad_query",
            Self::BadSearch(_) => "bad_search",
            Self::BadForm(_) => "bad_form",
            Self::FormTooLarge => "form_too_large",
            Self::FormTooLate => "form_too_late",
            Self::ForeignOrigin { .. } => "foreign_origin",
            Self::NotOneHost => "not_one_host",
            Self::UnknownHost(_) => "unknown_host",
            Self::WebSocketOnly | Self::BadHandshake(_) => "bad_handshake",
            Self::TooManyRequests { .. } | Self::TooManySignIns { .. } => "rate_limited",
            Self::TooManyConnections(_) => "too_many_connections",
            Self::Busy => "busy",
            Self::Refused(_) => "refused",
            Self::Hub(HubError::Stopping) => "stopping",
            Self::Hub(HubError::AtCapacity) => "at_capacity",
            Self::Hub(HubError::Forgotten) => "forgotten",
            Self::Hub(HubError::Unreadable) | Self::Journal(_) => "unreadable",
            Self::NoRandomness(_) | Self::NoAnswer | Self::Internal(_) => "internal",
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut { .. } => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::NoSuchRoom { .. } | Self::NoSuchPeer { .. } | Self::NoSuchEntry { .. } => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadPath(_) | Self::BadQuery(_) | Self::BadSearch(_) | Self::NotOneHost | Self::BadHandshake(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::BadForm(rejection) => rejection.status(),
            Self::FormTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::FormTooLate => StatusCode::REQUEST_TIMEOUT,
            Self::ForeignOrigin { .. } => StatusCode::FORBIDDEN,
            Self::UnknownHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::WebSocketOnly => StatusCode::UPGRADE_REQUIRED,
            Self::TooManyRequests { .. } | Self::TooManySignIns { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManyConnections(Refusal::All) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyConnections(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(ErrorFrame { code: ErrorCode::RateLimited, .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(ErrorFrame { code: ErrorCode::Unavailable, .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy | Self::Hub(_) | Self::Journal(_) | Self::NoRandomness(_) | Self::NoAnswer => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the seconds after which the same request can succeed; `None` if the sender must change it, or nothing
    /// helps.
    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests { wait_ms }
            | Self::TooManySignIns { wait_ms: Some(wait_ms) }
            | Self::TooManyConnections(Refusal::TooFast { wait_ms })
            | Self::Refused(ErrorFrame { retry_after_ms: Some(wait_ms), .. }) => Some(wait_ms.div_ceil(1_000)),
            Self::TooManyConnections(_) | Self::Hub(HubError::AtCapacity) => Some(RETRY_FULL_S),
            Self::Journal(JournalError::Damaged(_)) | Self::Hub(HubError::Forgotten) => None,
            Self::Refused(ErrorFrame { code: ErrorCode::Unavailable, .. })
            | Self::TooManySignIns { .. }
            | Self::Busy
            | Self::Hub(_)
            | Self::Journal(_)
            | Self::NoRandomness(_)
            | Self::NoAnswer => Some(RETRY_SOON_S),
            _ => None,
        }
    }

    /// Adds the posted text to an error whose page returns it.
    pub(super) fn with_unsent(mut self, text: Option<String>) -> Self {
        if let Self::SignedOut { unsent, .. } | Self::NoSuchRoom { unsent, .. } | Self::NoSuchPeer { unsent, .. } =
            &mut self
        {
            *unsent = text;
        }
        self
    }

    /// Logs the error and returns the contents of its response. Called once per error, by the code that makes the
    /// response.
    pub(super) fn report(&self) -> Report {
        self.log();
        Report { status: self.status(), headers: self.headers(), sentence: self.to_string() }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        match self {
            // The rest of the form would be read as the next request.
            Self::FormTooLate => drop(headers.insert(header::CONNECTION, HeaderValue::from_static("close"))),
            Self::WebSocketOnly => {
                headers.insert(HeaderName::from_static("sec-websocket-version"), HeaderValue::from_static("13"));
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            }
            _ => {}
        }
        headers
    }

    /// Logs the error at its level: mistakes of clients are for debugging, failures that need attention are errors.
    fn log(&self) {
        let code = self.code();
        match self {
            Self::ForeignOrigin { path } => tracing::info!(code, path, "refused a request of a foreign origin"),
            Self::UnknownHost(host) => {
                tracing::info!(code, ?host, "refused a request for another host (see --allow-host)");
            }
            Self::Journal(error) => error.log_reading(),
            Self::NoRandomness(error) => tracing::error!(code, %error, "a session could not be made"),
            Self::Internal(error) => tracing::error!(code, error, "a response could not be made"),
            Self::NoAnswer => tracing::error!(code, "the chat gave an answer to another question"),
            error => tracing::debug!(code, status = error.status().as_u16(), %error, "a request was refused"),
        }
    }
}

/// The contents of a response about an error.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) status: StatusCode,
    /// Headers such as `Retry-After`.
    pub(super) headers: HeaderMap,
    pub(super) sentence: String,
}

/// The error of a response, for the layer that decides about its presentation.
#[derive(Debug, Clone)]
pub(super) struct Raised(Arc<WebError>);

impl Raised {
    /// Takes the error out of a response.
    pub(super) fn taken(response: &mut Response) -> Option<Arc<WebError>> {
        response.extensions_mut().remove::<Self>().map(|Self(error)| error)
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let Report { status, headers, sentence } = self.report();
        let mut response = (status, headers, sentence + "\n").into_response();
        response.extensions_mut().insert(Raised(Arc::new(self)));
        response
    }
}

impl From<JournalError> for WebError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<SearchError> for WebError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Query(error) => Self::BadSearch(error),
            SearchError::TooFast { wait_ms } => Self::TooManyRequests { wait_ms },
            SearchError::Journal(error) => Self::Journal(error),
        }
    }
}

impl From<ErrorFrame> for WebError {
    fn from(refused: ErrorFrame) -> Self {
        Self::Refused(refused)
    }
}

impl From<Busy> for WebError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<PathRejection> for WebError {
    fn from(rejection: PathRejection) -> Self {
        Self::BadPath(rejection.body_text())
    }
}

impl From<QueryRejection> for WebError {
    fn from(rejection: QueryRejection) -> Self {
        Self::BadQuery(rejection.body_text())
    }
}

impl From<FormRejection> for WebError {
    fn from(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::FormTooLarge } else { Self::BadForm(rejection) }
    }
}

/// A layer around routes of the API: an error becomes an [`ApiError`].
pub(super) async fn as_json(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match Raised::taken(&mut response) {
        Some(error) => (error.status(), error.headers(), json(&ApiError { error: error.to_string() })).into_response(),
        None => response,
    }
}

/// A layer around routes whose bodies nobody reads: an error becomes its status.
pub(super) async fn as_status(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(error) = Raised::taken(&mut response) {
        // A path that cannot be decoded has nothing at it.
        let is_path = matches!(*error, WebError::BadPath(_));
        let status = if is_path { StatusCode::NOT_FOUND } else { error.status() };
        response = (status, error.headers()).into_response();
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes the body of every response of the API.
pub(super) fn json(content: &impl Serialize) -> Response {
    let content = serde_json::to_vec(content).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        b"{}".to_vec()
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests;
