//! Keeps the composer above the on-screen keyboard, and drawers where they belong when the window changes.

use crate::dom::{by_id, hear, listen as on};
use wasm_bindgen::JsCast;
use web_sys::{Document, Event, HtmlElement, Window};

/// Listens for as long as the document lives.
pub(crate) fn listen(window: &Window, document: &Document) {
    let root = document.document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let (Some(root), Some(viewport)) = (root, window.visual_viewport()) {
        let (seen, whole) = (viewport.clone(), window.clone());
        on(&viewport, "resize", move || {
            // Some browsers lay the page out anew for the keyboard, and some cover it. Zooming is neither.
            let inner = whole.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
            let is_covered = (seen.scale() - 1.0).abs() < 0.01 && inner - seen.height() > 1.0;
            #[expect(clippy::cast_possible_truncation, reason = "the height of a screen")]
            let height = seen.height() as i32;
            // The style of an element of the page can be set.
            drop(if is_covered {
                // The browser has moved the page up, so that the field is seen; now it is seen where it stands.
                whole.scroll_to_with_x_and_y(0.0, 0.0);
                root.style().set_property("--viewport", &format!("{height}px"))
            } else {
                root.style().remove_property("--viewport").map(drop)
            });
        });
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
