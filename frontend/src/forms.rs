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
        let typed = field.as_ref().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        let problem = match form.dataset().get("empty").filter(|_| typed.is_empty()) {
            Some(problem) => Some(problem),
            None => live.command(&format!("{command} {typed}")).err(),
        };
        if let Some(line) = find::<HtmlElement>(&form, ".problem") {
            line.set_text_content(problem.as_deref());
        }
        if problem.is_none()
            && let Some(field) = field.filter(|field| field.name() == "join")
        {
            field.set_value("");
        }
    });
}
