//! Properties that depend on time alone: a connection over a channel in place of a socket, under a clock of the test's
//! own.

mod streams;

use super::{End, Socket, pump};
use crate::{
    chat::{Arrival, Chat, Clock, Hub, OWN_BYTES, Subscription},
    config::Config,
    journal::{Journal, SqliteJournal},
    listen::{Caps, Counters, Listening, Places},
    web::{self, State},
};
use app::protocol::{
    ClientFrame, CloseCode, decode_client_frame,
    limits::{CATCH_UP_BYTES, FRAME_MAX},
};
use clap::Parser;
use futures::{Sink, SinkExt, Stream, StreamExt, channel::mpsc, stream::BoxStream};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, duplex},
    time::Instant,
};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tungstenite::{
    Error, Message, Utf8Bytes,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// The server's end of a connection.
struct Pipe {
    incoming: BoxStream<'static, Message>,
    outgoing: mpsc::UnboundedSender<(Instant, Message)>,
    /// Number of messages that the pipe accepts before it is full for good.
    room_for: usize,
}

impl Pipe {
    fn new(
        incoming: impl Stream<Item = Message> + Send + 'static,
        outgoing: mpsc::UnboundedSender<(Instant, Message)>,
    ) -> Self {
        Self { incoming: incoming.boxed(), outgoing, room_for: usize::MAX }
    }
}

impl Stream for Pipe {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.incoming).poll_next(context).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Pipe {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.room_for > 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.room_for -= 1;
        self.outgoing.unbounded_send((Instant::now(), message)).map_err(|error| Error::Io(std::io::Error::other(error)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }
}

impl Socket for Pipe {
    async fn write(&mut self, frames: &mut VecDeque<Utf8Bytes>) -> Result<(), Error> {
        while let Some(frame) = frames.front() {
            self.feed(Message::Text(frame.clone())).await?;
            frames.pop_front();
        }
        self.flush().await
    }
}

/// A chat over a store of its own, with a connection of one user.
async fn connected(folder: &std::path::Path) -> (Arc<Hub>, Subscription) {
    let (completions, completed) = tokio::sync::mpsc::unbounded_channel();
    let (journal, restored) = SqliteJournal::open(folder, completions).unwrap();
    let settings = Config::parse_from(["natter", "--message-rate", "0"]).settings();
    let clock = Clock::of_the_machine();
    let chat = Chat::new(restored, settings, clock.now());
    let hub = Hub::start(chat, clock, 1, Arc::new(journal) as Arc<dyn Journal>, completed, 3, 64 << 20);
    hub.sign_in(None, "Ada", 0, [7; 32], false).await.unwrap().unwrap();
    let user = hub.session(&[7; 32]).unwrap();
    let subscription = hub.connect(Arrival::of(user)).await.unwrap();
    (hub, subscription)
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_asked_every_25_s_in_both_ways_and_given_up_after_60() {
    let folder = tempfile::tempdir().unwrap();
    let (_hub, mut subscription) = connected(folder.path()).await;
    let (_silent, incoming) = mpsc::unbounded();
    let (outgoing, mut heard) = mpsc::unbounded();
    let since = Instant::now();
    let end = pump(&mut Pipe::new(incoming, outgoing), &mut subscription, &mut VecDeque::new()).await;
    assert_eq!(end, End::Close(CloseCode::Policy));
    assert_eq!(since.elapsed().as_secs(), 60);
    let (mut frames, mut pings) = (Vec::new(), Vec::new());
    while let Ok((at, message)) = heard.try_recv() {
        match message {
            Message::Text(text) if text.starts_with(r#"{"type":"ping","ts":1"#) => frames.push((at - since).as_secs()),
            Message::Ping(_) => pings.push((at - since).as_secs()),
            _ => {}
        }
    }
    assert_eq!((frames, pings), (vec![25, 50], vec![25, 50]));
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_in_either_way_stays() {
    for answer in [Message::Text(r#"{"type":"pong"}"#.into()), Message::Pong("".into())] {
        let folder = tempfile::tempdir().unwrap();
        let (_hub, mut subscription) = connected(folder.path()).await;
        let (answers, incoming) = mpsc::unbounded();
        let (outgoing, _heard) = mpsc::unbounded();
        let answering = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(55)).await;
                answers.unbounded_send(answer.clone()).unwrap();
            }
            Instant::now()
        };
        tokio::pin!(answering);
        let (mut pipe, mut batch) = (Pipe::new(incoming, outgoing), VecDeque::new());
        tokio::select! {
            end = pump(&mut pipe, &mut subscription, &mut batch) => panic!("{end:?}"),
            _ = &mut answering => {}
        }
    }
}

fn ids(frames: &[String]) -> Vec<u64> {
    let id = |frame: &String| serde_json::from_str::<serde_json::Value>(frame).unwrap()["id"].as_u64();
    frames.iter().filter_map(id).collect()
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_write_leaves_out_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, mut subscription) = connected(folder.path()).await;
    let (_silent, incoming) = mpsc::unbounded();
    let (outgoing, mut heard) = mpsc::unbounded();
    // The pipe accepts the handshake and some messages, and then nothing more.
    let mut pipe = Pipe { room_for: 5, ..Pipe::new(incoming, outgoing) };
    for n in 0..20 {
        let text = n.to_string();
        subscription.says(ClientFrame::Message { room: "general".to_owned(), text, client_id: None });
    }
    let mut batch = VecDeque::new();
    let (end, ()) = tokio::join!(pump(&mut pipe, &mut subscription, &mut batch), hub.stop());
    assert_eq!(end, End::Close(CloseCode::GoingAway));
    let mut sent = Vec::new();
    while let Ok((_, message)) = heard.try_recv() {
        sent.push(message.to_text().unwrap().to_owned());
    }
    let rest = batch.into_iter().chain(subscription.frames.rest()).map(|frame| frame.to_string());
    let all: Vec<String> = sent.into_iter().chain(rest).collect();
    let ids = ids(&all);
    assert_eq!(ids, (ids[0]..ids[0] + 20).collect::<Vec<_>>(), "each once, in order");
}

/// A chat whose only room has 200 of the longest texts, with a connection that has read them.
async fn long_room(folder: &std::path::Path) -> (Arc<Hub>, Subscription) {
    let (hub, mut subscription) = connected(folder).await;
    for _ in 0..200 {
        let text = "\u{1f9d1}".repeat(4_000);
        subscription.says(ClientFrame::Message { room: "general".to_owned(), text, client_id: None });
        while subscription.frames.rest().is_empty() {
            tokio::task::yield_now().await;
        }
    }
    (hub, subscription)
}

const PAGE: &str = r#"{"type":"get_history","room":"general","limit":200}"#;

#[tokio::test]
async fn bytes_that_wait_for_a_connection_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, mut subscription) = long_room(folder.path()).await;
    subscription.frames.rest();
    subscription.frames.rest();
    let mut most = 0;
    let mut pages = 0;
    while subscription.closed.try_recv() != Ok(CloseCode::TooSlow) {
        subscription.says(decode_client_frame(PAGE).unwrap());
        most = most.max(hub.queued_bytes());
        pages += 1;
        assert!(pages < 20, "it is let go of");
    }
    assert!((OWN_BYTES..OWN_BYTES + CATCH_UP_BYTES).contains(&most), "{most} bytes, {pages} pages");
    assert_eq!((hub.queued_bytes(), hub.closed().too_slow), (0, 1), "nothing of it is kept");
}

