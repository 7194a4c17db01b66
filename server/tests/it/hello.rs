//! The first frames of a new client.

use crate::helpers::{Natter, names};
use serde_json::json;

#[tokio::test]
async fn a_new_client_is_told_who_it_is_and_joins_general() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let connected = ada.expect("connected").await;
    assert_eq!(connected["name"], "Ada");
    assert_eq!(connected["rooms"], json!(["general", "help", "random"]));
    assert!(connected["user_id"].is_string());
    assert!(connected["epoch"].is_string());
    assert_eq!(connected["session_id"].as_str().unwrap().len(), 32, "128 bits");
    let joined = ada.expect("joined").await;
    assert_eq!(joined["room"], "general");
    assert_eq!(joined["history"], json!([]));
    assert_eq!(joined["count"], 1);
    assert_eq!(joined["users"], json!([{"id": connected["user_id"], "name": "Ada", "typing": false}]));
}

#[tokio::test]
async fn a_name_is_made_to_fit_and_unique() {
    let natter = Natter::start().await;
    let mut held = Vec::new();
    for (asked, expected) in [
        ("Ada", "Ada"),
        ("ADA", "ADA1"),
        ("ada", "ada2"),
        ("%20%20%20", "___"),
        ("a%20b%3Cc%3E", "a_b_c_"),
        ("system", "system1"),
        ("Z%D0%BEe", "Ze"),
        ("A%D0%B4a%E3%85%A4", "Aa"),
        ("Ada%E3%85%A4", "Ada3"),
        ("Ad%D0%B0", "Ad"),
        ("%D0%90%D0%92%D0%95", "АВЕ"),
        ("ABE", "ABE1"),
        ("%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87", "नमस्ते"),
        ("%CE%95%CE%BB%CE%BB%CE%B7%CE%BD%CE%B9%CE%BA%CE%AC", "Ελληνικά"),
        ("%E6%97%A5%E6%9C%AC%E8%AA%9E", "日本語"),
        ("nnnnnnnnnnnnnnnnnnnnXXX", "nnnnnnnnnnnnnnnnnnnn"),
    ] {
        let mut client = natter.connect(&format!("name={asked}")).await;
        assert_eq!(client.expect("connected").await["name"], expected);
        held.push(client);
    }
    for nameless in ["", "name=", "name=x"] {
        let name = natter.connect(nameless).await.expect("connected").await["name"].as_str().unwrap().to_owned();
        let digits = name.strip_prefix("User").unwrap();
        assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
    }
}

#[tokio::test]
async fn others_see_who_comes_and_the_newcomer_sees_them() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.connect("name=Bo").await;
    bo.expect("connected").await;
    assert_eq!(names(&bo.expect("joined").await), ["Ada", "Bo"]);
    let seen = ada.expect("user_joined").await;
    assert_eq!((&seen["room"], &seen["user"], &seen["count"]), (&json!("general"), &json!("Bo"), &json!(2)));
    assert_eq!(names(&seen), ["Ada", "Bo"]);
}

#[tokio::test]
async fn a_token_is_told_to_its_owner_alone() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = ada.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    let mut bo = natter.connect("name=Bo").await;
    let heard = [bo.next().await, bo.next().await, ada.next().await, ada.next().await];
    assert!(heard[1..].iter().all(|frame| !frame.to_string().contains(&token)));
    assert!(heard.iter().all(|frame| frame["session_id"] != json!(token)));
}

#[tokio::test]
async fn one_connection_more_than_there_may_be_is_told_so() {
    let natter = Natter::start_with(&["--max-connections", "2"]).await;
    let (mut ada, _bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    for _ in 0..3 {
        assert_eq!(natter.connect("name=Cy").await.expect_close().await.0, 4013);
    }
    ada.expect("user_joined").await;
    ada.said("still fine").await;
    ada.send(json!({"type": "pm", "to": "Cy", "text": "are you there?"})).await;
    ada.expect_error("no_such_user").await;
}
