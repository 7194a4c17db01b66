//! Conversations as pages, without a script; and the forms for a room and a new name, which stand on every page.

use crate::helpers::{Browser, Natter, texts};
use serde_json::json;

fn location(response: &reqwest::Response) -> (u16, &str) {
    (response.status().as_u16(), response.headers()["location"].to_str().unwrap())
}

/// A browser's texts may hold what stands in an attribute.
fn is_in(page: &str, text: &str) -> bool {
    page.contains(text)
}

#[tokio::test]
async fn two_people_talk_by_plain_forms_and_nobody_else_sees_a_word_of_it() {
    let natter = Natter::start().await;
    let (ada, bo, cy) = (natter.browser("Ada").await, natter.browser("Bo").await, natter.browser("Cy").await);
    let form = [("text", "a secret\r\nof two lines"), ("client_id", "form-1")];
    for _ in 0..2 {
        assert_eq!(location(&ada.post("/pm/Bo", &form).await), (303, "/pm/Bo"));
    }
    assert_eq!(location(&bo.post("/pm/Ada", &[("text", "an answer")]).await), (303, "/pm/Ada"));
    for (browser, path) in [(&ada, "/pm/Bo"), (&bo, "/pm/Ada")] {
        let page = browser.page(path).await;
        assert!(is_in(&page, "a secret") && is_in(&page, "an answer"), "{path}");
    }
    for path in ["/pm/Ada", "/pm/Bo", "/pm/Cy", "/pm/Ada?before=9", "/pm/Bo?before=9", "/room/general", "/mentions"] {
        let page = cy.page(path).await;
        assert!(!is_in(&page, "a secret") && !is_in(&page, "an answer"), "{path}");
    }
    let mut live = natter.join_as("Di").await;
    live.send(json!({"type": "get_history", "room": "@Ada"})).await;
    assert_eq!(live.expect("history").await["messages"], json!([]));
    assert_eq!(natter.json("/api/rooms").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_text_posted_to_a_conversation_arrives_live_once() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for _ in 0..2 {
        ada.post("/pm/Bo", &[("text", "hello"), ("client_id", "form-1")]).await;
    }
    let received = bo.expect("pm").await;
    assert_eq!((&received["from"], &received["text"]), (&json!("Ada"), &json!("hello")));
    bo.expect_nothing().await;
    assert_eq!(ada.post("/pm/Bo", &[("text", "")]).await.status(), 303);
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_long_conversation_is_paged_back_also_where_it_is_on_the_disk_alone() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 1..=260 {
        bo.send(json!({"type": "pm", "to": "Ada", "text": format!("line {n} ends")})).await;
        bo.until("pm_sent").await;
    }
    let page = ada.page("/pm/Bo").await;
    assert!(!is_in(&page, "line 210 ends") && is_in(&page, "line 211 ends") && is_in(&page, "line 260 ends"));
    let older = ada.page("/pm/Bo?before=31").await;
    assert!(is_in(&older, "line 1 ends") && is_in(&older, "line 30 ends") && !is_in(&older, "line 31 ends"));
}

#[tokio::test]
async fn a_conversation_has_one_address_and_is_there_before_anything_is_said() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut zoe = natter.connect_with_name("Ζωή").await;
    zoe.expect("connected").await;
    let address = "/pm/%CE%96%CF%89%CE%AE";
    assert_eq!(location(&ada.get("/pm/%CE%B6%CF%89%CE%AE").await), (303, address));
    assert_eq!(ada.get(address).await.status(), 200);
    // It is no room to come back to.
    assert_eq!(location(&ada.get("/").await), (303, "/room/general"));
}

#[tokio::test]
async fn who_is_not_there_has_no_conversation_and_a_stranger_is_not_told_who_is() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    for path in ["/pm/Nobody", "/pm/%3Cscript%3Ealert(1)"] {
        let response = ada.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let page = response.text().await.unwrap();
        assert!(is_in(&page, "Nobody is called") && !is_in(&page, "<script>alert"), "{page}");
        assert_eq!(ada.post(path, &[("text", "hi")]).await.status(), 404);
    }
    let stranger = Browser::new(&natter);
    for path in ["/pm/Ada", "/pm/Nobody"] {
        assert_eq!(location(&stranger.get(path).await), (303, "/"));
        assert_eq!(location(&stranger.post(path, &[("text", "hi")]).await), (303, "/"));
    }
}

