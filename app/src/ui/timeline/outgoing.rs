//! The rows of the outbox: texts that are being sent, or were refused.

use super::rich_text::rich_text;
use crate::{
    command,
    protocol::{ErrorCode, UserId},
    sync::{Input, Outgoing, OutgoingState, Status},
    ui::{
        state::{Line, Live, goes_on_behind},
        widgets::{choice::pressed, html::Html, list::Row},
    },
};
use leptos::ev;
use std::sync::Arc;

/// Returns the rows of the outbox for the shown place.
pub(super) fn rows(live: Live) -> Vec<Row> {
    let (me, name) = (live.me(), live.shown.name.get());
    let last = live.shown.log.with(|log| match log.last()?.lines.last()? {
        Line::Entry(entry, _) => Some(Arc::clone(entry)),
        _ => None,
    });
    let (status, held_back) = (live.shown.status.get(), live.shown.held_back.get());
    let row = |(at, item): (usize, &Outgoing)| {
        let goes_on = at > 0 || last.as_ref().is_some_and(|last| goes_on_behind(last, me, &name, item.at));
        row(item, (me, &name), goes_on, &fate(item, status, held_back))
    };
    // An amendment that waits is shown in the row of its entry.
    let has_row = |item: &&Outgoing| item.target.is_none() || item.state != OutgoingState::Waiting;
    live.shown.outgoing.with(|items| items.iter().filter(has_row).enumerate().map(row).collect())
}

/// Returns the state of a text in words.
fn fate(item: &Outgoing, status: Status, held_back: Option<ErrorCode>) -> String {
    let words = match (&item.state, status, held_back) {
        (OutgoingState::Failed(reason), ..) if item.is_deletion() => return format!("Not deleted. {reason}"),
        (OutgoingState::Failed(reason), ..) if item.target.is_some() => return format!("Edit not saved. {reason}"),
        (OutgoingState::Failed(reason), ..) => return format!("Not sent. {reason}"),
        (_, Status::Live, None) => "Sending…",
        (_, Status::Live, Some(ErrorCode::RateLimited)) => "Sending slowly",
        (_, Status::Live, Some(_)) => "The server cannot store messages right now. Sending again…",
        _ => "Waiting for the connection",
    };
    words.to_owned()
}

/// Returns the row of a text, under its author's head like its later entry, with its state.
fn row(item: &Outgoing, (me, name): (UserId, &str), goes_on: bool, fate: &str) -> Row {
    let is_failed = matches!(item.state, OutgoingState::Failed(_));
    let mut html = Html::default();
    html.tag(r#"<li class="entry outgoing" data-kind="message""#)
        .attribute("data-of", &item.client_id)
        .tag_if(goes_on, " data-continues")
        .attribute("data-state", if is_failed { "failed" } else { "waiting" })
        .tag(">")
        .avatar(Some(me), name)
        .tag(r#"<span class="author" dir="auto" translate="no">"#)
        .text(name)
        .tag(r#"</span><div class="text" dir="auto" translate="no">"#);
    if item.target.is_some() {
        rich_text(&mut html, &item.text, "");
    } else {
        rich_text(&mut html, &command::said(&item.text), "");
    }
    html.tag(r#"</div><p class="fate"><span>"#).text(fate).tag("</span>");
    for (action, label) in [("retry", "Send again"), ("edit", "Edit"), ("discard", "Discard")] {
        html.tag(r#"<button type="button" class="quiet""#)
            .attribute("data-do", action)
            .tag_if(!is_failed || (action == "edit" && item.is_deletion()), " hidden")
            .tag(">")
            .tag(label)
            .tag("</button>");
    }
    html.tag("</p></li>");
    Row::new(item.client_id.to_string(), html)
}

/// Handles a click on a button of a row.
pub(super) fn click(live: Live, event: &ev::MouseEvent) {
    let action = pressed(event, "[data-do]").and_then(|button| button.get_attribute("data-do"));
    let of = pressed(event, "[data-of]").and_then(|row| row.get_attribute("data-of"));
    let (Some(action), Some(client_id)) = (action, of) else {
        return;
    };
    match &*action {
        "retry" => live.input(Input::Retry(client_id.into())),
        "discard" => live.input(Input::Discard(client_id.into())),
        _ => {
            let find = |items: &Vec<Outgoing>| items.iter().find(|item| *item.client_id == *client_id).cloned();
            live.shown.edited.set(live.shown.outgoing.with_untracked(find));
        }
    }
}
