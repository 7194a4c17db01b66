//! How the connection is, in words.

use super::live::Live;
use crate::sync::Status;
use leptos::prelude::*;

/// One line about the connection.
#[component]
pub(super) fn StatusLine(
    /// The live state.
    live: Live,
) -> impl IntoView {
    let state = move || match live.status.get() {
        Status::Connecting => "connecting",
        Status::Live => "live",
        Status::Offline { .. } => "offline",
        Status::Reconnecting => "reconnecting",
        Status::SignedOut => "signed-out",
    };
    let words = move || match live.status.get() {
        Status::Connecting => "Connecting…".to_owned(),
        Status::Live if live.is_back.get() => "Back online".to_owned(),
        Status::Live => "Live".to_owned(),
        Status::Offline { retry_at } => {
            let seconds = retry_at.saturating_sub(live.now.get()).div_ceil(1_000);
            format!("Offline. Next try in {seconds} s; what you write is sent then.")
        }
        Status::Reconnecting => "Reconnecting…".to_owned(),
        Status::SignedOut => "You are signed out; what you write is not sent.".to_owned(),
    };
    view! {
        <p class="status" role="status" data-state=state>
            <span>{words}</span>
            <a href="/" hidden=move || live.status.get() != Status::SignedOut>"Sign in"</a>
        </p>
    }
}
