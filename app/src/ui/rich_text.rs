//! A text with its marks shown as what they mean.
//!
//! Invariant: the text of the elements, marks included, is byte for byte the text that is stored; marks are hidden by
//! the style, and from screen readers. What people wrote is only ever text or the value of an attribute, never markup.

use crate::{
    markup::{INDENT_MAX, Item, Mark, Piece, address, host, is_emoji_only, is_plain, parse},
    mention,
};

/// The HTML of a text. `me` is the name whose mentions stand out.
///
/// It is written here and not as a view because a view costs code for each element and time for each of its nodes, and
/// nothing in a text ever changes. All that people wrote goes through [`Html::words`]; everything else is a constant.
pub(super) fn rich_text(text: &str, me: &str) -> String {
    let mut html = Html(String::with_capacity(text.len() + 16));
    if is_emoji_only(text) {
        html.within("<span class=\"emoji\">", "</span>", |html| html.words(text));
    } else if is_plain(text) {
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

    fn within(&mut self, open: &'static str, close: &'static str, write: impl FnOnce(&mut Self)) {
        self.tag(open);
        write(self);
        self.tag(close);
    }

    fn mark(&mut self, mark: &str) {
        if !mark.is_empty() {
            self.within(r#"<span class="mark" aria-hidden="true">"#, "</span>", |html| html.words(mark));
        }
    }

    /// The start of a link. Under other words than its address it says where it leads.
    fn link(&mut self, link: &str, is_under_words: bool) {
        let (scheme, rest) = address(link);
        self.tag(r#"<a href=""#);
        self.tag(scheme);
        self.words(rest);
        if is_under_words {
            self.tag(r#"" title=""#);
            self.words(link);
            self.tag(r#"" data-host=""#);
            self.words(host(link));
        }
        self.tag(r#"" rel="noopener noreferrer nofollow ugc" target="_blank">"#);
    }

    fn pieces(&mut self, pieces: &[Piece<'_>], me: &str) {
        for piece in pieces {
            self.piece(piece, me);
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, me: &str) {
        match piece {
            Piece::Text(text) => self.words(text),
            Piece::Marked { mark, open, inner, close } => {
                let tags = match mark {
                    Mark::Strong => ("<strong>", "</strong>"),
                    Mark::Emphasis => ("<em>", "</em>"),
                    Mark::Struck => ("<s>", "</s>"),
                    Mark::Link(address) => {
                        self.mark(open);
                        self.link(address, true);
                        self.pieces(inner, me);
                        self.tag("</a>");
                        return self.mark(close);
                    }
                };
                self.within(tags.0, tags.1, |html| {
                    html.mark(open);
                    html.pieces(inner, me);
                    html.mark(close);
                });
            }
            Piece::Code { open, code, close } => self.within("<code>", "</code>", |html| {
                html.mark(open);
                html.words(code);
                html.mark(close);
            }),
            Piece::Block { open, info, code, close } => {
                self.mark(open);
                // One that does not fit is scrolled, by the keyboard too.
                self.tag(r#"<code class="block" tabindex="0" data-info=""#);
                self.words(info);
                self.tag(r#"">"#);
                for line in code {
                    self.mark(line.mark);
                    self.words(line.inner);
                }
                // A browser copies a line break behind the block, so one in the text must be the last of it.
                if code.last().is_some_and(|line| line.inner.ends_with('\n')) {
                    self.tag("</code>");
                    self.mark(close);
                } else {
                    self.mark(close);
                    self.tag("</code>");
                }
            }
            Piece::Quote(lines) => self.within("<blockquote>", "</blockquote>", |html| {
                for line in lines {
                    html.mark(line.mark);
                    html.pieces(&line.inner, me);
                }
            }),
            Piece::List(items) => {
                // No `ul`: the items of the log's own list are looked for by their elements.
                self.within(r#"<span class="list" role="list">"#, "</span>", |html| {
                    items.iter().for_each(|item| html.item(item, me));
                });
            }
            Piece::Link(address) => {
                self.link(address, false);
                self.words(address);
                self.tag("</a>");
            }
            Piece::Room(room) => {
                self.tag(r#"<a class="room" href="/room/"#);
                self.words(room.trim_start_matches('#'));
                self.tag(r#"">"#);
                self.words(room);
                self.tag("</a>");
            }
            Piece::Mention(name) => {
                let (shown, is_me) = mention::shown(name, me);
                self.tag(if is_me { r#"<span class="at" data-me>"# } else { r#"<span class="at">"# });
                self.words(shown);
                self.tag("</span>");
                self.words(&name[shown.len()..]);
            }
        }
    }

    /// A number is shown as it was typed, whichever comes next; any other mark becomes a dot.
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
            self.words(item.mark);
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

    /// The value of an attribute that must be first in a tag, and what follows it.
    fn attribute<'a>(tag: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
        tag.strip_prefix(name)?.strip_prefix("=\"")?.split_once('"')
    }

    /// Checks that of all tags only addresses and the word on code are not ours.
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

    /// Checks that elements are closed in the order in which they were opened.
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
        assert!(rich_text("@田中さん", "田中").contains(r#"data-me>@田中</span>さん"#));
    }

    #[test]
    fn a_link_under_words_says_where_it_leads() {
        let html = html("[the page](https://user@example.org:80/a)");
        assert!(
            html.contains(r#"href="https://user@example.org:80/a" title="https://user@example.org:80/a""#),
            "{html}"
        );
        assert!(html.contains(r#"data-host="example.org:80""#), "{html}");
        assert!(rich_text("www.example.org", "").contains(r#"href="https://www.example.org""#));
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
