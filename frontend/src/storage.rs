//! The outbox in the browser's storage, which all of the person's tabs share. It outlives the page.
//!
//! One tab sends at a time: the holder of a lock, which the browser passes on when a tab is closed or crashes, and
//! which a tab steals when the person sends something from it. Without locks (on a page that is served neither by HTTPS
//! nor from the same machine) every tab sends, and the server stores a text that is sent twice once, by its
//! `client_id`.

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
    /// web-sys has this binding behind an unstable flag only.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, options: &JsValue, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// A person's outbox in the storage.
#[derive(Clone)]
pub(crate) struct OutboxStore {
    live: Live,
    storage: Option<Storage>,
    /// The common beginning of the person's keys in the current epoch: `natter/EPOCH/USER/`.
    prefix: Rc<str>,
    /// `true` while this tab waits for the lock.
    is_in_line: Rc<Cell<bool>>,
}

impl OutboxStore {
    pub(crate) fn new(live: Live) -> Self {
        let (user, epoch) = live.identity();
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        Self { live, storage, prefix: format!("natter/{epoch}/{user}/").into(), is_in_line: Rc::default() }
    }

    /// Passes the stored outbox to the client, then follows the changes of other tabs and queues for the lock.
    pub(crate) fn start(&self) {
        self.adopt();
        self.sync_outbox();
        let (kept, prefix) = (self.clone(), self.name(""));
        let changed = Closure::<dyn FnMut(StorageEvent)>::new(move |event: StorageEvent| {
            let Some(name) = event.key() else { return };
            let Some(mark) = name.strip_prefix(&*prefix) else { return };
            // The event may be older than the last read or write of this tab; the storage never is.
            let value = kept.storage.as_ref().and_then(|storage| storage.get_item(&name).ok().flatten());
            let item = value.and_then(|value| read(&value));
            kept.live.input(item.map_or_else(|| Input::Removed(mark.into()), |item| Input::Restored(vec![item])));
        });
        if let Some(window) = web_sys::window() {
            drop(window.add_event_listener_with_callback("storage", changed.as_ref().unchecked_ref()));
        }
        changed.forget();
        self.request(false);
    }

    /// Passes the whole stored outbox to the client.
    pub(crate) fn sync_outbox(&self) {
        let Some(storage) = &self.storage else {
            return;
        };
        let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
        let names = names.filter(|name| name.starts_with(&self.name("")));
        let items = names.filter_map(|name| read(&storage.get_item(&name).ok().flatten()?)).collect();
        self.live.input(Input::Restored(items));
    }

    /// Adopts the texts of an ended session in this browser, which nobody can send any more. Texts of its outbox are
    /// shown as refused to the person who signed in after it; its drafts are private and are removed.
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
        // The drafts are removed first, since the texts may need their space.
        begun.into_iter().for_each(|name| self.remove(name));
        for name in sent {
            let item = storage.get_item(name).ok().flatten().and_then(|json| read(&json));
            // The entries of another session mean nothing here: a deletion goes, and an edit is a text of its own.
            let item = item.filter(|item| !item.is_deletion());
            // A text that does not fit waits for the next page.
            if item.is_none_or(|item| self.keep(&Outgoing { state: refused(), target: None, ..item })) {
                self.remove(name);
            }
        }
    }

    /// Stores a text; returns `true` if that succeeded.
    pub(crate) fn keep(&self, item: &Outgoing) -> bool {
        let name = self.name(&item.client_id);
        self.storage.as_ref().is_some_and(|storage| storage.set_item(&name, &item.to_json()).is_ok())
    }

    pub(crate) fn let_go(&self, client_id: &str) {
        self.remove(&self.name(client_id));
    }

    /// Steals the lock from the tab that holds it.
    pub(crate) fn claim(&self) {
        self.request(true);
    }

    fn remove(&self, name: &str) {
        if let Some(storage) = &self.storage {
            // Removing an absent item is no error.
            drop(storage.remove_item(name));
        }
    }

    fn name(&self, client_id: &str) -> String {
        format!("{}out/{client_id}", self.prefix)
    }

    /// Requests the lock, and holds it until the page ends or another tab steals it.
    fn request(&self, steal: bool) {
        if !steal && self.is_in_line.replace(true) {
            return;
        }
        let options = Object::new();
        // A plain object accepts any property, so this cannot fail.
        drop(Reflect::set(&options, &"steal".into(), &steal.into()));
        let (kept, was_granted) = (self.clone(), Rc::new(Cell::new(false)));
        let is_granted = Rc::clone(&was_granted);
        let granted = Closure::once_into_js(move || {
            is_granted.set(true);
            if !steal {
                kept.is_in_line.set(false);
            }
            // Events about texts that other tabs stored earlier may still be on their way.
            kept.sync_outbox();
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
            // The promise fails if another tab steals the lock, or if the browser grants this page no locks.
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

/// Returns `true` if a key is of this kind: `natter/EPOCH/USER/KIND/…`.
fn is_of(name: &str, kind: &str) -> bool {
    name.split('/').nth(3) == Some(kind)
}
