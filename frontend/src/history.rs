//! The browser's address and its back button. What is shown has an address of its own, under which the server renders it
//! too.

use crate::dom::{hear, listen, target};
use app::{protocol::RoomName, sync::Place, ui::Live};
use wasm_bindgen::JsValue;
use web_sys::{Document, Element, MouseEvent, Window};

/// Notes that what has this path is shown: as a step of the person's, which the back button takes back, or in place of
/// what is not there any more.
pub(crate) fn show(window: &Window, path: &str, by_person: bool) {
    let is_there = window.location().pathname().is_ok_and(|there| decoded(&there) == path);
    let (Ok(history), false) = (window.history(), is_there) else { return };
    // An address of the same server cannot be refused.
    drop(if by_person {
        history.push_state_with_url(&JsValue::NULL, "", Some(path))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(path))
    });
}

/// Follows the back and forward buttons.
pub(crate) fn listen_to(window: &Window, live: Live) {
    let there = window.clone();
    listen(window, "popstate", move || {
        let path = there.location().pathname().map(|path| decoded(&path)).unwrap_or_default();
        match place(live, &path) {
            Some(place) => live.go(place),
            // The server knows.
            None => drop(there.location().reload()),
        }
    });
}

/// Follows a link to a room in a text without loading another page, if the room is listed here. Whatever else a press on
/// a link means, with a key or another button, is the browser's.
pub(crate) fn follow_rooms(document: &Document, live: Live) {
    hear(document, "click", move |event: MouseEvent| {
        let has_key = event.ctrl_key() || event.shift_key() || event.alt_key() || event.meta_key();
        if has_key || event.button() != 0 {
            return;
        }
        let link = target::<Element>(&event).and_then(|pressed| pressed.closest("a.room").ok().flatten());
        let name = link.and_then(|link| link.text_content());
        if let Some(place) = name.and_then(|name| live.room_named(&name)) {
            event.prevent_default();
            live.go(place);
        }
    });
}

fn place(live: Live, path: &str) -> Option<Place> {
    if path == "/mentions" {
        return Some(Place::Mentions);
    }
    match path.strip_prefix("/room/") {
        Some(room) => Some(Place::Room(RoomName::told(room))),
        None => live.find(&format!("@{}", path.strip_prefix("/pm/")?)),
    }
}

fn decoded(path: &str) -> String {
    js_sys::decode_uri_component(path).map_or_else(|_| path.to_owned(), String::from)
}
