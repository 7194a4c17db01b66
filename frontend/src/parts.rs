//! The parts of the page: each one is a file of WebAssembly and hydrates a place of the screen.
//!
//! | part | content | time of loading |
//! |---|---|---|
//! | `timeline` | the log, with markup | at once; links in the document preload it beside the first file |
//! | `sidebar` | rooms, conversations, members, the head | at once |
//! | `composer` | the text field | at once |
//! | `notes` | toasts, the typing line, drafts | at once |
//! | `comforts` | keys, forms, focus, gestures, history, the current place in the list | at once |
//! | `switcher`, `autocomplete`, `settings` | themselves | at their first use |
//! | `alerts` | notifications, the sound | with the first alert that the person wants |
//!
//! Until the parts that are loaded at once are there, the page is what the server rendered: readable, with links and
//! plain forms. A part that fails to load, because the network is down or a newer server has other parts, is reported
//! with a link that reloads the page. It is loaded again at its next use; one of those at once also when the network is
//! back, when the page is shown again, and every [`RETRY_SECONDS`].
//!
//! Code that two parts share and the first file does not have is in separate files (`shared_…`, see
//! `scripts/bundle.mjs`), which are loaded with the parts.

use crate::{
    comforts,
    dom::{by_id, listen},
    drafts::DraftStore,
    in_view, notifications,
    reader::Reader,
    scroll_anchor::ScrollAnchor,
    settings,
};
use app::{
    sync::Alert,
    ui::{self, Live},
};
use leptos::{task::spawn_local, wasm_split::SplitLoaderError};
use std::{
    cell::{Cell, OnceCell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
};
use web_sys::{Document, Element, HtmlElement, HtmlTextAreaElement, Storage};

/// The id of the element that reports a part which failed to load.
const PROBLEM: &str = "part-problem";

/// The key of a user's unsent text during a reload. Another user of the tab does not get it.
fn text_key(live: Live) -> String {
    let (user, epoch) = live.identity();
    format!("natter/{epoch}/{user}/text")
}

/// Interval of the attempts to load the missing ones of the parts that are loaded at once, in seconds.
pub(crate) const RETRY_SECONDS: u32 = 10;

type Loaded = Result<(), SplitLoaderError>;

/// Declares the function of a part. A release build, which cargo-leptos splits, puts it into a file of its own and loads
/// that at the first call. A build for debugging, as by `cargo leptos watch`, is not split and has it in the one file.
macro_rules! part {
    ($file:ident: fn $name:ident($($argument:ident: $type:ty),*) $body:block) => {
        #[cfg(not(debug_assertions))]
        #[leptos::wasm_split::wasm_split($file, wasm_split_path = ::leptos::wasm_split, fallible)]
        fn $name($($argument: $type),*) -> Loaded $body

        #[cfg(debug_assertions)]
        async fn $name($($argument: $type),*) -> Loaded $body
    };
}

/// A part, which is hydrated once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Timeline,
    Sidebar,
    Composer,
    Notes,
    Comforts,
    Switcher,
    Autocomplete,
    Settings,
    Alerts,
}

/// The parts that are loaded at the start. The page shows no changes before all of them are there.
const AT_ONCE: [Part; 5] = [Part::Timeline, Part::Sidebar, Part::Composer, Part::Notes, Part::Comforts];

part! {
    timeline: fn timeline(live: Live) {
        ui::hydrate_timeline(live);
        Ok(())
    }
}

part! {
    sidebar: fn sidebar(live: Live) {
        ui::hydrate_sidebar(live);
        ui::hydrate_head(live);
        Ok(())
    }
}

part! {
    composer: fn composer(live: Live) {
        ui::hydrate_composer(live);
        Ok(())
    }
}

part! {
    notes: fn notes(live: Live) {
        ui::hydrate_notes(live);
        if let Some(window) = web_sys::window() {
            let drafts = DraftStore::new(live, &window);
            drafts.listen(&window);
            ui::keep_drafts_by(Rc::new(drafts));
        }
        Ok(())
    }
}

