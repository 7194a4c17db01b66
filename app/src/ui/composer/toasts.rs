//! Toasts: lines that only this person sees, such as a command's answer or the reason of a refusal.

use crate::{
    sync::{Input, Notice, Order},
    ui::{
        state::{Live, Target},
        widgets::{choice::pressed, html::Html, icon::Icon, list::Row, reactive::rows},
    },
};
use leptos::{ev, prelude::*};

/// The stack of toasts above the composer; a toast stays until it is dismissed or the person's next action succeeds.
pub(super) fn toasts(live: Live) -> impl IntoView {
    let notices = move || live.shown.notices.with(|notices| notices.iter().map(row).collect());
    view! {
        <div class="toasts" data-live="toasts" role="log" aria-label="Only visible to you">
            <ul on:click=move |event: ev::MouseEvent| click(live, &event) inner_html=rows(notices)></ul>
        </div>
    }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    crate::ui::hydrate::element("toasts", || toasts(live));
}

fn row(notice: &Notice) -> Row {
    let number = notice.number.to_string();
    let mut html = Html::default();
    html.tag(r#"<li class="toast""#)
        .attribute("data-number", &number)
        .attribute("data-tone", if notice.is_problem { "problem" } else { "notice" })
        // In a low window, or with large letters, a toast scrolls, so the keyboard must be able to reach it.
        .tag(r#"><p dir="auto" tabindex="0">"#)
        .text(&notice.text)
        .tag("</p>");
    if let Some(room) = &notice.left {
        html.tag(r#"<button type="button" class="quiet""#).attribute("data-room", room.as_str()).tag(">Undo</button>");
    }
    html.tag(r#"<button type="button" class="icon" aria-label="Dismiss">"#).icon(Icon::Close).tag("</button></li>");
    Row::new(number, html)
}

/// Handles a click on a toast's button: joins the left room again, or dismisses the toast.
fn click(live: Live, event: &ev::MouseEvent) {
    let row = pressed(event, "[data-number]").and_then(|row| row.get_attribute("data-number")?.parse().ok());
    let (Some(number), Some(button)) = (row, pressed(event, "button")) else {
        return;
    };
    match button.get_attribute("data-room") {
        Some(room) => match live.command(Order::Join(room), move |answer| live.warn_of(answer)) {
            Ok(()) => live.input(Input::Dismiss(number)),
            Err(reason) => live.warn(reason),
        },
        None => {
            live.input(Input::Dismiss(number));
            // The focus was on the button that disappears.
            live.focus(Target::Composer);
        }
    }
}
