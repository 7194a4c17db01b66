//! Conversations as pages, without a script; and the forms for a room and a new name, which are on every page.

use crate::helpers::{Browser, Natter, location, texts};
use serde_json::json;

/// Attributes of a page can also contain the texts.
fn is_in(page: &str, text: &str) -> bool {
    page.contains(text)
}

#[tokio::test]
async fn two_people_talk_by_plain_forms_and_nobody_else_sees_a_word_of_it() {
    let natter = Natter::start().await;
    let (ada, bo, cy) = (natter.browser("Ada").await, natter.browser("Bo").await, natter.browser("Cy").await);
    let form = [("text", "a secret\r\nof two lines"), ("client_id", "form-1")];
    for _ in 0..2 {
        assert_eq!(location(&ada.post("/pm/2-Bo", &form).await), (303, "/pm/2-Bo"));
    }
    assert_eq!(location(&bo.post("/pm/1-Ada", &[("text", "an answer")]).await), (303, "/pm/1-Ada"));
    for (browser, path) in [(&ada, "/pm/2-Bo"), (&bo, "/pm/1-Ada")] {
        let page = browser.page(path).await;
        assert!(is_in(&page, "a secret") && is_in(&page, "an answer"), "{path}");
    }
    for path in
        ["/pm/1-Ada", "/pm/2-Bo", "/pm/3-Cy", "/pm/1-Ada?before=9", "/pm/2-Bo?before=9", "/room/general", "/mentions"]
    {
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
        ada.post("/pm/2-Bo", &[("text", "hello"), ("client_id", "form-1")]).await;
    }
    let received = bo.expect("pm").await;
    assert_eq!((&received["from"], &received["text"]), (&json!("Ada"), &json!("hello")));
    bo.expect_nothing().await;
    assert_eq!(ada.post("/pm/2-Bo", &[("text", "")]).await.status(), 303);
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_long_conversation_is_paged_back_also_where_it_is_on_the_disk_alone() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let mut ids = Vec::new();
    for n in 1..=260 {
        bo.send(json!({"type": "pm", "to": "Ada", "text": format!("line {n} ends")})).await;
        ids.push(bo.until("pm_sent").await["id"].clone());
    }
    let page = ada.page("/pm/2-Bo").await;
    assert!(!is_in(&page, "line 210 ends") && is_in(&page, "line 211 ends") && is_in(&page, "line 260 ends"));
    let older = ada.page(&format!("/pm/2-Bo?before={}", ids[30])).await;
    assert!(is_in(&older, "line 1 ends") && is_in(&older, "line 30 ends") && !is_in(&older, "line 31 ends"));
}

#[tokio::test]
async fn a_conversation_has_one_address_and_is_there_before_anything_is_said() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut zoe = natter.connect_with_name("Ζωή").await;
    zoe.expect("connected").await;
    let address = "/pm/2-%CE%96%CF%89%CE%AE";
    assert_eq!(location(&ada.get("/pm/%CE%B6%CF%89%CE%AE").await), (303, address));
    assert_eq!(ada.get(address).await.status(), 200);
    // A conversation is not a room to return to.
    assert_eq!(location(&ada.get("/").await), (303, "/room/general"));
}

