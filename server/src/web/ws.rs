//! The WebSocket `/ws/chat`: one task for each connection, between the socket and its queue.
//!
//! Invariants:
//! - everything that waits in the queue is written with one flush;
//! - nothing waits for a connection that does not read: a write that takes too long, or a full queue, ends it.

mod boundaries;
mod upgrade;

use super::{
    State,
    address::Sender,
    admission::{Kind, Refusal, Who},
    session::{self, Token},
    sign_out::OpenSession,
};
use crate::{
    chat::{self, HubError, Subscription},
    journal::SessionHash,
};
use app::{
    protocol::{
        CloseCode, Ping, ServerFrame, UserId, decode_client_frame,
        limits::{FRAME_MAX, PING_EVERY_MS, SERVER_PATIENCE_MS},
    },
    sync::Cursor,
};
use axum::{
    extract::{self, Query, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use futures::{
    FutureExt, Sink, SinkExt, Stream, StreamExt,
    future::{Fuse, FusedFuture},
};
use serde::Deserialize;
use std::{collections::VecDeque, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tungstenite::{
    Error, Message, Utf8Bytes,
    error::{CapacityError, ProtocolError},
    protocol::{CloseFrame, WebSocketConfig},
};
use upgrade::{Upgrade, WebSocket};

/// The buffer that each socket reads into, in bytes. The library's own default, 128 KiB, is what an idle connection
/// would cost.
const READ_BUFFER: usize = 4 * 1024;
/// How much is gathered before it is written without waiting for the flush, in bytes.
const WRITE_BUFFER: usize = 16 * 1024;
/// Frames that are taken from the queue for one flush.
const BATCH: usize = 64;
/// How long one flush may take.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// How long the other side gets to answer a close.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);
/// How long a side that did not read gets to read on to its close.
const SLOW_FAREWELL_WITHIN: Duration = Duration::from_secs(10);
/// The least that clients are told to wait before they come back to a server that stops, in milliseconds: a start takes
/// about as long, and who comes too early waits for longer by itself.
const RESTART_MS: u64 = 500;
/// What a client is told to wait for when what it is to be greeted with cannot be read, in milliseconds.
const UNREADABLE_WAIT_MS: &str = "1000";
/// How many of them come back in a millisecond of the window behind that. On one core a WebSocket is made and caught up in
/// about 0.2 ms.
const BACK_IN_A_MS: u64 = 2;
/// The largest window, in milliseconds.
const SPREAD_MAX_MS: u64 = 5_000;

/// What a client may say in the address. Whatever does not fit is as if it were not there.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Greeting {
    /// The name of a new user.
    name: Option<String>,
    /// The token of a session, from a client that keeps no cookies.
    session: Option<String>,
    /// The newest entry that the client has seen.
    #[serde(rename = "lastMsgId")]
    last_msg_id: Option<String>,
    /// The log's life in which it was.
    epoch: Option<String>,
    /// `2` from a client that reads the lists in frames.
    frames: Option<String>,
}

impl Greeting {
    fn cursor(&self) -> Option<Cursor> {
        let last_id = self.last_msg_id.as_deref()?.parse().ok()?;
        Some(Cursor { last_id, epoch: self.epoch.as_deref().unwrap_or_default().into() })
    }
}

/// Makes a connection of the session's user, or of a new one.
pub(super) async fn chat(
    extract::State(state): extract::State<State>,
    sender: Sender,
    headers: HeaderMap,
    greeting: Result<Query<Greeting>, QueryRejection>,
    upgrade: Upgrade,
) -> Response {
    let greeting = greeting.map(|Query(greeting)| greeting).unwrap_or_default();
    let config = WebSocketConfig::default()
        // At its head already, so that nothing of it is kept.
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX))
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(usize::MAX);
    let known = known(&state, &headers, &greeting);
    let who = Who { user: known.as_ref().map(|known| known.user), address: sender.0, kind: Kind::WebSocket };
    // Before anybody is made a user who could not come in.
    let mut place = match state.admission.admit(who) {
        Ok(place) => place,
        Err(Refusal::All) => {
            let sockets = state.sockets.clone();
            return upgrade.then(config, move |socket| {
                sockets.track_future(async move { turn_away(socket, HubError::AtCapacity, &state).await })
            });
        }
        Err(refusal) => return refusal.response(),
    };
    let Identity { user, session, token, is_new } = match known {
        Some(known) => known,
        None => match newcomer(&state, sender, &greeting).await {
            Ok(newcomer) => newcomer,
            Err(response) => return response,
        },
    };
    if is_new {
        place.belongs_to(user);
    }
    // A new user has seen nothing, whatever cursor an old session left in the address.
    let cursor = greeting.cursor().filter(|_| !is_new);
    let reads_lists = greeting.frames.as_deref() == Some("2");
    let sockets = state.sockets.clone();
    upgrade.then(config, move |socket| {
        sockets.track_future(async move {
            let open = state.open.open(session);
            if state.hub.session(&session).is_none() {
                return turn_away(socket, HubError::Forgotten, &state).await;
            }
            match state.hub.connect(user, sender.0, cursor.as_ref(), token).await {
                Ok(subscription) => {
                    if reads_lists {
                        subscription.reads_lists();
                    }
                    serve(socket, subscription, &open, &state).await;
                }
                Err(error) => turn_away(socket, error, &state).await,
            }
            drop(place);
        })
    })
}

