//! The browser's implementation of the page's [`Driver`]. A service of more than a few lines has a module of its own.

use crate::{
    amending, clock,
    dom::{self, listen},
    focus, history, notifications,
    parts::{Part, Parts, RETRY_SECONDS},
    preferences, random,
    reader::Reader,
    socket::Socket,
    storage::OutboxStore,
    translated,
    watching::Watcher,
    window_icon,
};
use app::{
    calendar::HourCycle,
    protocol::{EntryId, Timestamp},
    sync::{Effect, Input},
    ui::{Badge, Driver, ENTERED, Live, NOTIFY, SOUND, ScrollTarget, Target},
};
use gloo_timers::callback::{Interval, Timeout};
use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, HtmlDialogElement, HtmlInputElement, Window};

/// Drift of the calendar against the monotonic clock that counts as a sleep of the machine, in milliseconds: the
/// monotonic clock stands still then.
const SLEPT_MS: u64 = 2_000;

/// Longest wait of a refresh for the browser's next paint, in milliseconds. It is longer than the frame of a slow
/// machine.
const UNPAINTED_MS: i32 = 100;

/// The page's driver.
struct Browser {
    live: Live,
    window: Window,
    document: Document,
    outbox: OutboxStore,
    hours: HourCycle,
    /// The reader of the list, once its part is loaded.
    reader: Rc<OnceCell<Rc<dyn Reader>>>,
    parts: OnceCell<Parts>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    /// `true` while a refresh is scheduled.
    refreshes: Rc<Cell<bool>>,
    /// The refresh. It is created once, since each frame needs it.
    refresh: Closure<dyn FnMut()>,
}

/// Connects and loads the parts of the page. Once all of them are loaded, the page shows changes.
pub(crate) fn start() {
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    let Some(live) = Live::of_page() else { return };
    let browser = Browser::new(live, &window, &document);
    live.drive(Rc::<Browser>::clone(&browser));
    let alive = Rc::clone(&browser);
    let parts =
        browser.parts.get_or_init(|| Parts::new(live, &document, Rc::clone(&alive.reader), move || alive.come_alive()));
    parts.load_at_once();
    browser.outbox.start();
    let reader = Rc::clone(&browser.reader);
    let look = Rc::new(move || {
        if let Some(reader) = reader.get() {
            reader.look();
        }
    });
    let watcher = Watcher::start(&window, &document, live, look);
    live.input(Input::Start);
    browser.follow_time(&watcher);
    browser.follow_network(watcher);
}

impl Browser {
    fn new(live: Live, window: &Window, document: &Document) -> Rc<Self> {
        let refreshes = Rc::new(Cell::new(false));
        let is_due = Rc::clone(&refreshes);
        Rc::new(Self {
            live,
            window: window.clone(),
            document: document.clone(),
            outbox: OutboxStore::new(live),
            hours: clock::hour_cycle(),
            reader: Rc::default(),
            parts: OnceCell::new(),
            socket: RefCell::default(),
            timer: RefCell::default(),
            refreshes,
            refresh: Closure::new(move || {
                if is_due.replace(false) {
                    live.refresh();
                }
            }),
        })
    }

    /// Starts to show changes: all parts of the page are loaded.
    fn come_alive(&self) {
        translated::allow(&self.document);
        if let Ok(Some(chat)) = self.document.query_selector(".chat") {
            // The name is a valid attribute's, so this cannot fail.
            drop(chat.set_attribute("data-alive", ""));
        }
        self.live.come_alive();
        self.with_reader(|reader| reader.begin());
        focus::begin(&self.window, &self.document);
    }

    /// Calls the reader of the list, if its part is loaded.
    fn with_reader(&self, act: impl FnOnce(&dyn Reader)) {
        if let Some(reader) = self.reader.get() {
            act(&**reader);
        }
    }

    /// Ticks once a second and detects a sleep of the machine, for as long as the document lives.
    fn follow_time(self: &Rc<Self>, watcher: &Watcher) {
        let (browser, watcher) = (Rc::clone(self), watcher.clone());
        let apart = Cell::new(self.clock().saturating_sub(self.now()));
        let seconds = Cell::new(0_u32);
        Interval::new(1_000, move || {
            watcher.look();
            seconds.set(seconds.get().wrapping_add(1));
            if seconds.get().is_multiple_of(RETRY_SECONDS) {
                browser.load_missing();
            }
            let now_apart = browser.clock().saturating_sub(browser.now());
            if apart.replace(now_apart) + SLEPT_MS < now_apart {
                browser.live.input(Input::Slept);
            }
            browser.live.tick();
        })
        .forget();
    }

