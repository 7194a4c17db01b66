//! Origin checks: only this server's own pages may act with a session's cookie.
//!
//! Browsers send the cookie with every request to us, whichever page caused it. The same-origin policy does not cover
//! WebSocket handshakes, so without this check any page could chat as its visitor (cross-site WebSocket hijacking).

use super::{State, errors::WebError};
use crate::origin::{at_host, parse, spelled};
use axum::{
    extract::{self, Request},
    http::{HeaderMap, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use url::{Position, Url};

/// The origin that a request states. Browsers do not let a page change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// No origin is stated: the client is not a browser, or an old one.
    Unsaid,
    /// A page of this server.
    Own,
    /// Another page, or one that hides its origin (`null`).
    Foreign,
}

fn origin(headers: &HeaderMap, public_url: Option<&str>) -> Origin {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Origin::Unsaid;
    };
    let origin = origin.to_str().ok().and_then(parse);
    if origin.is_some_and(|origin| is_own(&origin, headers, public_url)) { Origin::Own } else { Origin::Foreign }
}

/// Returns `true` if a normalized origin is the public one or, without a public one, that of the request's `Host`. A
/// `Host` names no scheme, so that is taken from the origin; the scheme's default port can be left out.
fn is_own(origin: &str, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    if let Some(url) = public_url {
        return url == origin;
    }
    let scheme = origin.split_once(':').map_or(origin, |(scheme, _)| scheme);
    host(headers).and_then(|host| at_host(scheme, host)).as_deref() == Some(origin)
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Returns the origin under which a request's sender finds this server, if known: the public one, or else the named
/// host. That is the visitor's claim, and is shown to the visitor alone. Behind a proxy that is not configured here,
/// nothing is known.
pub(super) fn found_at(headers: &HeaderMap, public_url: Option<&str>) -> Option<String> {
    if let Some(url) = public_url {
        return Some(url.to_owned());
    }
    let is_forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-proto"].iter().any(|by| headers.contains_key(*by));
    let host = host(headers).filter(|host| !is_forwarded && host.parse::<Authority>().is_ok())?;
    at_host("http", host)
}

/// Returns the path of the page from which a request was made, if it is one of this server. Such a path can only lead
/// to this host.
pub(super) fn own_path(headers: &HeaderMap, public_url: Option<&str>) -> Option<String> {
    let page = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let path = &page[Position::BeforePath..Position::AfterQuery];
    // Browsers treat a path that begins with two slashes of any kind as another host.
    let is_path = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
    (is_path && is_own(&spelled(&page)?, headers, public_url)).then(|| path.to_owned())
}

/// Checks a request that changes something or opens a WebSocket: it must not come from a foreign page, and with a
/// session's cookie it must state its origin. A client that is not a browser has no cookie, and needs no origin.
pub(super) fn check(state: &State, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), WebError> {
    let acts = !matches!(*method, Method::GET | Method::HEAD) || headers.contains_key(header::UPGRADE);
    let is_allowed = match origin(headers, state.public_url.as_deref()) {
        Origin::Own => true,
        Origin::Foreign => false,
        Origin::Unsaid => state.cookies.sessions(headers).next().is_none(),
    };
    if acts && !is_allowed { Err(WebError::ForeignOrigin { path: uri.path().to_owned() }) } else { Ok(()) }
}

/// Applies [`check`] to all routes beneath this layer.
pub(super) async fn guard(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    check(&state, request.method(), request.uri(), request.headers())?;
    Ok(next.run(request).await)
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
    fn only_the_host_itself_or_else_the_public_address_is_our_own() {
        let public = Some("https://chat.example.org");
        assert_eq!(of(None, "a:3000", None), Origin::Unsaid);
        assert_eq!(of(Some("http://a:3000"), "a:3000", None), Origin::Own);
        assert_eq!(of(Some("https://A:3000"), "a:3000", None), Origin::Own);
        assert_eq!(of(Some("https://chat.example.org"), "10.0.0.1:3000", public), Origin::Own);
        for foreign in [
            "null",
            "http://a",
            "http://a:3000.evil.example",
            "http://evil.example",
            "http://a:3000@evil.example",
            "http://chat.example.org",
            "a:3000",
            "file://",
        ] {
            assert_eq!(of(Some(foreign), "a:3000", None), Origin::Foreign, "{foreign}");
            assert_eq!(of(Some(foreign), "a:3000", public), Origin::Foreign, "{foreign}");
        }
        assert_eq!(of(Some("http://a:3000"), "a:3000", public), Origin::Foreign, "it is found elsewhere");
    }

    #[test]
    fn a_host_is_the_same_however_it_is_spelled() {
        for host in [
            "chat.example.org",
            "chat.example.org:443",
            "Chat.Example.Org",
            "chat.example.org.",
            "chat.example.org.:443",
        ] {
            for origin in ["https://chat.example.org", "https://CHAT.example.org:443", "https://chat.example.org."] {
                assert_eq!(of(Some(origin), host, None), Origin::Own, "{origin} at {host}");
            }
        }
        assert_eq!(of(Some("http://chat.example.org"), "chat.example.org:80", None), Origin::Own);
        assert_eq!(of(Some("http://[::1]:3000"), "[0:0:0:0:0:0:0:1]:3000", None), Origin::Own);
        assert_eq!(of(Some("https://xn--bcher-kva.example"), "xn--bcher-kva.example", None), Origin::Own);
        for (origin, host) in [
            ("http://chat.example.org", "chat.example.org:443"),
            ("https://chat.example.org", "chat.example.org:80"),
            ("https://chat.example.org:8443", "chat.example.org"),
            ("https://chat.example.org", "chat.example.org/"),
            ("https://chat.example.org", "chat.example.org.."),
            ("https://chat.example.org", "me@chat.example.org"),
        ] {
            assert_eq!(of(Some(origin), host, None), Origin::Foreign, "{origin} at {host}");
        }
    }

    #[test]
    fn where_we_are_found_is_the_public_address_or_an_honest_host() {
        let found = |host: Option<&str>, by: Option<&'static str>, public_url| {
            let mut headers = HeaderMap::new();
            host.into_iter().for_each(|host| drop(headers.insert(header::HOST, host.parse().unwrap())));
            by.into_iter().for_each(|by| drop(headers.insert(by, "1.2.3.4".parse().unwrap())));
            found_at(&headers, public_url)
        };
        let public = Some("https://chat.example.org");
        assert_eq!(found(Some("A:3000"), None, None).as_deref(), Some("http://a:3000"));
        assert_eq!(found(Some("10.0.0.1:3000"), Some("x-forwarded-for"), public).as_deref(), public);
        for by in ["forwarded", "x-forwarded-for", "x-forwarded-proto"] {
            assert_eq!(found(Some("a:3000"), Some(by), None), None, "{by}: the proxy may speak https");
        }
        for host in ["me@a", "a b", "a/b", "a?b", "\"><b>", ""] {
            assert_eq!(found(Some(host), None, None), None, "{host}");
        }
        assert_eq!(found(None, None, None), None);
    }

    #[test]
    fn only_a_page_of_our_own_is_gone_back_to() {
        let back_at = |referer: &str, public_url| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "a:3000".parse().unwrap());
            headers.insert(header::REFERER, referer.parse().unwrap());
            own_path(&headers, public_url)
        };
        let back = |referer| back_at(referer, None);
        let public = Some("https://chat.example.org");
        assert_eq!(back("http://a:3000/room/general?before=7").as_deref(), Some("/room/general?before=7"));
        assert_eq!(back_at("https://chat.example.org/pm/Bo", public).as_deref(), Some("/pm/Bo"));
        assert_eq!(back_at("http://a:3000/pm/Bo", public), None);
        for foreign in [
            "http://evil.example/room/general",
            "http://a:3000@evil.example/",
            "http://a:3000//evil.example/",
            "http://a:3000/\\evil.example/",
            "/room/general",
            "null",
        ] {
            assert_eq!(back(foreign), None, "{foreign}");
        }
    }
}
