//! The front door.

use super::{DESCRIPTION, Document, Theme, composer::as_markup, icon::logo};
use crate::protocol::limits::{USER_NAME_MAX, USER_NAME_MIN};
use leptos::prelude::*;

/// What the door shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Door {
    /// The room to go on to.
    pub room: String,
    /// What was typed before, when it was refused.
    pub name: String,
    /// Why it was refused.
    pub problem: Option<String>,
    /// A name that would not be.
    pub suggestion: Option<String>,
    /// A text that was posted when nobody was signed in any more, so that it is not lost.
    pub unsent: Option<String>,
}

/// Asks for a name. A plain form; no script.
#[component]
pub fn SignInPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme.
    theme: Option<Theme>,
    /// What is shown.
    door: Door,
) -> impl IntoView {
    let Door { room, name, problem, suggestion, unsent } = door;
    let described_by = problem.is_some().then_some("problem");
    // The button stands in the sentence, and its form behind the other one, which Enter sends.
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
                <input type="hidden" name="room" value=room />
                {unsent.map(|text| view! { <textarea name="unsent" inner_html=as_markup(&text)></textarea> })}
            </form>
        }
    });
    view! {
        <Document options theme title="Natter" is_live=false>
            <main class="door">
                <h1>{logo()} "Natter"</h1>
                <p class="lead">{DESCRIPTION}</p>
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
                    <input type="hidden" name="room" value=room />
                    <button type="submit">"Join the chat"</button>
                </form>
                {suggested}
                {unsent.map(|text| unsent_text(&text, Some("door")))}
                <p class="hint">
                    {format!("{USER_NAME_MIN} to {USER_NAME_MAX} letters, digits or underscores. Everyone on this server can read every room.")}
                </p>
            </main>
        </Document>
    }
}

/// A text that could not be sent and has no place where it waits, to be copied. The `form` sends it along, for the page
/// that may come again.
pub(super) fn unsent_text(text: &str, form: Option<&'static str>) -> impl IntoView + use<> {
    view! {
        <div class="unsent">
            <label for="unsent">"Not sent. Copy it before you go on."</label>
            <textarea id="unsent" name="unsent" form=form rows="4" readonly dir="auto" inner_html=as_markup(text)></textarea>
        </div>
    }
}
