//! Buttons that close what lies over the page. They need no script.

use super::icon::{Icon, icon};
use leptos::prelude::*;

/// The button that closes the popover with the id `target`.
pub(in crate::ui) fn close_popover(target: &'static str, class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <button type="button" class=class popovertarget=target popovertargetaction="hide" aria-label=label>
            {icon(Icon::Close)}
        </button>
    }
}

/// The button that closes the dialog around it.
pub(in crate::ui) fn close_dialog() -> impl IntoView {
    view! {
        <form method="dialog">
            <button class="icon" aria-label="Close">
                {icon(Icon::Close)}
            </button>
        </form>
    }
}
