//! The page as the server renders it, and its forms.

use crate::helpers::{Browser, Natter, cookies, names, signed_in, texts};
use serde_json::json;

/// Checks that nothing a person wrote became markup.
fn assert_no_markup(page: &str) {
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("onerror=x>"), "{page}");
}

#[tokio::test]
async fn a_visitor_is_asked_for_a_name_and_a_user_goes_on_to_the_last_room() {
    let natter = Natter::start().await;
    let browser = Browser::new(&natter);
    assert!(browser.page("/").await.contains("Your name"));
    let away = browser.get("/room/random").await;
    assert_eq!((away.status().as_u16(), &away.headers()["location"]), (303, &"/?room=random".parse().unwrap()));

    let response = browser.post("/", &[("name", " Ada "), ("room", "random")]).await;
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/room/random".parse().unwrap()));
    let cookie = &cookies(&response)[0];
    assert!(cookie.starts_with("natter_session_"), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(browser.page("/room/random").await.contains("value=\"Ada\""));
    assert_eq!(browser.get("/").await.headers()["location"], "/room/random");
}

#[tokio::test]
async fn a_name_of_spaces_is_refused_by_the_form_with_a_reason() {
    let natter = Natter::start().await;
    let response = Browser::new(&natter).sign_in("   ").await;
    assert_eq!(response.status(), 422);
    assert!(cookies(&response).iter().all(|cookie| !cookie.starts_with("natter_session")));
    assert!(response.text().await.unwrap().contains("Enter a name."));
}

#[tokio::test]
async fn a_room_is_readable_with_its_entries_and_members() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let mut ids = Vec::new();
    for n in 1..=60 {
        ids.push(bo.said(&format!("line {n} ends")).await["id"].clone());
    }
    let before = format!("?before={}", ids[10]);
    let page = ada.page("/room/general").await;
    assert!(!page.contains("line 10 ends") && page.contains("line 11 ends") && page.contains("line 60 ends"));
    assert!(page.contains("href=\"/pm/2-Bo\""));
    assert!(page.contains(&format!("href=\"{before}\"")) && page.contains("data-after=\"0\""));
    let older = ada.page(&format!("/room/general{before}")).await;
    assert!(older.contains("line 1 ends") && older.contains("line 10 ends") && !older.contains("line 11 ends"));
    assert!(!older.contains("data-after=\"0\""), "nothing is older");
}

#[tokio::test]
async fn what_people_wrote_is_text_wherever_it_stands_in_a_page() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    bo.said("<script>alert(1)</script></leptos-island><img src=x onerror=x>").await;
    bo.said("\" onmouseover=\"alert(2) ' data-x='").await;
    let page = ada.page("/room/general").await;
    assert!(page.contains("&lt;script>") || page.contains("&lt;script&gt;"));
    assert_no_markup(&page);
    let (anywhere, in_a_text) = ("\" onmouseover=\"alert(2)", ">\" onmouseover=\"alert(2)");
    assert_eq!(page.matches(anywhere).count(), page.matches(in_a_text).count(), "in no attribute");
}

#[tokio::test]
async fn a_room_that_is_not_there_is_a_page_that_says_so() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    for (path, named) in [("/room/nowhere", "nowhere"), ("/room/x", "x"), ("/room/%3Cscript%3Ealert(1)", "&lt;script")]
    {
        let response = ada.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let page = response.text().await.unwrap();
        assert!(page.contains("No room is called") && page.contains(named), "{page}");
        assert_no_markup(&page);
    }
    assert_eq!(ada.get("/nothing/here").await.status(), 404);
    assert_eq!(ada.post("/room/nowhere", &[("text", "hi")]).await.status(), 404);
}

