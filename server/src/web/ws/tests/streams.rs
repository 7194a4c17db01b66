//! Properties of a connection's stream: its takeover, its writes, and the memory that it takes.

use super::*;
use crate::web::ws::{OpenSession, Upgrade, WebSocket, serve, wire::Whole};
use futures::FutureExt;
use tungstenite::protocol::{Role, WebSocketConfig};

#[test]
fn the_task_of_a_connection_is_small() {
    fn size<'a, F>(_: impl FnOnce(WebSocket, Subscription, &'a OpenSession, &'a State) -> F) -> usize {
        size_of::<F>()
    }
    let size = size(serve);
    assert!(size <= 1_024, "{size} bytes, for each of 10,000 connections");
}

#[tokio::test]
async fn a_write_that_is_cancelled_loses_nothing_and_sends_nothing_twice() {
    let (server, client) = duplex(100);
    let server = WebSocketStream::from_raw_socket(Whole::new(server), Role::Server, None).await;
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let mut server = Box::new(server);
    let texts: Vec<String> = (0..200).map(|number| format!("{number:>1000}")).collect();
    let mut frames: VecDeque<Utf8Bytes> = texts.iter().map(|text| text.as_str().into()).collect();
    for _ in 0..3 {
        assert!(server.write(&mut frames).now_or_never().is_none(), "nobody reads");
    }
    assert!(frames.len() < 200 && !frames.is_empty(), "a piece was accepted");
    let reading = async {
        let mut read = Vec::new();
        while read.len() < texts.len() {
            read.push(client.next().await.unwrap().unwrap().into_text().unwrap().to_string());
        }
        read
    };
    let (read, written) = tokio::join!(reading, server.write(&mut frames));
    written.unwrap();
    assert!(read == texts);
}

#[tokio::test]
async fn a_tcp_stream_is_taken_over_and_another_stream_is_not() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |upgrade: Upgrade| {
        let tell = tell.clone();
        async move {
            upgrade.then(WebSocketConfig::default(), move |_, wire| async move { tell.send(wire.is_some()).unwrap() })
        }
    };
    let router = axum::Router::new().route("/", axum::routing::get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tcp = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let accepted = listener.accept().await.unwrap().0;
    tokio::spawn(listening(&Arc::default()).serve_stream(accepted, router.clone()));
    let (_tcp, _) = client_async("ws://localhost/", tcp).await.unwrap();
    assert_eq!(told.recv().await, Some(true));
    let (other, served) = duplex(4_096);
    tokio::spawn(listening(&Arc::default()).serve_stream(served, router));
    let (_other, _) = client_async("ws://localhost/", other).await.unwrap();
    assert_eq!(told.recv().await, Some(false));
}
