//! The question before a message is deleted.

use leptos::prelude::*;

/// The `returnValue` of the dialog if the person confirms the deletion.
pub const DELETES: &str = "delete";

/// A dialog, opened by the script. Without one the page of the entry's edit has the button.
#[component]
pub(in crate::ui) fn Deletion() -> impl IntoView {
    view! {
        <dialog id="deletion" class="sheet deletion" aria-labelledby="deletion-title" aria-describedby="deletion-text">
            <h2 id="deletion-title">"Delete this message?"</h2>
            <blockquote dir="auto" translate="no"></blockquote>
            <p id="deletion-text">"Its words are removed for everybody and cannot be brought back."</p>
            <form method="dialog">
                <button class="quiet" value="">
                    "Keep it"
                </button>
                <button class="danger" value=DELETES>
                    "Delete"
                </button>
            </form>
        </dialog>
    }
}
