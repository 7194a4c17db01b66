//! What browsers and crawlers ask for by a fixed path: the manifest, the icon, what may be indexed.

use super::State;
use axum::{
    extract,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

/// The colours of the light theme, as the style has them: a manifest knows no other.
const GROUND: &str = "#fdfcfa";
const ACCENT: &str = "#0f6e66";
/// A crawler has no session, and so comes no further than the front door.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// Describes the page as something that can be installed. Its icons lie under a path that changes with them, so it is
/// asked for anew each time.
pub(super) async fn manifest(extract::State(state): extract::State<State>) -> Response {
    let icon = |file: &str, size: &str, purpose: &str| {
        let src = format!("/{}/{file}", state.options.site_root);
        json!({ "src": src, "sizes": size, "type": "image/png", "purpose": purpose })
    };
    let manifest = json!({
        "id": "/",
        "name": "Natter",
        "short_name": "Natter",
        "description": "A chat whose screen shows exactly what its store holds.",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": GROUND,
        "icons": [
            icon("icon-192.png", "192x192", "any"),
            icon("icon-512.png", "512x512", "any"),
            icon("icon-maskable-512.png", "512x512", "maskable"),
        ],
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, manifest.to_string()).into_response()
}

/// What crawlers may read.
pub(super) async fn robots() -> &'static str {
    ROBOTS
}

/// Browsers ask for this one whatever a page says.
pub(super) async fn favicon(extract::State(state): extract::State<State>) -> Redirect {
    Redirect::temporary(&format!("/{}/favicon.svg", state.options.site_root))
}
