//! The sign-in page.

use super::{DESCRIPTION, Document};
use crate::{
    protocol::{
        EntryId,
        limits::{USER_NAME_MAX, USER_NAME_MIN},
    },
    ui::{
        state::Theme,
        widgets::{icon::logo, textarea::textarea_content},
    },
};
use leptos::prelude::*;

/// The content of the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Door {
    /// The room to open after signing in.
    pub room: String,
    /// The entry of that room to show.
    pub entry: Option<EntryId>,
    /// The refused name; empty at first.
    pub name: String,
    /// The reason of the refusal.
    pub problem: Option<String>,
    /// A free name in place of the refused one.
    pub suggestion: Option<String>,
    /// A text that was posted without a valid session, shown so that it is not lost.
    pub unsent: Option<String>,
}

/// Asks for a name with a plain form, without a script.
#[component]
pub fn SignInPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The content of the page.
    door: Door,
) -> impl IntoView {
    let Door { room, entry, name, problem, suggestion, unsent } = door;
    // The button is part of the sentence; its form follows the main one, so that Enter submits the main one.
    let offer = suggestion.clone().map(|name| {
        view! {
            " How about "
            <button type="submit" form="suggested" class="quiet suggestion">
                <bdi>{name}</bdi>
            </button>
            "?"
        }
    });
    let suggested = suggestion.map(|name| {
        let (room, unsent) = (room.clone(), unsent.clone());
        view! {
            <form id="suggested" method="post" action="/" hidden>
                <input type="hidden" name="name" value=name />
                {target(room, entry)}
                {unsent.map(|text| view! { <textarea name="unsent" inner_html=textarea_content(&text)></textarea> })}
            </form>
        }
    });
    view! {
        <Document options theme title="Natter" is_live=false>
            <main class="door">
                <h1>{logo()} "Natter"</h1>
                <p class="lead">{DESCRIPTION}</p>
                {door_form(name, problem, offer, target(room, entry))}
                {suggested}
                {unsent.map(|text| unsent_text(&text, Some("door")))}
                <p class="hint">
                    {format!("{USER_NAME_MIN} to {USER_NAME_MAX} letters, digits or underscores. Everyone on this server can read every room.")}
                </p>
            </main>
        </Document>
    }
}

/// The fields with the room to open, and the entry to show there.
fn target(room: String, entry: Option<EntryId>) -> impl IntoView {
    view! {
        <input type="hidden" name="room" value=room />
        {entry.map(|id| view! { <input type="hidden" name="entry" value=id.to_string() /> })}
    }
}

/// The form for the name; `offer` follows the reason of a refusal.
fn door_form(
    name: String,
    problem: Option<String>,
    offer: impl IntoView + 'static,
    target: impl IntoView + 'static,
) -> impl IntoView {
    let described_by = problem.is_some().then_some("problem");
    view! {
        <form id="door" method="post" action="/">
            <label for="name">"Your name"</label>
            <input
                id="name"
                name="name"
                value=name
                required
                autofocus
                autocomplete="nickname"
                spellcheck="false"
                dir="auto"
                aria-describedby=described_by
                aria-invalid=problem.is_some().then_some("true")
            />
            {problem
                .map(|problem| {
                    view! {
                        <p id="problem" class="problem" role="alert">
                            {problem}
                            {offer}
                        </p>
                    }
                })}
            {target}
            <button type="submit">"Join the chat"</button>
        </form>
    }
}

/// A text that could not be sent and that no draft keeps, shown for copying. With `form` the text is posted again by
/// that form, for the next page.
pub(super) fn unsent_text(text: &str, form: Option<&'static str>) -> impl IntoView + use<> {
    view! {
        <div class="unsent">
            <label for="unsent">"Not sent. Copy it before you go on."</label>
            <textarea id="unsent" name="unsent" form=form rows="4" readonly dir="auto" inner_html=textarea_content(text)></textarea>
        </div>
    }
}
