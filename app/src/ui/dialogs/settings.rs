//! The settings: the name, the theme, this browser's preferences, and the chat's statistics.
//!
//! The sheet is plain HTML, and its forms work without a script where possible. The frontend binds the controls that
//! need one by their `data-` attributes.

use super::outcome;
use crate::{
    protocol::limits::USER_NAME_MAX,
    ui::{
        state::{About, Draft, Live, Theme},
        widgets::close::close_popover,
    },
};
use leptos::prelude::*;

/// The preference that makes Enter send. It is on by default, except on a touch device.
pub const ENTER_SENDS: &str = "enter-sends";
/// The preference that shows mentions and private messages as desktop notifications.
pub const NOTIFY: &str = "notify";
/// The preference that plays a sound for them.
pub const SOUND: &str = "sound";

/// The switches: each one's name for the script, its label, its description.
const PREFERENCES: [(&str, &str, &str); 3] = [
    (ENTER_SENDS, "Enter sends", "Shift+Enter starts a new line. If this is off, Ctrl+Enter sends."),
    (NOTIFY, "Notify me", "of mentions and direct messages while I'm elsewhere"),
    (SOUND, "Play a sound", "for the same"),
];

/// The statistics: each number's name in the event stream, and its label.
const NUMBERS: [(&str, &str); 4] =
    [("users_online", "People online"), ("rooms_count", "Rooms"), ("messages_total", "Messages"), ("uptime", "Up for")];

/// The sheet of the settings.
#[component]
pub(in crate::ui) fn Settings(
    live: Live,
    /// The path of this page.
    path: String,
    /// The content of the fields.
    draft: Draft,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
) -> impl IntoView {
    let (value, problem) = draft.of(About::Nick);
    let value = if value.is_empty() { live.shown.name.get_untracked().to_string() } else { value };
    view! {
        <div id="settings" class="sheet" popover="auto" role="dialog" aria-labelledby="settings-title">
            <div class="sheet-head">
                <h2 id="settings-title">"Settings"</h2>
                {close_popover("settings", "icon", "Close the settings")}
            </div>
            {nick_form(path, value, problem)}
            <ThemeForm theme />
            {script_only()}
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

fn nick_form(path: String, value: String, problem: Option<String>) -> impl IntoView {
    view! {
        <form class="nick-form" method="post" action=path data-command="nick" data-empty="Enter a name.">
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
            {outcome("nick-problem", problem)}
        </form>
    }
}

/// The controls that need a script.
fn script_only() -> impl IntoView {
    view! {
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