#[tokio::test]
async fn a_conversation_is_with_a_person_whatever_they_are_called() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let (mut bo, mut cy) = (natter.join_as("Bo").await, natter.join_as("Cy").await);
    bo.send(json!({"type": "pm", "to": "Ada", "text": "a secret"})).await;
    bo.until("pm_sent").await;
    assert_eq!(location(&ada.get("/pm/Bo").await), (303, "/pm/2-Bo"), "a link of the old form");
    bo.send(json!({"type": "set_nick", "name": "Bo2"})).await;
    bo.until("nick_changed").await;
    for path in ["/pm/2-Bo", "/pm/2-", "/pm/02-Bo2", "/pm/2-Cy", "/pm/bo2"] {
        assert_eq!(location(&ada.get(path).await), (303, "/pm/2-Bo2"), "{path}");
    }
    assert_eq!(location(&ada.get("/pm/2-Bo?before=9").await), (303, "/pm/2-Bo2?before=9"));
    assert_eq!(ada.get("/pm/Bo").await.status(), 404, "nobody is called so now");
    cy.until("system").await;
    cy.send(json!({"type": "set_nick", "name": "Bo"})).await;
    cy.until("nick_changed").await;
    assert!(is_in(&ada.page("/pm/2-Bo2").await, "a secret"));
    assert_eq!(location(&ada.get("/pm/2-Bo").await), (303, "/pm/2-Bo2"), "never the stranger");
    assert_eq!(location(&ada.get("/pm/Bo").await), (303, "/pm/3-Bo"), "a name alone is whose it is now");
    for path in ["/pm/9-Bo", "/pm/x-Bo", "/pm/-Bo", "/pm/99999999999999999999-Bo"] {
        assert_eq!(ada.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn digits_alone_are_a_name_and_a_hyphen_makes_them_a_number() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    natter.join_as("Bo").await;
    assert_eq!(ada.get("/pm/22").await.status(), 404);
    natter.join_as("22").await;
    assert_eq!(location(&ada.get("/pm/22").await), (303, "/pm/3-22"));
    assert_eq!(ada.get("/pm/22-").await.status(), 404, "nobody has that number");
    assert_eq!(location(&ada.get("/pm/2-22").await), (303, "/pm/2-Bo"));
}

#[tokio::test]
async fn what_somebody_said_who_is_forgotten_stays_readable_to_the_other_one() {
    let natter = Natter::start_with(&["--grace", "0", "--forget-after", "0", "--reserve-names", "0"]).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    bo.send(json!({"type": "pm", "to": "Ada", "text": "remember me"})).await;
    ada.until("pm").await;
    drop(bo);
    ada.until("user_left").await;
    // Another user takes the name as soon as it is free.
    let since = std::time::Instant::now();
    let other = loop {
        let mut other = natter.connect("name=Bo").await;
        if other.expect("connected").await["name"] == "Bo" {
            break other;
        }
        assert!(since.elapsed() < crate::helpers::PATIENCE, "it is free some time");
    };
    ada.send(json!({"type": "pm", "to": "Bo", "user_id": "2", "text": "too late"})).await;
    let refused = ada.until("error").await;
    assert_eq!(
        (&refused["code"], &refused["message"]),
        (&json!("no_such_user"), &json!("Bo is gone. Nothing was sent."))
    );
    let read = async |natter: &Natter| {
        let (mut ada, resumed) = natter.resume(&token, 0).await;
        let conversation = &resumed["conversations"][0];
        let (id, name, gone) = (&conversation["id"], &conversation["name"], &conversation["gone"]);
        assert_eq!((id, name, gone), (&json!("2"), &json!("Bo"), &json!(true)));
        assert_eq!(resumed["missed_pms"].get("Bo"), None, "that would be the other's");
        ada.send(json!({"type": "get_history", "room": "@2-Bo"})).await;
        let history = ada.until("history").await;
        assert_eq!((&history["room"], texts(&history["messages"])), (&json!("@2-Bo"), vec!["remember me"]));
        let cookie = format!("natter_session={token}");
        let page = reqwest::Client::new().get(natter.url("/pm/2-Bo")).header("cookie", cookie).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(is_in(&page.text().await.unwrap(), "remember me"));
    };
    read(&natter).await;
    // Both stay connected until the crash, because a user without entries is forgotten after leaving.
    let restarted = natter.crash_and_restart().await;
    drop((ada, other));
    read(&restarted).await;
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
        let refused = ada.post(path, &[("text", "hi <you>")]).await;
        assert_eq!(refused.status(), 404);
        let page = refused.text().await.unwrap();
        assert!(is_in(&page, ">hi &lt;you></textarea>"), "what was typed is not lost: {page}");
    }
    let stranger = Browser::new(&natter);
    for path in ["/pm/1-Ada", "/pm/Nobody"] {
        assert_eq!(location(&stranger.get(path).await), (303, "/"));
        let refused = stranger.post(path, &[("text", "hi <there>")]).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        let (sentence, text) = ("You've been signed out. Sign in again.", ">hi &lt;there></textarea>");
        assert!(is_in(&page, sentence) && is_in(&page, text), "what was typed is not lost: {page}");
        assert!(!is_in(&page, "Nobody is called"), "{page}");
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
        let response = ada.post("/pm/2-Bo", &[("text", text)]).await;
        assert_eq!(response.status(), 422, "{text}");
        let page = response.text().await.unwrap();
        assert!(is_in(&page, reason) && is_in(&page, text), "{page}");
    }
    let help = ada.post("/pm/2-Bo", &[("text", "/help")]).await;
    assert_eq!(help.status(), 200);
    assert!(is_in(&help.text().await.unwrap(), "Available commands:"));
    assert!(is_in(&ada.post("/pm/2-Bo", &[("text", "/rooms")]).await.text().await.unwrap(), "Rooms: general"));
    assert_eq!(location(&ada.post("/pm/2-Bo", &[("text", "/pm Cy psst")]).await), (303, "/pm/3-Cy"));
    assert_eq!(cy.until("pm").await["text"], "psst");
    assert_eq!(location(&ada.post("/pm/2-Bo", &[("text", "/nick Zoe")]).await), (303, "/pm/2-Bo"));
    assert_eq!(location(&ada.post("/pm/2-Bo", &[("text", "/join den")]).await), (303, "/room/den"));
    assert_eq!(ada.post("/pm/2-Bo", &[("text", "/nonsense")]).await.status(), 422);
    assert_eq!(bo.until("system").await["text"], "Ada is now known as Zoe");
    assert_eq!(bo.expect("room_created").await["room"], "den");
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_room_is_joined_and_a_name_taken_by_their_own_fields_on_any_page() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    assert_eq!(location(&ada.post("/room/general", &[("join", " The Den ")]).await), (303, "/room/the_den"));
    assert_eq!(location(&ada.post("/pm/2-Bo", &[("join", "loft")]).await), (303, "/room/loft"));
    assert_eq!(location(&ada.post("/room/loft", &[("nick", "Zoe")]).await), (303, "/room/loft"));
    assert_eq!(location(&ada.post("/pm/2-Bo", &[("nick", " Ida ")]).await), (303, "/pm/2-Bo"));
    for room in ["the_den", "loft"] {
        assert_eq!(bo.expect("room_created").await["room"], room);
    }
    for (name, line) in [("Zoe", "Ada is now known as Zoe"), ("Ida", "Zoe is now known as Ida")] {
        assert_eq!(bo.expect("nick_changed").await["new_name"], name);
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
    for path in ["/room/general", "/pm/2-Bo"] {
        for (field, typed, reason) in [
            ("join", "", "Enter a room name."),
            ("join", "  ", "Enter a room name."),
            ("join", "x", "A room name has 2 to 30"),
            ("nick", "", "Enter a name."),
            ("nick", "no spaces!", "A name has"),
            ("nick", "Bo", "\"Bo\" is taken."),
        ] {
            let response = ada.post(path, &[(field, typed)]).await;
            assert_eq!(response.status(), 422, "{path} {field} {typed}");
            let page = response.text().await.unwrap();
            assert!(is_in(&page, reason) && is_in(&page, typed), "{path} {field} {typed}: {page}");
            // The island's start data names the field.
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
            ("/pm/2-Bo", "text", "not mine"),
            ("/pm/2-Bo", "nick", "Eve"),
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
    let path = "/pm/3-Bo";
    let page = browser.page(path).await;
    assert!(is_in(&page, r#"action="/pm/3-Bo""#), "{page}");
    bo.send(json!({"type": "set_nick", "name": "Al"})).await;
    bo.until("nick_changed").await;
    cy.send(json!({"type": "set_nick", "name": "Bo"})).await;
    cy.until("nick_changed").await;

    ada.send(json!({"type": "pm", "to": "Bo", "user_id": number, "text": "for Al"})).await;
    assert_eq!(ada.until("pm_sent").await["to"], "Al");
    assert_eq!(bo.until("pm").await["text"], "for Al");
    // A page from before the change posts to the number.
    let sent = browser.post(path, &[("text", "also for Al")]).await;
    assert_eq!(location(&sent), (303, "/pm/3-Al"));
    assert_eq!(bo.until("pm").await["text"], "also for Al");
    cy.send(json!({"type": "get_history", "room": "@Eve"})).await;
    assert_eq!(cy.until("history").await["messages"], json!([]));
    ada.send(json!({"type": "pm", "to": "Bo", "user_id": "999", "text": "for nobody"})).await;
    assert_eq!(ada.until("error").await["code"], "no_such_user");
}
