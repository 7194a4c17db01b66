//! Origins that may act with a session's cookie.

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
async fn the_public_address_is_our_own_and_no_other() {
    let natter = Natter::start_with(&["--public-url", "https://chat.example.org"]).await;
    let mut ada = natter.connect_with("name=Ada", &[("origin", "https://chat.example.org")]).await.unwrap();
    ada.expect("connected").await;
    let own = natter.url("");
    let refused = natter.connect_with("name=Eve", &[("origin", &own)]).await.err();
    assert_eq!(refused, Some(StatusCode::FORBIDDEN), "where it is found otherwise");
    let door = Browser::new(&natter).get("/").await;
    for cookie in cookies(&door) {
        assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    }
}

/// Returns the status of a request with these `Host` headers.
async fn status_for(natter: &Natter, path: &str, hosts: &[&str]) -> String {
    let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
    let mut stream = tokio::net::TcpStream::connect(&natter.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
    answer[9..12].to_owned()
}

#[tokio::test]
async fn a_name_that_leads_here_is_not_ours_unless_it_is_allowed() {
    let natter = Natter::start_with(&["--allow-host", "chat.example.org,natter"]).await;
    for ours in ["127.0.0.1", "localhost:3000", "[::1]", "192.168.1.7:3000", "chat.example.org", "Natter:80"] {
        assert_eq!(status_for(&natter, "/", &[ours]).await, "200", "{ours}");
    }
    for path in ["/", "/ws/chat", "/events", "/api/rooms", "/room/general", "/robots.txt", "/static/x"] {
        assert_eq!(status_for(&natter, path, &["evil.example"]).await, "421", "{path}");
        assert_eq!(status_for(&natter, path, &[]).await, "400", "{path}");
        assert_eq!(status_for(&natter, path, &["localhost", "localhost"]).await, "400", "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status_for(&natter, path, &["10-0-0-1.pod.cluster"]).await, "200", "{path}");
    }
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
    let natter = Natter::start_with(&["--allow-host", "chat.example.org"]).await;
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