#[tokio::test]
async fn a_client_that_asks_for_much_at_once_and_reads_it_gets_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, mut subscription) = long_room(folder.path()).await;
    // At most two pages are queued when the next is read, and one is being written.
    let pages = futures::stream::repeat(Message::Text(PAGE.into())).take(200);
    let incoming = pages.inspect(move |_| assert!(hub.queued_bytes() < 3 * CATCH_UP_BYTES + 16 * 1_024));
    let (outgoing, mut heard) = mpsc::unbounded();
    let end = pump(&mut Pipe::new(incoming, outgoing), &mut subscription, &mut VecDeque::new()).await;
    assert_eq!(end, End::Gone, "not closed from here");
    let mut pages = subscription.frames.rest().len();
    while let Ok((_, message)) = heard.try_recv() {
        assert!(message.to_text().unwrap().starts_with(r#"{"type":"history""#));
        pages += 1;
    }
    assert_eq!(pages, 200);
}

/// A client of a whole server, over a stream in memory.
async fn client_of(hub: Arc<Hub>) -> (WebSocketStream<DuplexStream>, Arc<Counters>) {
    let config = Config::parse_from(["natter", "--message-rate", "0"]);
    let counters = Arc::new(Counters::default());
    let listening = listening(&counters);
    let (stream, server) = duplex(1024 * 1024);
    let router = web::router(
        State::new(&config, 100, hub, TaskTracker::new(), Arc::clone(&counters), CancellationToken::new()).unwrap(),
    );
    tokio::spawn(listening.serve_stream(server, router));
    (client_async("ws://localhost/ws/chat?name=Bo", stream).await.unwrap().0, counters)
}

fn listening(counters: &Arc<Counters>) -> Listening {
    Listening {
        patience: Config::parse_from(["natter"]).network.patience(),
        places: Places::new(Caps { all: 1, per_address: 1 }),
        proxies: [].into(),
        counters: Arc::clone(counters),
        stopping: CancellationToken::new(),
        connections: TaskTracker::new(),
    }
}

/// Returns the server's close code, whatever came before.
async fn close_of(socket: &mut WebSocketStream<DuplexStream>) -> u16 {
    loop {
        if let Message::Close(close) = socket.next().await.expect("a close comes before the end").unwrap() {
            return close.expect("it says why").code.into();
        }
    }
}

fn late(counters: &Counters) -> Vec<(&'static str, u64)> {
    counters.late().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_stops_half_way_is_closed_with_1008_whatever_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _others) = connected(folder.path()).await;
    for in_pieces in [false, true] {
        let (mut socket, counters) = client_of(Arc::clone(&hub)).await;
        tokio::time::sleep(Duration::from_secs(50)).await;
        let since = Instant::now();
        if in_pieces {
            let first = Frame::message("{", OpCode::Data(Data::Text), false);
            socket.send(Message::Frame(first)).await.unwrap();
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(3)).await;
                socket.send(Message::Ping("".into())).await.unwrap();
            }
        } else {
            // The head of a message of 100 bytes, and a part of its mask.
            socket.get_mut().write_all(&[0x81, 0x80 | 100, 0, 0]).await.unwrap();
        }
        assert_eq!(close_of(&mut socket).await, 1008);
        assert_eq!((since.elapsed().as_secs(), late(&counters)), (10, vec![("message", 1)]), "pieces: {in_pieces}");
    }
}

