//! `ETag`s of files, different for each encoding.
//!
//! A strong tag vouches for every byte (RFC 9110, section 8.8.3), but the files come in several encodings under one
//! tag. So this module adds the encoding's name, and compares the browser's tags with that.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Tags a response by its encoding, and leaves its content out if the browser has it.
pub(super) async fn by_encoding(mut request: Request, next: Next) -> Response {
    let known = request.headers_mut().remove(header::IF_NONE_MATCH);
    let mut response = next.run(request).await;
    let Some(tag) = tag(response.headers()) else {
        return response;
    };
    let is_known = known.is_some_and(|known| matches(&known, &tag));
    response.headers_mut().insert(header::ETAG, tag);
    if !is_known || response.status() != StatusCode::OK {
        return response;
    }
    let mut headers = std::mem::take(response.headers_mut());
    for of_content in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        headers.remove(of_content);
    }
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// Returns the tag of a response with its encoding, if it has a tag.
fn tag(headers: &HeaderMap) -> Option<HeaderValue> {
    let tag = headers.get(header::ETAG)?;
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
        return Some(tag.clone());
    };
    let opaque = tag.to_str().ok()?.strip_suffix('"')?;
    format!("{opaque}-{}\"", encoding.to_str().ok()?).parse().ok()
}

/// Returns `true` if a list of tags contains this one, by weak comparison (RFC 9110, section 13.1.2).
fn matches(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let Ok(known) = known.to_str() else { return false };
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/").as_bytes() == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware, routing::get};
    use tower::ServiceExt;

    /// A file in two encodings under one tag.
    async fn file(encoding: Option<&'static str>, known: Option<&str>) -> Response {
        let answer = get(move || async move {
            let mut headers = HeaderMap::new();
            headers.insert(header::ETAG, HeaderValue::from_static("\"abc\""));
            encoding.map(|it| headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(it)));
            (headers, "content")
        });
        let router = Router::new().route("/", answer).layer(middleware::from_fn(by_encoding));
        let request = Request::get("/");
        let request = known.into_iter().fold(request, |request, known| request.header(header::IF_NONE_MATCH, known));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn each_encoding_has_a_tag_of_its_own() {
        for (encoding, tag) in [(None, "\"abc\""), (Some("br"), "\"abc-br\""), (Some("gzip"), "\"abc-gzip\"")] {
            assert_eq!(file(encoding, None).await.headers()[header::ETAG], tag);
        }
    }

    #[tokio::test]
    async fn what_a_browser_has_is_not_sent_again_but_in_another_encoding_it_is() {
        for known in ["\"abc-br\"", "W/\"abc-br\"", "\"x\", \"abc-br\"", "*"] {
            let response = file(Some("br"), Some(known)).await;
            assert_eq!(
                (response.status(), response.headers()[header::ETAG].to_str().unwrap()),
                (StatusCode::NOT_MODIFIED, "\"abc-br\"")
            );
            assert!(!response.headers().contains_key(header::CONTENT_ENCODING), "{known}");
        }
        for (encoding, known) in [(Some("br"), "\"abc\""), (Some("gzip"), "\"abc-br\""), (None, "\"abc-br\"")] {
            assert_eq!(file(encoding, Some(known)).await.status(), StatusCode::OK, "{encoding:?}, {known}");
        }
    }
}
