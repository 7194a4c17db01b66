//! HTTP: the page, the WebSocket, the API, the event stream, the files.
//!
//! Invariants:
//! - every request is for a name of ours ([`hosts`]);
//! - whoever changes something or opens a WebSocket with a session's cookie comes from our own pages ([`origin`], and
//!   [`read`] for the one change that a `GET` makes);
//! - every answer says what a browser may do with it ([`headers`]);
//! - every page has one address ([`paths`], [`spot`]), and a conversation's goes by the number of the other one;
//! - nobody is made a user by a page whose browser would not come back as the same one ([`forms`]);
//! - what a person typed into a form that is refused is in the answer.

mod address;
mod admission;
mod api;
mod assets;
mod cookies;
mod etag;
mod events;
mod forms;
mod headers;
mod health;
mod hosts;
mod metrics;
mod origin;
mod pace;
mod page;
mod paths;
mod read;
mod room_list;
mod session;
mod sign_out;
mod site;
mod spot;
mod theme;
mod workshop;
mod ws;

use crate::{Config, chat::Hub, listen::Counters};
use admission::{Admission, Caps, Pace};
use assets::Assets;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    middleware,
    routing::{get, post},
};
use cookies::Cookies;
use hosts::Hosts;
pub(crate) use hosts::parse_host;
use leptos::config::LeptosOptions;
use sign_out::OpenSessions;
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use workshop::Workshop;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct State {
    hub: Arc<Hub>,
    /// Where the page finds its files.
    options: LeptosOptions,
    /// The origin of browsers behind a proxy, if there is one.
    public_url: Option<Arc<str>>,
    cookies: Arc<Cookies>,
    hosts: Arc<Hosts>,
    /// The proxies that are believed about who sends a request.
    proxies: Arc<[IpAddr]>,
    /// Knows the open WebSockets, so that a stop can wait for them.
    sockets: TaskTracker,
    /// Cancelled when the server is about to stop.
    draining: CancellationToken,
    /// Knows the sessions that have WebSockets open.
    open: Arc<OpenSessions>,
    /// What the accept loop counts.
    counters: Arc<Counters>,
    /// Knows who may open one more WebSocket or event stream.
    admission: Arc<Admission>,
    /// How long the body of a request may take.
    body_within: Duration,
    /// Where pages are rendered.
    workshop: Arc<Workshop>,
}

impl State {
    /// The handlers' state, where so many TCP connections are taken. Open WebSockets are counted in `sockets`; `draining` says
    /// that the server is about to stop.
    ///
    /// # Errors
    /// The operating system's, when it starts no threads.
    pub fn new(
        config: &Config,
        tcp_connections: usize,
        hub: Arc<Hub>,
        sockets: TaskTracker,
        counters: Arc<Counters>,
        draining: CancellationToken,
    ) -> io::Result<Self> {
        // Whether browsers come by HTTPS, as far as is known.
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
            admission: Admission::new(live_caps(config, tcp_connections), Pace::of(config.network.connect_rate)),
            body_within: config.network.patience().body,
            workshop: Arc::new(Workshop::new()?),
        })
    }
}

/// How many WebSockets and event streams there may be: three quarters of all TCP connections and an eighth, so that another
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

/// Begins what takes a while and needs nothing else: see [`router`].
pub fn prepare() {
    Assets::prepare();
}

/// Everything that is served.
pub fn router(state: State) -> Router {
    let counted = middleware::from_fn_with_state(state.clone(), pace::count);
    let pages = Router::new()
        .route("/", get(page::front).post(forms::sign_in))
        .route("/room/{name}", get(page::room).post(forms::post))
        .route("/pm/{peer}", get(page::conversation).post(forms::post_privately))
        .route("/room/{name}/read", get(read::room))
        .route("/pm/{peer}/read", get(read::conversation))
        .route("/mentions", get(page::mentions))
        .route("/rooms", get(room_list::rooms))
        .route("/theme", post(theme::choose))
        .route("/logout", post(sign_out::sign_out))
        .fallback(page::not_found)
        .layer(DefaultBodyLimit::max(forms::FORM_MAX))
        .layer(counted.clone());
    // Not compressed, which would hold events back.
    let live = Router::new().route("/ws/chat", get(ws::chat)).route("/events", get(events::events));
    let in_workshop = middleware::from_fn_with_state(state.clone(), workshop::answer);
    let api = api::router().layer(CompressionLayer::new()).layer(in_workshop).layer(counted);
    let renewed = middleware::from_fn_with_state(state.clone(), session::renew);
    let own_pages_only = middleware::from_fn_with_state(state.clone(), origin::guard);
    let everything = Router::new()
        .merge(pages)
        .merge(live)
        .layer(renewed)
        .layer(own_pages_only)
        .merge(api)
        .route("/manifest.webmanifest", get(site::manifest))
        .route("/robots.txt", get(site::robots))
        .route("/favicon.ico", get(site::favicon))
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(Assets::router().layer(middleware::from_fn(etag::by_encoding)))
        .with_state(state.clone());
    // Around all routes, for it decides which of them it is.
    let respelled = Router::new().fallback_service(everything).layer(middleware::from_fn(paths::one_spelling));
    let for_us = respelled.layer(middleware::from_fn_with_state(state, hosts::guard));
    headers::with_security(for_us).layer(CatchPanicLayer::new())
}
