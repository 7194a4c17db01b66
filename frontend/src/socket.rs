//! The WebSocket: connects, decodes, reports. It decides nothing.

use app::{
    protocol::{ClientFrame, CloseCode, ServerFrame, decode_server_frame, encode_client_frame},
    sync::{Cursor, Input},
    ui::Live,
};
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

/// A connection being made or there. Dropping it closes the socket and ends its reports.
pub(crate) enum Socket {
    /// There is a socket, and what hears of it.
    Made(WebSocket, Closure<dyn FnMut(Event)>),
    /// There is none, which is still to be reported.
    Failed { _report: Timeout },
}

impl Socket {
    /// Makes a connection that resumes from a cursor and reports to `live`.
    pub(crate) fn connect(live: Live, cursor: &Cursor) -> Self {
        let Ok(socket) = WebSocket::new(&url(cursor)) else {
            // The state machine is still in the call that asked for this.
            return Self::Failed { _report: Timeout::new(0, move || closed(live, None)) };
        };
        let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| report(live, &event));
        let socket = Self::Made(socket, heard);
        socket.report_to(true);
        socket
    }

    /// Sends a frame. It is lost if the connection is; what matters is sent again by the state machine.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        if let Self::Made(socket, _) = self {
            // Frames come only once it is open; one that is not open any more takes them and reports its end.
            drop(socket.send_with_str(&encode_client_frame(frame)));
        }
    }

    /// A socket that could not be made, or failed, is closed too, so its end is heard of in any case, and once.
    fn report_to(&self, somebody: bool) {
        if let Self::Made(socket, heard) = self {
            let heard = somebody.then(|| heard.as_ref().unchecked_ref());
            socket.set_onopen(heard);
            socket.set_onmessage(heard);
            socket.set_onclose(heard);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.report_to(false);
        if let Self::Made(socket, _) = self {
            // One that is closed already may be closed again.
            drop(socket.close());
        }
    }
}

fn report(live: Live, event: &Event) {
    if let Some(message) = event.dyn_ref::<MessageEvent>() {
        // What is no text is nothing that a server of this protocol sends.
        if let Some(json) = message.data().as_string() {
            // A frame that cannot be read is a newer server's; the hole it leaves shows in the next `prev`.
            let frame = decode_server_frame(&json).unwrap_or(ServerFrame::Unknown);
            live.input(Input::Frame(Box::new(frame)));
        }
    } else if let Some(event) = event.dyn_ref::<CloseEvent>() {
        closed(live, Some(event));
    } else {
        live.input(Input::Opened);
    }
}

/// A failed or ended connection.
fn closed(live: Live, event: Option<&CloseEvent>) {
    let code = event.and_then(|event| CloseCode::from_number(event.code()));
    // A server that stops says how long to wait, so that not everybody comes back at once.
    let stops = event.filter(|_| code == Some(CloseCode::GoingAway));
    let wait_ms = stops.and_then(|event| event.reason().parse().ok());
    live.input(Input::Closed { jitter: js_sys::Math::random(), wait_ms, code });
}

/// The address of the chat on the page's own host.
fn url(cursor: &Cursor) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
    let host = part(web_sys::Location::host);
    format!("{scheme}://{host}/ws/chat?lastMsgId={}&epoch={}", cursor.last_id, cursor.epoch)
}
