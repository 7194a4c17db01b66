//! Unread entries, mentions and absent members.

use crate::helpers::{Browser, Natter, PATIENCE, names};
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn what_is_unread_and_who_names_one_is_said_to_who_comes_back_however_they_come() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let read = bo.said("read").await["id"].as_u64().unwrap();
    ada.until("message").await;
    ada.send(json!({"type": "read", "room": "general", "id": read})).await;
    ada.said("my own").await;
    bo.until("message").await;
    bo.said("unread").await;
    let newest = bo.said("@Ada, are you there?").await["id"].as_u64().unwrap();
    let unread = json!({"count": 2, "mentions": 1});

    let (_, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed["unread"], json!({"general": unread}), "whatever the cursor is");
    let mut anew = natter.connect(&format!("session={token}")).await;
    anew.expect("connected").await;
    let joined = anew.expect("joined").await;
    assert_eq!((&joined["read"], &joined["unread"]), (&json!(read), &unread));

    let natter = natter.crash_and_restart().await;
    let (mut ada, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed["unread"], json!({"general": unread}), "after a restart too");
    ada.send(json!({"type": "read", "room": "general", "id": newest})).await;
    ada.said("stored after the mark").await;
    let (_, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed.get("unread"), None, "nothing is unread");
}

#[tokio::test]
async fn of_very_much_that_is_unread_the_newest_two_hundred_are_counted() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    ada.said("I wrote something, so I am remembered").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..205 {
        bo.said(&format!("@Ada {n}")).await;
    }
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["unread"]["general"], json!({"count": 200, "mentions": 200}));
}

#[tokio::test]
async fn what_is_unread_of_a_conversation_stands_beside_it() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let (mut bo, token) = natter.join_with_token("Bo").await;
    for text in ["one", "two"] {
        ada.send(json!({"type": "pm", "to": "Bo", "text": text})).await;
        bo.until("pm").await;
    }
    bo.send(json!({"type": "pm", "to": "Ada", "text": "my own"})).await;
    bo.until("pm_sent").await;
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["conversations"][0]["unread"], 2);
}

#[tokio::test]
async fn who_goes_is_away_and_is_listed_so_and_who_leaves_is_not() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.join("den").await;
    bo.join("den").await;
    bo.said("I wrote something, so I am remembered").await;
    ada.until("message").await;

    bo.send(json!({"type": "leave", "room": "den"})).await;
    let left = ada.until("user_left").await;
    assert_eq!((&left["room"], left.get("away")), (&json!("den"), None), "not a member any more");

    drop(bo);
    let left = ada.until("user_left").await;
    assert_eq!((&left["room"], &left["user"], &left["away"]), (&json!("general"), &json!("Bo"), &json!(true)));
    for (room, away) in [("general", vec!["Bo"]), ("den", vec![])] {
        ada.send(json!({"type": "get_users", "room": room})).await;
        let list = ada.expect("user_list").await;
        assert_eq!((names(&list), &list["count"]), (vec!["Ada"], &json!(1)));
        let listed = list["away"].as_array().into_iter().flatten().map(|user| user["name"].as_str().unwrap());
        assert_eq!(listed.collect::<Vec<_>>(), away, "{room}");
    }
}

#[tokio::test]
async fn who_is_forgotten_when_they_go_is_not_away() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let bo = natter.join_as("Bo").await;
    drop(bo);
    assert_eq!(ada.until("user_left").await.get("away"), None);
    ada.send(json!({"type": "get_users", "room": "general"})).await;
    assert_eq!(ada.expect("user_list").await.get("away"), None);
}

#[tokio::test]
async fn what_was_said_before_somebody_came_is_not_unread_not_even_after_a_restart() {
    let natter = Natter::start().await;
    let mut bo = natter.join_as("Bo").await;
    bo.join("den").await;
    bo.send(json!({"type": "message", "room": "den", "text": "@Ada in the den"})).await;
    bo.until("message").await;
    let newest = bo.said("@Ada before she came").await["id"].as_u64().unwrap();

    let (mut ada, token) = natter.join_with_token("Ada").await;
    let joined = ada.join("den").await;
    assert_eq!((&joined["read"], joined.get("unread")), (&json!(newest - 1), None));
    ada.said("I wrote something, so I am remembered").await;

    let natter = natter.crash_and_restart().await;
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!((&resumed["read"]["general"], resumed.get("unread")), (&json!(newest), None));
}

