//! Hydration of the server's HTML, place by place. A live view is rendered into an element that `data-live` names, and
//! hydrated there once its part of the page is loaded.

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
        // The view lives as long as the page.
        std::mem::forget(view().into_view().hydrate_from_position::<true>(&element, position));
    }
}

fn find(name: &str) -> Option<Element> {
    document().query_selector(&format!("[data-live={name}]")).ok()?
}
