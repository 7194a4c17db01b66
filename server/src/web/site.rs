//! Files with a fixed path: the manifest, the icon, `robots.txt`.

use super::State;
use app::ui::{DESCRIPTION, Theme};
use axum::{
    extract,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

/// Crawlers may see everything: without a session they get no further than the front page.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// Describes the page as an installable app. The icons' path changes with their content, so the manifest is never
/// cached.
pub(super) async fn manifest(extract::State(state): extract::State<State>) -> Response {
    let icon = |file: &str, size: &str, purpose: &str| {
        let src = format!("/{}/{file}", state.options.site_root);
        json!({ "src": src, "sizes": size, "type": "image/png", "purpose": purpose })
    };
    // A manifest has one theme alone.
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

/// Allows crawlers everything.
pub(super) async fn robots() -> &'static str {
    ROBOTS
}

/// Redirects to the icon, for browsers that request this path by themselves.
pub(super) async fn favicon(extract::State(state): extract::State<State>) -> Redirect {
    Redirect::temporary(&format!("/{}/favicon.svg", state.options.site_root))
}
