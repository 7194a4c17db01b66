//! Swipes that open and close the drawers on a narrow page.
//!
//! The style sheet leaves movements of fingers upwards, downwards and in pairs to the browser (`touch-action` in
//! `layout.css`). So in every browser a sideways movement arrives here as pointer events and ends with `pointerup`; a
//! movement that the browser handles itself ends with `pointercancel`.

use crate::dom::{by_id, on, target};
use std::{cell::Cell, rc::Rc};
use web_sys::{Document, HtmlElement, PointerEvent};

/// Shortest swipe in pixels, and smallest ratio of its horizontal to its vertical length.
const FAR: i32 = 60;
const SIDEWAYS: i32 = 2;

/// Distance from the window's edges in pixels within which a swipe is the system's gesture for going back.
const EDGE: i32 = 24;

/// Selector of the elements where no swipe begins: those that scroll sideways or take text, and the sheets over the
/// page.
const NOT_HERE: &str = ".block, textarea, input, .sheet";

/// A finger at the point where it went down.
#[derive(Clone, Copy)]
struct Finger {
    id: i32,
    x: i32,
    y: i32,
}

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document) {
    let down = Rc::new(Cell::new(None::<Finger>));
    let begins = Rc::clone(&down);
    let owner = document.clone();
    on(document, "pointerdown", move |event: PointerEvent| begins.set(begin(&owner, &event)));
    let ends = Rc::clone(&down);
    on(document, "pointercancel", move |_: PointerEvent| ends.set(None));
    let owner = document.clone();
    on(document, "pointerup", move |event: PointerEvent| {
        let Some(finger) = down.take().filter(|finger| finger.id == event.pointer_id()) else {
            return;
        };
        let (across, along) = (event.client_x() - finger.x, event.client_y() - finger.y);
        if across.abs() >= FAR && across.abs() >= SIDEWAYS * along.abs() {
            swiped(&owner, across > 0);
        }
    });
}

/// Returns the finger of a swipe that may begin here; `None` for a second finger, which zooms.
fn begin(document: &Document, event: &PointerEvent) -> Option<Finger> {
    if event.pointer_type() == "mouse" || !event.is_primary() {
        return None;
    }
    let finger = Finger { id: event.pointer_id(), x: event.client_x(), y: event.client_y() };
    let width = document.document_element()?.client_width();
    let is_inside = (EDGE..width - EDGE).contains(&finger.x);
    let is_here = target::<web_sys::Element>(event)?.closest(NOT_HERE).is_ok_and(|other| other.is_none());
    (is_inside && is_here).then_some(finger)
}

/// Handles a swipe, which moves the drawers along with the finger: it closes the drawer on the side it goes to, or
/// opens the one on the other side.
fn swiped(document: &Document, to_the_right: bool) {
    let is_rtl = document.document_element().is_some_and(|root| root.get_attribute("dir").as_deref() == Some("rtl"));
    let (opens, closes) = if to_the_right == is_rtl { ("members", "places") } else { ("places", "members") };
    let drawer = |id| by_id::<HtmlElement>(document, id);
    let is_open = |drawer: &HtmlElement| drawer.matches(":popover-open").unwrap_or(false);
    if let Some(open) = drawer(closes).filter(is_open) {
        drop(open.hide_popover());
    } else if let Some(shut) = drawer(opens).filter(|drawer| !is_open(drawer)) {
        // The button of a drawer is hidden where the list stands beside the room.
        let button = document.query_selector(&format!("[popovertarget={opens}]:not([popovertargetaction])"));
        let is_drawer = button.ok().flatten().is_some_and(|button| button.get_client_rects().length() > 0);
        if is_drawer {
            drop(shut.show_popover());
        }
    }
}
