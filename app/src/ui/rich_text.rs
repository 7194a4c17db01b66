//! A text with its marks shown as what they mean.
//!
//! Invariant: the text of the elements, marks included, is byte for byte the text that is stored; marks are hidden by
//! the style. What people wrote is only ever text, never markup.

use crate::{
    markup::{Piece, is_plain, parse},
    mention::is_mentioned,
};

/// The HTML of a text. `me` is the name whose mentions stand out.
///
/// It is written here and not as a view because a view costs code for each element and time for each of its nodes, and
/// nothing in a text ever changes. All that people wrote goes through [`Html::words`]; everything else is a constant.
pub(super) fn rich_text(text: &str, me: &str) -> String {
    let mut html = Html(String::with_capacity(text.len() + 16));
    if is_plain(text) {
        html.words(text);
    } else {
        html.pieces(&parse(text), me);
    }
    html.0
}

/// A text as HTML that shows it as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut html = Html(String::with_capacity(text.len()));
    html.words(text);
    html.0
}

struct Html(String);

impl Html {
    /// What people wrote, as text or as the value of an attribute in double quotes. What a parser of HTML would change
    /// is spelled out: it makes `\r` to `\n`, and has no way to say NUL.
    fn words(&mut self, words: &str) {
        for c in words.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#13;"),
                '\0' => self.0.push('\u{fffd}'),
                _ => self.0.push(c),
            }
        }
    }

    fn tag(&mut self, tag: &'static str) {
        self.0.push_str(tag);
    }

    fn mark(&mut self, mark: &str) {
        self.tag(r#"<span class="mark">"#);
        self.words(mark);
        self.tag("</span>");
    }

    fn pieces(&mut self, pieces: &[Piece<'_>], me: &str) {
        for piece in pieces {
            self.piece(piece, me);
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, me: &str) {
        match piece {
            Piece::Text(text) => self.words(text),
            Piece::Strong { open, inner, close } => {
                self.tag("<strong>");
                self.mark(open);
                self.pieces(inner, me);
                self.mark(close);
                self.tag("</strong>");
            }
            Piece::Emphasis { open, inner, close } => {
                self.tag("<em>");
                self.mark(open);
                self.pieces(inner, me);
                self.mark(close);
                self.tag("</em>");
            }
            Piece::Code { open, code, close } => {
                self.tag("<code>");
                self.mark(open);
                self.words(code);
                self.mark(close);
                self.tag("</code>");
            }
            Piece::Block { open, code, close } => {
                self.mark(open);
                // One that does not fit is scrolled, by the keyboard too.
                self.tag(r#"<code class="block" tabindex="0">"#);
                self.words(code);
                self.tag("</code>");
                self.mark(close);
            }
            Piece::Link(address) => {
                self.tag(r#"<a href=""#);
                self.words(address);
                self.tag(r#"" rel="noopener noreferrer nofollow ugc" target="_blank">"#);
                self.words(address);
                self.tag("</a>");
            }
            Piece::Mention(name) => {
                self.tag(if is_mentioned(name, me) { r#"<span class="at" data-me>"# } else { r#"<span class="at">"# });
                self.words(name);
                self.tag("</span>");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn html(text: &str) -> String {
        rich_text(text, "Ada")
    }

    /// The tags of what is to be HTML, and the text between them as a browser reads it.
    fn read(html: &str) -> (Vec<&str>, String) {
        let (mut tags, mut text) = (Vec::new(), String::new());
        let mut rest = html;
        while let Some((words, behind)) = rest.split_once('<') {
            text.push_str(words);
            let (tag, behind) = behind.split_once('>').expect("a tag ends");
            tags.push(tag);
            rest = behind;
        }
        text.push_str(rest);
        assert!(!text.contains(['>', '"', '\r']), "{html}");
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#13;", "\r");
        (tags, text.replace("&amp;", "&"))
    }

    /// Checks that of all tags only the address of a link is not ours.
    fn is_ours(tag: &str) -> bool {
        let link = tag.strip_prefix("a href=\"").and_then(|tag| {
            let (address, behind) = tag.split_once('"')?;
            let is_web = address.to_ascii_lowercase().starts_with("http");
            Some(is_web && behind == r#" rel="noopener noreferrer nofollow ugc" target="_blank""#)
        });
        let known = [
            "strong",
            "/strong",
            "em",
            "/em",
            "code",
            "/code",
            "/a",
            "span class=\"mark\"",
            "/span",
            "span class=\"at\"",
            "span class=\"at\" data-me",
            "code class=\"block\" tabindex=\"0\"",
        ];
        link.unwrap_or_else(|| known.contains(&tag))
    }

    fn check(text: &str) {
        let html = html(text);
        let (tags, shown) = read(&html);
        assert_eq!(shown, text.replace('\0', "\u{fffd}"), "{html}");
        assert!(tags.iter().all(|tag| is_ours(tag)), "{text} became {html}");
    }

    #[test]
    fn what_people_wrote_is_never_markup() {
        check(r#"<script>alert(1)</script> **<b>** `</code><img src=x>` _<i onclick="x">_"#);
        check(r#"https://x/"onmouseover="alert(2) @"><x" https://x/&quot;&amp;<'"#);
        check("```\"><script>\n</code></script>\n```\r\n\0 &lt;");
        assert!(html("**a**").contains("<strong>"));
    }

    proptest! {
        #[test]
        fn the_text_of_the_page_is_the_text_that_is_stored(
            text in prop_oneof!["\\PC{0,60}", r#"[-*_`@<>&"'=/ \r\n\x00aZ9:.]{0,60}"#, r#"(https?://|\*\*|```\n|@|<b>|"|[a-z ]){0,20}"#]
        ) {
            check(&text);
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
