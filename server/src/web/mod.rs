//! HTTP: the page, the WebSocket, the API, the event stream, the files.
//!
//! Invariants:
//! - whoever changes something or opens a WebSocket with a session's cookie comes from our own pages ([`origin`], and
//!   [`read`] for the one change that a `GET` makes);
//! - every answer says what a browser may do with it ([`headers`]);
//! - what a person typed into a form that is refused is in the answer.

mod address;
mod api;
mod assets;
mod events;
mod forms;
mod headers;
mod health;
mod metrics;
mod origin;
mod page;
mod read;
mod session;
mod site;
mod spot;
mod theme;
mod ws;

use crate::{Config, chat::Hub};
use assets::Assets;
use axum::{
    Router,
    extract::FromRef,
    middleware,
    routing::{get, post},
};
use leptos::config::LeptosOptions;
use std::{net::IpAddr, sync::Arc};
use tokio_util::task::TaskTracker;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct State {
    hub: Arc<Hub>,
    /// Where the page finds its files.
    options: LeptosOptions,
    /// The origin of browsers behind a proxy, if there is one.
    public_url: Option<Arc<str>>,
    /// The proxies that are believed about who sends a request.
    proxies: Arc<[IpAddr]>,
    /// Knows the open WebSockets, so that a stop can wait for them.
    sockets: TaskTracker,
}

impl State {
    /// The handlers' state. Open WebSockets are counted in `sockets`.
    #[must_use]
    pub fn new(config: &Config, hub: Arc<Hub>, sockets: TaskTracker) -> Self {
        Self {
            hub,
            options: Assets::options(),
            public_url: config.public_url.as_deref().map(Into::into),
            proxies: config.proxies.as_slice().into(),
            sockets,
        }
    }

    /// Whether browsers come by HTTPS, as far as is known.
    fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https:"))
    }
}

impl FromRef<State> for Arc<Hub> {
    fn from_ref(state: &State) -> Self {
        Self::clone(&state.hub)
    }
}

/// Everything that is served.
pub fn router(state: State) -> Router {
    let pages = Router::new()
        .route("/", get(page::front).post(forms::sign_in))
        .route("/room/{name}", get(page::room).post(forms::post))
        .route("/pm/{name}", get(page::conversation).post(forms::post_privately))
        .route("/room/{name}/read", get(read::room))
        .route("/pm/{name}/read", get(read::conversation))
        .route("/mentions", get(page::mentions))
        .route("/theme", post(theme::choose))
        .fallback(page::not_found)
        .layer(CompressionLayer::new());
    // Not compressed, which would hold events back.
    let live = Router::new().route("/ws/chat", get(ws::chat)).route("/events", get(events::events));
    let api = api::router().layer(CompressionLayer::new());
    let own_pages_only = middleware::from_fn_with_state(state.clone(), origin::guard);
    let everything = Router::new()
        .merge(pages)
        .merge(live)
        .layer(own_pages_only)
        .merge(api)
        .route("/manifest.webmanifest", get(site::manifest))
        .route("/robots.txt", get(site::robots))
        .route("/favicon.ico", get(site::favicon))
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(Assets::router());
    headers::with_security(everything).layer(CatchPanicLayer::new()).with_state(state)
}
