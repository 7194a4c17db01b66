//! The WebSocket `/ws/chat`: one task for each connection, between the socket and its queue. Frames for several
//! connections pass it by: they are written through the connection's [`Wire`](wire::Wire).
//!
//! Invariants:
//! - the frames of a batch are written with one flush;
//! - nothing waits for a connection that does not read: a write that takes too long, or a full queue, ends it.

mod boundaries;
mod upgrade;
mod wire;

use super::{
    State,
    admission::{Kind, Refusal, Who},
    errors::WebError,
    extract::{ClientAddress, Query, Viewer},
    open_sessions::OpenSession,
    session::{self, Token},
};
use crate::{
    chat::{self, Address, Arrival, HEAD_MAX, HubError, Subscription, put_text},
    journal::SessionHash,
};
use app::protocol::{
    CloseCode, Cursor, Ping, ServerFrame, UserId, decode_client_frame,
    limits::{FRAME_MAX, PING_EVERY_MS, SERVER_PATIENCE_MS},
};
use axum::{extract, response::Response};
use futures::{
    FutureExt, Sink, SinkExt, Stream, StreamExt,
    future::{BoxFuture, Fuse, FusedFuture},
};
use serde::Deserialize;
use std::{collections::VecDeque, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::WebSocketStream;
use tungstenite::{
    Error, Message, Utf8Bytes,
    error::{CapacityError, ProtocolError},
    protocol::{CloseFrame, WebSocketConfig},
};
use upgrade::{Upgrade, WebSocket};

/// Size of each socket's read buffer, in bytes: one read takes most messages. The library's default of 128 KiB would be
/// most of an idle connection's cost.
const READ_BUFFER: usize = 512;
/// Size in bytes of a piece of a batch, which is copied once. A larger frame is a piece of its own.
const PIECE: usize = 64 * 1024;
/// Maximum number of frames in one flush.
const BATCH: usize = 64;
/// Timeout of one flush.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Timeout of the client's answer to a close.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);
/// Timeout for a client that did not read to read on to the close.
const SLOW_FAREWELL_WITHIN: Duration = Duration::from_secs(10);
/// Minimum delay in milliseconds before clients reconnect to a server that stops: a start takes about as long, and
/// earlier attempts would fail and back off.
const RESTART_MS: u64 = 500;
/// Delay in milliseconds before a client reconnects whose handshake could not be read from the store.
const UNREADABLE_WAIT_MS: &str = "1000";
/// Clients that reconnect in each millisecond of the window after [`RESTART_MS`]. One core opens a WebSocket and
/// completes its handshake in about 0.2 ms.
const BACK_IN_A_MS: u64 = 2;
/// Largest window, in milliseconds.
const SPREAD_MAX_MS: u64 = 5_000;

/// The query of the handshake. A query that cannot be read counts as empty.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ConnectParams {
    /// Name of a new user.
    name: Option<String>,
    /// Token of a session, from a client that keeps no cookies.
    session: Option<String>,
    /// Newest entry that the client has seen.
    #[serde(rename = "lastMsgId")]
    last_msg_id: Option<String>,
    /// Epoch of the log that the entry is from.
    epoch: Option<String>,
    /// `2` if the client reads lists that cover several rooms in one frame, and amendments among entries.
    frames: Option<String>,
}

impl ConnectParams {
    fn cursor(&self) -> Option<Cursor> {
        let last_id = self.last_msg_id.as_deref()?.parse().ok()?;
        Some(Cursor { last_id, epoch: self.epoch.as_deref().unwrap_or_default().into() })
    }
}

/// Opens a connection for the session's user, or for a new one.
pub(super) async fn chat(
    extract::State(state): extract::State<State>,
    ClientAddress(address): ClientAddress,
    viewer: Option<Viewer>,
    params: Option<Query<ConnectParams>>,
    upgrade: Upgrade,
) -> Result<Response, WebError> {
    let params = params.map(|Query(params)| params).unwrap_or_default();
    let config = config();
    let known = known(&state, viewer, &params);
    let who = Who { user: known.as_ref().map(|known| known.user), address, kind: Kind::WebSocket };
    // A full server refuses before it creates a user.
    let mut place = match state.admission.admit(who) {
        Ok(place) => place,
        Err(Refusal::All) => {
            let sockets = state.sockets.clone();
            return Ok(upgrade.then(config, move |socket, _| {
                sockets.track_future(async move { turn_away(socket, HubError::AtCapacity, &state).await })
            }));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let Identity { user, session, token, is_new } = match known {
        Some(known) => known,
        None => newcomer(&state, address, &params).await?,
    };
    if is_new {
        place.belongs_to(user);
    }
    // A new user has seen nothing, so a cursor of an old session in the URL is ignored.
    let cursor = params.cursor().filter(|_| !is_new);
    let reads_all = params.frames.as_deref() == Some("2");
    let sockets = state.sockets.clone();
    Ok(upgrade.then(config, move |socket, wire| {
        sockets.track_future(async move {
            let open = state.open.open(session);
            // The session may have ended since the request.
            if state.hub.session(&session).is_none() {
                return farewell(socket, CloseCode::SignedOut, "").await;
            }
            let arrival = Arrival { user, address, cursor: cursor.as_ref(), token, reads_amendments: reads_all };
            match Box::pin(state.hub.connect(arrival)).await {
                Ok(subscription) => {
                    if reads_all {
                        subscription.reads_lists();
                    }
                    if let Some(wire) = wire {
                        subscription.frames.write_through(wire);
                    }
                    serve(socket, subscription, &open, &state).await;
                }
                Err(error) => turn_away(socket, error, &state).await,
            }
            drop(place);
        })
    }))
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        // The limit is checked at the head of a frame, so no part of a larger one is stored.
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX))
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(usize::MAX)
}

