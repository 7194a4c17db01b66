//! Keeps the line that a person reads in place, whatever is inserted above or below it.
//!
//! The list is laid out from its end, so at the newest entry it follows by itself. For a reader further up, the entry
//! at the top of the view is noted at each scroll, and put back after each change of the list, before the browser
//! paints. The browser's own scroll anchoring is no alternative: in a list that is laid out from its end Chromium
//! scrolls by the height of the rows inserted above, although nothing in view has moved.

use crate::{
    dom::elapsed_ms,
    reader::Reader,
    timeline_dom::{self, Seen},
};
use app::protocol::Place;
use std::{cell::RefCell, mem, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, MutationObserver, MutationObserverInit, ResizeObserver};

/// Most places whose scroll positions are kept while others are shown; past it the place that was left first is
/// dropped.
const KEPT_PLACES: usize = 100;
/// Distance of the divider from the top of the view after a jump to it, in pixels.
const NEW_BELOW_TOP: f64 = 16.0;

/// Time for which the list of another place is held at its aim once the aim is loaded, in milliseconds: rows that come
/// into view are laid out only then, and move each other.
const SETTLING_MS: u64 = 500;

/// The id of an entry's element, and its distance from the top of the window in pixels.
type Noted = (String, f64);

/// The position at which the list of another place is to be read.
#[derive(Debug)]
struct Aim {
    at: Noted,
    /// The time when its entry was first found; `None` while the list is still loading.
    found_at: Option<u64>,
}

/// The scroll position of the list. A cheap handle.
#[derive(Clone)]
pub(crate) struct ScrollAnchor {
    document: Document,
    view: Element,
    /// The entry at the top of the view; `None` at the list's end, where the view follows. It is not kept as an
    /// element, since an entry is rendered anew when the rows above it change.
    noted: Rc<RefCell<Option<Noted>>>,
    /// The position to hold while the list settles.
    aim: Rc<RefCell<Option<Aim>>>,
    /// The place that is shown.
    shown: Rc<RefCell<Place>>,
    /// The noted entries of other places, as of the time when they were left; places that were left at their end have
    /// none.
    left: Rc<RefCell<Vec<(Place, Noted)>>>,
    /// The entry in the page's address, which is held until the person scrolls.
    named: Rc<RefCell<Option<String>>>,
    /// Called when the entries in view may have changed.
    moved: Rc<dyn Fn()>,
}

impl ScrollAnchor {
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

    /// Restores the position after each change of the list.
    fn follow_changes(&self) {
        let place = self.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            // The noted position is not updated here: the view moves by whole pixels, and the rounding errors must not
            // add up.
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
        // Rows are laid out only when they come near the view, and their heights differ from the estimates. That
        // happens after the scroll events and before the paint; this observer is called in between.
        let list = self.document.query_selector(".log").ok().flatten();
        if let Some((list, observer)) = list.zip(ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()) {
            observer.observe(&list);
            mem::forget(observer); // it reports for as long as it is held
        }
        changed.forget();
    }

    /// Holds the list at its aim while it settles; returns `true` if it is held.
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
        // The rows below the aim may not fill the view; then the list is at its end.
        if self.view.scroll_top() >= 0 {
            self.noted.replace(None);
        }
        true
    }

    /// Restores the noted position; returns `false` if no entry is noted or it is not in the document.
    fn put_back(&self) -> bool {
        let noted = self.noted.borrow();
        let entry = noted.as_ref().and_then(|(id, was_at)| Some((self.document.get_element_by_id(id)?, was_at)));
        let Some((entry, was_at)) = entry else {
            return false;
        };
        let away = top(&entry) - was_at;
        // The view moves by whole pixels: a distance of half a pixel cannot shrink, and would make the view oscillate.
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
            None if self.view.scroll_top() < 0 => match timeline_dom::topmost(&self.document, &self.view) {
                Seen::Row(row) => lasting(row),
                Seen::Nothing => None,
                // The last position stays valid under a dialog or a drawer.
                Seen::Covered => return,
            },
            None => None,
        };
        let noted = row.map(|row| (row.id(), top(&row)));
        self.noted.replace(noted);
    }
}

impl Reader for ScrollAnchor {
    fn begin(&self) {
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
        self.follow_changes();
    }

    fn look(&self) {
        (self.moved)();
    }

    /// Scrolls to the end, and follows new entries from now on.
    fn go_to_end(&self) {
        self.named.replace(None);
        self.aim.replace(None);
        self.noted.replace(None);
        self.view.set_scroll_top(0);
    }

    /// Switches to the list of another place. It opens where it was read last, or, if that was its end, at the divider
    /// (`is_divided`), or else at its end.
    fn go_to(&self, place: &Place, is_divided: bool) {
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

    /// Cancels the position at which the list is being held.
    fn drop_aim(&self) {
        self.aim.replace(None);
    }
}

/// Returns the row itself or the next entry below it: a gap disappears once it is filled, and so does the divider.
fn lasting(mut row: Element) -> Option<Element> {
    while !row.class_list().contains("entry") {
        row = timeline_dom::below(&row)?;
    }
    Some(row)
}

/// Returns the top of a row's text. The row's own top moves when it gains or loses its head by a change above it.
fn top(row: &Element) -> f64 {
    let text = row.query_selector(".text").ok().flatten();
    text.as_ref().unwrap_or(row).get_bounding_client_rect().top()
}
