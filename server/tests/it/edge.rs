//! The network's edge, except for tests of time and of a client's address, which are beside the code.

use crate::helpers::{Natter, signed_in};
use tokio_tungstenite::tungstenite::http::StatusCode;

#[tokio::test]
async fn a_form_is_as_large_as_a_message_can_be() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    // Each character takes twelve bytes in a form.
    let longest = ada.post("/room/general", &[("text", &"\u{1f9d1}".repeat(4_000))]).await;
    assert_eq!(longest.status(), 303);
    let most = 64 * 1024 - "text=".len();
    let refused = ada.post("/room/general", &[("text", &"x".repeat(most))]).await;
    assert_eq!(refused.status(), 422, "too long for a message, and shown again");
    for path in ["/", "/room/general", "/pm/1", "/theme"] {
        let refused = ada.post(path, &[("text", &"x".repeat(most + 1))]).await;
        assert_eq!(refused.status(), 413, "{path}");
        assert!(refused.text().await.unwrap().contains("Shorten it"), "{path}");
    }
}

#[tokio::test]
async fn a_user_has_so_many_websockets_and_event_streams_and_one_more_is_told_when_to_come() {
    let natter = Natter::start_with(&["--max-connections-per-user", "2"]).await;
    let cookie = signed_in(&natter, "Ada").await;
    let own = natter.url("");
    let headers = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    let first = natter.connect_with("", &headers).await.unwrap();
    let events = || reqwest::Client::new().get(natter.url("/events")).header("cookie", &cookie).send();
    let listener = events().await.unwrap();
    assert_eq!(listener.status(), 200);
    assert_eq!(natter.connect_with("", &headers).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    let refused = events().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "10"));
    natter.join_as("Bo").await.said("untouched").await;

    drop(first);
    let mut tries = 0;
    while natter.connect_with("", &headers).await.is_err() {
        tries += 1;
        assert!(tries < 10_000, "the place is given back");
    }
}

#[tokio::test]
async fn an_address_has_so_many_and_the_others_notice_nothing() {
    let natter = Natter::start_with(&["--max-connections-per-address", "2"]).await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let mut held = Vec::new();
    for name in ["Ada", "Bo"] {
        held.push(natter.connect_with(&format!("name={name}"), &from("198.51.100.7")).await.unwrap());
    }
    let refused = natter.connect_with("name=Cy", &from("198.51.100.7")).await.err();
    assert_eq!(refused, Some(StatusCode::TOO_MANY_REQUESTS));
    natter.connect_with("name=Cy", &from("203.0.113.5")).await.unwrap().expect("connected").await;
    let metrics = reqwest::get(natter.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"natter_live_connections_refused_total{by="address"} 1"#), "{metrics}");
}

#[tokio::test]
async fn who_connects_again_and_again_is_told_to_wait_before_anything_is_made_of_it() {
    let natter = Natter::start_with(&["--connect-rate", "1"]).await;
    let (_ada, token) = natter.join_with_token("Ada").await;
    let query = format!("session={token}");
    let mut times = 0;
    let refused = loop {
        match natter.connect_with(&query, &[]).await {
            Ok(_) => times += 1,
            Err(status) => break status,
        }
        assert!(times < 2_000, "it ends some time");
    };
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    assert!(times >= 16, "so many may come at once: {times}");
}

#[tokio::test]
async fn newcomers_do_not_keep_out_who_comes_back() {
    let natter = Natter::start_with(&["--max-connections", "8"]).await;
    let (ada, token) = natter.join_with_token("Ada").await;
    drop(ada);
    let mut newcomers = Vec::new();
    let refused = loop {
        let mut newcomer = natter.connect("name=New").await;
        let frame = futures::StreamExt::next(&mut newcomer.socket).await.unwrap().unwrap();
        if frame.is_close() {
            break frame;
        }
        newcomers.push(newcomer);
        assert!(newcomers.len() < 8, "an eighth is not theirs");
    };
    assert!(format!("{refused:?}").contains("4013"), "{refused:?}");
    natter.resume(&token, 0).await;
}
