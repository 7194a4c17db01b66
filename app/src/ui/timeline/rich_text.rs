//! The HTML of a text, with its markup rendered.
//!
//! Invariant: the text of the elements, marks included, is byte for byte the stored text; the style sheet hides the
//! marks, and so do attributes from screen readers. People's words are only ever text or an attribute's value, never
//! markup.

use crate::{
    markup::{INDENT_MAX, Item, Line, Mark, Piece, address, host, is_emoji_only, is_plain, parse},
    mention,
    ui::widgets::html::Html,
};

/// Writes the HTML of a text. Mentions of the name `me` are highlighted.
///
/// The HTML is not a view: a view costs code for each element and time for each node, and the text of an entry never
/// changes.
pub(super) fn rich_text(html: &mut Html, text: &str, me: &str) {
    if is_emoji_only(text) {
        html.within("<span class=\"emoji\">", "</span>", |html| {
            html.text(text);
        });
    } else if is_plain(text) {
        html.text(text);
    } else {
        html.pieces(&parse(text), me);
    }
}

impl Html {
    fn mark(&mut self, mark: &str) {
        if !mark.is_empty() {
            self.within(r#"<span class="mark" aria-hidden="true">"#, "</span>", |html| {
                html.text(mark);
            });
        }
    }

    /// Opens a link. A link with other words than its address shows its target.
    fn link(&mut self, link: &str, is_under_words: bool) {
        let (scheme, rest) = address(link);
        self.tag(r#"<a href=""#);
        self.tag(scheme);
        self.text(rest);
        self.tag("\"");
        if is_under_words {
            self.attribute("title", link).attribute("data-host", host(link));
        }
        self.tag(r#" rel="noopener noreferrer nofollow ugc" target="_blank">"#);
    }

    fn pieces(&mut self, pieces: &[Piece<'_>], me: &str) {
        for piece in pieces {
            self.piece(piece, me);
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, me: &str) {
        match piece {
            Piece::Text(text) => {
                self.text(text);
            }
            Piece::Marked { mark, open, inner, close } => self.marked(mark, (open, close), inner, me),
            Piece::Code { open, code, close } => {
                self.within("<code>", "</code>", |html| {
                    html.mark(open);
                    html.text(code);
                    html.mark(close);
                });
            }
            Piece::Block { open, info, code, close } => self.block((open, close), info, code),
            Piece::Quote(lines) => {
                self.within("<blockquote>", "</blockquote>", |html| {
                    for line in lines {
                        html.mark(line.mark);
                        html.pieces(&line.inner, me);
                    }
                });
            }
            Piece::List(items) => {
                // A `ul` would be found by the searches for the items of the log's own list.
                self.within(r#"<span class="list" role="list">"#, "</span>", |html| {
                    items.iter().for_each(|item| html.item(item, me));
                });
            }
            Piece::Link(address) => {
                self.link(address, false);
                self.text(address).tag("</a>");
            }
            Piece::Room(room) => {
                self.tag(r#"<a class="room" href="/room/"#).text(room.trim_start_matches('#'));
                self.tag(r#"">"#).text(room).tag("</a>");
            }
            Piece::Mention(name) => {
                let (shown, is_me) = mention::shown(name, me);
                self.tag(if is_me { r#"<span class="at" data-me>"# } else { r#"<span class="at">"# });
                self.text(shown).tag("</span>").text(&name[shown.len()..]);
            }
        }
    }

    fn marked(&mut self, mark: &Mark<'_>, (open, close): (&str, &str), inner: &[Piece<'_>], me: &str) {
        let end = match mark {
            Mark::Strong => {
                self.tag("<strong>");
                "</strong>"
            }
            Mark::Emphasis => {
                self.tag("<em>");
                "</em>"
            }
            Mark::Struck => {
                self.tag("<s>");
                "</s>"
            }
            Mark::Link(address) => {
                // The marks of the link enclose its element, the others are within it.
                self.mark(open);
                self.link(address, true);
                self.pieces(inner, me);
                self.tag("</a>");
                return self.mark(close);
            }
        };
        self.mark(open);
        self.pieces(inner, me);
        self.mark(close);
        self.tag(end);
    }

    fn block(&mut self, (open, close): (&str, &str), info: &str, code: &[Line<'_, &str>]) {
        self.mark(open);
        // A block that is too wide scrolls, by the keyboard too.
        self.tag(r#"<code class="block" tabindex="0""#).attribute("data-info", info).tag(">");
        for line in code {
            self.mark(line.mark);
            self.text(line.inner);
        }
        // Browsers copy a line break after the block, so a line break of the text must be the block's last character.
        if code.last().is_some_and(|line| line.inner.ends_with('\n')) {
            self.tag("</code>");
            self.mark(close);
        } else {
            self.mark(close);
            self.tag("</code>");
        }
    }

    /// Writes an item of a list. A numbered item shows the number that was typed; any other mark becomes a dot.
    fn item(&mut self, item: &Item<'_>, me: &str) {
        self.tag(if item.is_numbered {
            r#"<span class="item numbered" role="listitem" data-depth=""#
        } else {
            r#"<span class="item" role="listitem" data-depth=""#
        });
        self.tag(["0", "1", "2", "3"][item.depth.min(INDENT_MAX)]);
        self.tag(r#"">"#);
        self.mark(item.indent);
        if item.is_numbered {
            self.text(item.mark);
        } else {
            self.mark(item.mark);
        }
        self.pieces(&item.inner, me);
        self.tag("</span>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn html(text: &str) -> String {
        html_to(text, "Ada")
    }

    fn html_to(text: &str, me: &str) -> String {
        let mut html = Html::default();
        rich_text(&mut html, text, me);
        html.into_string()
    }

    /// Returns the tags of the HTML, and the text between them as a browser reads it.
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

    /// Returns the value of an attribute that must be first in a tag, and the rest of the tag.
    fn attribute<'a>(tag: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
        tag.strip_prefix(name)?.strip_prefix("=\"")?.split_once('"')
    }

    /// Returns `true` if every part of a tag is a constant of the program, except for addresses and the name of a
    /// code's language.
    fn is_ours(tag: &str) -> bool {
        const END: &str = r#" rel="noopener noreferrer nofollow ugc" target="_blank""#;
        if let Some((href, behind)) = attribute(tag, "a href") {
            let titled = attribute(behind, " title").and_then(|(_, behind)| attribute(behind, " data-host"));
            let is_web = href.to_ascii_lowercase().starts_with("http");
            return is_web && titled.map_or(behind, |(_, behind)| behind) == END;
        }
        if let Some((room, behind)) = attribute(tag, "a class=\"room\" href") {
            let name = room.strip_prefix("/room/").unwrap_or("/");
            return behind.is_empty() && name.chars().all(crate::protocol::is_room_name_char);
        }
        if let Some((_, behind)) = attribute(tag, "code class=\"block\" tabindex=\"0\" data-info") {
            return behind.is_empty();
        }
        let is_item = ["item", "item numbered"].iter().any(|class| {
            (0..=INDENT_MAX)
                .any(|depth| tag == format!("span class=\"{class}\" role=\"listitem\" data-depth=\"{depth}\""))
        });
        let known = [
            "strong",
            "em",
            "s",
            "code",
            "blockquote",
            "span class=\"list\" role=\"list\"",
            "span class=\"emoji\"",
            "span class=\"mark\" aria-hidden=\"true\"",
            "span class=\"at\"",
            "span class=\"at\" data-me",
        ];
        let closed = ["/strong", "/em", "/s", "/code", "/blockquote", "/span", "/a"];
        is_item || known.contains(&tag) || closed.contains(&tag)
    }

    /// Returns `true` if elements are closed in the reverse order of their opening.
    fn is_nested(tags: &[&str]) -> bool {
        let mut open = Vec::new();
        let is_right = tags.iter().all(|tag| match tag.strip_prefix('/') {
            Some(name) => open.pop() == Some(name),
            None => {
                open.extend(tag.split(' ').next());
                true
            }
        });
        is_right && open.is_empty()
    }

    fn check(text: &str) {
        let html = html(text);
        let (tags, shown) = read(&html);
        assert_eq!(shown, text.replace('\0', "\u{fffd}"), "{html}");
        assert!(tags.iter().all(|tag| is_ours(tag)) && is_nested(&tags), "{text} became {html}");
    }

    #[test]
    fn what_people_wrote_is_never_markup() {
        check(r#"<script>alert(1)</script> **<b>** `</code><img src=x>` _<i onclick="x">_"#);
        check(r#"https://x/"onmouseover="alert(2) @"><x" https://x/&quot;&amp;<'"#);
        check("```\"><script>\n</code></script>\n```\r\n\0 &lt;");
        check(r#"[<b>"x](https://x/"onclick=) #<b> #a"b > <i>"#);
        check("> <script>\n- <b>\n- \"\n1. </li></ul>");
        assert!(html("**a**").contains("<strong>"));
    }

    proptest! {
        #[test]
        fn the_text_of_the_page_is_the_text_that_is_stored(
            text in prop_oneof!["\\PC{0,60}", r#"[-*_`@<>&"'=/ \r\n\x00aZ9:.]{0,60}"#, r#"(https?://|www\.|\*\*|~~|```\n|```|\n|\n> |\n- |\n  1\. |@|#|\[|\]\(|<b>|"|[a-z田👋 ]){0,20}"#]
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
        assert!(html_to("@田中さん", "田中").contains(r#"data-me>@田中</span>さん"#));
    }

    #[test]
    fn a_link_under_words_says_where_it_leads() {
        let html = html("[the page](https://user@example.org:80/a)");
        assert!(
            html.contains(r#"href="https://user@example.org:80/a" title="https://user@example.org:80/a""#),
            "{html}"
        );
        assert!(html.contains(r#"data-host="example.org:80""#), "{html}");
        assert!(html_to("www.example.org", "").contains(r#"href="https://www.example.org""#));
    }

    #[test]
    fn a_room_is_a_link_to_its_page() {
        assert!(html("in #日本語, ok").contains(r#"<a class="room" href="/room/日本語">#日本語</a>, ok"#));
    }

    #[test]
    fn a_few_emoji_alone_are_larger() {
        assert!(html("👩‍💻 👋").starts_with(r#"<span class="emoji">"#));
        assert!(!html("👋 hi").contains("emoji"));
    }
}