async fn turn_away(socket: WebSocket, error: HubError, state: &State) {
    match error {
        HubError::AtCapacity => farewell(socket, CloseCode::AtCapacity, "").await,
        // The client reconnects at once, as a new user.
        HubError::Forgotten => farewell(socket, CloseCode::GoingAway, "0").await,
        HubError::Unreadable => farewell(socket, CloseCode::GoingAway, UNREADABLE_WAIT_MS).await,
        HubError::Stopping => farewell(socket, CloseCode::GoingAway, &wait_ms(state).to_string()).await,
    }
}

/// The user of a connection.
struct Identity {
    user: UserId,
    session: SessionHash,
    /// Token for a client that keeps no cookie.
    token: Option<Arc<str>>,
    is_new: bool,
}

/// Returns the user of the session's cookie, or else of a token in the URL.
fn known(state: &State, viewer: Option<Viewer>, params: &ConnectParams) -> Option<Identity> {
    if let Some(Viewer { user, session }) = viewer {
        return Some(Identity { user, session, token: None, is_new: false });
    }
    let token = Token::claimed(params.session.as_deref()?);
    let Viewer { user, session } = Viewer::of_token(state, &token)?;
    Some(Identity { user, session, token: Some(token.reveal()), is_new: false })
}

async fn newcomer(state: &State, address: Option<Address>, params: &ConnectParams) -> Result<Identity, WebError> {
    let name = params.name.as_deref().unwrap_or_default();
    let (user, token) = session::sign_in(&state.hub, address, name, false).await?;
    Ok(Identity { user, session: token.hash(), token: Some(token.reveal()), is_new: true })
}

/// The reason for the end of a connection.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The other side is gone, or cannot be reached.
    Gone,
    /// The server closes the connection.
    Close(CloseCode),
}

