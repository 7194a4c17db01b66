//! The composer and its surroundings between the log and the end of the window: toasts, the typing line, the preview
//! bar.

mod autocomplete;
mod field;
mod preview;
#[cfg(feature = "hydrate")]
mod suggestions;
mod toasts;
mod typing;

use super::{
    state::{About, Live},
    widgets::{
        press::Press,
        reactive::{attribute, flag, text},
        textarea::textarea_content,
    },
};
use crate::{
    bidi::isolated,
    protocol::{Place, TextError, characters, limits::TEXT_MAX},
};
use field::Composer;
use leptos::{ev, prelude::*};
#[cfg(feature = "hydrate")]
pub use suggestions::hydrate_autocomplete;

/// Number of remaining characters below which a counter is shown.
const COUNTED_FROM: usize = 400;

/// The whole area below the log.
#[component]
pub(super) fn ComposerPanel(live: Live) -> impl IntoView {
    view! {
        {toasts::toasts(live)}
        {typing::line(live)}
        {preview::bar(live)}
        <div class="live" data-live="composer">
            {composer(live)}
        </div>
    }
}

/// Hydrates the form.
#[cfg(feature = "hydrate")]
pub fn hydrate_composer(live: Live) {
    super::hydrate::content("composer", || composer(live));
}

/// Hydrates the toasts, the typing line and the preview bar.
#[cfg(feature = "hydrate")]
pub fn hydrate_notes(live: Live) {
    toasts::hydrate(live);
    typing::hydrate(live);
    preview::hydrate(live);
}

/// A form that posts its text; after hydration it sends over the connection instead. The text stays in the element and
/// is read from there: a bound value would erase a text that was typed before hydration.
fn composer(live: Live) -> impl IntoView {
    let composer = Composer::new(live);
    composer.follow();
    let notice = composer.notice;
    view! {
        <p
            class="notice"
            role="status"
            hidden=flag(move || notice.with(String::is_empty))
            inner_html=text(move || notice.get())
        ></p>
        {form(live, composer)}
    }
}

fn form(live: Live, composer: Composer) -> impl IntoView {
    let nowhere = flag(move || live.shown.place.get() == Place::Mentions);
    let (problem, suggestion) = (composer.problem, composer.suggestion);
    view! {
        <form
            class="composer"
            method="post"
            action=attribute(move || live.composer_path())
            hidden=nowhere
            on:submit=move |event| composer.submit(&event)
        >
            // The options are hydrated by the part `autocomplete`.
            <ul
                class="completions"
                id="completions"
                data-live="completions"
                role="listbox"
                aria-label="Suggestions"
                tabindex="0"
                hidden=true
            ></ul>
            <input type="hidden" name="client_id" value=live.draft.with_value(|draft| draft.client_id.clone()) />
            <label class="hidden" for="text" inner_html=text(move || label(live))></label>
            {textarea(live, composer)}
            // A prevented `mousedown` leaves the focus in the field, and the on-screen keyboard open.
            <button
                type="submit"
                class="send"
                on:mousedown=|event: ev::MouseEvent| event.prevent_default()
                inner_html=text(move || if is_edit(live) { "Save".to_owned() } else { "Send".to_owned() })
            ></button>
            {edit_line(live, composer)}
            {counter_line(composer)}
            <p
                id="composer-problem"
                class="problem"
                role="alert"
                hidden=flag(move || problem.with(String::is_empty))
                inner_html=text(move || problem.get())
            ></p>
            <button
                type="button"
                class="quiet suggestion"
                hidden=flag(move || suggestion.with(Option::is_none))
                on:click=move |_| composer.take_suggestion()
                inner_html=text(move || {
                    suggestion.get().map(|name| format!("Use {}", isolated(&name))).unwrap_or_default()
                })
            ></button>
        </form>
    }
}

fn textarea(live: Live, composer: Composer) -> impl IntoView {
    let (typed, _) = live.draft.with_value(|draft| draft.of(About::Text));
    let keydown = move |event: ev::KeyboardEvent| {
        if let Some(press) = Press::of(&event).filter(|_| live.is_started())
            && composer.key(&press)
        {
            event.prevent_default();
        }
    };
    view! {
        <textarea
            id="text"
            name="text"
            rows="1"
            required
            autocomplete="off"
            placeholder=attribute(move || label(live))
            dir="auto"
            enterkeyhint="send"
            aria-autocomplete="list"
            aria-controls="completions"
            aria-activedescendant=attribute(move || composer.active.get())
            aria-describedby="writing composer-counter composer-problem"
            node_ref=composer.field
            on:keydown=keydown
            on:input=move |_| composer.typed()
            on:blur=move |_| composer.close_suggestions()
            inner_html=textarea_content(&typed)
        ></textarea>
    }
}

/// The line of an edit: what is done, and how to end it.
fn edit_line(live: Live, composer: Composer) -> impl IntoView {
    view! {
        <p class="amends" hidden=flag(move || !is_edit(live))>
            <span>"Editing your message"</span>
            <button type="submit" class="quiet" name="delete" value="1" formnovalidate on:click=move |event| composer.delete(&event)>
                "Delete"
            </button>
            <a class="quiet" href=attribute(move || live.form_path()) on:click=move |event| composer.cancel(&event)>
                "Cancel"
            </a>
        </p>
    }
}

fn is_edit(live: Live) -> bool {
    live.shown.amending.get().is_some()
}

fn counter_line(composer: Composer) -> impl IntoView {
    let length = composer.length;
    view! {
        <p
            id="composer-counter"
            class="counter"
            data-over=flag(move || length.get() > TEXT_MAX)
            hidden=flag(move || counter(length.get()).is_empty())
            inner_html=text(move || counter(length.get()))
        ></p>
    }
}

/// Returns the field's accessible name.
fn label(live: Live) -> String {
    if is_edit(live) {
        return "Edit your message".to_owned();
    }
    match live.shown.place.get() {
        Place::Room(room) => format!("Message {}", isolated(room.as_str())),
        Place::With(_) => format!("Message {}", isolated(&live.shown.title.get())),
        Place::Mentions => String::new(),
    }
}

/// Returns the number of remaining characters in words near the limit, the error past it, and an empty text otherwise.
fn counter(length: usize) -> String {
    match TEXT_MAX.checked_sub(length) {
        Some(left) if left > COUNTED_FROM => String::new(),
        Some(left) => format!("{} left", characters(left)),
        None => TextError::TooLong(length).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_the_limit_is_said_when_it_is_near() {
        let said = [COUNTED_FROM + 1, COUNTED_FROM, 1, 0].map(|left| counter(TEXT_MAX - left));
        assert_eq!(said, ["", "400 characters left", "1 character left", "0 characters left"]);
        assert_eq!(
            [1, 2].map(|over| counter(TEXT_MAX + over)),
            ["Too long: 1 character over", "Too long: 2 characters over"]
        );
    }
}
