//! What a person can set: the name, the theme, how the page behaves in this browser; and the chat in numbers.
//!
//! All of it is plain HTML that works by forms where it can. What needs a script is bound by the browser's side, by the
//! names in the `data-` attributes: it is not worth an island.

use super::{
    About, Draft, Theme,
    icon::{Icon, drawn},
    live::Live,
};
use crate::protocol::limits::USER_NAME_MAX;
use leptos::prelude::*;

/// The preference whether Enter sends. It is on by default, but not on a touch device.
pub const ENTER_SENDS: &str = "enter-sends";
/// The preference whether mentions and private messages are shown on the desktop.
pub const NOTIFY: &str = "notify";
/// The preference whether they make a sound.
pub const SOUND: &str = "sound";

/// A switch: its name for the script, what it is called, and what it means.
const PREFERENCES: [(&str, &str, &str); 3] = [
    (ENTER_SENDS, "Enter sends", "Shift+Enter starts a new line. If this is off, Ctrl+Enter sends."),
    (NOTIFY, "Notify me", "of mentions and direct messages while I'm elsewhere"),
    (SOUND, "Play a sound", "for the same"),
];

/// A number: its name in the statistics, and what it is called.
const NUMBERS: [(&str, &str); 4] =
    [("users_online", "People online"), ("rooms_count", "Rooms"), ("messages_total", "Messages"), ("uptime", "Up for")];

/// A sheet over the page.
#[component]
pub(super) fn Settings(
    /// The live state.
    live: Live,
    /// The path of this page.
    path: String,
    /// What the fields hold.
    draft: Draft,
    /// The chosen theme.
    theme: Option<Theme>,
) -> impl IntoView {
    let (value, problem) = draft.of(About::Nick);
    let value = if value.is_empty() { live.name.get_untracked().to_string() } else { value };
    view! {
        <div id="settings" class="sheet" popover="auto" role="dialog" aria-labelledby="settings-title">
            <div class="sheet-head">
                <h2 id="settings-title">"Settings"</h2>
                <button
                    type="button"
                    class="icon"
                    popovertarget="settings"
                    popovertargetaction="hide"
                    aria-label="Close the settings"
                >
                    {drawn(Icon::Close)}
                </button>
            </div>
            <form class="nick-form" method="post" action=path data-command="/nick" data-empty="Enter a name.">
                <label for="nick">"Your name"</label>
                <div class="field-row">
                    <input
                        id="nick"
                        name="nick"
                        value=value
                        maxlength=USER_NAME_MAX
                        autocomplete="nickname"
                        spellcheck="false"
                        aria-describedby="nick-problem"
                    />
                    <button type="submit" class="quiet">
                        "Change"
                    </button>
                </div>
                <p id="nick-problem" class="problem" role="alert">
                    {problem}
                </p>
                <p class="done" aria-live="polite"></p>
            </form>
            <ThemeForm theme />
            <div class="script-only">
                <fieldset class="toggles">
                    <legend>"In this browser"</legend>
                    {PREFERENCES.map(toggle).collect_view()}
                    <p id="notify-problem" class="problem"></p>
                </fieldset>
                <section class="stats" aria-labelledby="stats-title">
                    <h3 id="stats-title">"This server"</h3>
                    <dl>{NUMBERS.map(number).collect_view()}</dl>
                </section>
                <p class="sheet-foot">
                    <button type="button" class="quiet" data-opens="keys">
                        "Keyboard shortcuts"
                    </button>
                </p>
            </div>
            <form class="sign-out" method="post" action="/logout">
                <div class="choices">
                    <button>"Sign out"</button>
                    <button name="everywhere" value="1">
                        "Sign out everywhere"
                    </button>
                </div>
                <p>"There is no password: once you're signed out everywhere, nobody can come back under your name."</p>
            </form>
        </div>
    }
}

#[component]
fn ThemeForm(theme: Option<Theme>) -> impl IntoView {
    let choices =
        [(None, "System", "system"), (Some(Theme::Light), "Light", "light"), (Some(Theme::Dark), "Dark", "dark")];
    let buttons = choices.map(|(choice, label, value)| {
        view! {
            <button name="theme" value=value aria-pressed=(theme == choice).to_string()>
                {label}
            </button>
        }
    });
    view! {
        <form class="theme-form" method="post" action="/theme">
            <fieldset class="choices">
                <legend>"Theme"</legend>
                {buttons.collect_view()}
            </fieldset>
        </form>
    }
}

fn toggle((name, label, meaning): (&'static str, &'static str, &'static str)) -> impl IntoView {
    view! {
        <label class="toggle">
            <input type="checkbox" data-preference=name />
            <span>
                {label} " "
                <small>{meaning}</small>
            </span>
        </label>
    }
}

fn number((name, label): (&'static str, &'static str)) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd data-number=name>"…"</dd>
        </div>
    }
}
