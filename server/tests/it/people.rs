//! Names, and for how long they are taken.

use crate::helpers::{Client, Natter, names};
use serde_json::{Value, json};

fn nick(name: &str) -> Value {
    json!({"type": "set_nick", "name": name})
}

/// Takes a name as soon as it is free, which is a moment after its user's departure.
async fn takes(client: &mut Client, name: &str) {
    let deadline = tokio::time::Instant::now() + crate::helpers::PATIENCE;
    loop {
        client.send(nick(name)).await;
        let answer = client.next().await;
        if answer["type"] == "nick_changed" {
            return;
        }
        assert_eq!(answer["code"], "name_taken");
        assert!(tokio::time::Instant::now() < deadline, "it is free some time");
    }
}

async fn two(natter: &Natter) -> (Client, Client) {
    let (mut ada, bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    (ada, bo)
}

#[tokio::test]
async fn a_new_name_is_told_in_every_room_with_a_stored_line_and_to_every_tab() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.join("café").await;
    bo.join("café").await;
    ada.expect("user_joined").await;
    let (mut tab, _) = natter.resume(&token, 0).await;

    ada.send(nick("Zoë")).await;
    let own = json!({"type": "nick_changed", "old_name": "Ada", "new_name": "Zoë"});
    assert_eq!(ada.expect("nick_changed").await, own);
    assert_eq!(tab.expect("nick_changed").await, own);
    for room in ["café", "general"] {
        let changed = bo.expect("nick_changed").await;
        assert_eq!(
            (&changed["room"], &changed["new_name"], &changed["count"]),
            (&json!(room), &json!("Zoë"), &json!(2))
        );
        assert_eq!(names(&changed), ["Bo", "Zoë"]);
    }
    for room in ["café", "general"] {
        let line = bo.expect("system").await;
        assert_eq!((&line["room"], &line["text"]), (&json!(room), &json!("Ada is now known as Zoë")));
        assert!(line["id"].is_u64() && line["prev"] == 0 && line["ts"].is_number());
        assert_eq!(ada.expect("system").await, line);
        assert_eq!(tab.expect("system").await, line);
    }
    assert_eq!(tab.said("me again").await["from"], "Zoë");
    let natter = natter.crash_and_restart().await;
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["name"], "Zoë");
    assert_eq!(resumed["missedMessages"]["café"][0]["type"], "system");
}

#[tokio::test]
async fn who_reads_lists_is_told_of_a_new_name_in_one_frame() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.connect("name=Bo&frames=2").await;
    bo.expect("connected").await;
    bo.expect("joined").await;
    ada.expect("user_joined").await;
    for room in ["café", "den"] {
        ada.join(room).await;
        bo.expect("room_created").await;
    }
    ada.send(nick("Zoë")).await;
    let told = bo.expect("nick_changed").await;
    assert_eq!((&told["room"], &told["user_id"], &told["count"]), (&json!("general"), &json!("1"), &json!(2)));
    assert_eq!(told["rooms"], json!(["café", "den", "general"]));
    assert_eq!(names(&told), ["Bo", "Zoë"]);
    bo.expect("system").await;
    bo.expect_nothing().await;
}

#[tokio::test]
async fn the_old_name_is_free_at_once() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send(nick("Zoe")).await;
    ada.expect("nick_changed").await;
    bo.until("system").await;
    bo.send(nick("Ada")).await;
    assert_eq!(bo.expect("nick_changed").await["new_name"], "Ada");
    assert_eq!(natter.connect("name=Bo").await.expect("connected").await["name"], "Bo");
}

#[tokio::test]
async fn ones_own_name_is_no_change_and_its_case_may_change() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send(nick("Ada")).await;
    ada.expect_nothing().await;
    bo.expect_nothing().await;
    ada.send(nick("ADA")).await;
    assert_eq!(ada.expect("nick_changed").await["new_name"], "ADA");
    assert_eq!(bo.expect("nick_changed").await["old_name"], "Ada");
}

