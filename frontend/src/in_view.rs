//! What the person sees of the list: holes that come into view are filled, and what was seen at its end is read.

use app::{
    sync::{Hole, Input},
    ui::Live,
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// How far outside of the view a hole is filled already, in pixels, so that who scrolls seldom meets one.
const AHEAD: f64 = 600.0;

/// Looks at the list whenever it is called.
pub(crate) fn watcher(document: &Document, view: &Element, live: Live) -> Rc<dyn Fn()> {
    let (document, view, seen) = (document.clone(), view.clone(), Cell::new(0));
    Rc::new(move || {
        if document.hidden() {
            return;
        }
        let frame = view.get_bounding_client_rect();
        for hole in elements(&view, "li.hole") {
            let at = hole.get_bounding_client_rect();
            if at.bottom() > frame.top() - AHEAD
                && at.top() < frame.bottom() + AHEAD
                && let (Some(after), Some(before)) = (number(&hole, "after"), number(&hole, "before"))
            {
                live.input(Input::Fill(Hole { after, before }));
            }
        }
        // The list is laid out from its end, which is at 0.
        if view.scroll_top() >= 0
            && let Some(id) = elements(&view, "#entries > li.entry").last().and_then(|entry| number(&entry, "id"))
            && seen.replace(id) < id
        {
            live.input(Input::Seen(id));
        }
    })
}

fn elements(view: &Element, selector: &str) -> impl Iterator<Item = HtmlElement> {
    let list = view.query_selector_all(selector).ok();
    let count = list.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| list.as_ref()?.get(at)?.dyn_into().ok())
}

fn number(element: &HtmlElement, name: &str) -> Option<u64> {
    element.dataset().get(name)?.parse().ok()
}
