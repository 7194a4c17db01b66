//! Who may act with a session's cookie.

use crate::helpers::{Browser, Natter, cookies, refused_start, signed_in};
use serde_json::json;
use tokio_tungstenite::tungstenite::http::StatusCode;

#[tokio::test]
async fn a_foreign_page_cannot_open_a_socket_with_or_without_a_cookie() {
    let natter = Natter::start().await;
    let cookie = signed_in(&natter, "Ada").await;
    for origin in ["http://evil.example", "null", "http://127.0.0.1", "file://"] {
        let refused = natter.connect_with("name=Eve", &[("origin", origin)]).await.err();
        assert_eq!(refused, Some(StatusCode::FORBIDDEN), "{origin}");
        let refused = natter.connect_with("", &[("origin", origin), ("cookie", &cookie)]).await.err();
        assert_eq!(refused, Some(StatusCode::FORBIDDEN), "{origin} with a cookie");
    }
}

#[tokio::test]
async fn our_own_page_and_a_client_without_a_browser_can() {
    let natter = Natter::start().await;
    let cookie = signed_in(&natter, "Ada").await;
    let own = natter.url("");
    let mut ada = natter.connect_with("", &[("origin", &own), ("cookie", &cookie)]).await.unwrap();
    assert_eq!(ada.expect("connected").await["name"], "Ada");
    natter.join_as("Bo").await;
    let refused = natter.connect_with("", &[("cookie", &cookie)]).await.err();
    assert_eq!(refused, Some(StatusCode::FORBIDDEN), "a cookie, but no word of where from");
}

#[tokio::test]
async fn the_public_address_is_our_own_too() {
    let natter = Natter::start_with(&["--public-url", "https://chat.example.org"]).await;
    let mut ada = natter.connect_with("name=Ada", &[("origin", "https://chat.example.org")]).await.unwrap();
    ada.expect("connected").await;
    let door = Browser::new(&natter).get("/").await;
    assert!(cookies(&door)[0].contains("; Secure"), "{:?}", cookies(&door));
}

#[tokio::test]
async fn the_public_address_is_the_same_however_it_is_spelled() {
    for spelling in ["https://chat.example.org:443", "https://chat.example.org./", "HTTPS://Chat.Example.Org"] {
        let natter = Natter::start_with(&["--public-url", spelling]).await;
        let mut ada = natter.connect_with("name=Ada", &[("origin", "https://chat.example.org")]).await.unwrap();
        ada.expect("connected").await;
    }
    let (code, said) = refused_start(tempfile::tempdir().unwrap().path(), &["--public-url", "https://a/chat"]).await;
    assert!(code == Some(2) && said.contains("must look like https://chat.example.org"), "{said}");
}

#[tokio::test]
async fn the_host_is_the_same_however_a_proxy_spells_it() {
    let natter = Natter::start().await;
    let origin = "https://chat.example.org";
    for host in ["chat.example.org", "chat.example.org:443", "CHAT.example.org", "chat.example.org."] {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let post = client.post(natter.url("/theme")).header("host", host).header("origin", origin);
        assert_eq!(post.form(&[("theme", "dark")]).send().await.unwrap().status(), 303, "{host}");
    }
}

#[tokio::test]
async fn a_foreign_page_cannot_post_a_form() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for origin in ["http://evil.example", "null"] {
        let response = ada.post_from(origin, "/room/general", &[("text", "not mine")]).await;
        assert_eq!(response.status(), 403, "{origin}");
    }
    bo.expect_nothing().await;
    assert_eq!(bo.said("mine").await["prev"], json!(0));
}
