//! Swipes that open and close the drawers on a narrow page.
//!
//! The style leaves the browser what fingers do upwards, downwards and in pairs (`touch-action` in `layout.css`). So in
//! every browser a finger that goes sideways arrives here as pointer events and ends with `pointerup`; a movement that the
//! browser takes for itself ends with `pointercancel`.

use crate::dom::{by_id, hear, target};
use std::{cell::Cell, rc::Rc};
use web_sys::{Document, HtmlElement, PointerEvent};

/// How far a finger has to go, in pixels, and how much further sideways than up or down.
const FAR: i32 = 60;
const SIDEWAYS: i32 = 2;

/// How near to a side of the window, in pixels, a swipe that begins there is the system's way back.
const EDGE: i32 = 24;

/// What text is written in or scrolls sideways, and what lies above the page.
const NOT_HERE: &str = ".block, textarea, input, .sheet";

/// A finger that went down.
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
    hear(document, "pointerdown", move |event: PointerEvent| begins.set(begin(&owner, &event)));
    let ends = Rc::clone(&down);
    hear(document, "pointercancel", move |_: PointerEvent| ends.set(None));
    let owner = document.clone();
    hear(document, "pointerup", move |event: PointerEvent| {
        let Some(finger) = down.take().filter(|finger| finger.id == event.pointer_id()) else {
            return;
        };
        let (across, along) = (event.client_x() - finger.x, event.client_y() - finger.y);
        if across.abs() >= FAR && across.abs() >= SIDEWAYS * along.abs() {
            swiped(&owner, across > 0);
        }
    });
}

/// The finger of a swipe that may begin here. A second one zooms, so with it there is none.
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

/// A swipe moves what is there with the finger: it closes the drawer on that side, or opens the one on the other.
fn swiped(document: &Document, to_the_right: bool) {
    let is_rtl = document.document_element().is_some_and(|root| root.get_attribute("dir").as_deref() == Some("rtl"));
    let (opens, closes) = if to_the_right == is_rtl { ("members", "places") } else { ("places", "members") };
    let drawer = |id| by_id::<HtmlElement>(document, id);
    let is_open = |drawer: &HtmlElement| drawer.matches(":popover-open").unwrap_or(false);
    if let Some(open) = drawer(closes).filter(is_open) {
        drop(open.hide_popover());
    } else if let Some(shut) = drawer(opens).filter(|drawer| !is_open(drawer)) {
        // Where it is no drawer, its button is not shown.
        let button = document.query_selector(&format!("[popovertarget={opens}]:not([popovertargetaction])"));
        let is_drawer = button.ok().flatten().is_some_and(|button| button.get_client_rects().length() > 0);
        if is_drawer {
            drop(shut.show_popover());
        }
    }
}
