//! Keeps the line that a person reads where it is, whatever comes above or below it.
//!
//! The list is laid out from its end, so at the newest entry it follows by itself. For a reader further up, the entry at
//! the top of the view is noted at each scroll, and put back after each change of the list, before the browser paints.
//! The browser's own scroll anchoring cannot be used: in a list laid out from its end Chromium moves by the height of
//! what was inserted above, although nothing in view had moved.

use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, MutationObserver, MutationObserverInit};

/// How far below the top of the view the noted entry is looked for, in pixels: past its border.
const INSET: f32 = 4.0;

/// Starts keeping the place in a list, for as long as the document lives. `moved` is called when what is in view may have
/// changed.
pub(crate) fn keep(document: &Document, view: &Element, moved: &Rc<dyn Fn()>) {
    let noted = Rc::new(RefCell::new(note(document, view)));

    let (at_scroll, seen, owner, scrolled) = (Rc::clone(&noted), view.clone(), document.clone(), Rc::clone(moved));
    crate::driver::listen(view, "scroll", move || {
        at_scroll.replace(note(&owner, &seen));
        scrolled();
    });
    let looked_at = Rc::clone(moved);
    crate::driver::listen(document, "visibilitychange", move || looked_at());
    moved();

    let moved = Rc::clone(moved);

    let (changed, owner) = (view.clone(), document.clone());
    let put_back = Closure::<dyn FnMut()>::new(move || {
        if let Some((entry, was_at)) = &*noted.borrow()
            && entry.is_connected()
        {
            #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen in whole pixels")]
            let by = (entry.get_bounding_client_rect().top() - was_at).round() as i32;
            changed.set_scroll_top(changed.scroll_top() + by);
        }
        let now = note(&owner, &changed);
        noted.replace(now);
        moved();
    });
    if let Ok(observer) = MutationObserver::new(put_back.as_ref().unchecked_ref()) {
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        observer.observe_with_options(view, &what).ok();
    }
    put_back.forget();
}

/// The entry at the top of the view and where it is; nothing at the list's end, where the view is to follow.
fn note(document: &Document, view: &Element) -> Option<(Element, f64)> {
    if view.scroll_top() >= 0 {
        return None;
    }
    let frame = view.get_bounding_client_rect();
    #[expect(clippy::cast_possible_truncation, reason = "a position on a screen")]
    let (x, y) = ((frame.left() + frame.width() / 2.0) as f32, frame.top() as f32 + INSET);
    let entry = document.element_from_point(x, y)?.closest("li.entry").ok()??;
    let top = entry.get_bounding_client_rect().top();
    Some((entry, top))
}