    /// Follows the network and the page's visibility, for as long as the document lives.
    fn follow_network(self: &Rc<Self>, watcher: Watcher) {
        let (window, live) = (&self.window, self.live);
        let browser = Rc::clone(self);
        listen(window, "online", move || {
            live.input(Input::RetryNow);
            browser.load_missing();
        });
        listen(window, "offline", move || live.input(Input::NetworkLost));
        // The socket of a page from the back-forward cache is long dead.
        listen(window, "pageshow", move || live.input(Input::RetryNow));
        let browser = Rc::clone(self);
        listen(&self.document, "visibilitychange", move || {
            watcher.look();
            if browser.document.hidden() {
                // A hidden page is not painted, so a scheduled refresh would wait until it is visible again.
                browser.refreshes.set(false);
                live.refresh();
            } else {
                live.input(Input::RetryNow);
                browser.load_missing();
            }
        });
    }

    /// Loads the parts that failed to load before.
    fn load_missing(&self) {
        if let Some(parts) = self.parts.get() {
            parts.load_at_once();
        }
    }
}

impl Driver for Browser {
    fn now(&self) -> u64 {
        dom::elapsed_ms(&self.window)
    }

    fn clock(&self) -> u64 {
        clock::now()
    }

    fn client_id(&self) -> String {
        random::id()
    }

    fn utc_offset(&self, ts: Timestamp) -> i32 {
        clock::utc_offset(ts)
    }

    fn hour_cycle(&self) -> HourCycle {
        self.hours
    }

    fn sync_outbox(&self) {
        self.outbox.sync_outbox();
    }

    fn open_switcher(&self) -> bool {
        let Some(dialog) = dom::by_id::<HtmlDialogElement>(&self.document, "switcher") else { return false };
        let opens = !dialog.open();
        // The dialog opens before its part is loaded, so that it receives what the person types at once.
        if opens {
            if let Ok(Some(field)) = dialog.query_selector("input") {
                field.unchecked_into::<HtmlInputElement>().set_value("");
            }
            // The name is a valid attribute's, so this cannot fail.
            drop(dialog.remove_attribute(ENTERED));
            // The dialog is in the document and closed, so this cannot fail.
            drop(dialog.show_modal());
        }
        let Some(parts) = self.parts.get() else { return opens };
        let loaded = parts.clone();
        parts.load(Part::Switcher, move || {
            if !loaded.has(Part::Switcher) {
                dialog.close();
            }
        });
        opens
    }

    fn load_autocomplete(&self) {
        if let Some(parts) = self.parts.get() {
            parts.load(Part::Autocomplete, || {});
        }
    }

    fn ask_deletion(&self, entry: EntryId, words: &str) {
        amending::ask(&self.document, entry, words);
    }

    fn enter_sends(&self) -> bool {
        preferences::is_on(app::ui::ENTER_SENDS)
    }

    fn refresh_soon(&self) {
        if self.refreshes.replace(true) {
            return;
        }
        let refresh = self.refresh.as_ref().unchecked_ref();
        let asked = self.window.request_animation_frame(refresh);
        // A page that is hidden, or behind other windows, is never painted.
        let timed = self.window.set_timeout_with_callback_and_timeout_and_arguments_0(refresh, UNPAINTED_MS);
        if asked.is_err() && timed.is_err() {
            self.refreshes.set(false);
        }
    }

    fn call_window(&self, title: &str, badge: Badge) {
        // A conversation's path has its peer's name in it, which may have changed.
        history::show(&self.window, &self.live.shown_path(), false);
        window_icon::show(&self.document, title, badge);
    }

    fn focus(&self, target: Target) {
        // The focus leaves an open drawer or sheet, so that is closed.
        dom::close_popover(&self.document);
        dom::focus(
            &self.document,
            match target {
                Target::Field => "#text",
                Target::Composer if !dom::is_touched() && self.live.can_write() => "#text",
                Target::Composer => "h1",
                Target::Log => ".scroll",
            },
        );
    }

    fn scroll_to(&self, target: ScrollTarget) {
        match target {
            ScrollTarget::End => self.with_reader(|reader| reader.go_to_end()),
            ScrollTarget::New => {
                self.with_reader(|reader| reader.drop_aim());
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
            Effect::Persist(item) => {
                if !self.outbox.keep(&item) {
                    let live = self.live;
                    // The state machine is still in the call that caused this effect.
                    Timeout::new(0, move || live.input(Input::NotKept)).forget();
                }
            }
            Effect::Remove(client_id) => self.outbox.let_go(&client_id),
            Effect::ClaimSending => self.outbox.claim(),
            Effect::Shown(place, by_person) => {
                history::show(&self.window, &self.live.path(&place), by_person);
                self.with_reader(|reader| reader.go_to(&place, self.live.is_divided()));
                if by_person {
                    self.focus(Target::Composer);
                }
            }
            // The page's state delivers answers itself.
            Effect::Answered(_) => {}
            Effect::Deleted(id) => notifications::take_back(id),
            Effect::Alert(alert) => {
                if let Some(parts) = self.parts.get().filter(|_| [NOTIFY, SOUND].into_iter().any(preferences::is_on)) {
                    parts.alert(alert);
                }
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
