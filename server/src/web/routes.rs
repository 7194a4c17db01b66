//! The router: which handler serves which path, and what is done around it.
//!
//! | routes | rate limit | workshop | origin check | largest body | an error is |
//! |---|---|---|---|---|---|
//! | [`pages()`], [`marks`] | per request | rendering | what is no `GET` | [`FORM_MAX`] | a page or a sentence; a status |
//! | [`live`] | [`admission`](super::admission) | | the upgrade | | a sentence |
//! | [`api::routes`] | per request | whole response | | axum's 2 MB, unread | JSON |
//! | [`plain`], [`Assets`] | | | | axum's 2 MB, unread | a sentence |
//!
//! Around all of them, from the outside in: panics become 500, security headers, the host check, one spelling of paths.

use super::{
    State, api,
    assets::Assets,
    errors, etag, events,
    extract::{FORM_MAX, PeerPath, RoomPath},
    forms, headers, health, hosts, metrics, origin, pages, paths, rate_limit, read_marks, session, site, workshop, ws,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// Pages and their forms.
#[rustfmt::skip] // a table
fn pages() -> Router<State> {
    Router::new()
        .route("/",            get(pages::front)          .post(forms::sign_in))
        .route("/room/{name}", get(pages::log::<RoomPath>).post(forms::post::<RoomPath>))
        .route("/pm/{peer}",   get(pages::log::<PeerPath>).post(forms::post::<PeerPath>))
        .route("/room/{name}/{entry}", get(pages::entry::<RoomPath>))
        .route("/pm/{peer}/{entry}",   get(pages::entry::<PeerPath>))
        .route("/room/{name}/{entry}/edit", get(forms::edit::<RoomPath>).post(forms::amend::<RoomPath>))
        .route("/pm/{peer}/{entry}/edit",   get(forms::edit::<PeerPath>).post(forms::amend::<PeerPath>))
        .route("/room/{name}/{entry}/versions", get(pages::versions::<RoomPath>))
        .route("/pm/{peer}/{entry}/versions",   get(pages::versions::<PeerPath>))
        .route("/mentions",    get(pages::mentions))
        .route("/rooms",       get(pages::rooms))
        .route("/search",      get(pages::search))
        .route("/theme",       post(forms::choose_theme))
        .route("/logout",      post(forms::sign_out))
        .fallback(pages::not_found)
}

/// Read marks of pages without a script.
#[rustfmt::skip] // a table
fn marks() -> Router<State> {
    Router::new()
        .route("/room/{name}/read", get(read_marks::mark::<RoomPath>))
        .route("/pm/{peer}/read",   get(read_marks::mark::<PeerPath>))
}

/// Connections that stay open.
#[rustfmt::skip] // a table
fn live() -> Router<State> {
    Router::new()
        .route("/ws/chat", get(ws::chat))
        .route("/events",  get(events::events))
}

/// Small responses that are the same for everybody.
#[rustfmt::skip] // a table
fn plain() -> Router<State> {
    Router::new()
        .route("/manifest.webmanifest", get(site::manifest))
        .route("/robots.txt",           get(site::robots))
        .route("/favicon.ico",          get(site::favicon))
        .route("/metrics",              get(metrics::metrics))
        .route("/healthz",              get(health::alive))
        .route("/readyz",               get(health::ready))
}

/// All routes with their layers.
pub fn router(state: State) -> Router {
    let counted = from_fn_with_state(state.clone(), rate_limit::count);
    let pages = pages()
        .merge(marks().layer(from_fn(errors::as_status)))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(counted.clone())
        .layer(from_fn_with_state(state.clone(), pages::show_errors));
    let for_browsers = pages
        // Compression would hold events back.
        .merge(live())
        .layer(from_fn_with_state(state.clone(), session::renew))
        .layer(from_fn_with_state(state.clone(), origin::guard));
    let api = api::routes()
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), workshop::answer))
        .layer(counted)
        .layer(from_fn(errors::as_json));
    let everything = for_browsers
        .merge(api)
        .merge(plain())
        .merge(Assets::router().layer(from_fn(etag::by_encoding)))
        .with_state(state.clone());
    // This layer surrounds the whole router because it changes the path by which the router selects.
    let respelled = Router::new().fallback_service(everything).layer(from_fn(paths::one_spelling));
    let for_us = respelled.layer(from_fn_with_state(state, hosts::guard));
    headers::with_security(for_us).layer(CatchPanicLayer::new())
}
