//! What depends on time alone: a connection over a socket that is a channel, under a clock that is wound on.

use super::{End, pump};
use crate::{
    chat::{Chat, Hub, Now, Subscription, clock},
    config::Config,
    journal::{Journal, SqliteJournal},
};
use app::protocol::CloseCode;
use axum::extract::ws::Message;
use clap::Parser;
use futures::{Sink, Stream, channel::mpsc};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;

/// The server's end of a connection.
struct Pipe {
    incoming: mpsc::UnboundedReceiver<Message>,
    outgoing: mpsc::UnboundedSender<(Instant, Message)>,
}

impl Stream for Pipe {
    type Item = Result<Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.incoming).poll_next(context).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Pipe {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        self.outgoing.unbounded_send((Instant::now(), message)).map_err(axum::Error::new)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }
}

/// A chat over a store of its own, and a connection of one user.
async fn connected(folder: &std::path::Path) -> (Arc<Hub>, Subscription) {
    let (completions, completed) = tokio::sync::mpsc::unbounded_channel();
    let (journal, restored) = SqliteJournal::open(folder, 200, completions).unwrap();
    let settings = Config::parse_from(["natter"]).settings();
    let chat = Chat::new(restored, settings, Now { elapsed_ms: 0, clock: clock() });
    let hub = Hub::start(chat, 1, Arc::new(journal) as Arc<dyn Journal>, completed, 1);
    hub.sign_in(None, "Ada", 0, [7; 32], false).await.unwrap().unwrap();
    let user = hub.session(&[7; 32]).unwrap();
    let subscription = hub.connect(user, None, None, None).unwrap();
    (hub, subscription)
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_asked_every_25_s_in_both_ways_and_given_up_after_60() {
    let folder = tempfile::tempdir().unwrap();
    let (_hub, mut subscription) = connected(folder.path()).await;
    let (_silent, incoming) = mpsc::unbounded();
    let (outgoing, mut heard) = mpsc::unbounded();
    let since = Instant::now();
    let end = pump(&mut Pipe { incoming, outgoing }, &mut subscription).await;
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
        let mut pipe = Pipe { incoming, outgoing };
        tokio::select! {
            end = pump(&mut pipe, &mut subscription) => panic!("{end:?}"),
            _ = &mut answering => {}
        }
    }
}