part! {
    comforts: fn comforts(live: Live, parts: Parts) {
        let document = &parts.0.document;
        if let Ok(Some(view)) = document.query_selector(".scroll") {
            let look = in_view::watcher(document, &view, live);
            parts.0.reader.get_or_init(|| Rc::new(ScrollAnchor::new(document, &view, live.place(), look)));
        }
        let (settings, owner) = (parts.clone(), parts.clone());
        comforts::start(live, move |button| settings.open_settings(button), move || owner.grow_old());
        // The browser may have opened the sheet already.
        if document.query_selector("#settings:popover-open").is_ok_and(|open| open.is_some()) {
            parts.load(Part::Settings, || {});
        }
        Ok(())
    }
}

part! {
    switcher: fn switcher(live: Live) {
        ui::hydrate_switcher(live);
        Ok(())
    }
}

part! {
    autocomplete: fn autocomplete() {
        ui::hydrate_autocomplete();
        Ok(())
    }
}

part! {
    settings: fn bind_settings(document: Document, live: Live) {
        settings::listen(&document, live);
        Ok(())
    }
}

part! {
    alerts: fn show_alert(document: Document, live: Live, alert: Alert) {
        notifications::alert(live, &document, alert);
        Ok(())
    }
}

/// The loaded parts, and those in flight. A cheap handle.
#[derive(Clone)]
pub(crate) struct Parts(Rc<State>);

struct State {
    live: Live,
    document: Document,
    /// The reader of the list, provided by the part `timeline`.
    reader: Rc<OnceCell<Rc<dyn Reader>>>,
    here: RefCell<Vec<Part>>,
    on_their_way: RefCell<Vec<Part>>,
    /// The parts that failed to load.
    missing: RefCell<Vec<Part>>,
    /// `true` if the suggestions failed to load, until the next attempt for the others.
    rests: Cell<bool>,
    /// The newest alert whose part failed to load.
    late_alert: RefCell<Option<Alert>>,
    is_alive: Cell<bool>,
    /// `true` if the server has a newer version than the page.
    is_old: Cell<bool>,
    /// Called once all parts that are loaded at once are there.
    alive: Box<dyn Fn()>,
}

impl Parts {
    /// Creates the loader. `alive` is called once all parts that are loaded at once are there.
    pub(crate) fn new(
        live: Live,
        document: &Document,
        reader: Rc<OnceCell<Rc<dyn Reader>>>,
        alive: impl Fn() + 'static,
    ) -> Self {
        restore_text(document, &text_key(live));
        let owner = document.clone();
        if let Some(link) = by_id::<Element>(document, PROBLEM).and_then(|line| line.last_element_child()) {
            listen(&link, "click", move || keep_text(&owner, &text_key(live)));
        }
        Self(Rc::new(State {
            live,
            document: document.clone(),
            reader,
            here: RefCell::default(),
            on_their_way: RefCell::default(),
            missing: RefCell::default(),
            rests: Cell::new(false),
            late_alert: RefCell::default(),
            is_alive: Cell::new(false),
            is_old: Cell::new(false),
            alive: Box::new(alive),
        }))
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.0.here.borrow().contains(&part)
    }

    /// Loads the missing ones of the parts that are loaded at once, and shows an alert whose part was missing, unless
    /// the person has come back to the page since.
    pub(crate) fn load_at_once(&self) {
        self.0.rests.set(false);
        if let Some(alert) = self.0.late_alert.take().filter(|_| self.0.document.hidden()) {
            self.alert(alert);
        }
        for part in AT_ONCE {
            self.load(part, || {});
        }
    }

    /// Loads a part unless it is loaded or in flight. `then` is called when the load has succeeded or failed.
    pub(crate) fn load(&self, part: Part, then: impl FnOnce() + 'static) {
        let rests = part == Part::Autocomplete && self.0.rests.get();
        if rests || self.has(part) || self.0.on_their_way.borrow().contains(&part) {
            return;
        }
        self.0.on_their_way.borrow_mut().push(part);
        self.run(part, self.file(part), Box::new(then));
    }

