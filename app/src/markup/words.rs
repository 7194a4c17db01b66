//! A text without its markup, for reading aloud and for short previews.

use super::{Line, Piece, parse};
use crate::characters::{is_alphanumeric, is_invisible, is_joined, is_joiner, is_mark};

/// Returns the words of a text without delimiters, and without the addresses of links that have words.
#[must_use]
pub fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    say(&parse(text), &mut words);
    words.truncate(words.trim_end().len());
    words
}

fn say(pieces: &[Piece<'_>], words: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Link(text) | Piece::Room(text) | Piece::Mention(text) => words.push_str(text),
            Piece::Code { code, .. } => words.push_str(code),
            Piece::Block { code, .. } => {
                words.extend(code.iter().map(|Line { inner, .. }| *inner));
                // The following text begins on a line of its own.
                if !words.ends_with('\n') {
                    words.push('\n');
                }
            }
            Piece::Marked { inner, .. } => say(inner, words),
            Piece::Quote(lines) => lines.iter().for_each(|line| say(&line.inner, words)),
            Piece::List(items) => {
                for item in items {
                    words.push_str(if item.is_numbered { item.mark } else { "• " });
                    say(&item.inner, words);
                }
            }
        }
    }
}

/// Returns at most `most` characters from the start of a text, with an ellipsis if it was cut. The cut is between two
/// words if possible, and never within a grapheme.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let head = &text[..end];
    // A word longer than half of it is cut.
    let at_space = head.rfind(char::is_whitespace).filter(|at| *at >= end / 2 && !text[*at..].trim_start().is_empty());
    let at = at_space.unwrap_or_else(|| (0..=end).rev().find(|at| is_between(text, *at)).unwrap_or(0));
    format!("{}…", text[..at].trim_end())
}

/// Returns `true` if a text can be cut at this offset.
fn is_between(text: &str, at: usize) -> bool {
    if !text.is_char_boundary(at) {
        return false;
    }
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next()) else { return true };
    let is_flag = |c: &char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let flags = text[..at].chars().rev().take_while(is_flag).count();
    let is_jamo = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7fb}');
    // A combining mark, a skin tone or a part of a flag continues a grapheme, and so does a letter after a joiner.
    let goes_on =
        is_mark(after) || is_invisible(after) || matches!(after, '\u{1f3fb}'..='\u{1f3ff}' | '\u{ff9e}' | '\u{ff9f}');
    let is_bound =
        is_joiner(before) || (is_mark(before) && is_joined(before) && !is_alphanumeric(before)) || before == '\r';
    let is_prefix = matches!(before, '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{d4e}' | '\u{110bd}' | '\u{110cd}'
        | '\u{111c2}'..='\u{111c3}' | '\u{113d1}' | '\u{1193f}' | '\u{11941}' | '\u{11a84}'..='\u{11a89}' | '\u{11d46}' | '\u{11f02}');
    !(goes_on || is_bound || is_prefix || flags % 2 == 1 && is_flag(&after) || is_jamo(before) && is_jamo(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    #[test]
    fn the_words_of_a_text_are_without_its_marks() {
        for (text, said) in [
            ("**Hi** @Bo, see `x` and ~~no~~", "Hi @Bo, see x and no"),
            ("[the page](https://a.b/c) www.a.bc #tea", "the page www.a.bc #tea"),
            ("```rust\nlet x;\n```\nso", "let x;\nso"),
            ("```\na\n```", "a"),
            ("> said *so*\nno", "said so\nno"),
            ("- a\n- **b**\n1. c", "• a\n• b\n1. c"),
            ("2*3*4", "2*3*4"),
        ] {
            assert_eq!(words(text), said, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_words_or_within_a_long_one() {
        assert_eq!(cut("hello there", 11), "hello there");
        assert_eq!(cut("hello there", 10), "hello…");
        assert_eq!(cut("hello there you", 12), "hello there…");
        assert_eq!(cut("日本語の長い文", 3), "日本語…");
        assert_eq!(cut("ab👨‍👩‍👧‍👦", 5), "ab…");
        assert_eq!(cut("ab🇩🇪🇫🇷", 5), "ab🇩🇪…");
        assert_eq!(cut("e\u{301}e\u{301}", 3), "e\u{301}…");
        assert_eq!(cut("👍🏽👍🏽", 3), "👍🏽…");
        assert_eq!(cut("👨‍👩‍👧‍👦", 3), "…");
    }

    proptest! {
        #[test]
        fn a_text_is_never_cut_within_a_character_that_is_seen(
            text in prop_oneof!["\\PC{0,30}", "([a日 ]|👨‍👩‍👧|🇩🇪|👍🏽|e\u{301}|क्षि|1️⃣|한|각|\r\n){0,20}"],
            most in 0_usize..20,
        ) {
            let cut = cut(&text, most);
            let head = cut.strip_suffix('…').unwrap_or(&cut);
            prop_assert!(head.chars().count() <= most.max(text.chars().count().min(most)));
            let ends: Vec<_> = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len()).collect();
            // White space before the cut is left out.
            prop_assert!(head.is_empty() || head == text || ends.contains(&head.len()), "{:?} of {:?}", head, text);
        }
    }
}
