//! Keeps the focus on the page when the focused element is moved, replaced, hidden or removed.
//!
//! Browsers drop the focus then, and a person who uses the keyboard would lose their position on the page. Here the
//! focus returns to the element itself, to the one that replaced it, or else to the log or the composer.

use crate::dom::{focus, has_no_focus, is_touched, listen, on};
use app::ui::{Live, Target};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, Event, HtmlElement, MutationObserver, MutationObserverInit, Window};

/// The element with the focus; `true` if it is in the log.
type Held = Rc<RefCell<Option<(HtmlElement, bool)>>>;

/// Focuses the composer, so that the first letter is part of a message. A page that was opened at an entry is meant for
/// reading, and on a touch device an on-screen keyboard would cover it.
pub(crate) fn begin(window: &Window, document: &Document) {
    let is_at_entry = window.location().hash().is_ok_and(|hash| !hash.is_empty());
    if has_no_focus(document) && !is_at_entry && !is_touched() {
        focus(document, "#text");
    }
}

/// Keeps the focus for as long as the document lives.
pub(crate) fn keep(document: &Document, live: Live) {
    let held: Held = Rc::default();
    let holds = Rc::clone(&held);
    on(document, "focusin", move |event: Event| {
        let element = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        holds.replace(element.map(|element| {
            let is_in_log = element.closest(".timeline").ok().flatten().is_some();
            (element, is_in_log)
        }));
    });
    // A press on no control drops the focus on purpose.
    let holds = Rc::clone(&held);
    listen(document, "pointerdown", move || drop(holds.take()));

    let owner = document.clone();
    let changed = Closure::<dyn FnMut()>::new(move || {
        let lost = held.borrow().as_ref().filter(|(element, _)| is_lost(&owner, element)).cloned();
        if let Some((element, is_in_log)) = lost {
            put_back(&owner, live, &element, is_in_log);
        }
    });
    if let (Ok(observer), Some(root)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document.body()) {
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        what.set_attributes(true);
        what.set_attribute_filter(&js_sys::Array::of1(&"hidden".into()));
        observer.observe_with_options(&root, &what).ok();
    }
    changed.forget();
}

/// Returns `true` if an element had the focus and has lost it or become hidden.
fn is_lost(document: &Document, element: &HtmlElement) -> bool {
    has_no_focus(document) || is_hidden(element)
}

fn is_hidden(element: &Element) -> bool {
    !element.is_connected() || element.closest("[hidden]").ok().flatten().is_some()
}

fn put_back(document: &Document, live: Live, element: &HtmlElement, is_in_log: bool) {
    let id = element.id();
    if !is_hidden(element) {
        // The element was moved.
        drop(element.focus());
    } else if !id.is_empty() && document.get_element_by_id(&id).is_some_and(|other| !is_hidden(&other)) {
        // The element was replaced by one with its id.
        focus(document, &format!("[id='{id}']"));
    } else {
        live.focus(if is_in_log { Target::Log } else { Target::Composer });
    }
}
