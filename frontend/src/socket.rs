//! The WebSocket: connects, decodes, reports. It makes no decisions.

use app::{
    protocol::{ClientFrame, CloseCode, Cursor, ServerFrame, decode_server_frame, encode_client_frame},
    sync::Input,
    ui::Live,
};
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    select_biased,
};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

/// Interval between two checks of an opening socket's state, in milliseconds; gloo-net has no event for it.
const OPENING_POLL_MS: u32 = 10;

/// A connection that is being opened or is open. Dropping it closes the socket and ends its reports.
#[derive(Debug)]
pub(crate) struct Socket {
    outgoing: UnboundedSender<ClientFrame>,
}

impl Socket {
    /// Opens a connection that resumes from a cursor and reports to `live`.
    pub(crate) fn connect(live: Live, cursor: &Cursor) -> Self {
        let (outgoing, frames) = unbounded();
        spawn_local(run(live, url(cursor), frames));
        Self { outgoing }
    }

    /// Sends a frame. A frame is lost with its connection; the state machine sends again whatever matters.
    pub(crate) fn send(&self, frame: ClientFrame) {
        drop(self.outgoing.unbounded_send(frame));
    }
}

/// Reports a failed or ended connection. It must be called once.
fn closed(live: Live, reason: Option<WebSocketError>) {
    let (code, reason) = match reason {
        Some(WebSocketError::ConnectionClose(event)) => (CloseCode::from_number(event.code), event.reason),
        _ => (None, String::new()),
    };
    // A stopping server sends a delay, so that its clients do not reconnect all at once.
    let wait_ms = (code == Some(CloseCode::GoingAway)).then(|| reason.parse().ok()).flatten();
    live.input(Input::Closed { jitter: js_sys::Math::random(), wait_ms, code });
}

async fn run(live: Live, url: String, mut frames: UnboundedReceiver<ClientFrame>) {
    let Ok(socket) = WebSocket::open(&url) else {
        // The state machine is still in the call that caused this effect.
        TimeoutFuture::new(0).await;
        return closed(live, None);
    };
    loop {
        // A dropped sender means that the state machine has given this connection up. It sends frames only once the
        // connection is open.
        if frames.next().now_or_never() == Some(None) {
            return;
        }
        if !matches!(socket.state(), State::Connecting) {
            break;
        }
        TimeoutFuture::new(OPENING_POLL_MS).await;
    }
    if matches!(socket.state(), State::Open) {
        live.input(Input::Opened);
    }
    let (mut write, read) = socket.split();
    let mut read = read.fuse();
    loop {
        select_biased! {
            frame = frames.next() => {
                let Some(frame) = frame else { return };
                if write.send(Message::Text(encode_client_frame(&frame))).await.is_err() {
                    return closed(live, None);
                }
            }
            message = read.next() => match message {
                Some(Ok(Message::Text(json))) => {
                    // A frame that cannot be decoded is a newer server's; the gap that it leaves is detected by the
                    // next `prev`.
                    let frame = decode_server_frame(&json).unwrap_or(ServerFrame::Unknown);
                    live.input(Input::Frame(Box::new(frame)));
                }
                Some(Ok(Message::Bytes(_))) => {}
                Some(Err(error)) => return closed(live, Some(error)),
                None => return closed(live, None),
            },
        }
    }
}

/// Returns the address of the WebSocket on the page's own host.
fn url(cursor: &Cursor) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
    let host = part(web_sys::Location::host);
    format!("{scheme}://{host}/ws/chat?frames=2&lastMsgId={}&epoch={}", cursor.last_id, cursor.epoch)
}
