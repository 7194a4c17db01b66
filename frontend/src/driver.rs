//! What the browser does for the page: clock, timer, random numbers, the network's and the tab's comings and goings.

use crate::{in_view, kept::Kept, reading_place, socket::Socket};
use app::{
    protocol::{RoomName, Timestamp},
    sync::{Effect, Input},
    ui::{Driver, Live},
};
use gloo_timers::callback::{Interval, Timeout};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// How far the calendar may get ahead of the clock that stands still while the machine sleeps, in milliseconds, before
/// that is taken for a sleep.
const SLEPT_MS: u64 = 2_000;

/// The driver of the page's one island.
struct Browser {
    live: Live,
    kept: Kept,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
}

/// Starts a page that came alive.
pub(crate) fn start(live: Live) {
    let kept = Kept::new(live);
    let browser = Rc::new(Browser { live, kept: kept.clone(), socket: RefCell::default(), timer: RefCell::default() });
    live.drive(Rc::<Browser>::clone(&browser));
    kept.start();
    live.input(Input::Start);
    let apart = Cell::new(browser.clock().saturating_sub(browser.now()));
    // The island lives as long as its document, and so do these.
    Interval::new(1_000, move || {
        let now_apart = browser.clock().saturating_sub(browser.now());
        if apart.replace(now_apart) + SLEPT_MS < now_apart {
            live.input(Input::Slept);
        }
        live.tick();
    })
    .forget();
    let Some(window) = web_sys::window() else {
        return;
    };
    listen(&window, "online", move || live.input(Input::Nudged));
    listen(&window, "offline", move || live.input(Input::NetworkLost));
    // A page from the back-forward cache wakes up with a socket that is long dead.
    listen(&window, "pageshow", move || live.input(Input::Nudged));
    if let Some(document) = window.document() {
        if let Ok(Some(view)) = document.query_selector(".scroll") {
            reading_place::keep(&document, &view, &in_view::watcher(&document, &view, live));
        }
        let looked_at = document.clone();
        listen(&document, "visibilitychange", move || {
            if !looked_at.hidden() {
                live.input(Input::Nudged);
            }
        });
    }
}

/// Calls back at each event of a kind, for as long as the document lives.
pub(crate) fn listen(target: &web_sys::EventTarget, event: &str, call: impl FnMut() + 'static) {
    let call = Closure::<dyn FnMut()>::new(call);
    // Adding a listener for a constant name cannot fail.
    drop(target.add_event_listener_with_callback(event, call.as_ref().unchecked_ref()));
    call.forget();
}

impl Driver for Browser {
    fn now(&self) -> u64 {
        let elapsed = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since the page's start"
        )]
        let millis = elapsed as u64;
        millis
    }

    fn clock(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since 1970 stay below 2^53"
        )]
        let millis = js_sys::Date::now() as u64;
        millis
    }

    fn hand_in(&self) {
        self.kept.hand_in();
    }

    fn draft(&self, room: &RoomName) -> Option<String> {
        self.kept.draft(room)
    }

    fn keep_draft(&self, room: &RoomName, text: &str) {
        self.kept.keep_draft(room, text);
    }

    fn client_id(&self) -> String {
        let mut bits = [0_u8; 16];
        let crypto = web_sys::window().and_then(|window| window.crypto().ok());
        if crypto.is_none_or(|crypto| crypto.get_random_values_with_u8_array(&mut bits).is_err()) {
            for byte in &mut bits {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.0..256.0 fits a byte")]
                let random = (js_sys::Math::random() * 256.0) as u8;
                *byte = random;
            }
        }
        bits.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn time_of_day(&self, ts: Timestamp) -> String {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53")]
        let date = js_sys::Date::new(&JsValue::from_f64(ts.as_millis() as f64));
        format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Connect(cursor) => {
                self.socket.replace(Some(Socket::connect(self.live, &cursor)));
            }
            Effect::Disconnect => {
                self.socket.take();
            }
            Effect::Send(frame) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(frame);
                }
            }
            Effect::Keep(item) => {
                if !self.kept.keep(&item) {
                    let live = self.live;
                    // The state machine is still in the call that asked for this.
                    Timeout::new(0, move || live.input(Input::NotKept)).forget();
                }
            }
            Effect::LetGo(client_id) => self.kept.let_go(&client_id),
            Effect::ClaimSending => self.kept.claim(),
            Effect::Show(room) => {
                let location = web_sys::window().map(|window| window.location());
                // The address is always right, so going there cannot fail.
                location.map(|location| location.assign(&format!("/room/{room}")).ok());
            }
            Effect::WakeAt(at) => {
                let live = self.live;
                let wait = u32::try_from(at.saturating_sub(self.now())).unwrap_or(u32::MAX);
                let timer = Timeout::new(wait, move || live.input(Input::Woke));
                self.timer.replace(Some(timer));
            }
        }
    }
}
