//! The composer's interface to autocompletion. The part of the page that implements it is loaded when the text first
//! contains something that can be completed.

use crate::ui::widgets::press::Press;
use leptos::web_sys::HtmlTextAreaElement;

/// The list of suggestions at the cursor.
pub(super) trait Suggestions: std::fmt::Debug + Send + Sync {
    /// Updates the suggestions for the text before the cursor.
    fn look_at(&self, element: &HtmlTextAreaElement);
    /// Applies a key to the open list; returns `true` if the list used the key.
    fn key(&self, press: &Press, element: &HtmlTextAreaElement) -> bool;
    fn close(&self);
}
