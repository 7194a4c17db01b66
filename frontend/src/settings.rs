//! The settings: binds the controls of the plain HTML that need a script.

use crate::{
    dom::{all, by_id, on, target},
    notifications, preferences,
    stats::Numbers,
};
use app::ui::{Live, NOTIFY, Theme};
use std::cell::RefCell;
use web_sys::{Document, Element, Event, HtmlInputElement};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    let Some(sheet) = by_id::<Element>(document, "settings") else { return };
    for switch in all::<HtmlInputElement>(&sheet, "[data-preference]") {
        let name = switch.dataset().get("preference").unwrap_or_default();
        switch.set_checked(preferences::is_on(&name));
    }
    let owner = document.clone();
    on(&sheet, "change", move |event: Event| {
        if let Some(switch) = target::<HtmlInputElement>(&event) {
            switched(&owner, &switch);
        }
    });
    let (owner, themes) = (document.clone(), sheet.clone());
    on(&sheet, "click", move |event: Event| {
        let pressed = target::<Element>(&event);
        if let Some(button) = pressed.and_then(|it| it.closest("[name=theme]").ok().flatten()) {
            event.prevent_default();
            choose_theme(&owner, live, &themes, &button.get_attribute("value").unwrap_or_default());
        }
    });
    let (numbers, seen, owner) = (RefCell::new(None), sheet.clone(), document.clone());
    on(&sheet, "toggle", move |_: Event| {
        let is_open = seen.matches(":popover-open").unwrap_or(false);
        numbers.replace(if is_open { Numbers::listen(&owner) } else { None });
        if is_open {
            show_name(&owner, live);
        }
    });
}

/// Stores a preference that the person has changed.
fn switched(document: &Document, switch: &HtmlInputElement) {
    let Some(name) = switch.dataset().get("preference") else { return };
    preferences::keep(&name, switch.checked());
    preferences::label_enter(document);
    if name != NOTIFY {
        return;
    }
    notifications::explain(document, "");
    if switch.checked() {
        // The person has just asked for notifications, so this is the time to ask for the permission.
        let switch = switch.clone();
        notifications::ask(move |is_granted| {
            preferences::keep(&name, is_granted);
            switch.set_checked(is_granted);
        });
    }
}

fn choose_theme(document: &Document, live: Live, sheet: &Element, chosen: &str) {
    preferences::apply_theme(document, live, Theme::parse(chosen));
    for other in all::<Element>(sheet, "[name=theme]") {
        let is_it = other.get_attribute("value").as_deref() == Some(chosen);
        // The name is a valid attribute's, so this cannot fail.
        drop(other.set_attribute("aria-pressed", if is_it { "true" } else { "false" }));
    }
}

/// Puts the person's name into its field. A refused name stays there, beside the reason.
fn show_name(document: &Document, live: Live) {
    let problem = by_id::<Element>(document, "nick-problem").and_then(|problem| problem.text_content());
    let is_fine = problem.is_none_or(|problem| problem.is_empty());
    if let Some(field) = by_id::<HtmlInputElement>(document, "nick").filter(|_| is_fine) {
        field.set_value(&live.my_name());
    }
}