#[tokio::test]
async fn a_room_has_one_address() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    assert_eq!(ada.get("/room/General").await.headers()["location"], "/room/general");
    let mut bo = natter.join_as("Bo").await;
    bo.send(json!({"type": "join", "room": "日本語"})).await;
    bo.expect("joined").await;
    let page = ada.page("/room/%E6%97%A5%E6%9C%AC%E8%AA%9E").await;
    assert!(page.contains("日本語"));
    assert_eq!(ada.get("/").await.headers()["location"], "/room/%E6%97%A5%E6%9C%AC%E8%AA%9E");
}

#[tokio::test]
async fn a_path_has_one_spelling_and_a_page_says_which() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    for (path, there) in [
        ("/room/general/", "/room/general"),
        ("/room//general", "/room/general"),
        ("/ROOM/general?before=5", "/room/general?before=5"),
        ("/pm/1-Ada/", "/pm/1-Ada"),
        ("/Mentions/", "/mentions"),
    ] {
        let moved = ada.get(path).await;
        assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (308, &there.parse().unwrap()), "{path}");
        assert_eq!(ada.get(there).await.status(), 200);
    }
    for path in ["/room/GENERAL", "/room/ｇｅｎｅｒａｌ", "/room/General?before=5"] {
        let moved = ada.get(path).await;
        let there = path.split_once('?').map_or("/room/general", |_| "/room/general?before=5");
        assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (303, &there.parse().unwrap()), "{path}");
    }
    // A form is sent again, unchanged, to its canonical path.
    assert_eq!(ada.post("/room/general/", &[("text", "hi")]).await.status(), 308);
    // Requests of programs are answered at once.
    for path in ["/api/rooms/", "//api/rooms", "/healthz/", "/readyz//"] {
        assert_eq!(ada.get(path).await.status(), 200, "{path}");
    }
    assert_eq!(natter.connect_to("/ws/chat/?name=Bo").await, None, "a socket opens");
    for path in ["//evil.example/", "//evil.example/room/general", "/%5Cevil.example/", "/room/nowhere/else/"] {
        let moved = ada.get(path).await;
        let there = moved.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
        assert!(there.is_none_or(|there| there.starts_with("/room/")), "{path} leads nowhere else");
    }
}

#[tokio::test]
async fn a_form_that_stays_when_it_is_sent_may_send_another_text() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    for text in ["one", "two", "one", "two"] {
        let response = ada.post("/room/general", &[("text", text), ("client_id", "form-1")]).await;
        assert_eq!(response.status(), 303);
    }
    let history = natter.json("/api/room/general/history").await;
    assert_eq!(texts(&history), ["one", "two"], "each once, however often it was sent");
}

#[tokio::test]
async fn who_reads_a_page_is_present_without_a_connection_and_a_connection_changes_nothing_for_others() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut bo = natter.join_as("Bo").await;
    let cookie = signed_in(&natter, "Ada").await;
    bo.expect_nothing().await;
    let page = reqwest::Client::new().get(natter.url("/room/general")).header("cookie", &cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("href=\"/pm/2-Ada\""), "the page lists its reader: {page}");
    let came = bo.expect("user_joined").await;
    assert_eq!((&came["user"], names(&came)), (&json!("Ada"), vec!["Ada", "Bo"]));
    let headers = [("cookie", cookie.as_str()), ("origin", &natter.url(""))];
    let mut ada = natter.connect_with("", &headers).await.unwrap();
    assert_eq!(ada.expect("connected").await["name"], "Ada");
    bo.expect_nothing().await;
    drop(ada);
    assert_eq!(bo.expect("user_left").await["user"], "Ada", "the lease of the page ended with the connection");
}

#[tokio::test]
async fn the_manifest_is_asked_for_with_the_credentials_that_a_proxy_wants() {
    let natter = Natter::start().await;
    let page = Browser::new(&natter).page("/").await;
    let link = page.split("<link ").find(|link| link.contains("rel=\"manifest\"")).unwrap();
    assert!(link.contains("crossorigin=\"use-credentials\""), "{link}");
}

