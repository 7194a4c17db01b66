//! Pages that a translator or another extension has changed before hydration.
//!
//! Leptos expects the nodes that the server rendered, one after the other, and fails at any other node. So foreign
//! elements around and between them are removed. Translated words stay until the text under them changes.

use crate::dom::all;
use web_sys::{Document, Element};

/// Removes foreign elements from all places that are hydrated, makes each text one node again, and keeps translators
/// away until [`allow`] is called.
pub(crate) fn undo(document: &Document) {
    let Some(root) = document.document_element() else { return };
    // The name is a valid attribute's, so this cannot fail.
    drop(root.set_attribute("translate", "no"));
    for place in all::<Element>(&root, "[data-live]") {
        for element in all::<Element>(&place, "*") {
            let tag = element.tag_name();
            if tag == "FONT" {
                // The element is in the document, so it can be replaced.
                drop(element.replace_with_with_str_1(&element.text_content().unwrap_or_default()));
            } else if tag.contains('-') {
                element.remove();
            }
        }
        place.normalize();
    }
}

/// Lets translators work again.
pub(crate) fn allow(document: &Document) {
    if let Some(root) = document.document_element() {
        // Removing an attribute never fails.
        drop(root.remove_attribute("translate"));
    }
}