#[tokio::test]
async fn commands_do_in_a_conversation_what_they_do_anywhere_but_for_those_of_rooms() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let mut cy = natter.join_as("Cy").await;
    bo.until("user_joined").await;
    let rooms_only = "This command works in rooms only.";
    for (text, reason) in
        [("/me waves", rooms_only), ("/leave", "You can't leave a conversation."), ("/users", rooms_only)]
    {
        let response = ada.post("/pm/Bo", &[("text", text)]).await;
        assert_eq!(response.status(), 422, "{text}");
        let page = response.text().await.unwrap();
        assert!(is_in(&page, reason) && is_in(&page, text), "{page}");
    }
    let help = ada.post("/pm/Bo", &[("text", "/help")]).await;
    assert_eq!(help.status(), 200);
    assert!(is_in(&help.text().await.unwrap(), "Available commands:"));
    assert!(is_in(&ada.post("/pm/Bo", &[("text", "/rooms")]).await.text().await.unwrap(), "Rooms: general"));
    assert_eq!(location(&ada.post("/pm/Bo", &[("text", "/pm Cy psst")]).await), (303, "/pm/Cy"));
    assert_eq!(cy.expect("pm").await["text"], "psst");
    assert_eq!(location(&ada.post("/pm/Bo", &[("text", "/nick Zoe")]).await), (303, "/pm/Bo"));
    assert_eq!(location(&ada.post("/pm/Bo", &[("text", "/join den")]).await), (303, "/room/den"));
    assert_eq!(ada.post("/pm/Bo", &[("text", "/nonsense")]).await.status(), 422);
    assert_eq!(bo.expect("system").await["text"], "Ada is now known as Zoe");
    assert_eq!(bo.expect("room_created").await["room"], "den");
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_room_is_joined_and_a_name_taken_by_their_own_fields_on_any_page() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    assert_eq!(location(&ada.post("/room/general", &[("join", " The Den ")]).await), (303, "/room/the_den"));
    assert_eq!(location(&ada.post("/pm/Bo", &[("join", "loft")]).await), (303, "/room/loft"));
    assert_eq!(location(&ada.post("/room/loft", &[("nick", "Zoe")]).await), (303, "/room/loft"));
    assert_eq!(location(&ada.post("/pm/Bo", &[("nick", " Ida ")]).await), (303, "/pm/Bo"));
    for room in ["the_den", "loft"] {
        assert_eq!(bo.expect("room_created").await["room"], room);
    }
    for line in ["Ada is now known as Zoe", "Zoe is now known as Ida"] {
        assert_eq!(bo.expect("system").await["text"], line);
    }
    let general = natter.json("/api/room/general/history").await;
    assert_eq!(texts(&general), ["Ada is now known as Zoe", "Zoe is now known as Ida"], "and nothing else is said");
}

#[tokio::test]
async fn a_refused_room_or_name_comes_back_with_what_was_typed_and_the_reason() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    natter.browser("Bo").await;
    for path in ["/room/general", "/pm/Bo"] {
        for (field, typed, reason) in [
            ("join", "", "Enter a room name."),
            ("join", "  ", "Enter a room name."),
            ("join", "x", "A room name has 2 to 30"),
            ("nick", "", "Enter a name."),
            ("nick", "no spaces!", "A name has"),
            ("nick", "Bo", "The name Bo is taken."),
        ] {
            let response = ada.post(path, &[(field, typed)]).await;
            assert_eq!(response.status(), 422, "{path} {field} {typed}");
            let page = response.text().await.unwrap();
            assert!(is_in(&page, reason) && is_in(&page, typed), "{path} {field} {typed}: {page}");
            // What the island starts from names the field.
            assert!(is_in(&page, &format!("about&quot;:&quot;{field}")), "{page}");
        }
    }
}

#[tokio::test]
async fn a_foreign_page_can_neither_talk_nor_choose_for_its_visitor() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for origin in ["http://evil.example", "null"] {
        for (path, field, value) in [
            ("/pm/Bo", "text", "not mine"),
            ("/pm/Bo", "nick", "Eve"),
            ("/room/general", "join", "den"),
            ("/room/general", "nick", "Eve"),
            ("/theme", "theme", "dark"),
        ] {
            let response = ada.post_from(origin, path, &[(field, value)]).await;
            assert_eq!(response.status(), 403, "{origin} {path} {field}");
        }
    }
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_private_text_reaches_whom_it_was_written_to_though_another_has_the_name_by_now() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let browser = natter.browser("Eve").await;
    let (mut bo, mut cy) = (natter.join_as("Bo").await, natter.join_as("Cy").await);
    ada.send(json!({"type": "pm", "to": "Bo", "text": "first"})).await;
    let number = ada.until("pm_sent").await["user_id"].clone();
    let page = browser.page("/pm/Bo").await;
    assert!(is_in(&page, &format!(r#"name="with" value="{}""#, number.as_str().unwrap())), "{page}");
    bo.send(json!({"type": "set_nick", "name": "Al"})).await;
    bo.until("nick_changed").await;
    cy.send(json!({"type": "set_nick", "name": "Bo"})).await;
    cy.until("nick_changed").await;

    ada.send(json!({"type": "pm", "to": "Bo", "user_id": number, "text": "for Al"})).await;
    assert_eq!(ada.until("pm_sent").await["to"], "Al");
    assert_eq!(bo.until("pm").await["text"], "for Al");
    // A page that was made before says with whom it was.
    let form = [("text", "who is this for"), ("with", number.as_str().unwrap())];
    let refused = browser.post("/pm/Bo", &form).await;
    assert_eq!(refused.status(), 422);
    let page = refused.text().await.unwrap();
    assert!(
        is_in(&page, "Somebody else has this name by now.") && is_in(&page, ">who is this for</textarea>"),
        "{page}"
    );
    cy.send(json!({"type": "get_history", "room": "@Eve"})).await;
    assert_eq!(cy.until("history").await["messages"], json!([]));
    ada.send(json!({"type": "pm", "to": "Bo", "user_id": "999", "text": "for nobody"})).await;
    assert_eq!(ada.until("error").await["code"], "no_such_user");
}
