//! Resumed connections are complete, or told what is missing.

use crate::helpers::{Client, Natter, signed_in, texts};
use serde_json::{Value, json};

async fn token_of(client: &mut Client) -> String {
    let token = client.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    client.expect("joined").await;
    token
}

#[tokio::test]
async fn everything_after_the_cursor_comes_with_the_heads_of_all_rooms() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = token_of(&mut ada).await;
    ada.send(json!({"type": "join", "room": "random"})).await;
    ada.expect("joined").await;
    let seen = ada.said("seen").await;
    drop(ada);
    let mut bo = natter.join_as("Bo").await;
    let first = bo.said("missed one").await;
    let second = bo.said("missed two").await;

    let mut ada = natter.connect(&format!("session={token}&lastMsgId={}", seen["id"])).await;
    let resumed = ada.expect("resumed").await;
    assert_eq!((&resumed["name"], &resumed["session_id"]), (&json!("Ada"), &json!(token)));
    assert_eq!(resumed["rooms"], json!(["general", "random"]));
    let missed = &resumed["missedMessages"]["general"];
    assert_eq!(texts(missed), ["missed one", "missed two"]);
    assert_eq!((&missed[0]["prev"], &missed[0]["id"]), (&seen["id"], &first["id"]));
    assert_eq!(missed[0]["type"], "message");
    assert!(resumed["missedMessages"].get("random").is_none());
    assert_eq!(resumed["heads"], json!({"general": second["id"], "random": 0}));
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_cursor_that_means_nothing_starts_anew() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = token_of(&mut ada).await;
    let head = ada.said("one").await["id"].as_u64().unwrap();
    for cursor in [
        "".to_owned(),
        "&lastMsgId=x".to_owned(),
        format!("&lastMsgId={}", head + 1),
        format!("&lastMsgId={head}&epoch=other"),
    ] {
        let mut again = natter.connect(&format!("session={token}{cursor}")).await;
        assert_eq!(again.expect("connected").await["name"], "Ada", "{cursor}");
        assert_eq!(texts(&again.expect("joined").await["history"]), ["one"], "{cursor}");
    }
}

#[tokio::test]
async fn a_cursor_survives_a_crash_of_the_server() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let connected = ada.expect("connected").await;
    ada.expect("joined").await;
    let seen = ada.said("seen").await["id"].clone();
    ada.said("missed").await;
    let natter = natter.crash_and_restart().await;
    let (token, epoch) = (connected["session_id"].as_str().unwrap(), connected["epoch"].as_str().unwrap());
    let mut ada = natter.connect(&format!("session={token}&lastMsgId={seen}&epoch={epoch}")).await;
    assert_eq!(texts(&ada.expect("resumed").await["missedMessages"]["general"]), ["missed"]);
}

#[tokio::test]
async fn more_than_two_hundred_missed_show_a_gap_that_history_fills() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = token_of(&mut ada).await;
    let seen = ada.said("seen").await["id"].as_u64().unwrap();
    for n in 0..450 {
        ada.say(&n.to_string()).await;
    }
    for _ in 0..450 {
        ada.expect("message").await;
    }
    let mut back = natter.connect(&format!("session={token}&lastMsgId={seen}")).await;
    let missed = back.expect("resumed").await["missedMessages"]["general"].as_array().unwrap().clone();
    assert_eq!(missed.len(), 200);
    let mut list: Vec<Value> = missed;
    while list[0]["prev"] != json!(seen) {
        back.send(
            json!({"type": "get_history", "room": "general", "after": seen, "before": list[0]["id"], "limit": 999}),
        )
        .await;
        let page = back.expect("history").await;
        let messages = page["messages"].as_array().unwrap().clone();
        assert!(messages.len() <= 200, "one page has 200 at the most");
        assert_eq!(page["more"], json!(messages[0]["prev"] != json!(seen)));
        list.splice(0..0, messages);
    }
    let expected: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    assert_eq!(texts(&json!(list)), expected);
    assert!(list.windows(2).all(|pair| pair[1]["prev"] == pair[0]["id"]), "a whole chain");
}

#[tokio::test]
async fn a_page_of_history_is_the_newest_within_its_bounds_from_memory_and_from_the_store() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut ids = Vec::new();
    for n in 1..=300 {
        ids.push(ada.said(&n.to_string()).await["id"].clone());
    }
    let id = |n: usize| &ids[n - 1];
    for (request, first, last, more) in [
        (json!({}), 201, 300, true),
        (json!({"limit": 1}), 300, 300, true),
        (json!({"limit": 0}), 300, 300, true),
        (json!({"limit": 201}), 101, 300, true),
        (json!({"before": id(51)}), 1, 50, false),
        (json!({"after": id(290)}), 291, 300, false),
        (json!({"after": id(10), "before": id(200), "limit": 200}), 11, 199, false),
        (json!({"after": id(10), "before": id(200), "limit": 9}), 191, 199, true),
    ] {
        let mut frame = json!({"type": "get_history", "room": "general"});
        frame.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        ada.send(frame).await;
        let page = ada.expect("history").await;
        let expected: Vec<String> = (first..=last).map(|n: u64| n.to_string()).collect();
        assert_eq!(texts(&page["messages"]), expected, "{request}");
        assert_eq!(page["more"], more, "{request}");
    }
}

#[tokio::test]
async fn a_cookie_is_a_session_and_its_token_is_not_repeated() {
    let natter = Natter::start().await;
    let cookie = signed_in(&natter, "Ada").await;
    let origin = natter.url("");
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let mut ada = natter.connect_with("", &headers).await.unwrap();
    let connected = ada.expect("connected").await;
    assert_eq!((&connected["name"], connected.get("session_id")), (&json!("Ada"), None));
    ada.expect("joined").await;
    let mut again = natter.connect_with("lastMsgId=0", &headers).await.unwrap();
    assert_eq!(again.expect("resumed").await.get("session_id"), None);
}

#[tokio::test]
async fn a_forged_session_is_a_new_user_and_costs_others_nothing() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let origin = natter.url("");
    let cookie = signed_in(&natter, "Bo").await;
    let forged = format!("{}=1", cookie.split('=').next().unwrap());
    let forged = [("cookie", forged.as_str()), ("origin", origin.as_str())];
    let strangers = [
        natter.connect_with("lastMsgId=0", &forged).await.unwrap(),
        natter.connect("session=0123456789abcdef0123456789abcdef&lastMsgId=0").await,
        natter.connect("session=%00&lastMsgId=0").await,
    ];
    for mut stranger in strangers {
        let connected = stranger.expect("connected").await;
        assert!(connected["name"].as_str().unwrap().starts_with("User"));
        assert_eq!(connected["session_id"].as_str().unwrap().len(), 32);
        ada.expect("user_joined").await;
    }
    ada.said("untouched").await;
}
