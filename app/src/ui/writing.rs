//! Who is writing.

use super::{dynamic::markup, entry_text::isolated, live::Live};
use leptos::prelude::*;
use std::sync::Arc;

/// A sentence between the log and the composer, which says who reads along in a conversation and who is writing.
#[island]
pub(super) fn Writing() -> impl IntoView {
    let live = Live::shared();
    let words = markup(move || match live.typing.with(|names| sentence(names)) {
        nobody if nobody.is_empty() => absence(live),
        somebody => somebody,
    });
    view! { <p class="writing" id="writing" inner_html=words></p> }
}

/// In a conversation, whether the other one is away; nothing when they are here, or when that is not known.
fn absence(live: Live) -> String {
    let is_alone = live.place.with(|place| place.room().is_none());
    let name = live.away.with(|away| away.first().filter(|_| is_alone).map(|peer| isolated(&peer.name)));
    name.map(|name| format!("{name} is away. They will see this when they are back.")).unwrap_or_default()
}

/// Who is writing, in words, as HTML; nothing when nobody is.
fn sentence(names: &[Arc<str>]) -> String {
    let names: Vec<_> = names.iter().map(|name| isolated(name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is typing…"),
        [one, other] => format!("{one} and {other} are typing…"),
        [one, other, rest @ ..] if rest.len() == 1 => format!("{one}, {other} and one more are typing…"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more are typing…", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_writing_is_said_in_words() {
        let names: Vec<Arc<str>> = ["Ada", "Bo", "Cy", "Di"].map(Arc::from).to_vec();
        let plain = |html: String| html.replace(r#"<bdi translate="no">"#, "").replace("</bdi>", "");
        let sentences = [0, 1, 2, 3, 4].map(|count| plain(sentence(&names[..count])));
        assert_eq!(
            sentences,
            [
                "",
                "Ada is typing…",
                "Ada and Bo are typing…",
                "Ada, Bo and one more are typing…",
                "Ada, Bo and 2 more are typing…"
            ]
        );
    }

    #[test]
    fn each_name_has_a_direction_of_its_own() {
        assert_eq!(sentence(&["דוד".into()]), r#"<bdi translate="no">דוד</bdi> is typing…"#);
    }
}
