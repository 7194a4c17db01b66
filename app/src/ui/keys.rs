//! The list of keys.

use leptos::prelude::*;

/// What can be done with the keyboard: the keys, and what they do.
const KEYS: [(&[&str], &str); 11] = [
    (&["Ctrl", "K"], "Go to a room or person"),
    (&["Alt", "↑"], "The room above"),
    (&["Alt", "↓"], "The room below"),
    (&["Enter"], "Send"),
    (&["Shift", "Enter"], "Break the line"),
    (&["↑"], "In an empty message: what you sent last"),
    (&["Tab"], "Take a suggestion"),
    (&["Esc"], "Close what is open; from the messages, back to writing"),
    (&["↑", "↓"], "In the messages: from one to the next"),
    (&["End"], "In the messages: to the latest"),
    (&["?"], "This list"),
];

/// A dialog with the keys, which the script opens.
#[component]
pub(super) fn KeysDialog() -> impl IntoView {
    let rows = KEYS.map(|(keys, meaning)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
        view! {
            <div>
                <dt>{keys}</dt>
                <dd>{meaning}</dd>
            </div>
        }
    });
    view! {
        <dialog id="keys" class="sheet keys" aria-labelledby="keys-title">
            <div class="sheet-head">
                <h2 id="keys-title">"Keyboard shortcuts"</h2>
            </div>
            <dl>{rows.collect_view()}</dl>
            <form method="dialog">
                <button type="submit">"Close"</button>
            </form>
        </dialog>
    }
}
