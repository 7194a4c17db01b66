//! Bad input gets a clear answer and costs nobody else anything.

use crate::helpers::{Client, Natter};
use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// Makes a message of exactly this size as JSON.
fn frame_of(bytes: usize) -> String {
    let empty = json!({"type": "message", "text": ""}).to_string();
    json!({"type": "message", "text": "x".repeat(bytes - empty.len())}).to_string()
}

async fn two(natter: &Natter) -> (Client, Client) {
    let (mut ada, bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    (ada, bo)
}

#[tokio::test]
async fn what_is_no_frame_is_answered_and_the_connection_stays() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for raw in [
        "hello",
        "",
        "[\"get_rooms\"]",
        "\"text\"",
        "{\"type\":\"dance\"}",
        "{}",
        "{\"type\":\"message\"}",
        "{\"type\":\"message\",\"text\":7}",
        "{\"type\":\"message\",\"text\":{\"a\":1}}",
        "{\"type\":\"join\"}",
        "{\"type\":\"join\",\"room\":null}",
        "{\"type\":\"get_history\",\"room\":\"general\",\"before\":-1}",
        "{\"type\":\"message\",\"text\":\"unfinished",
    ] {
        ada.send_raw(raw).await;
        ada.expect_error("bad_frame").await;
    }
    bo.expect_nothing().await;
    ada.said("still here").await;
}

#[tokio::test]
async fn a_frame_of_64_kib_is_read_and_one_byte_more_closes() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send_raw(&frame_of(64 * 1024)).await;
    ada.expect_error("too_long").await;
    ada.send_raw(&frame_of(64 * 1024 + 1)).await;
    assert_eq!(ada.expect_close().await.0, 1009);
    bo.said("untouched").await;
}

#[tokio::test]
async fn a_frame_of_65_kib_closes_its_connection_alone() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send_raw(&frame_of(65 * 1024)).await;
    assert_eq!(ada.expect_close().await.0, 1009);
    bo.said("untouched").await;
}

#[tokio::test]
async fn a_frame_of_megabytes_is_not_even_read() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    // The server stops reading at the header, so sending the rest can fail.
    ada.socket.send(Message::text("x".repeat(8 * 1024 * 1024))).await.ok();
    bo.said("untouched").await;
    drop(ada);
    bo.said("and after").await;
}

#[tokio::test]
async fn a_binary_frame_closes_its_connection_alone() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.socket.send(Message::binary(b"{}".to_vec())).await.unwrap();
    assert_eq!(ada.expect_close().await.0, 1003);
    bo.said("untouched").await;
}

#[tokio::test]
async fn a_frame_in_fragments_is_one_frame() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let json = json!({"type": "message", "text": "in two parts"}).to_string();
    let (head, tail) = json.split_at(20);
    let part = |text: &str, code, is_last| Message::Frame(Frame::message(text.to_owned(), OpCode::Data(code), is_last));
    ada.socket.send(part(head, Data::Text, false)).await.unwrap();
    ada.socket.send(part(tail, Data::Continue, true)).await.unwrap();
    assert_eq!(ada.expect("message").await["text"], "in two parts");
}

#[tokio::test]
async fn a_close_is_answered() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.socket.close(None).await.unwrap();
    while let Some(message) = futures::StreamExt::next(&mut ada.socket).await {
        message.expect("a clean end, no reset");
    }
}
