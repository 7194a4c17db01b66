//! The front door.

use super::{DESCRIPTION, Document, Theme, icon::logo};
use crate::protocol::limits::{USER_NAME_MAX, USER_NAME_MIN};
use leptos::prelude::*;

/// Asks for a name. A plain form; no script.
#[component]
pub fn SignInPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme.
    theme: Option<Theme>,
    /// The room to go on to.
    room: String,
    /// What was typed before, when it was refused.
    #[prop(into)]
    name: String,
    /// Why it was refused.
    problem: Option<String>,
) -> impl IntoView {
    let described_by = problem.is_some().then_some("problem");
    view! {
        <Document options theme title="Natter" is_live=false>
            <main class="door">
                <h1>{logo()} "Natter"</h1>
                <p class="lead">{DESCRIPTION}</p>
                <form method="post" action="/">
                    <label for="name">"Your name"</label>
                    <input
                        id="name"
                        name="name"
                        value=name
                        required
                        autofocus
                        autocomplete="nickname"
                        spellcheck="false"
                        aria-describedby=described_by
                    />
                    {problem.map(|problem| view! { <p id="problem" class="problem" role="alert">{problem}</p> })}
                    <input type="hidden" name="room" value=room />
                    <button type="submit">"Join the chat"</button>
                </form>
                <p class="hint">
                    {format!("{USER_NAME_MIN} to {USER_NAME_MAX} letters, digits or underscores. Everyone on this server can read every room.")}
                </p>
            </main>
        </Document>
    }
}
