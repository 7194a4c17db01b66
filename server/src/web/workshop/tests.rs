use super::*;
use crate::{chat::tests::start, config::Config, listen::Counters, web};
use axum::http::{StatusCode, header};
use clap::Parser;
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, thread, time::Duration};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, yield_now},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// The state of a whole server whose workshop has one thread, and so two places.
fn state() -> State {
    let (hub, counters) = (start().0, Arc::default());
    let config = Config::parse_from(["natter"]);
    let state: io::Result<State> =
        State::new(&config, 100, hub, TaskTracker::new(), Arc::<Counters>::clone(&counters), CancellationToken::new());
    State { workshop: Arc::new(Workshop::with_threads(1).unwrap()), ..state.unwrap() }
}

async fn get(state: &State, path: &str) -> Response {
    let request = Request::get(path).header(header::HOST, "localhost").body(Body::empty()).unwrap();
    web::router(state.clone()).oneshot(request).await.unwrap()
}

async fn two_places(state: &State) -> [Place; 2] {
    let place = async || state.workshop.place(ClientAddress(None)).await.unwrap();
    [place().await, place().await]
}

#[tokio::test(start_paused = true)]
async fn a_page_and_an_answer_for_which_there_is_no_turn_in_time_say_when_to_come_again() {
    let state = state();
    let places = two_places(&state).await;
    for (path, content) in [("/", "text/plain"), ("/nowhere", "text/plain"), ("/api/stats", "application/json")] {
        let since = Instant::now();
        let response = get(&state, path).await;
        assert_eq!((response.status(), since.elapsed()), (StatusCode::SERVICE_UNAVAILABLE, TURN_WITHIN), "{path}");
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with(content), "{path}");
    }
    assert!(state.workshop.refusals().by_reason().eq([("address", 0), ("all", 0), ("time", 3)]));
    assert_eq!(get(&state, "/healthz").await.status(), 200, "what is made at once waits for nobody");
    drop(places);
    for (path, status) in [("/", 200), ("/nowhere", 404), ("/api/stats", 200)] {
        assert_eq!(get(&state, path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn pages_and_answers_are_made_on_threads_of_their_own_and_are_whole() {
    let state = state();
    let place = state.workshop.place(ClientAddress(None)).await.unwrap();
    let named = async { thread::current().name().unwrap_or_default().to_owned().into_response() };
    let response = state.workshop.make(place, named).await;
    assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "pages");
    let request = Request::get("/").header(header::HOST, "localhost").header(header::ACCEPT_ENCODING, "gzip");
    let request = request.body(Body::empty()).unwrap();
    let page = web::router(state).oneshot(request).await.unwrap();
    assert_eq!(page.headers()[header::CONTENT_ENCODING], "gzip");
    let length: usize = page.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    assert_eq!(to_bytes(page.into_body(), usize::MAX).await.unwrap().len(), length);
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_any_more_has_its_turn_until_it_is_made() {
    let state = state();
    let [place, _other] = two_places(&state).await;
    let (go, wait) = oneshot::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let workshop = Arc::clone(&state.workshop);
    let given_up: JoinHandle<Response> = tokio::spawn(async move {
        let answer = async {
            begun.send(()).unwrap();
            wait.await.unwrap();
            StatusCode::OK.into_response()
        };
        workshop.make(place, answer).await
    });
    has_begun.await.unwrap();
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    let next = state.workshop.place(ClientAddress(None));
    let mut next = Box::pin(next);
    for _ in 0..10 {
        assert!(next.as_mut().now_or_never().is_none());
        yield_now().await;
    }
    go.send(()).unwrap();
    assert!(next.await.is_ok());
}

#[tokio::test]
async fn a_panic_is_its_own_pages_and_costs_no_turn() {
    let state = state();
    for _ in 0..3 {
        let place = state.workshop.place(ClientAddress(None)).await.unwrap();
        let panicked = AssertUnwindSafe(state.workshop.make(place, async { panic!("a fault") })).catch_unwind().await;
        assert!(panicked.is_err());
    }
    assert_eq!(two_places(&state).await.len(), 2);
}

#[tokio::test]
async fn addresses_take_turns_however_much_one_asks_for() {
    let state = state();
    let address = |last| ClientAddress(Some(std::net::IpAddr::from([192, 0, 2, last]).into()));
    let places = two_places(&state).await;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let waiting = [1, 1, 1, 1, 2].map(|last| {
        let (workshop, order) = (Arc::clone(&state.workshop), Arc::clone(&order));
        tokio::spawn(async move {
            let _place = workshop.place(address(last)).await.unwrap();
            order.lock().unwrap().push(last);
        })
    });
    while state.workshop.waiting() < 5 {
        yield_now().await;
    }
    let [one, _other] = places;
    drop(one);
    for waiter in waiting {
        tokio::time::timeout(Duration::from_secs(60), waiter).await.unwrap().unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [1, 2, 1, 1, 1]);
}
