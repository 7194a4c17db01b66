//! Where a person writes.

use super::{
    About,
    completions::{self, Offer},
    driver::Target,
    dynamic::{flag, react, words},
    live::Live,
    press::Press,
};
use crate::{
    bidi::isolated,
    command,
    protocol::{Text, TextError, characters, limits::TEXT_MAX},
    sync::{Answer, Input, Place},
};
use leptos::{ev, html, prelude::*, web_sys::HtmlTextAreaElement};
use std::sync::Arc;

/// From how many characters left on they are counted.
const COUNTED_FROM: usize = 400;

/// A form that posts its text; once the page is alive it sends over the connection instead. The text stays in the
/// element and is read from there: a bound value would wipe what was typed before the page came alive.
#[island]
pub(super) fn Composer() -> impl IntoView {
    let live = Live::shared();
    let draft = live.draft.get_untracked();
    let field = NodeRef::<html::Textarea>::new();
    let (typed, refusal) = draft.of(About::Text);
    let problem = RwSignal::new(refusal.unwrap_or_default());
    let notice = RwSignal::new(draft.notice.unwrap_or_default());
    // A name in place of the one that was refused.
    let suggestion = RwSignal::new(None::<Arc<str>>);
    let length = RwSignal::new(0_usize);
    let offer = Offer::new(live);
    // How many texts back the arrow key has gone, if it has.
    let recalled = StoredValue::new(None::<usize>);

    let changed = move |element: &HtmlTextAreaElement| {
        let text = element.value();
        live.keep_draft(&text);
        length.set(text.trim_end().chars().count());
        offer.look_at(element);
    };
    // What is put there by anything but the arrow keys is no recalled text, and they leave it alone.
    let put = move |element: &HtmlTextAreaElement, text: &str| {
        recalled.set_value(None);
        element.set_value(text);
        changed(element);
    };
    // A command that was refused comes back before whatever is being written by now, with the reason.
    let answered = move |place: Place, text: &str, answer: Answer| {
        let Some(refusal) = answer.refusal else {
            return;
        };
        if live.place.get_untracked() != place {
            // What a command says is shown as refused where it was typed, and is kept there.
            if !matches!(command::parse(text), Some(Ok(command)) if command.is_said()) {
                live.put_in_draft(&place, text);
                live.input(Input::Warn(refusal.reason));
            }
            return;
        }
        if let Some(element) = field.get_untracked() {
            put(&element, [text, &element.value()].join("\n").trim_end_matches('\n'));
            problem.set(refusal.reason.to_string());
            suggestion.set(refusal.suggestion);
            live.input(Input::Discard(answer.client_id));
        }
    };
    let send = move || {
        let Some(element) = field.get_untracked() else {
            return;
        };
        match Text::parse(&element.value()) {
            Ok(text) => {
                let (text, place) = (text.into_inner(), live.place.get_untracked());
                let typed = Arc::clone(&text);
                suggestion.set(None);
                problem.set(String::new());
                match live.say(text, move |answer| answered(place, &typed, answer)) {
                    Ok(()) => {
                        live.let_go_of_draft();
                        put(&element, "");
                        notice.set(String::new());
                    }
                    Err(reason) => problem.set(reason),
                }
            }
            Err(TextError::Empty) => problem.set(String::new()),
            Err(error @ TextError::TooLong(_)) => problem.set(error.to_string()),
        }
        offer.close();
    };
    let submit = move |event: ev::SubmitEvent| {
        if live.is_started() {
            event.prevent_default();
            send();
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let (Some(press), Some(element)) = (Press::of(&event), field.get_untracked().filter(|_| live.is_started()))
        else {
            return;
        };
        if offer.takes(&press) {
            event.prevent_default();
            if let Some(text) = offer.act(press.key(), &element) {
                put(&element, &text.0);
                set_cursor(&element, &text.0, text.1);
                offer.look_at(&element);
            }
            return;
        }
        match press.key() {
            "Enter" if press.sends(live.enter_sends()) => {
                event.prevent_default();
                send();
            }
            "ArrowUp" if !press.has_alt() && (element.value().is_empty() || recalled.get_value().is_some()) => {
                let ago = recalled.get_value().map_or(0, |ago| ago + 1);
                if let Some(text) = live.recall(ago) {
                    event.prevent_default();
                    put(&element, &text);
                    recalled.set_value(Some(ago));
                    offer.close();
                }
            }
            "ArrowDown" if !press.has_alt() && recalled.get_value().is_some() => {
                event.prevent_default();
                let ago = recalled.get_value().and_then(|ago| ago.checked_sub(1));
                put(&element, &ago.and_then(|ago| live.recall(ago)).unwrap_or_default());
                recalled.set_value(ago);
                offer.close();
            }
            _ => {}
        }
    };
    let input = move |_| {
        if let Some(element) = field.get_untracked() {
            recalled.set_value(None);
            problem.set(String::new());
            suggestion.set(None);
            changed(&element);
            let text = element.value();
            live.input(Input::Typing(!text.is_empty() && !text.starts_with('/')));
        }
    };
    // The draft of the place that is shown. What was typed before the page came alive goes on from there, unless the
    // browser has put the draft back.
    let was_shown = StoredValue::new(false);
    react(move || {
        let (Some(element), true) = (field.get(), live.is_driven.get()) else {
            return;
        };
        let draft = live.draft(&live.place.get()).unwrap_or_default();
        let is_first = !was_shown.get_value();
        was_shown.set_value(true);
        let typed = if is_first { element.value() } else { String::new() };
        if typed.is_empty() || !typed.contains(&draft) {
            element.set_value(&(draft + &typed));
        }
        recalled.set_value(None);
        changed(&element);
        if !is_first {
            problem.set(String::new());
            suggestion.set(None);
            notice.set(String::new());
        }
    });
    // Nobody has changed it here, so it says what it says where it is written.
    react(move || {
        if let (Some(element), Some(text)) = (field.get(), live.field.get()) {
            live.field.set(None);
            put(&element, &text);
        }
    });
    // A refused text comes back before whatever is being written by now.
    react(move || {
        if let (Some(element), Some(item)) = (field.get(), live.edited.get()) {
            let text = [&item.text, element.value().as_str()].join("\n");
            put(&element, text.trim_end_matches('\n'));
            live.focus(Target::Composer);
            live.edited.set(None);
            live.input(Input::Discard(item.client_id));
        }
    });
    let take = move |_| {
        if let (Some(element), Some(name)) = (field.get_untracked(), suggestion.get_untracked()) {
            if let Some(text) = command::with_name(&element.value(), &name) {
                put(&element, &text);
            }
            suggestion.set(None);
            problem.set(String::new());
            live.focus(Target::Composer);
        }
    };
    let label = words(move || match live.place.get() {
        Place::Room(room) => format!("Message {}", isolated(room.as_str())),
        Place::With(_) => format!("Message {}", isolated(&live.title.get())),
        Place::Mentions => String::new(),
    });
    let pick = move |at| {
        if let Some((text, _)) = field.get_untracked().and_then(|element| offer.take(at, &element))
            && let Some(element) = field.get_untracked()
        {
            put(&element, &text);
        }
    };
    let nowhere = flag(move || live.place.get() == Place::Mentions);
    let action = words(move || live.place.with(|place| live.path(place)));
    view! {
        <p class="notice" role="status" hidden=flag(move || notice.with(String::is_empty))>
            {words(move || notice.get())}
        </p>
        <form class="composer" method="post" action=action hidden=nowhere on:submit=submit>
            {completions::view(offer, pick)}
            <input type="hidden" name="client_id" value=draft.client_id />
            <label class="hidden" for="text">
                {label.clone()}
            </label>
            <textarea
                id="text"
                name="text"
                rows="1"
                required
                autocomplete="off"
                placeholder=label
                dir="auto"
                enterkeyhint="send"
                aria-autocomplete="list"
                aria-controls="completions"
                aria-activedescendant=words(move || offer.active())
                aria-describedby="writing composer-counter composer-problem"
                node_ref=field
                on:keydown=keydown
                on:input=input
                on:blur=move |_| offer.close()
                inner_html=as_markup(&typed)
            ></textarea>
            // The field keeps the focus, and a phone its keyboard.
            <button type="submit" class="send" on:mousedown=|event: ev::MouseEvent| event.prevent_default()>
                "Send"
            </button>
            <p id="composer-counter" class="counter" data-over=flag(move || length.get() > TEXT_MAX) hidden=flag(move || counter(length.get()).is_empty())>
                {words(move || counter(length.get()))}
            </p>
            <p id="composer-problem" class="problem" role="alert" hidden=flag(move || problem.with(String::is_empty))>
                {words(move || problem.get())}
            </p>
            <button type="button" class="quiet suggestion" hidden=flag(move || suggestion.with(Option::is_none)) on:click=take>
                {words(move || suggestion.get().map(|name| format!("Use {}", isolated(&name))).unwrap_or_default())}
            </button>
        </form>
    }
}

/// How far a text of this length is from the limit, when that is worth saying.
fn counter(length: usize) -> String {
    match TEXT_MAX.checked_sub(length) {
        Some(left) if left > COUNTED_FROM => String::new(),
        Some(left) => format!("{} left", characters(left)),
        None => TextError::TooLong(length).to_string(),
    }
}

/// Puts the cursor behind so many bytes of the text. Browsers count in UTF-16.
fn set_cursor(element: &HtmlTextAreaElement, text: &str, at: usize) {
    let units = text.get(..at).map_or(0, |before| before.encode_utf16().count());
    let at = u32::try_from(units).ok();
    // An element of the page has a selection.
    drop((element.set_selection_start(at), element.set_selection_end(at)));
}

/// The content of a textarea. An ordinary child would not do: for an empty text Leptos renders a placeholder, which
/// would be typed into the element.
pub(super) fn as_markup(text: &str) -> String {
    // A parser drops one line break at the start.
    let start = if text.starts_with('\n') { "\n" } else { "" };
    start.to_owned() + &text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_text_comes_back_as_text() {
        assert_eq!(as_markup("</textarea><script>&lt;"), "&lt;/textarea>&lt;script>&amp;lt;");
        assert_eq!(as_markup("\nx"), "\n\nx");
        assert_eq!(as_markup(""), "");
    }

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
