//! Swipes that open and close the drawers on a narrow page.

use crate::dom::{by_id, hear, target};
use std::{cell::Cell, rc::Rc};
use web_sys::{Document, HtmlElement, TouchEvent};

/// How far a finger has to go, in pixels, and how much further sideways than up or down.
const FAR: i32 = 60;
const SIDEWAYS: i32 = 2;

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document) {
    let began = Rc::new(Cell::new(None::<(i32, i32)>));
    let begins = Rc::clone(&began);
    hear(document, "touchstart", move |event: TouchEvent| {
        let touches = event.touches();
        // Two fingers zoom.
        let first = touches.item(0).filter(|_| touches.length() == 1);
        let scrolls = target::<web_sys::Element>(&event)
            .is_some_and(|element| element.closest(".block, textarea, input").is_ok_and(|inner| inner.is_some()));
        begins.set(first.filter(|_| !scrolls).map(|touch| (touch.client_x(), touch.client_y())));
    });
    let owner = document.clone();
    hear(document, "touchend", move |event: TouchEvent| {
        let ended = event.changed_touches().item(0);
        if let (Some((x, y)), Some(touch)) = (began.take(), ended) {
            let (across, down) = (touch.client_x() - x, touch.client_y() - y);
            if across.abs() >= FAR && across.abs() >= SIDEWAYS * down.abs() {
                swiped(&owner, across > 0);
            }
        }
    });
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
