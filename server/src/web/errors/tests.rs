use super::*;
use axum::{
    Router,
    body::{Body, to_bytes},
    middleware::from_fn,
    routing::get,
};
use tower::ServiceExt;

fn refused(code: ErrorCode, retry_after_ms: Option<u64>) -> WebError {
    WebError::Refused(ErrorFrame { message: "No.".to_owned(), code, client_id: None, retry_after_ms, suggestion: None })
}

#[test]
fn an_error_says_when_to_try_again_where_that_helps() {
    for (error, status, seconds) in [
        (WebError::TooManyRequests { wait_ms: 1_001 }, 429, Some("2")),
        (WebError::TooManySignIns { wait_ms: Some(20) }, 429, Some("1")),
        (Refusal::TooFast { wait_ms: 3_000 }.into(), 429, Some("3")),
        (Refusal::User.into(), 429, Some("10")),
        (Refusal::Address.into(), 429, Some("10")),
        (Refusal::All.into(), 503, Some("10")),
        (HubError::AtCapacity.into(), 503, Some("10")),
        (HubError::Stopping.into(), 503, Some("1")),
        (HubError::Unreadable.into(), 503, Some("1")),
        (HubError::Forgotten.into(), 503, None),
        (JournalError::Busy.into(), 503, Some("1")),
        (JournalError::Damaged(String::new()).into(), 503, None),
        (Busy.into(), 503, Some("1")),
        (refused(ErrorCode::RateLimited, Some(5_500)), 429, Some("6")),
        (refused(ErrorCode::Unavailable, None), 503, Some("1")),
        (refused(ErrorCode::NameTaken, None), 422, None),
        (WebError::NotFound, 404, None),
        (WebError::FormTooLarge, 413, None),
        (WebError::ForeignOrigin { path: "/".to_owned() }, 403, None),
    ] {
        let code = error.code();
        let report = error.report();
        let retry_after = report.headers.get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
        assert_eq!((report.status.as_u16(), retry_after), (status, seconds), "{code}");
    }
}

#[tokio::test]
async fn the_route_decides_how_an_error_is_shown() {
    let failing = || get(|| async { WebError::TooManyRequests { wait_ms: 1 } });
    let router = Router::new()
        .route("/text", failing())
        .merge(Router::new().route("/json", failing()).layer(from_fn(as_json)))
        .merge(Router::new().route("/status", failing()).layer(from_fn(as_status)));
    let sentence = "Too many requests. Wait a moment and try again.";
    for (path, content, body) in [
        ("/text", Some("text/plain; charset=utf-8"), format!("{sentence}\n")),
        ("/json", Some("application/json; charset=utf-8"), format!("{{\"error\":\"{sentence}\"}}")),
        ("/status", None, String::new()),
    ] {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let header = |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        assert_eq!(header(header::CONTENT_TYPE).as_deref(), content, "{path}");
        assert_eq!((response.status().as_u16(), header(header::RETRY_AFTER).as_deref()), (429, Some("1")), "{path}");
        assert_eq!(to_bytes(response.into_body(), 1_000).await.unwrap(), body, "{path}");
    }
}
