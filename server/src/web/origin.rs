//! Who may act with a session's cookie: our own pages only.
//!
//! Browsers send the cookie with every request to us, whichever page caused it. A WebSocket handshake is not bound by
//! the same-origin policy at all, so without this check any page could chat as its visitor (cross-site WebSocket
//! hijacking).

use super::{State, session};
use axum::{
    extract::{self, Request},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Where a request comes from, by its own word. Browsers do not let a page change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It does not say: no browser, or an old one.
    Unsaid,
    /// A page of ours.
    Own,
    /// Another page, or one that hides where it comes from (`null`).
    Foreign,
}

fn origin(headers: &HeaderMap, public_url: Option<&str>) -> Origin {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Origin::Unsaid;
    };
    let Ok(origin) = origin.to_str().map(str::to_ascii_lowercase) else {
        return Origin::Foreign;
    };
    if public_url == Some(&*origin) {
        return Origin::Own;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_ascii_lowercase);
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    if named.is_some() && named == host.as_deref() { Origin::Own } else { Origin::Foreign }
}

/// Refuses with 403 what changes something, or opens a WebSocket, from a foreign page; and what comes with a session's
/// cookie without saying from where. A client without a browser, and so without a cookie, is fine.
pub(super) async fn guard(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD) || headers.contains_key(header::UPGRADE);
    let allowed = match origin(headers, state.public_url.as_deref()) {
        Origin::Own => true,
        Origin::Foreign => false,
        Origin::Unsaid => session::cookie(headers).is_none(),
    };
    if acts && !allowed {
        tracing::info!(path = request.uri().path(), "refused a request of a foreign origin");
        return (StatusCode::FORBIDDEN, "This can only be done from natter's own pages.\n").into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(origin_header: Option<&str>, host: &str, public_url: Option<&str>) -> Origin {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(value) = origin_header {
            headers.insert(header::ORIGIN, value.parse().unwrap());
        }
        origin(&headers, public_url)
    }

    #[test]
    fn only_the_host_itself_and_the_public_address_are_our_own() {
        let public = Some("https://chat.example.org");
        assert_eq!(of(None, "a:3000", None), Origin::Unsaid);
        assert_eq!(of(Some("http://a:3000"), "a:3000", None), Origin::Own);
        assert_eq!(of(Some("https://A:3000"), "a:3000", None), Origin::Own);
        assert_eq!(of(Some("https://chat.example.org"), "10.0.0.1:3000", public), Origin::Own);
        for foreign in ["null", "http://a", "http://a:3000.evil.example", "http://evil.example", "a:3000", "file://"] {
            assert_eq!(of(Some(foreign), "a:3000", public), Origin::Foreign, "{foreign}");
        }
    }
}