async fn turn_away(socket: WebSocket, error: HubError, state: &State) {
    match error {
        HubError::AtCapacity => farewell(socket, CloseCode::AtCapacity, "").await,
        // Who comes back is a new user.
        HubError::Forgotten => farewell(socket, CloseCode::GoingAway, "0").await,
        HubError::Unreadable => farewell(socket, CloseCode::GoingAway, UNREADABLE_WAIT_MS).await,
        HubError::Stopping => farewell(socket, CloseCode::GoingAway, &wait_ms(state).to_string()).await,
    }
}

/// Whose connection it is.
struct Identity {
    user: UserId,
    session: SessionHash,
    /// The token, for a client that does not keep it in a cookie.
    token: Option<Arc<str>>,
    is_new: bool,
}

/// Who comes back, with a cookie or with a token in the address.
fn known(state: &State, headers: &HeaderMap, greeting: &Greeting) -> Option<Identity> {
    if let Some((user, session)) = session::of(state, headers) {
        return Some(Identity { user, session, token: None, is_new: false });
    }
    let token = Token::claimed(greeting.session.as_deref()?);
    let user = state.hub.session(&token.hash())?;
    Some(Identity { user, session: token.hash(), token: Some(token.reveal()), is_new: false })
}

async fn newcomer(state: &State, sender: Sender, greeting: &Greeting) -> Result<Identity, Response> {
    let (user, token) = session::sign_in(&state.hub, sender, greeting.name.as_deref().unwrap_or_default(), false)
        .await
        .map_err(|refused| (refused.status(), format!("{refused}\n")).into_response())?;
    Ok(Identity { user, session: token.hash(), token: Some(token.reveal()), is_new: true })
}

/// Why a connection ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The other side went, or cannot be reached.
    Gone,
    /// It is closed from here.
    Close(CloseCode),
}

async fn serve(mut socket: WebSocket, mut subscription: Subscription, open: &OpenSession, state: &State) {
    let mut batch = VecDeque::with_capacity(BATCH);
    let end = tokio::select! {
        end = pump(&mut socket, &mut subscription, &mut batch) => end,
        () = open.ended.cancelled() => End::Close(CloseCode::SignedOut),
    };
    if end == End::Close(CloseCode::GoingAway) {
        // What was acknowledged to others is told to this one too before the server goes, from where it was up to.
        batch.extend(subscription.frames.rest());
        drop(subscription);
        if !matches!(timeout(FAREWELL_WITHIN, write(&mut socket, &mut batch)).await, Ok(Ok(()))) {
            return;
        }
    } else {
        drop((subscription, std::mem::take(&mut batch)));
    }
    match end {
        End::Gone => {}
        End::Close(code @ CloseCode::GoingAway) => farewell(socket, code, &wait_ms(state).to_string()).await,
        End::Close(code) => farewell(socket, code, "").await,
    }
}

/// What frames are read from and written to: a WebSocket, but for the tests of time.
trait Socket: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin {}

impl<S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin> Socket for S {}

