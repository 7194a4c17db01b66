//! The security headers of every response.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;

/// Returns the policy of a page: scripts of our own files and with this response's nonce, WebAssembly, our own styles,
/// images, sounds and connections; nothing inline, nothing from elsewhere, and no frames around it.
///
/// `'wasm-unsafe-eval'` allows compiling WebAssembly and nothing else; without it `script-src` forbids that.
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Policy of every response that is not a page.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

/// Sets the headers that a response does not set itself.
pub(super) fn with_security<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let header =
        |name: HeaderName, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // With `no-referrer`, browsers would send `Origin: null` for our own forms.
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CONTENT_SECURITY_POLICY, NO_PAGE))
}
