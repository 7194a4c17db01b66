//! Sign-out, in one browser or everywhere.

use crate::helpers::{Browser, Natter, cookies, session_cookie};
use serde_json::json;

#[tokio::test]
async fn who_signs_out_here_is_nobody_here_and_stays_elsewhere() {
    let natter = Natter::start().await;
    let (mut elsewhere, token) = natter.join_with_token("Ada").await;
    let headers = |cookie: &str| [("origin".to_owned(), natter.url("")), ("cookie".to_owned(), cookie.to_owned())];
    let browser = natter.browser("Bo").await;
    let page = browser.page("/room/general").await;
    assert!(page.contains(r#"action="/logout""#), "{page}");
    let signed_in = Browser::new(&natter).sign_in("Cy").await;
    let cookie = session_cookie(&signed_in);
    let own = headers(&cookie);
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut first = natter.connect_with("", &own).await.unwrap();
    let mut second = natter.connect_with("", &own).await.unwrap();

    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let out = client.post(natter.url("/logout")).header("origin", natter.url("")).header("cookie", &cookie);
    let answer = out.form(&[("", "")]).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, "/"));
    let name = cookie.split('=').next().unwrap();
    let forgotten = cookies(&answer).into_iter().find(|set| set.starts_with(name)).expect("the cookie is taken back");
    assert!(forgotten.starts_with(&format!("{name}=;")) && forgotten.contains("Max-Age=0"), "{forgotten}");
    for socket in [&mut first, &mut second] {
        assert_eq!(socket.expect_close().await.0, 4001);
    }
    let mut stranger = natter.connect_with("", &own).await.unwrap();
    let connected = stranger.expect("connected").await;
    assert!(connected["session_id"].is_string() && connected["name"] != "Cy", "{connected}");

    elsewhere.said("others notice nothing").await;
    natter.resume(&token, 0).await;
    assert_eq!(browser.get("/room/general").await.status(), 200);
}

#[tokio::test]
async fn who_signs_out_everywhere_is_nobody_anywhere_also_after_a_start() {
    let natter = Natter::start().await;
    let browser = natter.browser("Ada").await;
    browser.post("/room/general", &[("text", "what is written stays")]).await;
    assert_eq!(browser.post("/logout", &[("everywhere", "1")]).await.status(), 303);
    assert_eq!(browser.get("/room/general").await.headers()["location"], "/?room=general");
    // The name stays the user's.
    assert_eq!(Browser::new(&natter).sign_in("Ada").await.status(), 422);

    let (mut bo, token) = natter.join_with_token("Bo").await;
    let out = reqwest::Client::new().post(natter.url("/logout")).header("origin", natter.url(""));
    let name = format!("natter_session={token}");
    let out = out.header("cookie", name).form(&[("everywhere", "1")]).send().await.unwrap();
    assert_eq!(out.status(), 200, "the front door");
    assert_eq!(bo.expect_close().await.0, 4001);
    let natter = natter.crash_and_restart().await;
    let mut stranger = natter.connect(&format!("session={token}&name=Bo")).await;
    assert_ne!(stranger.expect("connected").await["name"], json!("Bo"));
}

#[tokio::test]
async fn nobody_is_signed_out_by_a_foreign_page_or_without_a_session() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    assert_eq!(ada.post_from("http://evil.example", "/logout", &[("everywhere", "1")]).await.status(), 403);
    assert_eq!(ada.get("/room/general").await.status(), 200);
    assert_eq!(Browser::new(&natter).post("/logout", &[("everywhere", "1")]).await.status(), 303);
}
