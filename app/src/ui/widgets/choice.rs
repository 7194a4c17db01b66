//! The options of a listbox, which are chosen by the arrow keys or a click.

use super::{html::Html, list::Row};
use leptos::{ev, wasm_bindgen::JsCast, web_sys::Element};

/// An option of a listbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Choice {
    /// The prefix of the ids of the listbox' options.
    pub(in crate::ui) list: &'static str,
    /// The option's position in the list.
    pub(in crate::ui) at: usize,
    /// `true` if Enter accepts this option.
    pub(in crate::ui) is_chosen: bool,
    pub(in crate::ui) sign: &'static str,
    pub(in crate::ui) name: String,
    pub(in crate::ui) summary: String,
}

impl Choice {
    pub(in crate::ui) fn row(&self) -> Row {
        let mut html = Html::default();
        html.tag(r#"<li class="place" role="option""#)
            .attribute("id", &format!("{}-{}", self.list, self.at))
            .attribute("data-at", &self.at.to_string())
            .attribute("aria-selected", if self.is_chosen { "true" } else { "false" })
            .tag(r#"><span class="sign" aria-hidden="true">"#)
            .tag(self.sign)
            .tag(r#"</span><span class="name" dir="auto" translate="no">"#)
            .text(&self.name)
            .tag(r#"</span><span class="summary">"#)
            .text(&self.summary)
            .tag("</span></li>");
        Row::new(self.at.to_string(), html)
    }
}

/// Returns the position of the option that was clicked.
pub(in crate::ui) fn clicked(event: &ev::MouseEvent) -> Option<usize> {
    pressed(event, "[data-at]")?.get_attribute("data-at")?.parse().ok()
}

/// Returns the nearest element around the click's target that matches a selector.
pub(in crate::ui) fn pressed(event: &ev::MouseEvent, selector: &str) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok()?
}
