//! Pages that a translator or another extension changed before hydration.
//!
//! Leptos looks for the nodes that the server rendered, one after the other, and gives up where it finds another. So
//! foreign elements around and between them are removed. Translated words stay until the text under them changes.

use crate::dom::all;
use web_sys::{Document, Element};

/// The tag of an island, the only element of ours with a hyphen.
const ISLAND: &str = "LEPTOS-ISLAND";

/// Removes foreign elements from all islands, makes each text one node again, and has translators wait until [`allow`]
/// is called.
pub(crate) fn undo(document: &Document) {
    let Some(root) = document.document_element() else { return };
    // A constant name is one that an attribute can have.
    drop(root.set_attribute("translate", "no"));
    for island in all::<Element>(&root, "leptos-island") {
        for element in all::<Element>(&island, "*") {
            let tag = element.tag_name();
            if tag == "FONT" {
                // An element of the document can be replaced.
                drop(element.replace_with_with_str_1(&element.text_content().unwrap_or_default()));
            } else if tag.contains('-') && tag != ISLAND {
                element.remove();
            }
        }
        island.normalize();
    }
}

/// Lets translators go on.
pub(crate) fn allow(document: &Document) {
    if let Some(root) = document.document_element() {
        // Removing what is there is no error.
        drop(root.remove_attribute("translate"));
    }
}
