//! Requests that no browser sends.

use crate::helpers::{Natter, signed_in};
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    runtime::Runtime,
};

/// Returns the status of a request with any bytes as its target and cookies.
async fn status(address: &str, target: &str, cookies: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: ");
    stream.write_all(&[head.as_bytes(), cookies, b"\r\n\r\n"].concat()).await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer: {line}"))
}

#[test]
fn no_path_query_or_cookie_is_an_error_of_the_server() {
    let runtime = Runtime::new().unwrap();
    let natter = runtime.block_on(Natter::start());
    let session = runtime.block_on(signed_in(&natter, "Ada"));
    let paths = prop::sample::select(vec![
        "/",
        "/room/general",
        "/room/",
        "/pm/1-Ada",
        "/pm/",
        "/mentions",
        "/api/rooms",
        "/api/room/general/history",
        "/api/room/general/users",
        "/api/stats",
        "/ws/chat",
        "/events",
        "/static/x",
    ]);
    let query = "(([?&](name|room|before|after|limit|id|user_id|last_id|epoch)?=)?(%[0-9a-fA-F]{1,2}|%E2%80%AE|%C3|[!$&-;=?-Z_a-z~]|[0-9]{1,22})){0,12}";
    // Bytes that end a header are refused before any code of ours sees them.
    let cookie = proptest::collection::vec(prop_oneof![Just(b'\t'), b' '..=b'~', 0x80..=0xff_u8], 0..40);
    let cases = (paths, query, cookie, any::<bool>());
    TestRunner::default()
        .run(&cases, |(path, query, mut cookie, is_known)| {
            if is_known {
                cookie.splice(..0, format!("{session}; ").into_bytes());
            }
            let target = format!("{path}{query}");
            let status = runtime.block_on(status(&natter.address, &target, &cookie));
            prop_assert!((200..500).contains(&status), "{status} for {target}");
            Ok(())
        })
        .unwrap();
}