/// Carries frames both ways until there is a reason to stop. What was taken from the queue and not sent is in `batch`.
async fn pump(socket: &mut impl Socket, subscription: &mut Subscription, batch: &mut VecDeque<Utf8Bytes>) -> End {
    let every = Duration::from_millis(PING_EVERY_MS);
    let mut pings = interval_at(Instant::now() + every, every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let patience = Duration::from_millis(SERVER_PATIENCE_MS);
    let mut heard_at = Instant::now();
    let mut is_ended = false;
    // A frame for which something is read first.
    let mut handed_in = Fuse::terminated();
    // Set anew only when it rings, not with every message.
    let mut silence = pin!(sleep_until(heard_at + patience));
    loop {
        tokio::select! {
            code = &mut subscription.closed => return End::Close(code.unwrap_or(CloseCode::GoingAway)),
            count = subscription.frames.next(batch, BATCH), if !is_ended => {
                // The reason follows.
                is_ended = count == 0;
                tokio::select! {
                    written = timeout(WRITE_WITHIN, write(socket, batch)) => match written {
                        Ok(Ok(())) => {}
                        Ok(Err(_)) => return End::Gone,
                        Err(_) => return End::Close(CloseCode::TooSlow),
                    },
                    code = &mut subscription.closed => return End::Close(code.unwrap_or(CloseCode::GoingAway)),
                }
            }
            // Nobody was heard while nobody listened.
            () = &mut handed_in, if !handed_in.is_terminated() => heard_at = Instant::now(),
            // Who does not read what they asked for asks for no more.
            message = socket.next(), if subscription.frames.has_room() && handed_in.is_terminated() => {
                heard_at = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => match decode_client_frame(&text) {
                        Ok(frame) => handed_in = subscription.frame(frame).map_or_else(Fuse::terminated, FutureExt::fuse),
                        Err(reason) => subscription.bad_frame(reason),
                    },
                    Some(Ok(Message::Binary(_))) => return End::Close(CloseCode::Unsupported),
                    // After a close the library answers it and then ends the stream; leaving earlier would cut the answer off.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
                    Some(Err(error)) => return code_of(&error).map_or(End::Gone, End::Close),
                    None => return End::Gone,
                }
            }
            () = &mut silence, if handed_in.is_terminated() => {
                if heard_at.elapsed() >= patience {
                    return End::Close(CloseCode::Policy);
                }
                silence.as_mut().reset(heard_at + patience);
            }
            _ = pings.tick() => {
                if !matches!(timeout(WRITE_WITHIN, ping(socket)).await, Ok(Ok(()))) {
                    return End::Gone;
                }
            }
        }
    }
}

/// Writes all frames with one flush. A frame leaves `frames` when it is handed over, so that none is lost, or sent
/// twice, when this is given up and gone on with.
async fn write(socket: &mut impl Socket, frames: &mut VecDeque<Utf8Bytes>) -> Result<(), Error> {
    while let Some(frame) = frames.front() {
        socket.feed(Message::Text(frame.clone())).await?;
        frames.pop_front();
    }
    socket.flush().await
}

/// Asks whether the other side is there, twice: the protocol's own ping shows a client that the server lives, and
/// WebSocket's is answered by every client's library, also one that does not know ours.
async fn ping(socket: &mut impl Socket) -> Result<(), Error> {
    let frame = ServerFrame::Ping(Ping { ts: chat::clock() });
    let frame = serde_json::to_string(&frame).map_err(|error| Error::Io(error.into()))?;
    socket.feed(Message::Text(frame.into())).await?;
    socket.feed(Message::Ping(Vec::new().into())).await?;
    socket.flush().await
}

/// How a connection is closed on which this was read, if it can be told.
fn code_of(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(CloseCode::TooBig),
        // Its deadline has passed within a message.
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Some(CloseCode::Policy),
        Error::Utf8(_) => Some(CloseCode::NotUtf8),
        // It went without a word, or after the last one.
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::SendAfterClosing
            | ProtocolError::ReceivedAfterClosing,
        ) => None,
        Error::Protocol(_) => Some(CloseCode::NoFrame),
        _ => None,
    }
}

/// How long a client is to wait before it comes back: [`RESTART_MS`], and a random moment of a window that grows with the
/// connections, a millisecond for [`BACK_IN_A_MS`] of them, up to [`SPREAD_MAX_MS`].
fn wait_ms(state: &State) -> u64 {
    let window = u64::try_from(state.sockets.len()).unwrap_or(u64::MAX).div_ceil(BACK_IN_A_MS).min(SPREAD_MAX_MS);
    RESTART_MS + getrandom::u64().unwrap_or_default() % (window + 1)
}

/// Closes a socket and waits for the other side's answer, so that the close is not lost in a reset. What cannot be read as
/// frames any more is read as bytes.
async fn farewell(mut socket: WebSocket, code: CloseCode, reason: &str) {
    let close = Message::Close(Some(CloseFrame { code: code.number().into(), reason: reason.into() }));
    let goodbye = async {
        socket.send(close).await?;
        let mut is_answered = false;
        while let Some(Ok(message)) = socket.next().await {
            is_answered |= message.is_close();
        }
        if !is_answered {
            let stream = socket.get_mut();
            stream.shutdown().await?;
            let mut rest = [0; READ_BUFFER];
            while stream.read(&mut rest).await? > 0 {}
        }
        Ok::<(), Error>(())
    };
    let within = if code == CloseCode::TooSlow { SLOW_FAREWELL_WITHIN } else { FAREWELL_WITHIN };
    // Whether it is answered in time or not, the connection ends here.
    drop(timeout(within, goodbye).await);
}

#[cfg(test)]
mod tests;