#[tokio::test]
async fn a_posted_text_is_stored_and_shown_live() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let form = [("text", "first\r\nsecond"), ("client_id", "form-1")];
    for _ in 0..2 {
        let response = ada.post("/room/general", &form).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["location"]),
            (303, &"/room/general".parse().unwrap())
        );
    }
    let entry = bo.expect("message").await;
    assert_eq!((&entry["from"], &entry["text"]), (&json!("Ada"), &json!("first\nsecond")));
    bo.expect_nothing().await;
    // Posting to a room joins it.
    assert_eq!(ada.post("/room/random", &[("text", "hello")]).await.status(), 303);
    assert!(ada.page("/room/random").await.contains("hello"));
}

#[tokio::test]
async fn a_text_that_is_refused_comes_back_with_the_reason() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let long = format!("</textarea><script>alert(1)</script>{}", "x".repeat(4_000));
    let response = ada.post("/room/general", &[("text", &long)]).await;
    assert_eq!(response.status(), 422);
    let page = response.text().await.unwrap();
    assert!(page.contains("Too long: ") && page.contains(&"x".repeat(4_000)));
    assert_no_markup(&page);
}

#[tokio::test]
async fn pages_forbid_everything_but_their_own_files_and_nonce() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut nonces = Vec::new();
    for path in ["/room/general", "/room/nowhere"] {
        let response = ada.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'nonce-"), "{policy}");
        assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("media-src 'self'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = response.text().await.unwrap();
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
        }
        assert!(!page.contains(" style="));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1], "a nonce is used once");
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let natter = Natter::start().await;
    let browser = Browser::new(&natter);
    for path in ["/", "/healthz", "/readyz", "/nothing/here"] {
        let response = browser.get(path).await;
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(response.headers()["referrer-policy"], "same-origin", "{path}");
        assert!(response.headers().contains_key("content-security-policy"), "{path}");
    }
    assert_eq!(browser.get("/readyz").await.status(), 200);
}

/// Returns `true` for each of the forms that the page offers: to join the room, and to leave it.
fn forms(page: &str) -> (bool, bool) {
    let is_shown = |attribute: &str| {
        let form = page.split("<form").find(|form| form.contains(attribute)).expect(attribute);
        !form.split_once('>').unwrap().0.contains("hidden")
    };
    (is_shown("class=\"preview\""), is_shown("data-command=\"leave\""))
}

#[tokio::test]
async fn a_room_that_one_only_looks_at_can_be_joined_and_ones_own_can_be_left() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let page = ada.page("/room/random").await;
    assert_eq!(forms(&page), (true, false), "{page}");
    let joined = ada.post("/room/random", &[("text", "/join random")]).await;
    assert_eq!(joined.headers()["location"], "/room/random");
    let page = ada.page("/room/random").await;
    assert_eq!(forms(&page), (false, true), "{page}");
}

#[tokio::test]
async fn a_refused_name_or_room_is_explained_beside_its_field_and_where_it_is_seen() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    for (field, reason) in [("nick", "That name can't be used."), ("join", "A room name has 2 to")] {
        let typed = if field == "nick" { "system" } else { "x" };
        let refused = ada.post("/room/general", &[(field, typed)]).await;
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        let after = |start: &str| page.split_once(start).expect(start).1.split_once("</p>").unwrap().0.to_owned();
        for line in [after("class=\"notice\""), after(&format!("id=\"{field}-problem\""))] {
            assert!(line.contains(reason), "{line}");
        }
    }
}

#[tokio::test]
async fn what_a_command_says_to_one_alone_leads_to_the_conversation() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let bo = natter.browser("Bo").await;
    let sent = ada.post("/room/general", &[("text", "/pm bo a secret")]).await;
    assert_eq!((sent.status().as_u16(), &sent.headers()["location"]), (303, &"/pm/2-Bo".parse().unwrap()));
    assert!(bo.page("/pm/1-Ada").await.contains("a secret"));
}
