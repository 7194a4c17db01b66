//! Plain forms that send their command over the connection once the page is hydrated: those with a `data-command`. The
//! outcome is shown beside the field.

use crate::dom::{find, on, target};
use app::{sync::Order, ui::Live};
use web_sys::{Document, Element, Event, HtmlElement, HtmlInputElement};

/// Listens for as long as the document lives.
pub(crate) fn listen(document: &Document, live: Live) {
    on(document, "submit", move |event: Event| {
        let form = target::<HtmlElement>(&event);
        let Some((form, command)) = form.and_then(|form| Some((form.clone(), form.dataset().get("command")?))) else {
            return;
        };
        if !live.is_started() {
            // The page shows no changes yet, so the browser sends the form.
            return;
        }
        event.prevent_default();
        say(&form, "", "");
        let field = find::<HtmlInputElement>(&form, "input");
        let typed = match &field {
            Some(field) => field.value().trim().to_owned(),
            // The form consists of a button alone.
            None => {
                find::<Element>(&form, "button").and_then(|button| button.get_attribute("value")).unwrap_or_default()
            }
        };
        if let Some(problem) = form.dataset().get("empty").filter(|_| typed.is_empty()) {
            return say(&form, &problem, "");
        }
        let order = match &*command {
            "join" => Order::Join(typed),
            "nick" => Order::Nick(typed),
            _ => Order::Leave,
        };
        let asked = form.clone();
        let result = live.command(order, move |answer| match &answer.refusal {
            None => done(&asked, live),
            Some(refusal) if find::<Element>(&asked, ".problem").is_some() => say(&asked, &refusal.reason, ""),
            Some(_) => live.warn_of(answer),
        });
        if let Err(problem) = result {
            say(&form, problem, "");
        }
    });
    on(document, "input", move |event: Event| {
        let field = target::<Element>(&event);
        if let Some(form) = field.and_then(|field| field.closest("form[data-command]").ok().flatten()) {
            say(&form, "", "");
        }
    });
}

/// Resets the form after its command has succeeded.
fn done(form: &Element, live: Live) {
    let Some(field) = find::<HtmlInputElement>(form, "input") else { return };
    if field.name() == "join" {
        field.set_value("");
        say(form, "", &format!("You're in {}.", live.title()));
    } else {
        say(form, "", &format!("Your name is now {}.", live.my_name()));
    }
}

/// Shows the problem, or the success, below the field.
fn say(form: &Element, problem: &str, done: &str) {
    for (selector, words) in [(".problem", problem), (".done", done)] {
        if let Some(line) = find::<Element>(form, selector) {
            line.set_text_content(Some(words));
        }
    }
}
