//! What survives the page: texts that are on their way, and drafts, in the browser's storage, which all of the person's
//! tabs share.
//!
//! One tab sends at a time: the one that holds a lock, which the browser hands on when a tab is closed or crashes, and
//! which a tab takes over when the person sends something from it. Where there are no locks (a page that is served
//! neither by HTTPS nor from the same machine) every tab sends, and what is sent twice is stored once by its mark.

use app::{
    protocol::RoomName,
    sync::{Input, Outgoing},
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
        self.hand_in();
        let (live, prefix) = (self.live, format!("{}out/", self.prefix));
        let changed = Closure::<dyn FnMut(StorageEvent)>::new(move |event: StorageEvent| {
            let Some(name) = event.key() else { return };
            let Some(mark) = name.strip_prefix(&*prefix) else { return };
            match event.new_value() {
                Some(value) => read(&value).map(Input::Kept),
                None => Some(Input::LetGo(mark.into())),
            }
            .into_iter()
            .for_each(|input| live.input(input));
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
        let names: Vec<_> = names.filter(|name| name.starts_with(&self.name(""))).collect();
        for item in names.iter().filter_map(|name| read(&storage.get_item(name).ok().flatten()?)) {
            self.live.input(Input::Kept(item));
        }
    }

    /// Keeps a text; whether that worked.
    pub(crate) fn keep(&self, item: &Outgoing) -> bool {
        let json = serde_json::to_string(item).unwrap_or_default();
        self.storage.as_ref().is_some_and(|storage| storage.set_item(&self.name(&item.client_id), &json).is_ok())
    }

    pub(crate) fn let_go(&self, client_id: &str) {
        self.remove(&self.name(client_id));
    }

    pub(crate) fn draft(&self, room: &RoomName) -> Option<String> {
        self.storage.as_ref()?.get_item(&self.draft_name(room)).ok().flatten()
    }

    pub(crate) fn keep_draft(&self, room: &RoomName, text: &str) {
        let name = self.draft_name(room);
        match &self.storage {
            // A draft that does not fit is still in the field.
            Some(storage) if !text.is_empty() => drop(storage.set_item(&name, text)),
            _ => self.remove(&name),
        }
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

    fn draft_name(&self, room: &RoomName) -> String {
        format!("{}draft/{room}", self.prefix)
    }

    /// Asks for the lock, and holds it until the page goes or another tab takes it over.
    fn request(&self, steal: bool) {
        if !steal && self.is_in_line.replace(true) {
            return;
        }
        let options = Object::new();
        // A plain object takes any property.
        drop(Reflect::set(&options, &"steal".into(), &steal.into()));
        let kept = self.clone();
        let granted = Closure::once_into_js(move || {
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
            // It never ends well: only another tab ends it.
            if JsFuture::from(held).await.is_err() {
                kept.live.input(Input::MaySend(false));
                kept.request(false);
            }
        });
    }
}

fn read(json: &str) -> Option<Outgoing> {
    serde_json::from_str(json).ok()
}
