//! The event stream.

use crate::helpers::{Natter, PATIENCE};
use serde_json::json;
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

#[tokio::test]
async fn what_happens_is_pushed_as_it_happens() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut listener = natter.listen(None).await;
    listener.stats().await;
    let mut ada = natter.join_as("Ada").await;
    let came = listener.news().await;
    assert_eq!((came.event.as_str(), &came.data), ("user_connected", &json!({"user": "Ada", "count": 1})));
    ada.join("Café").await;
    let created = listener.news().await;
    assert_eq!(
        (created.event.as_str(), &created.data),
        ("room_created", &json!({"room": "café", "created_by": "Ada"}))
    );
    ada.send(json!({"type": "leave", "room": "café"})).await;
    let deleted = listener.news().await;
    assert_eq!((deleted.event.as_str(), &deleted.data), ("room_deleted", &json!({"room": "café"})));
    drop(ada);
    let went = listener.news().await;
    assert_eq!((went.event.as_str(), &went.data), ("user_disconnected", &json!({"user": "Ada", "count": 0})));
    let ids: Vec<_> = [&came, &created, &deleted, &went].iter().map(|event| event.id.unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}

#[tokio::test]
async fn a_room_with_history_is_not_deleted_and_not_created_again() {
    let natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    let mut ada = natter.join_as("Ada").await;
    ada.join("den").await;
    ada.send(json!({"type": "message", "room": "den", "text": "kept"})).await;
    ada.expect("message").await;
    for kind in ["leave", "join", "leave"] {
        ada.send(json!({"type": kind, "room": "den"})).await;
        ada.next().await;
    }
    ada.join("end").await;
    let rooms: Vec<_> = [listener.news().await, listener.news().await, listener.news().await]
        .iter()
        .map(|event| (event.event.clone(), event.data["room"].clone()))
        .collect();
    let created = |room: &str| ("room_created".to_owned(), json!(room));
    assert_eq!(rooms[1..], [created("den"), created("end")]);
}

#[tokio::test]
async fn the_last_fifty_are_replayed_to_a_newcomer_and_the_rest_to_who_comes_back() {
    let natter = Natter::start().await;
    let mut people = Vec::new();
    for n in 0..51 {
        people.push(natter.join_as(&format!("Guest{n}")).await);
    }
    let mut newcomer = natter.listen(None).await;
    let mut replayed = Vec::new();
    for _ in 0..50 {
        let heard = newcomer.heard().await.unwrap();
        assert_eq!(heard.event, "user_connected");
        replayed.push(heard);
    }
    assert_eq!((&replayed[0].data["count"], &replayed[49].data["count"]), (&json!(2), &json!(51)));
    let stats = newcomer.heard().await.unwrap();
    assert_eq!((stats.event.as_str(), &stats.data["users_online"]), ("stats", &json!(51)), "then the numbers, at once");

    let mut back = natter.listen(Some(&replayed[47].id.unwrap().to_string())).await;
    assert_eq!([back.heard().await.unwrap(), back.heard().await.unwrap()], replayed[48..]);
    assert_eq!(back.heard().await.unwrap().event, "stats");
    let mut up_to_date = natter.listen(Some(&replayed[49].id.unwrap().to_string())).await;
    assert_eq!(up_to_date.heard().await.unwrap().event, "stats");
    for nonsense in ["", "x", "-1", "99999999999999999999"] {
        assert_eq!(natter.listen(Some(nonsense)).await.heard().await.unwrap(), replayed[0], "{nonsense:?}");
    }
}

#[tokio::test]
async fn numbers_grow_over_a_restart() {
    let natter = Natter::start().await;
    let _ada = natter.join_as("Ada").await;
    let before = natter.listen(None).await.news().await.id.unwrap();
    let natter = natter.crash_and_restart().await;
    let mut back = natter.listen(Some(&before.to_string())).await;
    let _bo = natter.join_as("Bo").await;
    let after = back.news().await;
    assert_eq!(after.data["user"], "Bo");
    assert!(after.id.unwrap() > before);
}

#[tokio::test]
async fn statistics_follow_a_change_and_are_merged() {
    let natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    assert_eq!(listener.stats().await["users_online"], 0);
    // The new subscriber is a change itself.
    assert_eq!(listener.stats().await["sse_subscribers"], 1);
    let since = Instant::now();
    let mut people = Vec::new();
    for n in 0..40 {
        people.push(natter.join_as(&format!("Guest{n}")).await);
    }
    let mut told = 0;
    while listener.stats().await["users_online"] != 40 {
        told += 1;
    }
    let most = since.elapsed().as_secs() + 1;
    assert!(told <= most, "one a second, not one for each of forty: {told} of {most}");
}

/// Speaks HTTP by hand, so that no library hides the bytes on the wire.
async fn raw(natter: &Natter, headers: &str) -> (TcpStream, String) {
    let mut socket = TcpStream::connect(&natter.address).await.unwrap();
    let request = format!("GET /events HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", natter.address);
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut received = String::new();
    read_until(&mut socket, &mut received, "event: stats").await;
    (socket, received)
}

async fn read_until(socket: &mut TcpStream, received: &mut String, part: &str) {
    let mut chunk = [0; 4_096];
    while !received.contains(part) {
        let read = timeout(PATIENCE, socket.read(&mut chunk)).await.expect("it comes").unwrap();
        assert!(read > 0, "the stream goes on: {received}");
        received.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
}

#[tokio::test]
async fn it_is_never_compressed_buffered_or_kept() {
    let natter = Natter::start().await;
    let (_, received) = raw(&natter, "Accept-Encoding: gzip, br\r\n").await;
    let head = received.split("\r\n\r\n").next().unwrap().to_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("cache-control: no-cache") && head.contains("x-accel-buffering: no"), "{head}");
    assert!(!head.contains("content-encoding"), "{head}");
}

#[tokio::test]
async fn one_listener_more_than_there_may_be_is_told_so() {
    let natter = Natter::start_with(&["--max-connections", "1"]).await;
    let mut first = natter.listen(None).await;
    first.stats().await;
    let second = natter.listen(None).await;
    assert_eq!(second.response.status(), 503);
    let mut ada = natter.join_as("Ada").await;
    ada.said("listeners and connections are counted apart").await;
    drop(first);
    let deadline = Instant::now() + PATIENCE;
    while natter.listen(None).await.response.status() != 200 {
        assert!(Instant::now() < deadline, "a place is free again");
    }
}

#[tokio::test]
async fn a_stop_ends_it() {
    let mut natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    listener.stats().await;
    natter.signal("TERM");
    while listener.heard().await.is_some() {}
    assert_eq!(natter.ended().await.code(), Some(0));
}
