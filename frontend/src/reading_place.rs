//! Keeps the line that a person reads where it is, whatever comes above or below it.
//!
//! The list is laid out from its end, so at the newest entry it follows by itself. For a reader further up, the entry at
//! the top of the view is noted at each scroll, and put back after each change of the list, before the browser paints.
//! The browser's own scroll anchoring cannot be used: in a list laid out from its end Chromium moves by the height of
//! what was inserted above, although nothing in view had moved.

use crate::{
    dom::elapsed_ms,
    log::{self, Seen},
};
use app::sync::Place;
use std::{cell::RefCell, mem, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, MutationObserver, MutationObserverInit, ResizeObserver};

/// Rooms and conversations whose place is kept while others are shown; of more, those that were left first go.
const KEPT_PLACES: usize = 100;
/// Where the line before what is new comes to stand, in pixels below the top of the view.
const NEW_BELOW_TOP: f64 = 16.0;

/// How long the list of another place is held at its aim once that is there, in milliseconds: rows that come into view
/// are laid out only then, and move each other.
const SETTLING_MS: u64 = 500;

/// An entry, by the id of its element, and how far from the top of the window it is.
type Noted = (String, f64);

/// Where the list of another place is to be read.
#[derive(Debug)]
struct Aim {
    at: Noted,
    /// When its entry was there first; the list may still be on its way.
    found_at: Option<u64>,
}

/// The place in the list. A cheap handle.
#[derive(Clone)]
pub(crate) struct ReadingPlace {
    document: Document,
    view: Element,
    /// The entry at the top of the view, by the id of its element, and where it is; nothing at the list's end, where the
    /// view is to follow. Not the element itself: an entry is rendered anew when what is above it changes.
    noted: Rc<RefCell<Option<Noted>>>,
    /// Where the list is to be read, while it settles.
    aim: Rc<RefCell<Option<Aim>>>,
    /// Whose list this is.
    shown: Rc<RefCell<Place>>,
    /// What was noted in other places when they were left; nothing of those that were left at their end.
    left: Rc<RefCell<Vec<(Place, Noted)>>>,
    /// The entry that the page's address names, which is what is read until the person scrolls.
    named: Rc<RefCell<Option<String>>>,
    /// Called when what is in view may have changed.
    moved: Rc<dyn Fn()>,
}

impl ReadingPlace {
    pub(crate) fn new(document: &Document, view: &Element, shown: Place, moved: Rc<dyn Fn()>) -> Self {
        let hash = document.location().and_then(|location| location.hash().ok()).unwrap_or_default();
        let named = hash.strip_prefix('#').filter(|id| document.get_element_by_id(id).is_some()).map(Into::into);
        Self {
            document: document.clone(),
            view: view.clone(),
            noted: Rc::default(),
            aim: Rc::default(),
            shown: Rc::new(RefCell::new(shown)),
            left: Rc::default(),
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
        for event in ["wheel", "touchmove", "keydown", "pointerdown"] {
            let (named, aim) = (Rc::clone(&self.named), Rc::clone(&self.aim));
            crate::dom::listen(&self.view, event, move || drop((named.take(), aim.take())));
        }
        let place = self.clone();
        crate::dom::listen(&self.document, "visibilitychange", move || (place.moved)());
        (self.moved)();

        let place = self.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            // What was noted stays noted: the view moves by whole pixels, and what is lost by that must not add up.
            if !place.hold_aim() && !place.put_back() {
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
            mem::forget(observer); // it reports for as long as it is held
        }
        changed.forget();
    }

    /// Goes to the end, and follows it from now on.
    pub(crate) fn go_to_end(&self) {
        self.named.replace(None);
        self.aim.replace(None);
        self.noted.replace(None);
        self.view.set_scroll_top(0);
    }

    /// The list becomes that of another place: it is read where it was read last, or, if that was its end, from the line
    /// before what is new (`is_divided`), or else from its end.
    pub(crate) fn go_to(&self, place: &Place, is_divided: bool) {
        let before = mem::replace(&mut *self.shown.borrow_mut(), place.clone());
        let was_read_at = self.aim.take().map(|aim| aim.at).or_else(|| self.noted.take());
        self.go_to_end();
        let mut left = self.left.borrow_mut();
        left.retain(|(other, _)| *other != before);
        left.extend(was_read_at.map(|noted| (before, noted)));
        if left.len() > KEPT_PLACES {
            left.remove(0);
        }
        let is_read_at = left.iter().find(|(other, _)| other == place).map(|(_, noted)| noted.clone());
        let new = || ("new".to_owned(), self.view.get_bounding_client_rect().top() + NEW_BELOW_TOP);
        self.aim.replace(is_read_at.or_else(|| is_divided.then(new)).map(|at| Aim { at, found_at: None }));
    }

    /// The list is read elsewhere from now on.
    pub(crate) fn drop_aim(&self) {
        self.aim.replace(None);
    }

    /// Holds the list at its aim while it settles; whether it does.
    fn hold_aim(&self) -> bool {
        let Some(window) = web_sys::window() else { return false };
        let mut aim = self.aim.borrow_mut();
        let Some(held) = aim.as_mut().filter(|aim| self.document.get_element_by_id(&aim.at.0).is_some()) else {
            return false;
        };
        let now = elapsed_ms(&window);
        if now > *held.found_at.get_or_insert(now) + SETTLING_MS {
            aim.take();
            return false;
        }
        self.noted.replace(Some(held.at.clone()));
        self.put_back();
        // What is below it may not fill the view, and then this is the end.
        if self.view.scroll_top() >= 0 {
            self.noted.replace(None);
        }
        true
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
        if self.hold_aim() {
            return;
        }
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

/// A row, or the next one that stays: a hole may be gone when what belongs there has come, and what is new is so no more.
fn lasting(mut row: Element) -> Option<Element> {
    while !row.class_list().contains("entry") {
        row = log::below(&row)?;
    }
    Some(row)
}

/// Where what is read of a row begins: it may get a head, or lose it, when what stands above it comes.
fn top(row: &Element) -> f64 {
    let text = row.query_selector(".text").ok().flatten();
    text.as_ref().unwrap_or(row).get_bounding_client_rect().top()
}
