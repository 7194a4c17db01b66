//! The dialog that lists the keyboard shortcuts.

use crate::ui::widgets::close::close_dialog;
use leptos::prelude::*;

/// Each shortcut's keys, and its effect.
const KEYS: [(&[&str], &str); 18] = [
    (&["Ctrl", "K"], "Go to a room or person"),
    (&["Ctrl", "Shift", "F"], "Search the messages"),
    (&["Alt", "↑"], "The room above"),
    (&["Alt", "↓"], "The room below"),
    (&["Enter"], "Send, or start a new line if you chose that in the settings"),
    (&["Ctrl", "Enter"], "Send, whatever Enter does"),
    (&["Shift", "Enter"], "New line"),
    (&["↑"], "In an empty message: edit what you sent last"),
    (&["Tab"], "Take a suggestion"),
    (&["Enter"], "While there are suggestions: take one"),
    (&["Esc"], "Close what is open, or leave an edit; from the messages, back to writing"),
    (&["↑", "↓"], "In the messages: from one to the next"),
    (&["End"], "In the messages: to the latest"),
    (&["Enter"], "In the messages: to the message's own address, which you can copy"),
    (&["E"], "On a message of yours: edit it"),
    (&["Delete"], "On a message of yours: delete it"),
    (&["V"], "On an edited message: its former texts"),
    (&["?"], "This list"),
];

/// A dialog with the keys, opened by the script.
#[component]
pub(in crate::ui) fn KeysDialog() -> impl IntoView {
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
                {close_dialog()}
            </div>
            <dl>{rows.collect_view()}</dl>
        </dialog>
    }
}
