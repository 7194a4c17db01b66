//! Keeps the composer above the on-screen keyboard, and drawers where they belong when the window changes.

use crate::dom::{by_id, hear, listen as on};
use wasm_bindgen::JsCast;
use web_sys::{Document, Event, HtmlElement, VisualViewport, Window};

/// Listens for as long as the document lives.
pub(crate) fn listen(window: &Window, document: &Document) {
    let root = document.document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let (Some(root), Some(viewport)) = (root, window.visual_viewport()) {
        // The keyboard comes and goes, and the browser moves what is seen, to the field first of all.
        for event in ["resize", "scroll"] {
            let (root, seen, whole) = (root.clone(), viewport.clone(), window.clone());
            on(&viewport, event, move || fit(&root, &seen, &whole));
        }
    }
    // Wide enough for the list to stand beside the room: what was a drawer is none any more.
    for (query, drawer) in [("(min-width: 48rem)", "places"), ("(min-width: 64rem)", "members")] {
        let owner = document.clone();
        if let Ok(Some(wide)) = window.match_media(query) {
            hear(&wide, "change", move |_: Event| {
                // One that is not open cannot be hidden, and need not be.
                drop(by_id::<HtmlElement>(&owner, drawer).map(|drawer| drawer.hide_popover()));
            });
            std::mem::forget(wide); // it reports for as long as it is held
        }
    }
}

/// Lays the page out in what is seen of it. Some browsers do so themselves for the keyboard, and some cover the page.
fn fit(root: &HtmlElement, seen: &VisualViewport, window: &Window) {
    let inner = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
    // Zooming is no covering.
    let is_covered = (seen.scale() - 1.0).abs() < 0.01 && inner - seen.height() > 1.0;
    for (name, pixels) in [("--viewport", seen.height()), ("--viewport-top", seen.offset_top())] {
        #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen, in whole pixels")]
        let pixels = pixels as i32;
        // The style of an element of the page can be set.
        drop(if is_covered {
            root.style().set_property(name, &format!("{pixels}px"))
        } else {
            root.style().remove_property(name).map(drop)
        });
    }
}
