//! Shorthands for the document.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, NodeList, Window};

/// Calls back at each event of a kind, for as long as the document lives.
pub(crate) fn listen(target: &EventTarget, event: &str, mut call: impl FnMut() + 'static) {
    on(target, event, move |_: Event| call());
}

/// Calls back with each event of a kind, for as long as the document lives.
pub(crate) fn on<E: JsCast + FromWasmAbi + 'static>(target: &EventTarget, event: &str, call: impl FnMut(E) + 'static) {
    let call = Closure::<dyn FnMut(E)>::new(call);
    // Adding a listener for a constant name cannot fail.
    drop(target.add_event_listener_with_callback(event, call.as_ref().unchecked_ref()));
    call.forget();
}

/// Returns the event's target, if it has this type.
pub(crate) fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// Returns the first descendant that matches a selector, if it has this type.
pub(crate) fn find<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Yields all descendants that match a selector and have this type.
pub(crate) fn all<T: JsCast>(root: &Element, selector: &str) -> impl Iterator<Item = T> + use<T> {
    let list = root.query_selector_all(selector).ok();
    let count = list.as_ref().map_or(0, NodeList::length);
    (0..count).filter_map(move |at| list.as_ref()?.get(at)?.dyn_into().ok())
}

/// Returns the element of an id, if it has this type.
pub(crate) fn by_id<T: JsCast>(document: &Document, id: &str) -> Option<T> {
    document.get_element_by_id(id)?.dyn_into().ok()
}

/// Focuses the first element that matches a selector.
pub(crate) fn focus(document: &Document, selector: &str) {
    let element = document.document_element().and_then(|root| find::<HtmlElement>(&root, selector));
    // An element that cannot have the focus ignores the call.
    drop(element.map(|element| element.focus()));
}

/// Returns `true` on a touch device, where an on-screen keyboard covers half of the page.
pub(crate) fn is_touched() -> bool {
    let coarse = web_sys::window().and_then(|window| window.match_media("(pointer: coarse)").ok().flatten());
    coarse.is_some_and(|coarse| coarse.matches())
}

/// Returns `true` if no element has the focus.
pub(crate) fn has_no_focus(document: &Document) -> bool {
    document.active_element().is_none_or(|active| active.tag_name() == "BODY")
}

/// Closes the open drawer or sheet, if there is one.
pub(crate) fn close_popover(document: &Document) {
    let open = document.document_element().and_then(|root| find::<HtmlElement>(&root, ":popover-open"));
    drop(open.map(|open| open.hide_popover()));
}

/// Returns the monotonic time since the page's start, in milliseconds.
pub(crate) fn elapsed_ms(window: &Window) -> u64 {
    let elapsed = window.performance().map_or(0.0, |clock| clock.now());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since the page's start")]
    let millis = elapsed as u64;
    millis
}