#[tokio::test]
async fn what_cannot_be_a_name_is_refused_and_nothing_changes() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for (name, code) in [
        ("x", "bad_name"),
        ("", "bad_name"),
        ("two words", "bad_name"),
        ("<b>", "bad_name"),
        ("nnnnnnnnnnnnnnnnnnnnn", "bad_name"),
        ("a\u{202e}b", "bad_name"),
        ("🧑‍🚀", "bad_name"),
        ("bo", "name_taken"),
        ("ＢＯ", "name_taken"),
        ("system", "name_taken"),
        ("Server", "name_taken"),
        ("ADMIN", "name_taken"),
        ("natter", "name_taken"),
        ("sуstem", "name_taken"),
        ("аdmin", "name_taken"),
        ("Bо", "name_taken"),
        ("Aдa", "bad_name"),
        ("zoe_דוד", "bad_name"),
        ("ВО", "name_taken"),
        ("B\u{200b}o", "name_taken"),
        ("\u{3164}\u{3164}", "bad_name"),
        ("Zo\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}", "bad_name"),
    ] {
        ada.send(nick(name)).await;
        ada.expect_error(code).await;
    }
    assert_eq!(ada.said("still").await["from"], "Ada");
    assert_eq!(bo.expect("message").await["from"], "Ada");
    for name in ["nn", "nnnnnnnnnnnnnnnnnnnn", "Ελληνικά", "日本語", "Å_1", "नमस्ते", "राजेश्वरी", "Анна"]
    {
        ada.send(nick(name)).await;
        assert_eq!(ada.until("nick_changed").await["new_name"], name);
    }
}

#[tokio::test]
async fn two_who_want_one_name_at_once_are_one_who_gets_it() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send(nick("Same")).await;
    bo.send(nick("same")).await;
    let mut answers = Vec::new();
    for client in [&mut ada, &mut bo] {
        answers.push(loop {
            let frame = client.next().await;
            // The room receives the other user's change, while the frame about the own change names no room.
            if frame["type"] == "error" || (frame["type"] == "nick_changed" && frame.get("room").is_none()) {
                break frame["type"].as_str().unwrap().to_owned();
            }
        });
    }
    answers.sort();
    assert_eq!(answers, ["error", "nick_changed"]);
}

#[tokio::test]
async fn a_name_stays_taken_while_its_user_is_away_within_the_grace() {
    let natter = Natter::start().await;
    let (ada, token) = natter.join_with_token("Ada").await;
    drop(ada);
    let mut bo = natter.join_as("Bo").await;
    bo.send(nick("Ada")).await;
    bo.expect_error("name_taken").await;
    let mut other = natter.connect("name=Ada").await;
    assert_eq!(other.expect("connected").await["name"], "Ada1");
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["name"], "Ada");
}

#[tokio::test]
async fn who_never_wrote_anything_is_forgotten_after_the_grace_and_who_did_is_not() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut bo = natter.join_as("Bo").await;
    let (ada, silent_token) = natter.join_with_token("Ada").await;
    bo.expect("user_joined").await;
    drop(ada);
    bo.expect("user_left").await;
    let (mut cy, token) = natter.join_with_token("Cy").await;
    cy.said("I was here").await;
    drop(cy);
    bo.until("user_left").await;
    takes(&mut bo, "Ada").await;
    let mut stranger = natter.connect(&format!("session={silent_token}&lastMsgId=0")).await;
    assert_ne!(stranger.expect("connected").await["session_id"], silent_token.as_str());
    assert_eq!(natter.connect("name=Cy").await.expect("connected").await["name"], "Cy1");
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["name"], "Cy");
}

#[tokio::test]
async fn who_wrote_is_forgotten_after_the_time_that_is_set_and_what_they_wrote_stays() {
    let natter = Natter::start_with(&["--grace", "0", "--forget-after", "0", "--reserve-names", "0"]).await;
    let mut bo = natter.join_as("Bo").await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    bo.expect("user_joined").await;
    ada.said("remember me").await;
    drop(ada);
    bo.until("user_left").await;
    takes(&mut bo, "Ada").await;
    bo.expect("system").await;
    let other = bo.said("I am another Ada").await;
    let history = natter.json("/api/room/general/history").await;
    assert_eq!((&history[0]["from"], &history[0]["text"]), (&json!("Ada"), &json!("remember me")));
    assert_ne!(history[0]["user_id"], other["user_id"], "the same name, another person");
    let mut stranger = natter.connect(&format!("session={token}&lastMsgId=0")).await;
    assert_ne!(stranger.expect("connected").await["session_id"], token.as_str());
}

