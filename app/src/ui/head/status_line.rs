//! The status line: the state of the connection in words.
//!
//! The line is a live region, and a screen reader announces it after each change. The countdown to the next attempt
//! changes every second, so it is hidden from screen readers.

use crate::{
    sync::{Loss, Status},
    ui::{
        state::Live,
        widgets::reactive::{attribute, flag, text},
    },
};
use leptos::prelude::*;

/// The status line, with the countdown to the next attempt.
pub(super) fn status_line(live: Live) -> impl IntoView {
    let status = live.shown.status;
    let sentence = text(move || sentence(status.get(), live.shown.is_back.get()));
    let countdown = text(move || countdown(status.get(), live.shown.now.get()));
    view! {
        <p
            class="status"
            data-live="status"
            role="status"
            data-state=attribute(move || state(status.get()).to_owned())
            data-quiet=flag(move || is_quiet(live))
        >
            <span inner_html=sentence></span>
            <small
                aria-hidden="true"
                hidden=flag(move || !is_waiting(status.get()))
                inner_html=countdown
            ></small>
            <a href="/" hidden=flag(move || status.get() != Status::SignedOut)>
                "Sign in"
            </a>
        </p>
    }
}

/// Returns `true` if the connection is up and has not just come back.
fn is_quiet(live: Live) -> bool {
    live.shown.status.get() == Status::Live && !live.shown.is_back.get()
}

const fn state(status: Status) -> &'static str {
    match status {
        Status::Connecting => "connecting",
        Status::Live => "live",
        Status::Offline { loss: Loss::Restart, .. } => "restarting",
        Status::Offline { loss: Loss::Full, .. } => "full",
        Status::Offline { loss: Loss::Lost | Loss::NoNetwork, .. } => "offline",
        Status::Reconnecting => "reconnecting",
        Status::SignedOut => "signed-out",
    }
}

fn sentence(status: Status, is_back: bool) -> String {
    match status {
        Status::Connecting => "Connecting…".to_owned(),
        Status::Live if is_back => "Back online".to_owned(),
        // A working connection is not mentioned.
        Status::Live => String::new(),
        Status::Offline { loss, .. } => {
            let sentence = match loss {
                Loss::Lost => "Offline. Messages will send when you're back.",
                Loss::NoNetwork => "No network. Messages will send when you're back.",
                Loss::Restart => "Server restarting. Messages will send when it's back.",
                Loss::Full => "The server is full. Messages will send when there's room.",
            };
            sentence.to_owned()
        }
        Status::Reconnecting => "Reconnecting…".to_owned(),
        Status::SignedOut => "You've been signed out. Messages are not sent.".to_owned(),
    }
}

const fn is_waiting(status: Status) -> bool {
    matches!(status, Status::Offline { .. })
}

/// Returns the seconds until the next attempt in words; empty if no attempt is scheduled.
fn countdown(status: Status, now: u64) -> String {
    match status {
        Status::Offline { retry_at, .. } => format!("Retrying in {} s", retry_at.saturating_sub(now).div_ceil(1_000)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_there_is_no_connection_is_said_with_what_happens_next() {
        let offline = |loss| sentence(Status::Offline { retry_at: 4_500, loss }, false);
        assert_eq!(offline(Loss::Lost), "Offline. Messages will send when you're back.");
        assert!(offline(Loss::Restart).starts_with("Server restarting."));
        assert!(offline(Loss::Full).starts_with("The server is full"));
        assert!(offline(Loss::NoNetwork).starts_with("No network."));
    }

    #[test]
    fn seconds_are_counted_down_where_a_try_is_waited_for_and_nowhere_else() {
        let waiting = Status::Offline { retry_at: 4_500, loss: Loss::Lost };
        assert_eq!(countdown(waiting, 1_000), "Retrying in 4 s");
        assert_eq!(countdown(waiting, 4_501), "Retrying in 0 s");
        assert_eq!(countdown(Status::Live, 1_000), "");
    }
}
