//! The opening handshake of a WebSocket (RFC 6455, section 4.2), and the resulting stream.

use super::{
    boundaries::Followed,
    wire::{Whole, Wire, Wired},
};
use crate::{
    listen::{Timely, Watch},
    web::errors::WebError,
};
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{Request, request::Parts},
    response::Response,
};
use hyper::upgrade::{OnUpgrade, Parts as Io, Upgraded};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_util::either::Either;
use tungstenite::{
    Error,
    error::ProtocolError,
    handshake::server::create_response_with_body,
    protocol::{Role, WebSocketConfig},
};

/// The server's end of a WebSocket. The box makes it small: a future holds a value once for each function that it was
/// passed to.
pub(super) type WebSocket = Box<WebSocketStream<Followed<Stream>>>;

/// The stream under a WebSocket: a TCP stream with a shared writing end, or any other stream as hyper has it.
type Stream = Either<Timely<Wired>, Whole<TokioIo<Upgraded>>>;

/// A valid request for a WebSocket.
pub(in crate::web) struct Upgrade {
    response: Response,
    upgraded: OnUpgrade,
    watch: Option<Watch>,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let request = Request::from_parts(parts.clone(), ());
        let response = create_response_with_body(&request, Body::empty).map_err(refused)?;
        let upgraded = parts.extensions.remove().ok_or(WebError::BadHandshake(Error::ConnectionClosed))?;
        Ok(Self { response, upgraded, watch: parts.extensions.get().cloned() })
    }
}

impl Upgrade {
    /// Answers the handshake, and then calls `serve` with the WebSocket, if the connection still exists, and with the
    /// shared writing end of a TCP stream.
    pub(super) fn then<F: Future<Output = ()> + Send>(
        self,
        config: WebSocketConfig,
        serve: impl FnOnce(WebSocket, Option<Arc<Wire>>) -> F + Send + 'static,
    ) -> Response {
        let Self { response, upgraded, watch } = self;
        tokio::spawn(async move {
            let Ok(upgraded) = upgraded.await else { return };
            let (stream, early, wire) = taken_over(upgraded);
            let stream = Followed::new(stream, watch, &early);
            let socket = WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config));
            // The box keeps the size of this step out of the connection's task.
            let socket = Box::new(Box::pin(socket).await);
            serve(socket, wire).await;
        });
        response
    }
}

/// Returns the TCP stream under hyper's, with the bytes that hyper has read behind the handshake.
fn taken_over(upgraded: Upgraded) -> (Stream, Vec<u8>, Option<Arc<Wire>>) {
    match upgraded.downcast::<TokioIo<Timely<TcpStream>>>() {
        Ok(Io { io, read_buf, .. }) => {
            let (stream, wire) = io.into_inner().map(Wired::split);
            // The copy lets go of hyper's buffer, which would live as long as the connection.
            (Either::Left(stream), read_buf.to_vec(), Some(wire))
        }
        Err(upgraded) => (Either::Right(Whole::new(TokioIo::new(upgraded))), Vec::new(), None),
    }
}

fn refused(error: Error) -> WebError {
    match error {
        Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => WebError::WebSocketOnly,
        error => WebError::BadHandshake(error),
    }
}
