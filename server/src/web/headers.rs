//! What every answer tells the browser.

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;

/// The policy of a page: scripts of our own files and with this answer's nonce, WebAssembly, our own styles, images,
/// sounds and connections; nothing inline, nothing from elsewhere, in nobody's frame.
///
/// `'wasm-unsafe-eval'` allows compiling WebAssembly and nothing else; without it `script-src` forbids that.
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// The policy of everything that is no page.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

/// Sets the headers that an answer does not have of itself.
pub(super) fn with_security<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let header =
        |name: HeaderName, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Not `no-referrer`: with it browsers send `Origin: null` for our own forms.
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CONTENT_SECURITY_POLICY, NO_PAGE))
}

/// After how many seconds to ask again for what there is no time for, or what could not be read.
const RETRY_AFTER_S: u16 = 1;

/// The header of an answer with status 503.
pub(super) fn retry_after() -> HeaderMap {
    HeaderMap::from_iter([(header::RETRY_AFTER, RETRY_AFTER_S.into())])
}