/// Makes a client's frame, valid or not: its first byte, its mask, and its payload.
fn raw(first: u8, is_masked: bool, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap() | if is_masked { 0x80 } else { 0 };
    // A mask of zeros leaves the payload as it is.
    let mask: &[u8] = if is_masked { &[0; 4] } else { &[] };
    [&[first, length], mask, payload].concat()
}

#[tokio::test]
async fn what_is_no_frame_or_no_text_is_closed_with_the_code_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _others) = connected(folder.path()).await;
    for (bytes, code) in [
        (raw(0x81, true, b"\xff\xfe"), 1007),
        (raw(0x81, false, b"unmasked"), 1002),
        (raw(0xc1, true, b"a reserved bit"), 1002),
        (raw(0x83, true, b"a reserved kind"), 1002),
        (raw(0x80, true, b"goes on with nothing"), 1002),
        (raw(0x09, true, b"a ping in pieces"), 1002),
        (raw(0x88, true, &999_u16.to_be_bytes()), 1002),
        (raw(0x88, true, b"\x03\xe8\xff"), 1007),
    ] {
        let (mut socket, _) = client_of(Arc::clone(&hub)).await;
        // The server reads the following bytes, too, so that the close is not lost.
        let behind = [0; 5_000];
        socket.get_mut().write_all(&[&*bytes, &behind].concat()).await.unwrap();
        assert_eq!(close_of(&mut socket).await, code, "{bytes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_over_the_limit_is_refused_at_its_head_and_one_at_the_limit_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _others) = connected(folder.path()).await;
    let head = |first: u8, length: usize| [&[first, 0xff][..], &(length as u64).to_be_bytes(), &[0; 4]].concat();
    let piece = [head(0x01, FRAME_MAX), vec![b'x'; FRAME_MAX]].concat();
    for begun in [head(0x81, FRAME_MAX + 1), head(0x81, usize::MAX >> 1), [piece, head(0x80, 1), vec![b'x']].concat()] {
        let (mut socket, _) = client_of(Arc::clone(&hub)).await;
        let since = Instant::now();
        socket.get_mut().write_all(&begun).await.unwrap();
        assert_eq!((close_of(&mut socket).await, since.elapsed().as_secs()), (1009, 0), "before the rest comes");
    }
    let (mut socket, _) = client_of(hub).await;
    let empty = r#"{"type":"ping","ts":7,"x":""}"#;
    let full = empty.replace(r#""x":""#, &format!(r#""x":"{}"#, "x".repeat(FRAME_MAX - empty.len())));
    assert_eq!(full.len(), FRAME_MAX);
    socket.send(Message::Text(full.into())).await.unwrap();
    while !socket.next().await.unwrap().unwrap().into_text().unwrap().contains("pong") {}
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ends_in_time_is_one_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _others) = connected(folder.path()).await;
    let (mut socket, counters) = client_of(hub).await;
    for (part, is_first, is_last) in [(r#"{"type":"#, true, false), (r#""ping","ts":7}"#, false, true)] {
        let code = OpCode::Data(if is_first { Data::Text } else { Data::Continue });
        socket.send(Message::Frame(Frame::message(part, code, is_last))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(9_999)).await;
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    let mut frames = Vec::new();
    while frames.last().is_none_or(|frame: &String| !frame.contains("pong")) {
        frames.push(socket.next().await.unwrap().unwrap().into_text().unwrap().to_string());
    }
    assert!(late(&counters).is_empty());
}
