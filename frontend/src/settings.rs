//! The settings: plain HTML to which this gives what needs a script.

use crate::{
    attention,
    dom::{self, all, by_id, find, hear, target},
    preferences,
    stats::Numbers,
};
use app::ui::{Live, NOTIFY, Theme};
use std::cell::RefCell;
use web_sys::{Document, Element, Event, HtmlDialogElement, HtmlInputElement};

/// Why a switch went off by itself.
const NO_NOTIFICATIONS: &str = "This browser could not show a notification, so they are off.";

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    let Some(sheet) = by_id::<Element>(document, "settings") else { return };
    for switch in all::<HtmlInputElement>(&sheet, "[data-preference]") {
        let name = switch.dataset().get("preference").unwrap_or_default();
        switch.set_checked(preferences::is_on(&name));
    }
    let owner = document.clone();
    hear(document, "change", move |event: Event| {
        let switch = target::<HtmlInputElement>(&event);
        let Some((switch, name)) =
            switch.and_then(|switch| Some((switch.clone(), switch.dataset().get("preference")?)))
        else {
            return;
        };
        preferences::keep(&name, switch.checked());
        preferences::label_enter(&owner);
        if name == NOTIFY {
            say_of_notifications(&owner, "");
        }
        if name == NOTIFY && switch.checked() {
            // Now is the moment: the person has just said that they want some.
            attention::ask(move |is_granted| {
                preferences::keep(&name, is_granted);
                switch.set_checked(is_granted);
            });
        }
    });
    let (owner, themes) = (document.clone(), sheet.clone());
    hear(document, "click", move |event: Event| {
        let pressed = target::<Element>(&event);
        let Some(button) = pressed.and_then(|it| it.closest("[data-opens], [name=theme]").ok().flatten()) else {
            return;
        };
        match button.get_attribute("data-opens").as_deref() {
            Some("switcher") => live.open_switcher(),
            Some(_) => open_keys(&owner),
            None => {
                event.prevent_default();
                let chosen = button.get_attribute("value").unwrap_or_default();
                preferences::wear(&owner, live, Theme::parse(&chosen));
                for other in all::<Element>(&themes, "[name=theme]") {
                    let is_it = other.get_attribute("value").as_ref() == Some(&chosen);
                    // A constant name is one that an attribute can have.
                    drop(other.set_attribute("aria-pressed", if is_it { "true" } else { "false" }));
                }
            }
        }
    });
    let (numbers, seen, owner) = (RefCell::new(None), sheet.clone(), document.clone());
    hear(&sheet, "toggle", move |_: Event| {
        let is_open = seen.matches(":popover-open").unwrap_or(false);
        numbers.replace(if is_open { Numbers::listen(&owner) } else { None });
        // A name that was refused stays, beside the reason.
        let problem = by_id::<Element>(&owner, "nick-problem").and_then(|problem| problem.text_content());
        let is_fine = problem.is_none_or(|problem| problem.is_empty());
        if let Some(field) = by_id::<HtmlInputElement>(&owner, "nick").filter(|_| is_open && is_fine) {
            field.set_value(&live.my_name());
        }
    });
}

/// The browser shows no notifications, although it permits them: the switch goes off, and says why.
pub(crate) fn refuse_to_notify(document: &Document) {
    preferences::keep(NOTIFY, false);
    let root = document.document_element();
    if let Some(switch) = root.and_then(|root| find::<HtmlInputElement>(&root, &format!("[data-preference={NOTIFY}]")))
    {
        switch.set_checked(false);
    }
    say_of_notifications(document, NO_NOTIFICATIONS);
}

fn say_of_notifications(document: &Document, problem: &str) {
    if let Some(place) = by_id::<Element>(document, "notify-problem") {
        place.set_text_content(Some(problem));
    }
}

/// Shows the list of keys.
pub(crate) fn open_keys(document: &Document) {
    dom::close_popover(document);
    // One that is open already stays so.
    drop(by_id::<HtmlDialogElement>(document, "keys").map(|dialog| dialog.show_modal()));
}
