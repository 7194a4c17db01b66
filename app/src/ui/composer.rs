//! Where a person writes.

use super::{Draft, live::Live};
use crate::{
    protocol::{RoomName, Text, TextError},
    sync::Input,
};
use leptos::{ev, html, prelude::*};

/// A form that posts its text; once the page is alive it sends over the connection instead. The text stays in the
/// element and is read from there: a bound value would wipe what was typed before the page came alive.
#[component]
pub(super) fn Composer(
    /// The live state.
    live: Live,
    /// Where the text goes.
    room: RoomName,
    /// What it starts with.
    draft: Draft,
) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    let problem = RwSignal::new(draft.problem);
    let action = format!("/room/{room}");
    let label = format!("Message {room}");

    let send = move || {
        let Some(element) = field.get_untracked() else {
            return;
        };
        match Text::parse(&element.value()) {
            Ok(text) => match live.say(text.into_inner()) {
                Ok(()) => {
                    element.set_value("");
                    live.keep_draft("");
                    problem.set(None);
                }
                Err(reason) => problem.set(Some(reason)),
            },
            Err(TextError::Empty) => problem.set(None),
            Err(error @ TextError::TooLong(_)) => problem.set(Some(error.to_string())),
        }
    };
    let submit = move |event: ev::SubmitEvent| {
        if live.is_started() {
            event.prevent_default();
            send();
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        // While an input method composes, Enter chooses a candidate.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let input = move |_| {
        if let Some(element) = field.get_untracked() {
            let text = element.value();
            live.keep_draft(&text);
            live.input(Input::Typing(!text.is_empty() && !text.starts_with('/')));
        }
    };
    Effect::new(move |_| {
        let element = field.get().filter(|_| live.is_driven.get());
        if let Some((element, draft)) = element.zip(live.draft()) {
            // What was typed before the page came alive goes on from there, unless the browser has put the draft back.
            let typed = element.value();
            if !typed.contains(&draft) {
                element.set_value(&(draft + &typed));
            }
        }
    });
    // A refused text comes back before whatever is being written by now.
    Effect::new(move |_| {
        if let (Some(element), Some(item)) = (field.get(), live.edited.get()) {
            let text = [&item.text, element.value().as_str()].join("\n");
            element.set_value(text.trim_end_matches('\n'));
            live.keep_draft(&element.value());
            drop(element.focus());
            live.edited.set(None);
            live.input(Input::Discard(item.client_id));
        }
    });
    let notice = draft.notice.map(|notice| view! { <p class="notice" role="status">{notice}</p> });
    view! {
        {notice}
        <form class="composer" method="post" action=action on:submit=submit>
            <label class="hidden" for="text">{label.clone()}</label>
            <textarea
                id="text"
                name="text"
                rows="2"
                required
                autocomplete="off"
                placeholder=label
                dir="auto"
                aria-describedby="composer-problem"
                node_ref=field
                on:keydown=keydown
                on:input=input
                inner_html=as_markup(&draft.text)
            ></textarea>
            <input type="hidden" name="client_id" value=draft.client_id />
            <button type="submit">"Send"</button>
            <p id="composer-problem" class="problem" role="alert">{move || problem.get()}</p>
        </form>
    }
}

/// The content of a textarea. An ordinary child would not do: for an empty text Leptos renders a placeholder, which
/// would be typed into the element.
fn as_markup(text: &str) -> String {
    // A parser drops one line break at the start.
    let start = if text.starts_with('\n') { "\n" } else { "" };
    start.to_owned() + &text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::as_markup;

    #[test]
    fn a_refused_text_comes_back_as_text() {
        assert_eq!(as_markup("</textarea><script>&lt;"), "&lt;/textarea>&lt;script>&amp;lt;");
        assert_eq!(as_markup("\nx"), "\n\nx");
        assert_eq!(as_markup(""), "");
    }
}
