//! The browser's address and its back button. Each shown place has an address, under which the server renders it too.

use crate::dom::{listen, on, target};
use app::{
    protocol::{Peer, Place, RoomName},
    ui::Live,
};
use wasm_bindgen::JsValue;
use web_sys::{Document, Element, MouseEvent, Window};

/// Notes the path of the shown place: as a new step if the person went there, so that the back button returns, and
/// otherwise in place of the last step.
pub(crate) fn show(window: &Window, path: &str, by_person: bool) {
    let is_there = window.location().pathname().is_ok_and(|there| decoded(&there) == path);
    let (Ok(history), false) = (window.history(), is_there) else { return };
    // The path is of the same origin, so the browser accepts it.
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
            Some(place) if live.is_started() => live.go(place),
            // A place that the page does not know, or cannot show yet, is left to the server.
            _ => drop(there.location().reload()),
        }
    });
}

/// Follows a link to a room in a text without a page load, if the room is listed here. A press with a modifier or
/// another button is left to the browser.
pub(crate) fn follow_rooms(document: &Document, live: Live) {
    on(document, "click", move |event: MouseEvent| {
        let has_key = event.ctrl_key() || event.shift_key() || event.alt_key() || event.meta_key();
        if has_key || event.button() != 0 || !live.is_started() {
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
        None => live.find_peer(Peer::parse(path.strip_prefix("/pm/")?)?),
    }
}

fn decoded(path: &str) -> String {
    js_sys::decode_uri_component(path).map_or_else(|_| path.to_owned(), String::from)
}
