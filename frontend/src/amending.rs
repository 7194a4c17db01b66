//! The question before a message is deleted: a dialog that knows the message and shows its words.

use crate::dom::{by_id, find, on};
use app::{
    protocol::EntryId,
    ui::{DELETES, Live},
};
use web_sys::{Document, Element, Event, HtmlDialogElement};

/// The attribute of the dialog with the message's id.
const OF: &str = "data-of";

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    let Some(dialog) = by_id::<HtmlDialogElement>(document, "deletion") else { return };
    let asked = dialog.clone();
    on(&dialog, "close", move |_: Event| {
        let of = asked.get_attribute(OF).and_then(|of| of.parse().ok());
        if let Some(of) = of.filter(|_| asked.return_value() == DELETES) {
            live.delete(of);
        }
        asked.set_return_value("");
        quote(&asked, "");
    });
}

/// Asks whether a message shall be deleted.
pub(crate) fn ask(document: &Document, of: EntryId, words: &str) {
    let Some(dialog) = by_id::<HtmlDialogElement>(document, "deletion").filter(|dialog| !dialog.open()) else { return };
    quote(&dialog, words);
    // The name is a valid attribute's, and a closed dialog in the document opens, so neither can fail.
    drop(dialog.set_attribute(OF, &of.to_string()));
    drop(dialog.show_modal());
}

fn quote(dialog: &HtmlDialogElement, words: &str) {
    if let Some(quote) = find::<Element>(dialog, "blockquote") {
        quote.set_text_content(Some(words));
    }
}
