//! The way into a room by its name, whether it is there or not.

use super::{
    About, Draft,
    icon::{Icon, drawn},
};
use leptos::prelude::*;

/// What it is called.
const LABEL: &str = "Join or create a room";

/// A sheet with a form, which works without a script.
#[component]
pub(super) fn NewRoom(
    /// The path of this page.
    path: String,
    /// What the fields hold.
    draft: Draft,
) -> impl IntoView {
    let (value, problem) = draft.of(About::Join);
    view! {
        <div id="new-room" class="sheet" popover="auto" role="dialog" aria-labelledby="new-room-title">
            <div class="sheet-head">
                <h2 id="new-room-title">{LABEL}</h2>
                <button type="button" class="icon" popovertarget="new-room" popovertargetaction="hide" aria-label="Close">
                    {drawn(Icon::Close)}
                </button>
            </div>
            <form class="join-form" method="post" action=path data-command="/join" data-empty="Enter a room name.">
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
                <p id="join-problem" class="problem" role="alert">
                    {problem}
                </p>
                <p class="done" aria-live="polite"></p>
            </form>
        </div>
    }
}

/// Opens it.
pub(super) fn new_room_button() -> impl IntoView {
    view! {
        <button type="button" class="icon" popovertarget="new-room" aria-label=LABEL title=LABEL>
            {drawn(Icon::Plus)}
        </button>
    }
}
