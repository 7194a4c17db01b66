//! What the browser does for the page. This file is the list of it; what is more than a few lines has a file of its own.

use crate::{
    attention, current_place,
    dom::{self, listen},
    drafts::KeptDrafts,
    focus, forms, gestures, history, in_view,
    kept::Kept,
    keyboard, local_times, preferences, random,
    reading_place::ReadingPlace,
    settings,
    socket::Socket,
    viewport,
    watching::Watcher,
};
use app::{
    calendar::HourCycle,
    protocol::Timestamp,
    sync::{Effect, Input, Place},
    ui::{Badge, Driver, Live, ScrollTarget, Target},
};
use gloo_timers::callback::{Interval, Timeout};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Window};

/// How far the calendar may get ahead of the clock that stands still while the machine sleeps, in milliseconds, before
/// that is taken for a sleep.
const SLEPT_MS: u64 = 2_000;

/// The page's driver.
struct Browser {
    live: Live,
    window: Window,
    document: Document,
    kept: Kept,
    drafts: KeptDrafts,
    hours: HourCycle,
    place: ReadingPlace,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    /// Whether a refresh is on its way.
    refreshes: Rc<Cell<bool>>,
    /// Shows what there is now; made once, for it is called at every frame.
    refresh: Closure<dyn FnMut()>,
}

/// Starts the page, all of which has come alive.
pub(crate) fn start() {
    let Some(live) = Live::of_page() else { return };
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    let Ok(Some(view)) = document.query_selector(".scroll") else { return };
    let kept = Kept::new(live);
    let drafts = KeptDrafts::new(live, &window);
    let in_view = in_view::watcher(&document, &view, live);
    let place = ReadingPlace::new(&document, &view, live.place(), Rc::clone(&in_view));
    let refreshes = Rc::new(Cell::new(false));
    let (is_due, is_waiting) = (Rc::clone(&refreshes), Rc::clone(&refreshes));
    let browser = Rc::new(Browser {
        live,
        window: window.clone(),
        document: document.clone(),
        kept: kept.clone(),
        drafts: drafts.clone(),
        hours: local_times::hour_cycle(),
        place: place.clone(),
        socket: RefCell::default(),
        timer: RefCell::default(),
        refreshes,
        refresh: Closure::new(move || {
            is_due.set(false);
            live.refresh();
        }),
    });
    live.drive(Rc::<Browser>::clone(&browser));
    local_times::set(&document, &*browser);
    preferences::label_enter(&document);
    if let Ok(Some(chat)) = document.query_selector(".chat") {
        // A constant name is one that an attribute can have.
        drop(chat.set_attribute("data-alive", ""));
    }
    kept.start();
    drafts.listen(&window);
    let watcher = Watcher::start(&window, &document, live, in_view);
    live.input(Input::Start);
    place.keep();
    focus::keep(&document, live);
    current_place::keep_in_view(&document);
    keyboard::listen(&document, &view, live);
    forms::listen(&document, live);
    settings::listen(&document, live);
    gestures::listen(&document);
    history::listen_to(&window, live);
    history::follow_rooms(&document, live);
    viewport::listen(&window, &document);
    focus::begin(&window, &document);
    let apart = Cell::new(browser.clock().saturating_sub(browser.now()));
    let looks = watcher.clone();
    // The page lives as long as its document, and so do these.
    Interval::new(1_000, move || {
        looks.look();
        let now_apart = browser.clock().saturating_sub(browser.now());
        if apart.replace(now_apart) + SLEPT_MS < now_apart {
            live.input(Input::Slept);
        }
        live.tick();
    })
    .forget();
    listen(&window, "online", move || live.input(Input::Nudged));
    listen(&window, "offline", move || live.input(Input::NetworkLost));
    // A page from the back-forward cache wakes up with a socket that is long dead.
    listen(&window, "pageshow", move || live.input(Input::Nudged));
    let looked_at = document.clone();
    listen(&document, "visibilitychange", move || {
        watcher.look();
        if looked_at.hidden() {
            // What waits for the next frame would wait until somebody looks again.
            is_waiting.set(false);
            live.refresh();
        } else {
            live.input(Input::Nudged);
        }
    });
}

impl Driver for Browser {
    fn now(&self) -> u64 {
        dom::elapsed_ms(&self.window)
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

    fn client_id(&self) -> String {
        random::mark()
    }

    fn utc_offset(&self, ts: Timestamp) -> i32 {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53")]
        let date = js_sys::Date::new(&JsValue::from_f64(ts.as_millis() as f64));
        #[expect(clippy::cast_possible_truncation, reason = "a day has 1440 minutes")]
        let behind = date.get_timezone_offset() as i32;
        -behind
    }

    fn hour_cycle(&self) -> HourCycle {
        self.hours
    }

    fn hand_in(&self) {
        self.kept.hand_in();
    }

    fn draft(&self, place: &Place) -> Option<String> {
        self.drafts.show(place)
    }

    fn keep_draft(&self, place: &Place, text: &str) {
        self.drafts.typed(place, text);
    }

    fn let_go_of_draft(&self, place: &Place) {
        self.drafts.sent(place);
    }

    fn enter_sends(&self) -> bool {
        preferences::is_on(app::ui::ENTER_SENDS)
    }

    fn refresh_soon(&self) {
        if self.refreshes.replace(true) {
            return;
        }
        let refresh = self.refresh.as_ref().unchecked_ref();
        // A page that nobody looks at is never painted.
        let asked = if self.document.hidden() {
            self.window.set_timeout_with_callback(refresh)
        } else {
            self.window.request_animation_frame(refresh)
        };
        if asked.is_err() {
            self.refreshes.set(false);
        }
    }

    fn call_window(&self, title: &str, badge: Badge) {
        // A conversation's address has the name of the other one in it, which may be a new one.
        history::show(&self.window, &self.live.shown_path(), false);
        attention::call_window(&self.document, title, badge);
    }

    fn focus(&self, target: Target) {
        // A drawer or a sheet that was in the way has done its part.
        dom::close_popover(&self.document);
        dom::focus(
            &self.document,
            match target {
                Target::Composer if !dom::is_touched() && self.live.can_write() => "#text",
                Target::Composer => "h1",
                Target::Log => ".scroll",
            },
        );
    }

    fn scroll_to(&self, target: ScrollTarget) {
        match target {
            ScrollTarget::End => self.place.go_to_end(),
            ScrollTarget::New => {
                self.place.drop_aim();
                if let Some(line) = self.document.get_element_by_id("new") {
                    line.scroll_into_view();
                }
            }
        }
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
            Effect::Shown(place, by_person) => {
                history::show(&self.window, &self.live.path(&place), by_person);
                self.place.go_to(&place, self.live.is_divided());
                if by_person {
                    self.focus(Target::Composer);
                }
            }
            // The page itself hears it.
            Effect::Answered(_) => {}
            Effect::Alert(alert) => attention::alert(self.live, &self.document, alert),
            Effect::WakeAt(at) => {
                let live = self.live;
                let wait = u32::try_from(at.saturating_sub(self.now())).unwrap_or(u32::MAX);
                let timer = Timeout::new(wait, move || live.input(Input::Woke));
                self.timer.replace(Some(timer));
            }
        }
    }
}
