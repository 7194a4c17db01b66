//! Connections over streams in memory, under a clock of the test's own.

use super::*;
use axum::{
    body::Bytes,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::Instant,
};

const PATIENCE: Patience = Patience {
    head: Duration::from_secs(10),
    body: Duration::from_secs(10),
    answer: Duration::from_secs(30),
    idle: Duration::from_secs(60),
};
/// Size of the large response, in bytes.
const LARGE: usize = 64 * 1024;
/// Size of the buffer between the ends in each direction, in bytes.
const BUFFER: usize = 1_024;
const SECOND: Duration = Duration::from_secs(1);

/// A client's end of a connection, with its counters.
struct Client {
    stream: DuplexStream,
    counters: Arc<Counters>,
    since: Instant,
}

fn listening() -> Listening {
    Listening {
        patience: PATIENCE,
        places: Places::new(Caps { all: 2, per_address: 1 }),
        proxies: [].into(),
        counters: Arc::default(),
        stopping: CancellationToken::new(),
        connections: TaskTracker::new(),
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "here" }).post(|body: Bytes| async move { body }))
        .route("/large", get(|| async { vec![b'x'; LARGE] }))
        .route("/late", post(|| async { sleep(200 * SECOND).await }))
}

fn connect(listening: &Listening) -> Client {
    let (stream, server) = duplex(BUFFER);
    listening.connections.spawn(listening.serve_stream(server, router()));
    Client { stream, counters: Arc::clone(&listening.counters), since: Instant::now() }
}

impl Client {
    async fn send(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Reads up to the end of the first response, whose body is `here`.
    async fn answer(&mut self) {
        let mut answer = Vec::new();
        while !answer.ends_with(b"here") {
            answer.push(self.stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }

    /// Reads to the end, and returns the data and the elapsed seconds.
    async fn end(&mut self) -> (String, u64) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        (String::from_utf8(rest).unwrap(), self.since.elapsed().as_secs())
    }

    /// Returns the steps that were counted as late.
    fn late(&self) -> Vec<(&'static str, u64)> {
        self.counters.late().filter(|(_, count)| *count > 0).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_told_nothing_and_disconnected() {
    let mut client = connect(&listening());
    assert_eq!(client.end().await, (String::new(), 10));
    assert_eq!(client.late(), [("first_byte", 1)]);
    assert_eq!((client.counters.open(), client.counters.total()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_stops_or_drips_is_late() {
    for drips in [false, true] {
        let mut client = connect(&listening());
        sleep(9 * SECOND).await;
        client.send("GET / HTTP/1.1\r\nhost: a\r\n").await;
        let mut sent = 0;
        while drips && client.stream.write_all(b"x: y\r\n").await.is_ok() {
            sleep(SECOND).await;
            sent += 1;
            assert!(sent < 100, "it ends");
        }
        let (said, after) = client.end().await;
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
        assert!(drips || after == 19, "{after}");
        assert_eq!(client.late(), [("head", 1)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_just_in_time_is_answered() {
    let mut client = connect(&listening());
    for part in ["GET / HT", "TP/1.1\r\nhost: a\r\n\r\n"] {
        sleep(Duration::from_millis(9_999)).await;
        client.send(part).await;
    }
    client.answer().await;
    assert!(client.late().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_idles_for_a_minute_and_no_longer() {
    let mut client = connect(&listening());
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.answer().await;
    sleep(Duration::from_millis(59_999)).await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.answer().await;
    assert!(client.late().is_empty());
    assert_eq!(client.end().await, (String::new(), 119), "a minute after the second answer");
    assert_eq!(client.late(), [("next_request", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_its_time() {
    let mut client = connect(&listening());
    client.send("POST /late HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
    let (said, after) = client.end().await;
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    assert_eq!(after, 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_is_given_up() {
    let mut client = connect(&listening());
    client.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    sleep(Duration::from_millis(29_999)).await;
    assert!(client.late().is_empty());
    sleep(SECOND).await;
    assert_eq!((client.late(), client.counters.open()), (vec![("reading", 1)], 0));
    assert!(client.end().await.0.len() <= BUFFER);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_read_slowly_is_given_in_whole() {
    let mut client = connect(&listening());
    client.send("GET /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let (mut read, mut part) = (0, [0; BUFFER]);
    loop {
        sleep(29 * SECOND).await;
        match client.stream.read(&mut part).await.unwrap() {
            0 => break,
            more => read += more,
        }
    }
    assert!(read > LARGE && client.late().is_empty(), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_given_back_with_the_connection() {
    let listening = listening();
    let clients = [connect(&listening), connect(&listening)];
    assert_eq!(listening.places.take(None).unwrap_err(), Full::All);
    drop(clients);
    sleep(SECOND).await;
    listening.places.take(None).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_what_idles_and_waits_for_an_answer() {
    let listening = listening();
    let (mut idle, mut busy) = (connect(&listening), connect(&listening));
    idle.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    idle.answer().await;
    busy.send("POST /late HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").await;
    sleep(SECOND).await;
    listening.stopping.cancel();
    assert_eq!(idle.end().await, (String::new(), 1));
    let (said, after) = busy.end().await;
    assert!(said.contains("connection: close"), "{said}");
    assert_eq!(after, 200);
}

#[tokio::test]
async fn a_connection_past_the_caps_is_told_so_and_counted() {
    let listening = Listening { places: Places::new(Caps { all: 1, per_address: 1 }), ..listening() };
    let counters = Arc::clone(&listening.counters);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(listening.clone().accept(listener, router()));
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut second = String::new();
    TcpStream::connect(address).await.unwrap().read_to_string(&mut second).await.unwrap();
    assert!(second.starts_with("HTTP/1.1 503 ") && second.contains("retry-after: 5\r\n"), "{second}");
    let (head, body) = second.split_once("\r\n\r\n").unwrap();
    assert!(head.ends_with(&format!("content-length: {}", body.len())), "{second}");
    assert_eq!(counters.refusals().collect::<Vec<_>>(), [("all", 1), ("address", 0)]);
    listening.stopping.cancel();
}
