//! Plain forms that do their work over the connection while the page is alive: those that say with `data-command` which
//! slash command they stand for.

use crate::dom::{find, hear, target};
use app::ui::Live;
use web_sys::{Document, Event, HtmlElement, HtmlInputElement};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    hear(document, "submit", move |event: Event| {
        let form = target::<HtmlElement>(&event);
        let Some((form, command)) = form.and_then(|form| Some((form.clone(), form.dataset().get("command")?))) else {
            return;
        };
        event.prevent_default();
        let field = find::<HtmlInputElement>(&form, "input");
        let typed = field.map(|field| field.value().trim().to_owned()).unwrap_or_default();
        if let Some(problem) = form.dataset().get("empty").filter(|_| typed.is_empty()) {
            return say(&form, &problem, "");
        }
        if problem.is_none()
            && let Some(field) = field.filter(|field| field.name() == "join")
        {
            field.set_value("");
        }
    });
}

/// What the form asked for is done.
fn done(form: &Element, live: Live) {
    let Some(field) = find::<HtmlInputElement>(form, "input") else { return };
    if field.name() == "join" {
        field.set_value("");
        say(form, "", &format!("You're in {}.", live.title()));
    } else {
        say(form, "", &format!("Your name is now {}.", live.my_name()));
    }
}

/// Puts a problem, or what was done, below the field.
fn say(form: &Element, problem: &str, done: &str) {
    for (selector, words) in [(".problem", problem), (".done", done)] {
        if let Some(line) = find::<Element>(form, selector) {
            line.set_text_content(Some(words));
        }
    }
}
