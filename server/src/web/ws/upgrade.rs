//! The opening handshake of a WebSocket (RFC 6455, section 4.2), and the stream that comes of it.

use super::boundaries::Followed;
use crate::listen::Watch;
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, Request, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tungstenite::{
    Error,
    error::ProtocolError,
    handshake::server::create_response_with_body,
    protocol::{Role, WebSocketConfig},
};

/// The server's end of a WebSocket.
pub(super) type WebSocket = WebSocketStream<Followed<TokioIo<Upgraded>>>;

/// A request that asks for a WebSocket, as it should.
pub(in crate::web) struct Upgrade {
    response: Response,
    upgraded: OnUpgrade,
    watch: Option<Watch>,
}

/// Why it is not.
pub(in crate::web) struct Refused(Error);

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let request = Request::from_parts(parts.clone(), ());
        let response = create_response_with_body(&request, Body::empty).map_err(Refused)?;
        let upgraded = parts.extensions.remove().ok_or(Refused(Error::ConnectionClosed))?;
        Ok(Self { response, upgraded, watch: parts.extensions.get().cloned() })
    }
}

impl Upgrade {
    /// Answers the handshake, and then calls `serve` with the WebSocket, if there still is a connection.
    pub(super) fn then<F: Future<Output = ()> + Send>(
        self,
        config: WebSocketConfig,
        serve: impl FnOnce(WebSocket) -> F + Send + 'static,
    ) -> Response {
        let Self { response, upgraded, watch } = self;
        tokio::spawn(async move {
            let Ok(upgraded) = upgraded.await else { return };
            let stream = Followed::new(TokioIo::new(upgraded), watch);
            serve(WebSocket::from_raw_socket(stream, Role::Server, Some(config)).await).await;
        });
        response
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(error) = self;
        match error {
            Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => {
                let version = (HeaderName::from_static("sec-websocket-version"), HeaderValue::from_static("13"));
                let upgrade = (header::UPGRADE, HeaderValue::from_static("websocket"));
                let sentence = "This is a WebSocket of version 13.\n";
                (StatusCode::UPGRADE_REQUIRED, [version, upgrade], sentence).into_response()
            }
            error => (StatusCode::BAD_REQUEST, format!("This is a WebSocket. {error}.\n")).into_response(),
        }
    }
}
