//! The keyboard: shortcuts that work wherever the focus is, and keys that move through the list.

use crate::{
    dom::{self, by_id, focus, on},
    timeline_dom,
};
use app::ui::{self, Live, Press, ScrollTarget, Shortcut};
use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, Document, Element, Event, EventInit, HtmlDialogElement, HtmlElement, HtmlTextAreaElement,
    KeyboardEvent,
};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, view: &Element, live: Live) {
    let (owner, list) = (document.clone(), view.clone());
    on(document, "keydown", move |event: KeyboardEvent| {
        let Some(press) = Press::of(&event).filter(|_| !event.default_prevented()) else { return };
        if press.key() == "Enter" {
            note_enter(&owner);
        }
        let shortcut = press.shortcut(is_writing(&owner));
        if shortcut.is_some_and(|shortcut| perform(&owner, live, shortcut)) || turn_page(&owner, &list, &press) {
            event.prevent_default();
        }
    });
    let (owner, list) = (document.clone(), view.clone());
    on(view, "keydown", move |event: KeyboardEvent| {
        let press = Press::of(&event).filter(Press::is_bare);
        if press.is_some_and(|press| act(&owner, live, &press) || walk(&owner, &list, live, press.key())) {
            event.prevent_default();
        }
    });
    let owner = document.clone();
    on(document, "paste", move |event: ClipboardEvent| {
        if !is_writing(&owner) && !is_covered(&owner) && paste(&owner, &event) {
            event.prevent_default();
        }
    });
}

/// Notes that Enter was pressed in the quick switcher before its part is loaded. The part executes it then.
fn note_enter(document: &Document) {
    let is_early = document.active_element().is_some_and(|field| field.matches("#switcher input").unwrap_or(false));
    if let Some(dialog) = by_id::<Element>(document, "switcher").filter(|_| is_early) {
        // The name is a valid attribute's, so this cannot fail.
        drop(dialog.set_attribute(ui::ENTERED, ""));
    }
}

/// Performs a shortcut; returns `true` if the browser must ignore the key.
fn perform(document: &Document, live: Live, shortcut: Shortcut) -> bool {
    match shortcut {
        // The page shows no changes yet.
        Shortcut::Switch | Shortcut::Step(_) if !live.is_started() => return false,
        Shortcut::Switch => live.open_switcher(),
        Shortcut::Step(by) => {
            if !is_covered(document) {
                live.step(by);
            }
        }
        Shortcut::Search => {
            // An address of this page's own server is valid, so this cannot fail.
            drop(document.location().map(|location| location.assign("/search")));
        }
        Shortcut::ListKeys => open_keys(document),
        Shortcut::Write => {
            // The browser types the character into the field that has the focus by then.
            if !is_covered(document) {
                focus(document, "#text");
            }
            return false;
        }
    }
    true
}

/// Opens the dialog with the list of keys.
pub(crate) fn open_keys(document: &Document) {
    dom::close_popover(document);
    // An open dialog stays open.
    drop(by_id::<HtmlDialogElement>(document, "keys").map(|dialog| dialog.show_modal()));
}

/// Returns `true` if a field has the focus.
fn is_writing(document: &Document) -> bool {
    document.active_element().is_some_and(|element| element.matches("input, textarea, select").unwrap_or(false))
}

/// Returns `true` if a dialog, a sheet or a drawer is open over the page.
fn is_covered(document: &Document) -> bool {
    document.query_selector("dialog[open], :popover-open").is_ok_and(|over| over.is_some())
}

/// Scrolls the list by a page if the composer has the focus and nothing to scroll; returns `true` if it did.
fn turn_page(document: &Document, view: &Element, press: &Press) -> bool {
    let pages = match press.key() {
        "PageUp" => -1,
        "PageDown" => 1,
        _ => return false,
    };
    let is_short = |field: Element| field.id() == "text" && field.scroll_height() <= field.client_height();
    let turns = press.is_bare() && document.active_element().is_some_and(is_short);
    if turns {
        // Some lines of the previous page stay in view.
        view.set_scroll_top(view.scroll_top() + pages * view.client_height() * 7 / 8);
    }
    turns
}

/// Inserts a pasted text into the composer; returns `true` if there was one.
fn paste(document: &Document, event: &ClipboardEvent) -> bool {
    let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
    let Some(field) = by_id::<HtmlTextAreaElement>(document, "text").filter(|_| !text.is_empty()) else {
        return false;
    };
    drop(field.focus());
    insert(&field, &text);
    true
}

/// Inserts a text at the cursor of a field, as if it was typed.
fn insert(field: &HtmlTextAreaElement, text: &str) {
    let (from, to) = (field.selection_start().ok().flatten(), field.selection_end().ok().flatten());
    let end = field.text_length();
    let (from, to) = (from.unwrap_or(end), to.unwrap_or(end));
    if field.set_range_text_with_start_and_end_and_mode(text, from, to, "end").is_ok() {
        let init = EventInit::new();
        init.set_bubbles(true);
        // The name is a valid event's, so this cannot fail.
        drop(Event::new_with_event_init_dict("input", &init).map(|input| field.dispatch_event(&input)));
    }
}

/// Moves the focus from entry to entry; returns `true` if the key has a meaning in the list.
fn walk(document: &Document, view: &Element, live: Live, key: &str) -> bool {
    let focused = document.active_element().and_then(|element| element.closest("#entries li.entry").ok().flatten());
    let next = match key {
        "ArrowUp" => match &focused {
            Some(entry) => neighbour(entry, timeline_dom::above),
            None => lowest_in_view(document, view),
        },
        "ArrowDown" => match &focused {
            Some(entry) => neighbour(entry, timeline_dom::below),
            None => lowest_in_view(document, view),
        },
        "End" => {
            live.scroll_to(ScrollTarget::End);
            timeline_dom::last(document)
        }
        "Enter" => return focused.is_some_and(|entry| follow(document, &entry)),
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

/// Edits the focused entry, asks to delete it, or shows its versions; returns `true` if the key does that and the entry
/// has it.
fn act(document: &Document, live: Live, press: &Press) -> bool {
    let focused = document.active_element().filter(|element| element.matches("#entries li.entry").unwrap_or(false));
    let Some(focused) = focused else { return false };
    let entry = || focused.get_attribute("data-id")?.parse().ok();
    match (press.key(), press.letter()) {
        ("Delete" | "Backspace", _) => entry().is_some_and(|entry| live.ask_deletion(entry)),
        (_, Some('e')) => entry().is_some_and(|entry| live.edit(entry)),
        (_, Some('v')) => click(&focused, "[data-act=versions]"),
        _ => false,
    }
}

/// Follows the link to an entry that itself has the focus; returns `true` if there is one.
fn follow(document: &Document, entry: &Element) -> bool {
    document.active_element().as_ref() == Some(entry) && click(entry, ".when")
}

/// Follows a link of an entry; returns `true` if there is one.
fn click(entry: &Element, link: &str) -> bool {
    let link = entry.query_selector(link).ok().flatten().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    link.inspect(HtmlElement::click).is_some()
}

fn neighbour(entry: &Element, step: impl Fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut row = step(entry)?;
    while !is_entry(&row) {
        row = step(&row)?;
    }
    Some(row)
}

/// Returns the lowest entry in view.
fn lowest_in_view(document: &Document, view: &Element) -> Option<Element> {
    let row = timeline_dom::lowest(document, view)?;
    if is_entry(&row) { Some(row) } else { neighbour(&row, timeline_dom::above) }
}

fn is_entry(row: &Element) -> bool {
    row.class_list().contains("entry")
}
