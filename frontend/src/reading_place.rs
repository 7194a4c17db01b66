//! Keeps the line that a person reads where it is, whatever comes above or below it.
//!
//! The list is laid out from its end, so at the newest entry it follows by itself. For a reader further up, the entry at
//! the top of the view is noted at each scroll, and put back after each change of the list, before the browser paints.
//! The browser's own scroll anchoring cannot be used: in a list laid out from its end Chromium moves by the height of
//! what was inserted above, although nothing in view had moved.

use crate::log::{self, Seen};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, MutationObserver, MutationObserverInit, ResizeObserver};

/// The place in the list. A cheap handle.
#[derive(Clone)]
pub(crate) struct ReadingPlace {
    document: Document,
    view: Element,
    /// The entry at the top of the view, by the id of its element, and where it is; nothing at the list's end, where the
    /// view is to follow. Not the element itself: an entry is rendered anew when what is above it changes.
    noted: Rc<RefCell<Option<(String, f64)>>>,
    /// The entry that the page's address names, which is what is read until the person scrolls.
    named: Rc<RefCell<Option<String>>>,
    /// Called when what is in view may have changed.
    moved: Rc<dyn Fn()>,
}

impl ReadingPlace {
    pub(crate) fn new(document: &Document, view: &Element, moved: Rc<dyn Fn()>) -> Self {
        let hash = document.location().and_then(|location| location.hash().ok()).unwrap_or_default();
        let named = hash.strip_prefix('#').filter(|id| document.get_element_by_id(id).is_some()).map(Into::into);
        Self {
            document: document.clone(),
            view: view.clone(),
            noted: Rc::default(),
            named: Rc::new(RefCell::new(named)),
            moved,
        }
    }

    /// Starts keeping it, for as long as the document lives.
    pub(crate) fn keep(&self) {
        self.note();
        let place = self.clone();
        crate::dom::listen(&self.view, "scroll", move || {
            place.note();
            (place.moved)();
        });
        for event in ["wheel", "touchmove", "keydown"] {
            let named = Rc::clone(&self.named);
            crate::dom::listen(&self.view, event, move || drop(named.take()));
        }
        let place = self.clone();
        crate::dom::listen(&self.document, "visibilitychange", move || (place.moved)());
        (self.moved)();

        let place = self.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            // What was noted stays noted: the view moves by whole pixels, and what is lost by that must not add up.
            if !place.put_back() {
                place.note();
            }
            (place.moved)();
        });
        if let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) {
            let what = MutationObserverInit::new();
            what.set_child_list(true);
            what.set_subtree(true);
            observer.observe_with_options(&self.view, &what).ok();
        }
        // Rows that come near the view are laid out only then, and are rarely as high as they were taken to be. That
        // happens after the events of scrolling, and before the browser paints; this is called in between.
        let list = self.document.query_selector(".log").ok().flatten();
        if let Some((list, observer)) = list.zip(ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()) {
            observer.observe(&list);
            std::mem::forget(observer); // it reports for as long as it is held
        }
        changed.forget();
    }

    /// Goes to the end, and follows it from now on.
    pub(crate) fn go_to_end(&self) {
        self.named.replace(None);
        self.noted.replace(None);
        self.view.set_scroll_top(0);
    }

    /// Puts what was noted back; whether it is still there.
    fn put_back(&self) -> bool {
        let noted = self.noted.borrow();
        let entry = noted.as_ref().and_then(|(id, was_at)| Some((self.document.get_element_by_id(id)?, was_at)));
        let Some((entry, was_at)) = entry else {
            return false;
        };
        let away = top(&entry) - was_at;
        // The view moves by whole pixels: what is half of one away cannot be nearer, and would go to and fro.
        if away.abs() > 0.5 {
            #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen")]
            self.view.set_scroll_top(self.view.scroll_top() + away.round() as i32);
        }
        true
    }

    fn note(&self) {
        let named = self.named.borrow().as_ref().and_then(|id| self.document.get_element_by_id(id));
        let row = match named {
            Some(named) => Some(named),
            None if self.view.scroll_top() < 0 => match log::topmost(&self.document, &self.view) {
                Seen::Row(row) => lasting(row),
                Seen::Nothing => None,
                // What was read is read still.
                Seen::Covered => return,
            },
            None => None,
        };
        let noted = row.map(|row| (row.id(), top(&row)));
        self.noted.replace(noted);
    }
}

/// A row, or the next one that stays: a day or a hole may be gone when what belongs there has come.
fn lasting(mut row: Element) -> Option<Element> {
    while !row.has_attribute("id") {
        row = log::below(&row)?;
    }
    Some(row)
}

/// Where what is read of a row begins: it may get a head, or lose it, when what stands above it comes.
fn top(row: &Element) -> f64 {
    let text = row.query_selector(".text").ok().flatten();
    text.as_ref().unwrap_or(row).get_bounding_client_rect().top()
}
