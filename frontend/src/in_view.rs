//! What the person sees of the list: holes that come into view are filled, what was seen at its end is read, and the page
//! hears whether the end and the line before what is new are in view.

use crate::dom;
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
    Rc::new(move || {
        let frame = view.get_bounding_client_rect();
        // The list is laid out from its end, which is at 0.
        let is_at_end = view.scroll_top() >= -END;
        let is_new_above = document
            .get_element_by_id("new")
            .is_some_and(|line| line.get_bounding_client_rect().bottom() < frame.top());
        live.in_view(is_at_end, is_new_above);
        if document.hidden() {
            return;
        }
        // Those that are asked for are on their way.
        for hole in dom::all::<HtmlElement>(&view, "li.hole:not([data-asked])") {
            let at = hole.get_bounding_client_rect();
            if at.bottom() > frame.top() - AHEAD
                && at.top() < frame.bottom() + AHEAD
                && let (Some(after), Some(before)) = (number(&hole, "after"), number(&hole, "before"))
            {
                live.input(Input::Fill(Hole { after, before }));
            }
        }
        let last = document.get_element_by_id("entries").and_then(|entries| entries.last_element_child());
        if is_at_end
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
