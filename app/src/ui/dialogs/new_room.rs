//! The form that joins or creates a room by its name.

use super::outcome;
use crate::ui::{
    state::{About, Draft},
    widgets::{
        close::close_popover,
        icon::{Icon, icon},
    },
};
use leptos::prelude::*;

/// The sheet's title, and the label of the button that opens it.
const LABEL: &str = "Join or create a room";

/// A sheet with a form, which works without a script.
#[component]
pub(in crate::ui) fn NewRoom(
    /// The path of this page.
    path: String,
    /// The content of the fields.
    draft: Draft,
) -> impl IntoView {
    let (value, problem) = draft.of(About::Join);
    view! {
        <div id="new-room" class="sheet" popover="auto" role="dialog" aria-labelledby="new-room-title">
            <div class="sheet-head">
                <h2 id="new-room-title">{LABEL}</h2>
                {close_popover("new-room", "icon", "Close")}
            </div>
            <form class="join-form" method="post" action=path data-command="join" data-empty="Enter a room name.">
                <label for="join">"Room name"</label>
                <div class="field-row">
                    <input
                        id="join"
                        name="join"
                        value=value
                        autofocus
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        aria-describedby="join-problem"
                    />
                    <button type="submit">"Join"</button>
                </div>
                {outcome("join-problem", problem)}
            </form>
        </div>
    }
}

/// The button that opens the sheet.
pub(in crate::ui) fn new_room_button() -> impl IntoView {
    view! {
        <button type="button" class="icon" popovertarget="new-room" aria-label=LABEL title=LABEL>
            {icon(Icon::Plus)}
        </button>
    }
}
