//! The settings: plain HTML to which this gives what needs a script.

use crate::{attention, driver::hear, preferences, stats::Numbers};
use app::ui::{Live, Theme};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    for switch in switches(document) {
        let name = switch.dataset().get("preference").unwrap_or_default();
        switch.set_checked(preferences::is_on(&name));
    }
    let owner = document.clone();
    hear(document, "change", move |event: Event| {
        let switch = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some((switch, name)) =
            switch.and_then(|switch| Some((switch.clone(), switch.dataset().get("preference")?)))
        else {
            return;
        };
        preferences::keep(&name, switch.checked());
        if name == preferences::NOTIFY && switch.checked() {
            // Now is the moment: the person has just said that they want some.
            attention::ask(move |is_granted| {
                preferences::keep(&name, is_granted);
                switch.set_checked(is_granted);
            });
        }
    });
    hear(document, "click", move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(button) = target.and_then(|target| target.closest("[data-opens], [name=theme]").ok().flatten()) else {
            return;
        };
        match button.get_attribute("data-opens").as_deref() {
            Some("switcher") => live.open_switcher(),
            Some(_) => open_keys(&owner),
            None => {
                event.prevent_default();
                let chosen = button.get_attribute("value").unwrap_or_default();
                preferences::wear(&owner, Theme::parse(&chosen));
                for other in all(&owner, "[name=theme]") {
                    let is_it = other.get_attribute("value").as_ref() == Some(&chosen);
                    // A constant name is one that an attribute can have.
                    drop(other.set_attribute("aria-pressed", if is_it { "true" } else { "false" }));
                }
            }
        }
    });
    if let Some(sheet) = document.get_element_by_id("settings") {
        let (numbers, seen, owner) = (RefCell::new(None), sheet.clone(), document.clone());
        hear(&sheet, "toggle", move |_: Event| {
            let is_open = seen.matches(":popover-open").unwrap_or(false);
            numbers.replace(if is_open { Numbers::listen(&owner) } else { None });
            let name = owner.get_element_by_id("nick").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
            if let Some(field) = name.filter(|_| is_open) {
                field.set_value(&live.my_name());
            }
        });
    }
}

/// Shows the list of keys.
pub(crate) fn open_keys(document: &Document) {
    if let Ok(Some(sheet)) = document.query_selector(":popover-open")
        && let Some(sheet) = sheet.dyn_ref::<HtmlElement>()
    {
        drop(sheet.hide_popover());
    }
    let dialog = document.get_element_by_id("keys").and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok());
    // One that is open already stays so.
    drop(dialog.map(|dialog| dialog.show_modal()));
}

fn all(document: &Document, selector: &str) -> impl Iterator<Item = Element> {
    let list = document.query_selector_all(selector).ok();
    let count = list.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| list.as_ref()?.get(at)?.dyn_into().ok())
}

fn switches(document: &Document) -> impl Iterator<Item = HtmlInputElement> {
    all(document, "[data-preference]").filter_map(|switch| switch.dyn_into().ok())
}