/// Returns the URL of the image by which a page without a script reports its entries as read.
async fn picture(browser: &Browser, path: &str) -> Option<String> {
    let page = browser.page(path).await;
    let (_, picture) = page.split_once("<noscript>")?;
    Some(picture.split_once("src=\"").unwrap().1.split_once('"').unwrap().0.to_owned())
}

/// Loads the image of one of our own pages.
async fn shown(browser: &Browser, source: &str) -> reqwest::Response {
    browser.picture(source, Some("same-origin"), None).await
}

/// Waits until a read mark is stored.
async fn until_read(browser: &Browser, path: &str) {
    let since = Instant::now();
    while picture(browser, path).await.is_some() {
        assert!(since.elapsed() < PATIENCE, "{path} is not read in time");
    }
}

#[tokio::test]
async fn a_page_without_a_script_moves_the_mark_to_its_newest_entry() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    assert_eq!(picture(&ada, "/room/general").await, None, "there is nothing to read");
    let id = bo.said("hello").await["id"].as_u64().unwrap();
    bo.send(json!({"type": "pm", "to": "Ada", "text": "for you alone"})).await;
    bo.until("pm_sent").await;
    assert_eq!(picture(&ada, &format!("/room/general?before={}", id + 1)).await, None, "older entries are no end");
    for (path, id) in [("/room/general", id), ("/pm/2-Bo", id + 1)] {
        let source = picture(&ada, path).await.expect("there is something to read");
        assert_eq!(source, format!("{path}/read?id={id}"));
        let answer = shown(&ada, &source).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (204, &"no-store".parse().unwrap()));
        until_read(&ada, path).await;
    }
}

#[tokio::test]
async fn a_mark_is_moved_within_the_log_by_its_members_alone() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    bo.said("one").await;
    assert_eq!(shown(&ada, "/room/general/read?id=9000000").await.status(), 204);
    until_read(&ada, "/room/general").await;
    let id = bo.said("two").await["id"].as_u64().unwrap();
    let beyond = "what is said after it is unread";
    assert_eq!(picture(&ada, "/room/general").await, Some(format!("/room/general/read?id={id}")), "{beyond}");
    shown(&ada, &format!("/room/general/read?id={id}")).await;
    until_read(&ada, "/room/general").await;
    assert_eq!(shown(&ada, "/room/general/read?id=1").await.status(), 204);
    ada.post("/room/general", &[("text", "what was asked before this is stored before it")]).await;
    let page = ada.page("/room/general").await;
    assert!(page.contains(&format!(r#"&quot;read&quot;:{id}"#)), "it never goes back: {page}");

    for (path, status) in [
        ("/room/random/read?id=1", 422),
        ("/room/none/read?id=1", 404),
        ("/pm/Nobody/read?id=1", 404),
        ("/room/general/read", 400),
    ] {
        assert_eq!(shown(&ada, path).await.status(), status, "{path}");
    }
    assert_eq!(shown(&Browser::new(&natter), "/room/general/read?id=1").await.status(), 401);
}

#[tokio::test]
async fn a_mark_is_moved_by_our_own_pages_alone() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    natter.join_as("Bo").await.said("hello").await;
    let (own, foreign) = (natter.url("/room/general"), "http://evil.example/room/general");
    for (site, page, status) in [
        (Some("cross-site"), None, 403),
        (Some("same-site"), Some(&*own), 403),
        (Some("none"), None, 403),
        (None, None, 403),
        (None, Some(foreign), 403),
        (None, Some(&*own), 204),
        (Some("same-origin"), None, 204),
    ] {
        let answer = ada.picture("/room/general/read?id=1", site, page).await;
        assert_eq!(answer.status(), status, "{site:?}, {page:?}");
    }
}
