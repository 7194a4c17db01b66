//! Keeps the link of the shown place in view in the list of places, however long the list is.

use crate::dom::{by_id, find, listen};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Document, Element, MutationObserver, MutationObserverInit, ScrollIntoViewOptions, ScrollLogicalPosition,
};

/// Scrolls the link of the shown place into view at the start, when another place is shown, and when the list is opened
/// as a drawer. Between these events the person scrolls the list freely.
pub(crate) fn keep_in_view(document: &Document) {
    let Some(list) = by_id::<Element>(document, "places") else { return };
    let opened = list.clone();
    listen(&list, "toggle", move || {
        current(&opened).as_ref().map(reveal);
    });
    let (marked, revealed) = (list.clone(), RefCell::new(None));
    let mark_changed = Closure::<dyn Fn()>::new(move || {
        let Some(link) = current(&marked) else { return };
        let href = link.get_attribute("href");
        if revealed.replace(href.clone()) != href {
            reveal(&link);
        }
    });
    if let Ok(observer) = MutationObserver::new(mark_changed.as_ref().unchecked_ref()) {
        let what = MutationObserverInit::new();
        what.set_subtree(true);
        what.set_attribute_filter(&js_sys::Array::of1(&"aria-current".into()));
        observer.observe_with_options(&list, &what).ok();
    }
    mark_changed.forget();
    current(&list).as_ref().map(reveal);
}

fn current(list: &Element) -> Option<Element> {
    find(list, "[aria-current=page]")
}

fn reveal(link: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    link.scroll_into_view_with_scroll_into_view_options(&options);
}
