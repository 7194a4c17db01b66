//! How the connection is, in words.
//!
//! The line is a live region, and a screen reader says it anew whenever it changes. So the seconds until the next try, which
//! change all the time, are for the eye alone.

use super::{
    dynamic::{flag, words},
    live::Live,
};
use crate::sync::{Loss, Status};
use leptos::prelude::*;

/// One line about the connection.
#[island]
pub(super) fn StatusLine() -> impl IntoView {
    let live = Live::shared();
    let state = words(move || state(live.status.get()).to_owned());
    let sentence = words(move || sentence(live.status.get(), live.is_back.get()));
    let countdown = words(move || countdown(live.status.get(), live.now.get()));
    view! {
        <p class="status" role="status" data-state=state data-quiet=flag(move || is_quiet(live))>
            <span>{sentence}</span>
            <small aria-hidden="true" hidden=flag(move || !is_waiting(live.status.get()))>
                {countdown}
            </small>
            <a href="/" hidden=flag(move || live.status.get() != Status::SignedOut)>
                "Sign in"
            </a>
        </p>
    }
}

/// Whether there is nothing to say.
fn is_quiet(live: Live) -> bool {
    live.status.get() == Status::Live && !live.is_back.get()
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
        // That all is well need not be said.
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

/// When the next try is; nothing where none is waited for.
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
