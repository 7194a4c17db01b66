//! Keeps the composer above the on-screen keyboard, and closes drawers that a wider window shows as columns.

use crate::dom::{self, by_id, on};
use wasm_bindgen::JsCast;
use web_sys::{Document, Event, HtmlElement, VisualViewport, Window};

/// Listens for as long as the document lives.
pub(crate) fn listen(window: &Window, document: &Document) {
    let root = document.document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let (Some(root), Some(viewport)) = (root, window.visual_viewport()) {
        // The keyboard opens and closes, and the browser scrolls the visible part of the page, first of all to the
        // field.
        for event in ["resize", "scroll"] {
            let (root, seen, whole) = (root.clone(), viewport.clone(), window.clone());
            dom::listen(&viewport, event, move || fit(&root, &seen, &whole));
        }
    }
    // In a wide window the list stands beside the room, so its drawer is closed.
    for (query, drawer) in [("(min-width: 48rem)", "places"), ("(min-width: 64rem)", "members")] {
        let owner = document.clone();
        if let Ok(Some(wide)) = window.match_media(query) {
            on(&wide, "change", move |_: Event| {
                // A closed drawer cannot be hidden, and the error is ignored.
                drop(by_id::<HtmlElement>(&owner, drawer).map(|drawer| drawer.hide_popover()));
            });
            std::mem::forget(wide); // it reports for as long as it is held
        }
    }
}

/// Fits the page to the visible part of the window. Some browsers do that themselves for the keyboard, others cover the
/// page.
fn fit(root: &HtmlElement, seen: &VisualViewport, window: &Window) {
    let inner = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
    // A zoomed page has a smaller visible part too, but no keyboard over it.
    let is_covered = (seen.scale() - 1.0).abs() < 0.01 && inner - seen.height() > 1.0;
    for (name, pixels) in [("--viewport", seen.height()), ("--viewport-top", seen.offset_top())] {
        #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen, in whole pixels")]
        let pixels = pixels as i32;
        // The style of an element of the page is writable, so this cannot fail.
        drop(if is_covered {
            root.style().set_property(name, &format!("{pixels}px"))
        } else {
            root.style().remove_property(name).map(drop)
        });
    }
}
