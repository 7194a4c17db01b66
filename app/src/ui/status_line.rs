//! How the connection is, in words.

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
    let sentence = words(move || sentence(live.status.get(), live.is_back.get(), live.now.get()));
    view! {
        <p class="status" role="status" data-state=state>
            <span>{sentence}</span>
            <a href="/" hidden=flag(move || live.status.get() != Status::SignedOut)>
                "Sign in"
            </a>
        </p>
    }
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

fn sentence(status: Status, is_back: bool, now: u64) -> String {
    let seconds = |at: u64| at.saturating_sub(now).div_ceil(1_000);
    match status {
        Status::Connecting => "Connecting…".to_owned(),
        Status::Live if is_back => "Back online".to_owned(),
        Status::Live => "Live".to_owned(),
        Status::Offline { retry_at, loss } => {
            let why = match loss {
                Loss::Lost => "Offline.",
                Loss::NoNetwork => "No network.",
                Loss::Restart => "The server restarts.",
                Loss::Full => "The server is full right now.",
            };
            format!("{why} Next try in {} s; what you write is sent then.", seconds(retry_at))
        }
        Status::Reconnecting => "Reconnecting…".to_owned(),
        Status::SignedOut => "You are signed out; what you write is not sent.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_there_is_no_connection_is_said_with_what_happens_next() {
        let offline = |loss| sentence(Status::Offline { retry_at: 4_500, loss }, false, 1_000);
        assert_eq!(offline(Loss::Lost), "Offline. Next try in 4 s; what you write is sent then.");
        assert!(offline(Loss::Restart).starts_with("The server restarts."));
        assert!(offline(Loss::Full).starts_with("The server is full"));
        assert!(offline(Loss::NoNetwork).starts_with("No network."));
    }
}
