//! What survives the page: texts that are on their way, in the browser's storage, which all of the person's tabs share.
//!
//! One tab sends at a time: the one that holds a lock, which the browser hands on when a tab is closed or crashes, and
//! which a tab takes over when the person sends something from it. Where there are no locks (a page that is served
//! neither by HTTPS nor from the same machine) every tab sends, and what is sent twice is stored once by its mark.

use app::{
    protocol::read_json,
    sync::{Input, Outgoing, OutgoingState},
    ui::Live,
};
use js_sys::{Object, Promise, Reflect};
use leptos::task::spawn_local;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Storage, StorageEvent};

#[wasm_bindgen]
extern "C" {
    /// web-sys has it behind a flag only.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, options: &JsValue, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// A person's part of the storage.
#[derive(Clone)]
pub(crate) struct Kept {
    live: Live,
    storage: Option<Storage>,
    /// What the names of everything that is this person's begin with, in the same life of the server's log.
    prefix: Rc<str>,
    /// Whether this tab is in line for the lock.
    is_in_line: Rc<Cell<bool>>,
}

impl Kept {
    pub(crate) fn new(live: Live) -> Self {
        let (user, epoch) = live.identity();
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        Self { live, storage, prefix: format!("natter/{epoch}/{user}/").into(), is_in_line: Rc::default() }
    }

    /// Hands in what is kept, and from then on what other tabs keep and let go of; gets in line for sending.
    pub(crate) fn start(&self) {
        self.adopt();
        self.hand_in();
        let (kept, prefix) = (self.clone(), self.name(""));
        let changed = Closure::<dyn FnMut(StorageEvent)>::new(move |event: StorageEvent| {
            let Some(name) = event.key() else { return };
            let Some(mark) = name.strip_prefix(&*prefix) else { return };
            // The event may be late, and older than what this tab has read or written since; the storage never is.
            let value = kept.storage.as_ref().and_then(|storage| storage.get_item(&name).ok().flatten());
            let item = value.and_then(|value| read(&value));
            kept.live.input(item.map_or_else(|| Input::LetGo(mark.into()), |item| Input::Kept(vec![item])));
        });
        if let Some(window) = web_sys::window() {
            drop(window.add_event_listener_with_callback("storage", changed.as_ref().unchecked_ref()));
        }
        changed.forget();
        self.request(false);
    }

    /// Hands in everything that is kept.
    pub(crate) fn hand_in(&self) {
        let Some(storage) = &self.storage else {
            return;
        };
        let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
        let names = names.filter(|name| name.starts_with(&self.name("")));
        let items = names.filter_map(|name| read(&storage.get_item(&name).ok().flatten()?)).collect();
        self.live.input(Input::Kept(items));
    }

    /// What was typed in this browser under a session that is over can be sent by nobody. What was sent is shown as
    /// refused, to whoever came in after it; what was only begun is nobody else's to read, and goes.
    fn adopt(&self) {
        let Some(storage) = &self.storage else {
            return;
        };
        let names: Vec<_> =
            (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten()).collect();
        let is_lost = |name: &&String| {
            let is_text = is_of(name, "out") || is_of(name, "draft");
            name.starts_with("natter/") && is_text && !name.starts_with(&*self.prefix)
        };
        let (sent, begun): (Vec<_>, Vec<_>) = names.iter().filter(is_lost).partition(|name| is_of(name, "out"));
        // First these, for the others need room.
        begun.into_iter().for_each(|name| self.remove(name));
        for name in sent {
            let item = storage.get_item(name).ok().flatten().and_then(|json| read(&json));
            // One that does not fit waits for the next page.
            if item.is_none_or(|item| self.keep(&Outgoing { state: refused(), ..item })) {
                self.remove(name);
            }
        }
    }

    /// Keeps a text; whether that worked.
    pub(crate) fn keep(&self, item: &Outgoing) -> bool {
        let name = self.name(&item.client_id);
        self.storage.as_ref().is_some_and(|storage| storage.set_item(&name, &item.to_json()).is_ok())
    }

    pub(crate) fn let_go(&self, client_id: &str) {
        self.remove(&self.name(client_id));
    }

    /// Takes the lock over from whichever tab has it.
    pub(crate) fn claim(&self) {
        self.request(true);
    }

    fn remove(&self, name: &str) {
        if let Some(storage) = &self.storage {
            // Removing what is not there is no error.
            drop(storage.remove_item(name));
        }
    }

    fn name(&self, client_id: &str) -> String {
        format!("{}out/{client_id}", self.prefix)
    }

    /// Asks for the lock, and holds it until the page goes or another tab takes it over.
    fn request(&self, steal: bool) {
        if !steal && self.is_in_line.replace(true) {
            return;
        }
        let options = Object::new();
        // A plain object takes any property.
        drop(Reflect::set(&options, &"steal".into(), &steal.into()));
        let (kept, was_granted) = (self.clone(), Rc::new(Cell::new(false)));
        let is_granted = Rc::clone(&was_granted);
        let granted = Closure::once_into_js(move || {
            is_granted.set(true);
            if !steal {
                kept.is_in_line.set(false);
            }
            // News of what other tabs have kept may still be on its way here, and it was typed earlier.
            kept.hand_in();
            kept.live.input(Input::MaySend(true));
            Promise::new(&mut |_, _| {})
        });
        let Ok(held) = request_lock(&format!("{}send", self.prefix), &options, &granted) else {
            return;
        };
        if !steal {
            self.live.input(Input::MaySend(false));
        }
        let kept = self.clone();
        spawn_local(async move {
            // Only another tab ends it; or the browser gives no locks to this page.
            if JsFuture::from(held).await.is_err() {
                kept.live.input(Input::MaySend(!was_granted.get()));
                if was_granted.get() {
                    kept.request(false);
                }
            }
        });
    }
}

fn refused() -> OutgoingState {
    OutgoingState::Failed("You were signed out before it was sent.".into())
}

fn read(json: &str) -> Option<Outgoing> {
    read_json(json)
}

/// Whether a name in the storage is of this kind: `natter/EPOCH/USER/KIND/…`.
fn is_of(name: &str, kind: &str) -> bool {
    name.split('/').nth(3) == Some(kind)
}
