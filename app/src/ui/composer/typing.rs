//! The line of typing users.

use crate::ui::{
    state::Live,
    widgets::{
        html::Html,
        reactive::{self, Reactive},
    },
};
use leptos::prelude::*;
use std::sync::Arc;

/// A sentence between the log and the composer: the absence of a conversation's peer, and the typing users.
pub(super) fn line(live: Live) -> impl IntoView {
    view! { <p class="writing" id="writing" data-live="writing" inner_html=words(live)></p> }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    crate::ui::hydrate::reactive("writing", words(live));
}

fn words(live: Live) -> Reactive {
    reactive::html(move || match live.shown.typing.with(|names| sentence(names)) {
        nobody if nobody.as_str().is_empty() => absence(live),
        somebody => somebody,
    })
}

/// Says that the peer of a conversation is away; empty if the peer is present, or if that is unknown.
fn absence(live: Live) -> Html {
    let mut html = Html::default();
    let is_alone = live.shown.place.with(|place| place.room().is_none());
    let peer = live.shown.away.with(|away| away.first().filter(|_| is_alone).map(|peer| Arc::clone(&peer.name)));
    if let Some(peer) = peer {
        html.name(&peer).tag(" is away. They will see this when they are back.");
    }
    html
}

/// Says which users are typing; empty if there are none.
fn sentence(names: &[Arc<str>]) -> Html {
    let mut html = Html::default();
    match names {
        [] => {}
        [one] => {
            html.name(one).tag(" is typing…");
        }
        [one, other] => {
            html.name(one).tag(" and ").name(other).tag(" are typing…");
        }
        [one, other, rest @ ..] => {
            html.name(one).tag(", ").name(other).tag(" and ");
            let more = if rest.len() == 1 { "one".to_owned() } else { rest.len().to_string() };
            html.text(&more).tag(" more are typing…");
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_writing_is_said_in_words() {
        let names: Vec<Arc<str>> = ["Ada", "Bo", "Cy", "Di"].map(Arc::from).to_vec();
        let plain = |html: Html| html.into_string().replace(r#"<bdi translate="no">"#, "").replace("</bdi>", "");
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
        assert_eq!(sentence(&["דוד".into()]).as_str(), r#"<bdi translate="no">דוד</bdi> is typing…"#);
    }
}
