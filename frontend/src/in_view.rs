//! The view of the list: gaps that come into view are filled, entries seen at the end are marked as read, and the
//! page's state receives the positions of the end and of the divider.

use crate::timeline_dom;
use app::{
    sync::{Gap, Input},
    ui::Live,
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// Distance from the view in pixels within which a gap is filled already, so that a person who scrolls seldom meets
/// one.
const AHEAD: f64 = 600.0;
/// Distance from the list's end in pixels that still counts as its end: a zoomed list stops between two pixels.
const END: i32 = 2;

/// Returns a function that looks at the list. Each look is cheap, however long the list is.
pub(crate) fn watcher(document: &Document, view: &Element, live: Live) -> Rc<dyn Fn()> {
    let (document, view, seen) = (document.clone(), view.clone(), Cell::new(0));
    // The browser keeps this collection up to date, so a look needs no search for gaps.
    let gaps = view.get_elements_by_class_name("gap");
    Rc::new(move || {
        let frame = view.get_bounding_client_rect();
        // The list is laid out from its end, so its scroll position is 0 there and negative above.
        let is_at_end = view.scroll_top() >= -END;
        let new = document.get_element_by_id("new");
        let is_new_above = new.as_ref().is_some_and(|line| timeline_dom::is_above(line, frame.top()));
        let is_new_in_view = new.is_some_and(|line| !is_new_above && !timeline_dom::is_below(&line, frame.bottom()));
        live.in_view(is_at_end, is_new_above, is_new_in_view);
        if document.hidden() {
            return;
        }
        for gap in (0..gaps.length()).filter_map(|at| gaps.item(at)?.dyn_into::<HtmlElement>().ok()) {
            // A gap that was requested is being filled.
            let is_asked = gap.dataset().get("asked").is_some();
            if !is_asked
                && !timeline_dom::is_above(&gap, frame.top() - AHEAD)
                && !timeline_dom::is_below(&gap, frame.bottom() + AHEAD)
                && let (Some(after), Some(before)) = (number(&gap, "after"), number(&gap, "before"))
            {
                live.input(Input::Fill(Gap { after, before }));
            }
        }
        let last = timeline_dom::last(&document);
        if is_at_end
            && live.is_watched()
            && let Some(id) = last.and_then(|last| number(last.dyn_ref()?, "id"))
            && seen.replace(id) != id
        {
            live.input(Input::Seen(id));
        }
    })
}

fn number(element: &HtmlElement, name: &str) -> Option<u64> {
    element.dataset().get(name)?.parse().ok()
}
