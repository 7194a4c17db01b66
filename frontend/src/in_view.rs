//! What the person sees of the list: holes that come into view are filled, what was seen at its end is read, and the page
//! hears whether the end and the line before what is new are in view.

use crate::log;
use app::{
    sync::{Hole, Input},
    ui::Live,
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// How far outside of the view a hole is filled already, in pixels, so that who scrolls seldom meets one.
const AHEAD: f64 = 600.0;
/// How far from its end the list may be scrolled and still count as read at its end, in pixels: a list that is zoomed
/// stands between two of them.
const END: i32 = 2;

/// Looks at the list whenever it is called. Each look is cheap, however long the list is.
pub(crate) fn watcher(document: &Document, view: &Element, live: Live) -> Rc<dyn Fn()> {
    let (document, view, seen) = (document.clone(), view.clone(), Cell::new(0));
    // The browser keeps it up to date, and does not look for them anew at each look.
    let holes = view.get_elements_by_class_name("hole");
    Rc::new(move || {
        let frame = view.get_bounding_client_rect();
        // The list is laid out from its end, which is at 0.
        let is_at_end = view.scroll_top() >= -END;
        let new = document.get_element_by_id("new");
        let is_new_above = new.as_ref().is_some_and(|line| log::is_above(line, frame.top()));
        let is_new_in_view = new.is_some_and(|line| !is_new_above && !log::is_below(&line, frame.bottom()));
        live.in_view(is_at_end, is_new_above, is_new_in_view);
        if document.hidden() {
            return;
        }
        for hole in (0..holes.length()).filter_map(|at| holes.item(at)?.dyn_into::<HtmlElement>().ok()) {
            // Those that are asked for are on their way.
            let is_asked = hole.dataset().get("asked").is_some();
            if !is_asked
                && !log::is_above(&hole, frame.top() - AHEAD)
                && !log::is_below(&hole, frame.bottom() + AHEAD)
                && let (Some(after), Some(before)) = (number(&hole, "after"), number(&hole, "before"))
            {
                live.input(Input::Fill(Hole { after, before }));
            }
        }
        let last = log::last(&document);
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
