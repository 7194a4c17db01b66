//! Translators, which must leave the page alone until it is hydrated. What they have changed before that is restored place
//! by place, right before each is hydrated (`app::ui`).

use web_sys::Document;

/// Asks translators to wait for [`allow`].
pub(crate) fn deter(document: &Document) {
    if let Some(root) = document.document_element() {
        // The name is a valid attribute's, so this cannot fail.
        drop(root.set_attribute("translate", "no"));
    }
}

/// Lets translators work again.
pub(crate) fn allow(document: &Document) {
    if let Some(root) = document.document_element() {
        // Removing an attribute never fails.
        drop(root.remove_attribute("translate"));
    }
}