    /// Opens the settings once their part is loaded; returns `false` if it is loaded already, so that the browser opens
    /// them.
    fn open_settings(&self, button: HtmlElement) -> bool {
        if self.has(Part::Settings) {
            return false;
        }
        let parts = self.clone();
        self.load(Part::Settings, move || {
            if parts.has(Part::Settings) {
                // A sheet that the browser opens by its button follows that button in the Tab order.
                button.click();
            } else if let Some(sheet) = by_id::<HtmlElement>(&parts.0.document, "settings") {
                // Without their part the settings are plain forms.
                drop(sheet.show_popover());
            }
        });
        true
    }

    /// Shows an alert, later if its part fails to load.
    pub(crate) fn alert(&self, alert: Alert) {
        let (parts, late) = (self.clone(), alert.clone());
        let then = move || {
            if !parts.has(Part::Alerts) {
                parts.0.late_alert.replace(Some(late));
            }
        };
        self.run(Part::Alerts, Box::pin(show_alert(self.0.document.clone(), self.0.live, alert)), Box::new(then));
    }

    fn file(&self, part: Part) -> Pin<Box<dyn Future<Output = Loaded>>> {
        let live = self.0.live;
        match part {
            Part::Timeline => Box::pin(timeline(live)),
            Part::Sidebar => Box::pin(sidebar(live)),
            Part::Composer => Box::pin(composer(live)),
            Part::Notes => Box::pin(notes(live)),
            Part::Comforts => Box::pin(comforts(live, self.clone())),
            Part::Switcher => Box::pin(switcher(live)),
            Part::Autocomplete => Box::pin(autocomplete()),
            // Alerts are passed one by one to their part by `alert`.
            Part::Alerts => Box::pin(std::future::ready(Ok(()))),
            Part::Settings => Box::pin(bind_settings(self.0.document.clone(), live)),
        }
    }

    fn run(&self, part: Part, file: Pin<Box<dyn Future<Output = Loaded>>>, then: Box<dyn FnOnce()>) {
        let parts = self.clone();
        spawn_local(async move {
            let is_here = file.await.is_ok();
            for list in [&parts.0.on_their_way, &parts.0.missing, &parts.0.here] {
                list.borrow_mut().retain(|other| *other != part);
            }
            if is_here {
                parts.0.here.borrow_mut().push(part);
            } else if part == Part::Autocomplete {
                // The composer works without suggestions, and requests the part again at a later text that needs it.
                parts.0.rests.set(true);
            } else {
                parts.0.missing.borrow_mut().push(part);
            }
            parts.tell();
            parts.come_alive();
            then();
        });
    }

    fn grow_old(&self) {
        self.0.is_old.set(true);
        self.tell();
    }

    /// Reports missing parts or a new version, beside the link that reloads the page; hides the report if there are
    /// none.
    fn tell(&self) {
        let Some(line) = by_id::<Element>(&self.0.document, PROBLEM) else { return };
        let problem = match (self.0.missing.borrow().is_empty(), self.0.is_old.get()) {
            (false, _) => Some("A part of this page could not be loaded."),
            (true, true) => Some("There is a new version of this page."),
            (true, false) => None,
        };
        if let Some(words) = line.first_element_child() {
            words.set_text_content(problem);
        }
        // The name is a valid attribute's, so this cannot fail.
        drop(line.toggle_attribute_with_force("hidden", problem.is_none()));
    }

    fn come_alive(&self) {
        if AT_ONCE.iter().all(|part| self.has(*part)) && !self.0.is_alive.replace(true) {
            (self.0.alive)();
        }
    }
}

/// Stores the text in the composer for the next page: without the composer's part it has no draft yet.
fn keep_text(document: &Document, key: &str) {
    if let (Some(field), Some(storage)) = (by_id::<HtmlTextAreaElement>(document, "text"), session()) {
        // A text that does not fit is still in the field.
        drop(storage.set_item(key, &field.value()));
    }
}

fn restore_text(document: &Document, key: &str) {
    let Some(storage) = session() else { return };
    let text = storage.get_item(key).ok().flatten().unwrap_or_default();
    // Removing an absent item is no error.
    drop(storage.remove_item(key));
    if let Some(field) = by_id::<HtmlTextAreaElement>(document, "text").filter(|field| field.value().is_empty()) {
        field.set_value(&text);
    }
}

fn session() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
