//! What browsers and crawlers ask for by a fixed path: the manifest, the icon, what may be indexed.

use super::State;
use app::ui::{DESCRIPTION, Theme};
use axum::{
    extract,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

/// A crawler has no session, and so comes no further than the front door.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// Describes the page as something that can be installed. Its icons lie under a path that changes with them, so it is
/// asked for anew each time.
pub(super) async fn manifest(extract::State(state): extract::State<State>) -> Response {
    let icon = |file: &str, size: &str, purpose: &str| {
        let src = format!("/{}/{file}", state.options.site_root);
        json!({ "src": src, "sizes": size, "type": "image/png", "purpose": purpose })
    };
    // A manifest knows no other theme.
    let ground = Theme::Light.ground();
    let manifest = json!({
        "id": "/",
        "name": "Natter",
        "short_name": "Natter",
        "description": DESCRIPTION,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": ground,
        "background_color": ground,
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