async fn serve(mut socket: WebSocket, mut subscription: Subscription, open: &OpenSession, state: &State) {
    let mut batch = VecDeque::new();
    let end = tokio::select! {
        end = pump(&mut socket, &mut subscription, &mut batch) => end,
        () = open.ended.cancelled() => End::Close(CloseCode::SignedOut),
    };
    if end == End::Close(CloseCode::GoingAway) {
        // Entries that others have received are sent to this client, too, before the server stops.
        batch.extend(subscription.frames.rest());
        drop(subscription);
        if !matches!(timeout(FAREWELL_WITHIN, socket.write(&mut batch)).await, Ok(Ok(()))) {
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

/// A WebSocket, or a channel in the tests of time.
trait Socket: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin + Send {
    /// Writes all frames together. They leave `frames` when the socket accepts them, so a cancelled call loses none and
    /// sends none twice.
    fn write(&mut self, frames: &mut VecDeque<Utf8Bytes>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The frames are written beside the library, which would keep a buffer of the largest batch for as long as the
/// connection lives. The stream has to accept all bytes of a write or none.
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for Box<WebSocketStream<S>> {
    async fn write(&mut self, frames: &mut VecDeque<Utf8Bytes>) -> Result<(), Error> {
        // The library's own frames, such as answers to pings.
        self.flush().await?;
        while !frames.is_empty() {
            let (mut bytes, mut count) = (Vec::new(), 0);
            for frame in &*frames {
                if count > 0 && bytes.len() + HEAD_MAX + frame.len() > PIECE {
                    break;
                }
                bytes.reserve(HEAD_MAX + frame.len());
                put_text(&mut bytes, frame);
                count += 1;
            }
            self.get_mut().write_all(&bytes).await?;
            drop(frames.drain(..count));
        }
        *frames = VecDeque::new();
        self.get_mut().flush().await?;
        Ok(())
    }
}

/// Carries frames both ways until there is a reason to stop. Frames that were taken from the queue and not sent stay in
/// `batch`.
async fn pump(socket: &mut impl Socket, subscription: &mut Subscription, batch: &mut VecDeque<Utf8Bytes>) -> End {
    let every = Duration::from_millis(PING_EVERY_MS);
    let mut pings = interval_at(Instant::now() + every, every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let patience = Duration::from_millis(SERVER_PATIENCE_MS);
    let mut heard_at = Instant::now();
    let mut is_ended = false;
    // Handling of a frame that waits for entries to be loaded.
    let mut handed_in = Fuse::terminated();
    // The timer is reset only when it fires, not with every message.
    let mut silence = pin!(sleep_until(heard_at + patience));
    loop {
        tokio::select! {
            code = &mut subscription.closed => return End::Close(code.unwrap_or(CloseCode::GoingAway)),
            is_open = subscription.frames.next(batch, BATCH), if !is_ended => {
                // The reason for the close follows.
                is_ended = !is_open;
                tokio::select! {
                    written = written(socket, batch) => if let Err(end) = written { return end },
                    code = &mut subscription.closed => return End::Close(code.unwrap_or(CloseCode::GoingAway)),
                }
            }
            // The client could not be heard while it was not read from.
            () = &mut handed_in, if !handed_in.is_terminated() => heard_at = Instant::now(),
            // A client that does not read its responses is not read from.
            message = socket.next(), if subscription.frames.has_room() && handed_in.is_terminated() => {
                heard_at = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => match decode_client_frame(&text) {
                        Ok(frame) => handed_in = subscription.frame(frame).map_or_else(Fuse::terminated, FutureExt::fuse),
                        Err(reason) => subscription.bad_frame(reason),
                    },
                    Some(Ok(Message::Binary(_))) => return End::Close(CloseCode::Unsupported),
                    // The library answers a close and then ends the stream; an earlier return would cut the answer off,
                    // and no frame may follow it.
                    Some(Ok(Message::Close(_))) => {
                        subscription.frames.detach();
                        is_ended = true;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
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
                subscription.frames.hold();
                if !matches!(timeout(WRITE_WITHIN, ping(socket)).await, Ok(Ok(()))) {
                    return End::Gone;
                }
            }
        }
    }
}

async fn written(socket: &mut impl Socket, batch: &mut VecDeque<Utf8Bytes>) -> Result<(), End> {
    match timeout(WRITE_WITHIN, socket.write(batch)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Close(CloseCode::TooSlow)),
    }
}

/// Sends two pings: the protocol's own shows the client that the server lives, and WebSocket's is answered by every
/// client's library, even without knowledge of our protocol.
async fn ping(socket: &mut impl Socket) -> Result<(), Error> {
    let frame = ServerFrame::Ping(Ping { ts: chat::calendar() });
    let frame = serde_json::to_string(&frame).map_err(|error| Error::Io(error.into()))?;
    socket.feed(Message::Text(frame.into())).await?;
    socket.feed(Message::Ping(Vec::new().into())).await?;
    socket.flush().await
}

/// Returns the close code for a read error; `None` if the client is gone.
fn code_of(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(CloseCode::TooBig),
        // The deadline of a message has passed.
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Some(CloseCode::Policy),
        Error::Utf8(_) => Some(CloseCode::NotUtf8),
        // The client left without a close, or after it.
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::SendAfterClosing
            | ProtocolError::ReceivedAfterClosing,
        ) => None,
        Error::Protocol(_) => Some(CloseCode::NoFrame),
        _ => None,
    }
}

/// Draws the delay in milliseconds before a client reconnects: [`RESTART_MS`], and a random part of a window that grows
/// with the connections, a millisecond for [`BACK_IN_A_MS`] of them, up to [`SPREAD_MAX_MS`].
fn wait_ms(state: &State) -> u64 {
    let window = u64::try_from(state.sockets.len()).unwrap_or(u64::MAX).div_ceil(BACK_IN_A_MS).min(SPREAD_MAX_MS);
    RESTART_MS + getrandom::u64().unwrap_or_default() % (window + 1)
}

/// Closes a socket and waits for the other side's answer, so that the close is not lost in a reset. Input that is no
/// longer valid frames is read as bytes.
///
/// The box keeps the size of this step out of the connections' tasks.
fn farewell(socket: WebSocket, code: CloseCode, reason: &str) -> BoxFuture<'static, ()> {
    Box::pin(say_goodbye(socket, code, reason.to_owned()))
}

async fn say_goodbye(mut socket: WebSocket, code: CloseCode, reason: String) {
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
            let mut rest = [0; 4 * 1024];
            while stream.read(&mut rest).await? > 0 {}
        }
        Ok::<(), Error>(())
    };
    let within = if code == CloseCode::TooSlow { SLOW_FAREWELL_WITHIN } else { FAREWELL_WITHIN };
    // The connection ends here, answered in time or not.
    drop(timeout(within, goodbye).await);
}

#[cfg(test)]
mod tests;
