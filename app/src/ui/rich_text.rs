//! A text with its marks shown as what they mean.
//!
//! Invariant: the text of the elements, marks included, is byte for byte the text that is stored; marks are hidden by
//! the style. What people wrote is only ever text, never markup.

use crate::{
    markup::{Piece, is_plain, parse},
    mention::is_mentioned,
};
use leptos::{html::custom, prelude::*};

/// Shows a text. `me` is the name whose mentions stand out.
pub(super) fn rich_text(text: &str, me: &str) -> AnyView {
    if is_plain(text) {
        return text.to_owned().into_any();
    }
    pieces(parse(text), me)
}

fn pieces(pieces: Vec<Piece<'_>>, me: &str) -> AnyView {
    pieces.into_iter().map(|one| piece(one, me)).collect::<Vec<_>>().into_any()
}

fn piece(piece: Piece<'_>, me: &str) -> AnyView {
    match piece {
        Piece::Text(text) => text.to_owned().into_any(),
        Piece::Strong { open, inner, close } => marked("strong", open, pieces(inner, me), close),
        Piece::Emphasis { open, inner, close } => marked("em", open, pieces(inner, me), close),
        Piece::Code { open, code, close } => marked("code", open, code.to_owned().into_any(), close),
        Piece::Block { open, code, close } => {
            // One that does not fit is scrolled, by the keyboard too.
            let code = element(
                Element { class: Some("block"), tabindex: Some("0"), ..of("code") },
                code.to_owned().into_any(),
            );
            vec![mark(open), code, mark(close)].into_any()
        }
        Piece::Link(address) => {
            let link = Element {
                href: Some(address.to_owned()),
                rel: Some("noopener noreferrer nofollow ugc"),
                target: Some("_blank"),
                ..of("a")
            };
            element(link, address.to_owned().into_any())
        }
        Piece::Mention(name) => {
            let is_me = is_mentioned(name, me);
            element(Element { class: Some("at"), is_me, ..of("span") }, name.to_owned().into_any())
        }
    }
}

/// What an element of a text can be. One type for all of them: each type of element would cost its own code.
struct Element {
    tag: &'static str,
    class: Option<&'static str>,
    tabindex: Option<&'static str>,
    href: Option<String>,
    rel: Option<&'static str>,
    target: Option<&'static str>,
    is_me: bool,
}

const fn of(tag: &'static str) -> Element {
    Element { tag, class: None, tabindex: None, href: None, rel: None, target: None, is_me: false }
}

fn element(element: Element, inner: AnyView) -> AnyView {
    custom(element.tag)
        .attr("class", element.class)
        .attr("tabindex", element.tabindex)
        .attr("href", element.href)
        .attr("rel", element.rel)
        .attr("target", element.target)
        .attr("data-me", element.is_me)
        .child(inner)
        .into_any()
}

fn marked(tag: &'static str, open: &str, inner: AnyView, close: &str) -> AnyView {
    element(of(tag), vec![mark(open), inner, mark(close)].into_any())
}

fn mark(mark: &str) -> AnyView {
    element(Element { class: Some("mark"), ..of("span") }, mark.to_owned().into_any())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        Owner::new().with(|| rich_text(text, "Ada").to_html())
    }

    #[test]
    fn what_people_wrote_is_never_markup() {
        for hostile in [
            r#"<script>alert(1)</script> **<b>** `</code><img src=x>` _<i onclick="x">_"#,
            r#"https://x/"onmouseover="alert(2) @"><x"#,
            "```\"><script>\n</code></script>\n```",
        ] {
            let html = html(hostile);
            let tags = html.split('<').skip(1).filter_map(|tag| tag.split('>').next());
            for tag in tags.filter(|tag| !tag.starts_with('!')) {
                let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                assert!(["strong", "em", "code", "span", "a"].contains(&name), "{hostile} became {html}");
                assert!(!tag.contains("onclick") && !tag.contains("onmouseover"), "{hostile} became {html}");
            }
        }
    }

    #[test]
    fn only_pages_of_the_web_are_linked() {
        assert!(html("see https://example.org/a_b").contains(r#"href="https://example.org/a_b""#));
        for text in ["javascript://x", "data://x", "file://x", "JaVaScRiPt:alert(1)"] {
            assert!(!html(text).contains("href"), "{text}");
        }
    }

    #[test]
    fn a_mention_of_the_reader_stands_out() {
        assert!(html("@ada hi").contains("data-me"));
        assert!(!html("@adam hi").contains("data-me"));
    }
}
