//! Canonical spelling of paths: superfluous slashes, or capitals in the first word of a page's path, lead to the same
//! place.
//!
//! Pages are redirected, so that the address bar has the canonical URL; other requests are answered directly, because
//! programs rarely follow redirects. The pages themselves take care of the spelling of rooms and people.

use axum::{
    extract::Request,
    http::Uri,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

/// First segments of the paths of pages.
const PAGES: [&str; 4] = ["room", "pm", "mentions", "rooms"];

/// Redirects to a page's canonical path, with the same method and body, and answers other requests as if they had it.
pub(super) async fn one_spelling(mut request: Request, next: Next) -> Response {
    let uri = request.uri();
    let Some(path) = respelled(uri.path()) else {
        return next.run(request).await;
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = path + &query;
    if is_page(&target) {
        return Redirect::permanent(&target).into_response();
    }
    if let Ok(target) = target.parse::<Uri>() {
        *request.uri_mut() = target;
    }
    next.run(request).await
}

/// Returns the canonical path if it differs.
fn respelled(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next().unwrap_or_default();
    let page = PAGES.into_iter().find(|page| page.eq_ignore_ascii_case(first));
    let spelled = segments.fold(format!("/{}", page.unwrap_or(first)), |path, segment| path + "/" + segment);
    (spelled != path).then_some(spelled)
}

/// Returns `true` if a canonical path is a page's. Such a path cannot lead to another host.
fn is_page(path: &str) -> bool {
    let first = path[1..].split(['/', '?']).next();
    first.is_some_and(|first| PAGES.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (path, spelled) in [
            ("/room/general/", "/room/general"),
            ("//room//general", "/room/general"),
            ("/ROOM/general", "/room/general"),
            ("/Pm/2-Bo//", "/pm/2-Bo"),
            ("/mentions/", "/mentions"),
            ("/api/rooms/", "/api/rooms"),
            ("/API/rooms/", "/API/rooms"),
            ("//evil.example/", "/evil.example"),
            ("//", "/"),
        ] {
            assert_eq!(respelled(path).as_deref(), Some(spelled), "{path}");
            assert_eq!(respelled(spelled), None, "{spelled}");
        }
        for path in ["/", "/room/General", "/pm/2-Bo", "*"] {
            assert_eq!(respelled(path), None, "{path}");
        }
    }

    #[test]
    fn only_pages_are_redirected_to() {
        for page in ["/room/general", "/room", "/mentions?x=1", "/pm/2-Bo/read?id=1"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/", "/api/rooms", "/ws/chat", "/evil.example", "/\\evil.example", "/roomy"] {
            assert!(!is_page(other), "{other}");
        }
    }
}
