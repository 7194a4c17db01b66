//! Hydration of the server's HTML, place by place. A live view is rendered into an element that `data-live` names, and
//! hydrated there once its part of the page is loaded, whatever has changed the element since.

use super::widgets::reactive::Reactive;
use leptos::{
    prelude::*,
    tachys::{html::element::InnerHtmlValue, view::Position},
    web_sys::Element,
};

/// Hydrates a view that is the named element itself.
pub(super) fn element<V: IntoView>(name: &str, view: impl FnOnce() -> V) {
    hydrate(name, view, Position::Current);
}

/// Hydrates a view that is the content of the named element, or the beginning of it.
pub(super) fn content<V: IntoView>(name: &str, view: impl FnOnce() -> V) {
    hydrate(name, view, Position::FirstChild);
}

/// Hydrates a text or a list that is the content of the named element.
pub(super) fn reactive(name: &str, content: Reactive) {
    if let Some(element) = find(name) {
        // The view lives as long as the page.
        std::mem::forget(content.into_attribute_value().hydrate::<true>(&element));
    }
}

fn hydrate<V: IntoView>(name: &str, view: impl FnOnce() -> V, position: Position) {
    if let Some(element) = find(name) {
        restore(&element);
        // The view lives as long as the page.
        std::mem::forget(view().into_view().hydrate_from_position::<true>(&element, position));
    }
}

/// Removes what a translator or another extension has put into an element, and makes each text one node again: Leptos
/// expects the nodes that the server rendered, one after the other, and fails at any other node. Translated words stay
/// until the text under them changes.
fn restore(element: &Element) {
    remove_foreign(element);
    element.normalize();
}

fn remove_foreign(element: &Element) {
    let mut next = element.first_element_child();
    while let Some(child) = next {
        next = child.next_element_sibling();
        let tag = child.tag_name();
        if tag == "FONT" {
            // The element is in the document, so it can be replaced.
            drop(child.replace_with_with_str_1(&child.text_content().unwrap_or_default()));
        } else if tag.contains('-') {
            child.remove();
        } else {
            remove_foreign(&child);
        }
    }
}

fn find(name: &str) -> Option<Element> {
    document().query_selector(&format!("[data-live={name}]")).ok()?
}