#[tokio::test]
async fn the_name_of_somebody_who_wrote_and_is_forgotten_is_nobodys_for_a_while() {
    let natter = Natter::start_with(&["--grace", "0", "--forget-after", "0"]).await;
    let mut bo = natter.join_as("Bo").await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    ada.said("remember me").await;
    drop(ada);
    bo.until("user_left").await;
    // She is forgotten when her session no longer leads to her.
    let since = std::time::Instant::now();
    while natter.connect(&format!("session={token}&name=Cy")).await.expect("connected").await["name"] == "Ada" {
        assert!(since.elapsed() < crate::helpers::PATIENCE, "she is forgotten some time");
    }
    let natter = natter.crash_and_restart().await;
    let mut bo = natter.join_as("Bo2").await;
    for name in ["Ada", "aDA", "Аdа"] {
        bo.send(nick(name)).await;
        let refused = bo.until("error").await;
        assert_eq!(refused["code"], "name_taken");
        assert!(refused["message"].as_str().unwrap().ends_with("is taken."), "{refused}");
    }
    assert_eq!(natter.connect("name=Ada").await.expect("connected").await["name"], "Ada1");
}

#[tokio::test]
async fn somebody_who_reads_by_the_page_alone_stays() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let ada = natter.browser("Ada").await;
    // Another user comes and is forgotten meanwhile.
    let mut bo = natter.join_as("Bo").await;
    drop(natter.join_as("Cy").await);
    bo.until("user_left").await;
    assert!(ada.page("/room/general").await.contains("value=\"Ada\""));
    assert_eq!(natter.connect("name=Ada").await.expect("connected").await["name"], "Ada1");
}

#[tokio::test]
async fn what_follows_a_new_name_at_once_is_under_that_name_and_what_it_follows_hears_of_it() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    bo.join("den").await;
    for frame in [
        json!({"type": "join", "room": "den"}),
        nick("Zoe"),
        json!({"type": "message", "room": "den", "text": "it is me"}),
        json!({"type": "message", "room": "den", "text": "/me waves"}),
        nick("Zoe_2"),
        nick("Ada"),
    ] {
        ada.send(frame).await;
    }
    let mut heard = Vec::new();
    while heard.last() != Some(&"Zoe_2 is now known as Ada".to_owned()) {
        let frame = bo.next().await;
        if frame["room"] == "den" && frame["id"].is_u64() {
            heard.push(frame["text"].as_str().unwrap().to_owned());
            assert_ne!(frame["from"], "Ada");
        }
    }
    assert_eq!(
        heard,
        [
            "Ada is now known as Zoe",
            "it is me",
            "* Zoe waves",
            "Zoe is now known as Zoe_2",
            "Zoe_2 is now known as Ada"
        ]
    );
    assert_eq!(ada.until("joined").await["room"], "den");
}

#[tokio::test]
async fn who_was_written_to_while_away_is_remembered() {
    let natter = Natter::start_with(&["--grace", "2"]).await;
    let mut ada = natter.join_as("Ada").await;
    let (bo, token) = natter.join_with_token("Bo").await;
    ada.expect("user_joined").await;
    drop(bo);
    ada.send(json!({"type": "pm", "to": "Bo", "text": "come back"})).await;
    ada.expect("pm_sent").await;
    ada.expect("user_left").await;
    // A silent user who left later is forgotten by now, and so would Bo be.
    drop(natter.join_as("Cy").await);
    ada.until("user_left").await;
    takes(&mut ada, "Cy").await;
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["missed_pms"]["Cy"][0]["text"], "come back");
}
