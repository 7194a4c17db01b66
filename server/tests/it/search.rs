//! The search, by the page and by the API: whose words are found, and the errors.

use crate::helpers::{Browser, Natter, location};
use serde_json::{Value, json};
use std::time::Instant;

/// Searches by the API.
async fn found(browser: &Browser, query: &str) -> Value {
    let response = browser.get(&format!("/api/search?{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn texts(found: &Value) -> Vec<&str> {
    found["results"].as_array().unwrap().iter().map(|result| result["entry"]["text"].as_str().unwrap()).collect()
}

/// Checks that a path is refused with 400 and a reason.
async fn is_refused(browser: &Browser, path: &str, reason: &str) {
    let refused = browser.get(path).await;
    assert_eq!(refused.status(), 400, "{path}");
    assert!(refused.text().await.unwrap().contains(reason), "{path}");
}

#[tokio::test]
async fn a_search_finds_rooms_and_ones_own_conversations_and_nothing_else() {
    let natter = Natter::start().await;
    let (ada, bo, cy) = (natter.browser("Ada").await, natter.browser("Bo").await, natter.browser("Cy").await);
    bo.post("/room/general", &[("text", "The Straße to Łódź")]).await;
    ada.post("/pm/2-Bo", &[("text", "a secret strasse")]).await;
    for (browser, expected) in
        [(&ada, vec!["a secret strasse", "The Straße to Łódź"]), (&cy, vec!["The Straße to Łódź"])]
    {
        assert_eq!(texts(&found(browser, "q=STRASSE").await), expected);
        for query in ["q=secret", "q=secret+in:@Bo", "q=from:Ada"] {
            let is_theirs = expected.len() > 1;
            assert_eq!(texts(&found(browser, query).await).contains(&"a secret strasse"), is_theirs, "{query}");
        }
    }
    assert_eq!(texts(&found(&bo, "q=in:@Ada").await), ["a secret strasse"]);
    assert!(texts(&found(&cy, "q=in:@Ada").await).is_empty(), "Cy's own conversation with Ada is empty");
    let private = found(&bo, "q=secret").await;
    assert_eq!(private["results"][0]["room"], json!("@1-Ada"));
    assert_eq!((&private["older"], &private["indexing"]), (&Value::Null, &json!(false)));
    let stranger = Browser::new(&natter);
    assert_eq!(stranger.get("/api/search?q=strasse").await.status(), 401);
    assert_eq!(location(&stranger.get("/search?q=strasse").await).0, 303, "through the door");
}

#[tokio::test]
async fn the_page_marks_what_it_found_and_leads_there() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let id = bo.said("<b>Crème</b> brûlée & co").await["id"].clone();
    let page = ada.page("/search?q=creme+brulee").await;
    assert!(page.contains("&lt;b&gt;<mark>Crème</mark>&lt;/b&gt; <mark>brûlée</mark> &amp; co"), "{page}");
    assert!(page.contains(&format!("href=\"/room/general/{id}\"")) && page.contains("value=\"creme brulee\""));
    let none = ada.page("/search?q=tiramisu").await;
    assert!(none.contains("No message has all of this."), "{none}");
    assert!(ada.page("/search").await.contains("Find messages"));
    for (query, reason) in [
        ("x", "at least two characters"),
        ("in:nowhere", "no room or conversation called"),
        ("after:soon", "is no day"),
    ] {
        is_refused(&ada, &format!("/search?q={query}"), reason).await;
    }
}

#[tokio::test]
async fn more_than_a_page_is_found_page_by_page() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..7 {
        bo.said(&format!("needle {n}")).await;
    }
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = found(&ada, &format!("q=needle&limit=3{before}")).await;
        seen.extend(texts(&page).into_iter().map(ToOwned::to_owned));
        let Some(older) = page["older"].as_u64() else { break };
        before = format!("&before={older}");
    }
    assert_eq!(seen, (0..7).rev().map(|n| format!("needle {n}")).collect::<Vec<_>>());
    for (query, reason) in
        [("q=x", "at least two"), ("", "q"), ("q=needle&before=x", "before"), ("q=has:cake", "has:link")]
    {
        is_refused(&ada, &format!("/api/search?{query}"), reason).await;
    }
}

#[tokio::test]
async fn a_deleted_message_is_found_no_more_and_an_edited_one_by_its_present_words() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let id = bo.said("the first words").await["id"].clone();
    bo.send(json!({"type": "edit", "room": "general", "target": id, "text": "other words", "client_id": "e"})).await;
    bo.until("edit").await;
    assert!(texts(&found(&ada, "q=first").await).is_empty());
    let edited = found(&ada, "q=other").await;
    assert_eq!((texts(&edited), edited["results"][0]["entry"]["id"].clone()), (vec!["other words"], id.clone()));
    bo.send(json!({"type": "delete", "room": "general", "target": id, "client_id": "d"})).await;
    bo.until("delete").await;
    assert!(texts(&found(&ada, "q=words").await).is_empty());
    let natter = natter.crash_and_restart().await;
    let cy = natter.browser("Cy").await;
    assert!(texts(&found(&cy, "q=words").await).is_empty());
}

#[tokio::test]
async fn a_search_counts_as_ten_requests() {
    let natter = Natter::start_with(&["--query-rate", "20"]).await;
    let ada = natter.browser("Ada").await;
    let (mut searches, since) = (0, Instant::now());
    while ada.get("/api/search?q=needle").await.status() == 200 {
        searches += 1;
    }
    // The burst of a hundred, less what the sign-in took, and what has come since.
    let most = 10 + since.elapsed().as_secs() * 2 + 2;
    assert!((8..=most).contains(&searches), "{searches} searches");
}
