//! Plain forms that do their work over the connection while the page is alive: those that say with `data-command` which
//! slash command they stand for. What became of it is said beside the field.

use crate::dom::{find, hear, target};
use app::ui::Live;
use web_sys::{Document, Element, Event, HtmlElement, HtmlInputElement};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    hear(document, "submit", move |event: Event| {
        let form = target::<HtmlElement>(&event);
        let Some((form, command)) = form.and_then(|form| Some((form.clone(), form.dataset().get("command")?))) else {
            return;
        };
        event.prevent_default();
        say(&form, "", "");
        let field = find::<HtmlInputElement>(&form, "input");
        let typed = field.map(|field| field.value().trim().to_owned()).unwrap_or_default();
        if let Some(problem) = form.dataset().get("empty").filter(|_| typed.is_empty()) {
            return say(&form, &problem, "");
        }
        let asked = form.clone();
        let result = live.command(&format!("{command} {typed}"), move |answer| match &answer.refusal {
            None => done(&asked, live),
            Some(refusal) if find::<Element>(&asked, ".problem").is_some() => say(&asked, &refusal.reason, ""),
            Some(_) => live.warn_of(answer),
        });
        if let Err(problem) = result {
            say(&form, &problem, "");
        }
    });
    hear(document, "input", move |event: Event| {
        let field = target::<Element>(&event);
        if let Some(form) = field.and_then(|field| field.closest("form[data-command]").ok().flatten()) {
            say(&form, "", "");
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
