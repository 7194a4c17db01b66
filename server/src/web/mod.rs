//! HTTP: the page, the WebSocket, the API, the event stream, the files.
//!
//! [`routes`] maps paths to handlers. The extractors ([`extract`]) provide what a handler knows of its request; errors
//! ([`errors`]) are what it returns if it fails.
//!
//! Invariants:
//! - every request is for a host name of this server ([`hosts`]);
//! - a request that changes something or opens a WebSocket with a session's cookie comes from a page of this server
//!   ([`origin`], and [`read_marks`] for the only change that a `GET` makes);
//! - every response says what a browser may do with it ([`headers`]);
//! - every page has one URL ([`paths`], [`page_target`]), and that of a conversation contains the peer's number;
//! - the sign-in form creates a user only for a browser that sends cookies back ([`forms`]);
//! - the response to a refused form contains what was typed.

mod admission;
mod api;
mod assets;
mod cookies;
mod errors;
mod etag;
mod events;
mod extract;
mod forms;
mod headers;
mod health;
mod hosts;
mod metrics;
mod open_sessions;
mod origin;
mod page_target;
mod pages;
mod paths;
mod rate_limit;
mod read_marks;
mod routes;
mod session;
mod site;
mod workshop;
mod ws;

use crate::{Config, chat::Hub, listen::Counters};
use admission::{Admission, Caps, ConnectRates};
use assets::Assets;
use axum::extract::FromRef;
use cookies::Cookies;
use hosts::Hosts;
use leptos::config::LeptosOptions;
use open_sessions::OpenSessions;
pub use routes::router;
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use workshop::Workshop;

/// The state that all handlers share.
#[derive(Debug, Clone)]
pub struct State {
    hub: Arc<Hub>,
    /// Paths of the page's files.
    options: LeptosOptions,
    /// Origin of browsers behind a proxy, if there is one.
    public_url: Option<Arc<str>>,
    cookies: Arc<Cookies>,
    hosts: Arc<Hosts>,
    /// Proxies that are trusted about the sender of a request.
    proxies: Arc<[IpAddr]>,
    /// Tracker of the open WebSockets, for which a stop waits.
    sockets: TaskTracker,
    /// Cancelled when the server is about to stop.
    draining: CancellationToken,
    /// Sessions with open WebSockets.
    open: Arc<OpenSessions>,
    /// Counters of the accept loop.
    counters: Arc<Counters>,
    /// Limits of WebSockets and event streams.
    admission: Arc<Admission>,
    /// Timeout for the body of a request.
    body_within: Duration,
    /// Threads that render pages.
    workshop: Arc<Workshop>,
}

impl State {
    /// Creates the handlers' state for a server with `tcp_connections` places. `sockets` tracks the open WebSockets;
    /// `draining` is cancelled when the server is about to stop.
    ///
    /// # Errors
    /// Returns the operating system's error if it starts no threads.
    pub fn new(
        config: &Config,
        tcp_connections: usize,
        hub: Arc<Hub>,
        sockets: TaskTracker,
        counters: Arc<Counters>,
        draining: CancellationToken,
    ) -> io::Result<Self> {
        // Without --public-url the server cannot know of HTTPS.
        let is_https = config.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
        Ok(Self {
            cookies: Arc::new(Cookies::new(hub.epoch(), is_https)),
            hosts: Arc::new(Hosts::new(
                config.public_url.as_deref(),
                &config.network.allow_host,
                &gethostname::gethostname().to_string_lossy(),
            )),
            hub,
            options: Assets::options(),
            public_url: config.public_url.as_deref().map(Into::into),
            proxies: config.proxies.as_slice().into(),
            sockets,
            counters,
            draining,
            open: Arc::default(),
            admission: Admission::new(
                live_caps(config, tcp_connections),
                ConnectRates::of(config.network.connect_rate),
            ),
            body_within: config.network.patience().body,
            workshop: Arc::new(Workshop::new()?),
        })
    }
}

/// Returns the limits of WebSockets and event streams: three quarters and an eighth of all TCP connections. Another
/// eighth is left for pages.
fn live_caps(config: &Config, tcp_connections: usize) -> Caps {
    let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let most = number(config.max_connections);
    let websockets = most.min((tcp_connections / 4 * 3).max(1));
    Caps {
        websockets,
        event_streams: most.min((tcp_connections / 8).max(1)),
        per_user: number(config.network.max_connections_per_user),
        per_address: number(config.network.max_connections_per_address).min(websockets.div_ceil(2)),
    }
}

impl FromRef<State> for Arc<Hub> {
    fn from_ref(state: &State) -> Self {
        Self::clone(&state.hub)
    }
}

/// Starts the slow part of the [`router`] early, which needs nothing else.
pub fn prepare() {
    Assets::prepare();
}
