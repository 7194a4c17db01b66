//! Keys that work wherever the focus is, and those that walk the list.

use crate::{
    dom::{focus, hear},
    log, settings,
};
use app::ui::{Live, ScrollTarget};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, view: &Element, live: Live) {
    let owner = document.clone();
    hear(document, "keydown", move |event: KeyboardEvent| {
        if !event.is_composing() && !event.default_prevented() && anywhere(&owner, live, &event) {
            event.prevent_default();
        }
    });
    let (owner, list) = (document.clone(), view.clone());
    hear(view, "keydown", move |event: KeyboardEvent| {
        let is_bare = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
        if is_bare && walk(&owner, &list, live, &event.key()) {
            event.prevent_default();
        }
    });
}

fn anywhere(document: &Document, live: Live, event: &KeyboardEvent) -> bool {
    let is_command = event.ctrl_key() || event.meta_key();
    match &*event.key() {
        "k" | "K" if is_command && !event.shift_key() && !event.alt_key() => live.open_switcher(),
        "ArrowUp" if event.alt_key() && !is_command => live.step(-1),
        "ArrowDown" if event.alt_key() && !is_command => live.step(1),
        "?" if !is_command && !event.alt_key() && !is_writing(document) => settings::open_keys(document),
        _ => return false,
    }
    true
}

/// Whether what is typed goes into a field.
fn is_writing(document: &Document) -> bool {
    document.active_element().is_some_and(|element| element.matches("input, textarea, select").unwrap_or(false))
}

/// Goes from entry to entry; what a key does to the list.
fn walk(document: &Document, view: &Element, live: Live, key: &str) -> bool {
    let focused = document.active_element().and_then(|element| element.closest("#entries li.entry").ok().flatten());
    let next = match key {
        "ArrowUp" => match &focused {
            Some(entry) => neighbour(entry, log::above),
            None => lowest_in_view(document, view),
        },
        "ArrowDown" => match &focused {
            Some(entry) => neighbour(entry, log::below),
            None => lowest_in_view(document, view),
        },
        "End" => {
            live.scroll_to(ScrollTarget::End);
            log::last(document)
        }
        "Escape" => {
            focus(document, "#text");
            return true;
        }
        _ => return false,
    };
    if let Some(entry) = next.and_then(|entry| entry.dyn_into::<HtmlElement>().ok()) {
        drop(entry.focus());
    }
    true
}

fn neighbour(entry: &Element, step: impl Fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut row = step(entry)?;
    while !is_entry(&row) {
        row = step(&row)?;
    }
    Some(row)
}

/// The lowest entry in view.
fn lowest_in_view(document: &Document, view: &Element) -> Option<Element> {
    let row = log::lowest(document, view)?;
    if is_entry(&row) { Some(row) } else { neighbour(&row, log::above) }
}

fn is_entry(row: &Element) -> bool {
    row.class_list().contains("entry")
}
