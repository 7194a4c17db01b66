//! TCP connections: their limits, the timeouts of their steps, and HTTP/1.1 over them.
//!
//! Invariants:
//! - a connection is counted before any other work, and one beyond a limit is closed at once;
//! - whenever the server waits for a client, there is a deadline ([`deadlines`]);
//! - a connection that is slow or faulty costs the others nothing but its place.

mod counters;
mod deadlines;
mod places;
mod stream;

pub use counters::Counters;
pub use deadlines::{Deadlines, Overdue, Patience};
pub use places::{Caps, Full, OWN_FILES, Place, Places};
pub use stream::Watch;

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::ConnectInfo,
    http::{Request, Response, StatusCode},
};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use stream::Counted;
pub(crate) use stream::Timely;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// The response to a connection beyond a limit, written once without waiting.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
                      content-type: text/plain\r\ncontent-length: 37\r\n\r\nToo many connections. Try again soon.";
/// Pause of the accept loop after an error that does not concern one connection, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// The settings and counters of the accept loop.
#[derive(Debug, Clone)]
pub struct Listening {
    /// Timeouts of clients.
    pub patience: Patience,
    /// Places for connections.
    pub places: Arc<Places>,
    /// Addresses of proxies, which are not limited, like this machine itself.
    pub proxies: Arc<[IpAddr]>,
    /// Counters for `/metrics`.
    pub counters: Arc<Counters>,
    /// Cancelled when the server stops: no further connections, and no second request on an open one.
    pub stopping: CancellationToken,
    /// Tracker of the open connections, for which a stop waits.
    pub connections: TaskTracker,
}

impl Listening {
    /// Accepts and serves connections until the server stops.
    pub async fn accept(self, listener: TcpListener, router: Router) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer, &router),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr, router: &Router) {
        let ip = peer.ip().to_canonical();
        let stands_for_many = ip.is_loopback() || self.proxies.contains(&ip);
        let place = match self.places.take((!stands_for_many).then(|| ip.into())) {
            Ok(place) => place,
            Err(full) => {
                self.counters.refused(full);
                // The new stream's buffer is empty, so the response fits. A client that is already gone needs none.
                stream.try_write(FULL).ok();
                return;
            }
        };
        // Frames are small and people wait for them, so none may be delayed to fill a packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
        let counted = Counted::new(Arc::clone(&self.counters), place);
        self.connections.spawn(self.serve(stream, counted, peer, router.clone()));
    }

    /// Serves a stream for the tests of time, counted like every other.
    #[cfg(test)]
    pub(crate) fn serve_stream<S>(&self, stream: S, router: Router) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let place = self.places.take(None).unwrap();
        let counted = Counted::new(Arc::clone(&self.counters), place);
        self.serve(stream, counted, SocketAddr::from(([192, 0, 2, 1], 1)), router)
    }

    /// Serves one connection until it ends, or becomes a WebSocket.
    fn serve<S>(
        &self,
        stream: S,
        counted: Counted,
        peer: SocketAddr,
        router: Router,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let watch = Watch::new(self.patience);
        let stream = Timely::new(stream, watch.clone(), counted);
        let stopping = self.stopping.clone();
        async move {
            let service = service_fn(move |request: Request<Incoming>| {
                watch.asked();
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(watch.clone());
                let (router, watch) = (router.clone(), watch.clone());
                async move { router.oneshot(request).await.map(|response| answer(response, watch)) }
            });
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
            let mut serving = pin!(serving);
            let ended = tokio::select! {
                ended = serving.as_mut() => ended,
                () = stopping.cancelled() => {
                    serving.as_mut().graceful_shutdown();
                    serving.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
    }
}

/// Returns `true` if an error of `accept` concerns one connection, which is gone.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Wraps a response, so that its end or its upgrade is recorded.
fn answer(response: Response<Body>, watch: Watch) -> Response<Answer> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        watch.upgraded();
        return response.map(|body| Answer { body, _finished: None });
    }
    response.map(|body| Answer { body, _finished: Some(Finished(watch)) })
}

/// The body of a response. hyper drops it once its last byte was passed to the socket.
struct Answer {
    body: Body,
    _finished: Option<Finished>,
}

struct Finished(Watch);

impl Drop for Finished {
    fn drop(&mut self) {
        self.0.answered();
    }
}

impl HttpBody for Answer {
    type Data = <Body as HttpBody>::Data;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
