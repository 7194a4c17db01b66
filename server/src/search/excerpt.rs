//! The part of a found text that a list of results shows.

use super::Folded;
use std::ops::Range;

/// Bytes of a text up to which it is shown whole, and about as many of a longer one.
const SHOWN: usize = 600;

/// Bytes before the first occurrence that a longer text shows.
const BEFORE: usize = 120;

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The text as it was written.
    pub(crate) text: String,
    /// `true` for an occurrence of a searched word.
    pub(crate) is_found: bool,
}

/// Returns a text with the occurrences of folded words as parts of their own. A longer text begins a little before the
/// first occurrence.
pub(crate) fn excerpt(text: &str, words: &[Vec<char>]) -> Vec<Part> {
    let found = Folded::of(text).occurrences(words);
    let shown = shown(text, found.first().cloned().unwrap_or(0..0));
    let part = |range: Range<usize>, is_found| Part { text: text[range].to_owned(), is_found };
    let ellipsis = |is_cut: bool| is_cut.then(|| Part { text: "…".to_owned(), is_found: false });
    let (mut parts, mut at) = (Vec::new(), shown.start);
    parts.extend(ellipsis(shown.start > 0));
    for occurrence in found {
        let occurrence = occurrence.start.max(at)..occurrence.end.min(shown.end);
        if occurrence.is_empty() {
            continue;
        }
        parts.push(part(at..occurrence.start, false));
        at = occurrence.end;
        parts.push(part(occurrence, true));
    }
    parts.push(part(at..shown.end, false));
    parts.extend(ellipsis(shown.end < text.len()));
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// Returns the part of a text that is shown, which begins and ends at a space where there is one near.
fn shown(text: &str, first: Range<usize>) -> Range<usize> {
    if text.len() <= SHOWN {
        return 0..text.len();
    }
    let start = text.floor_char_boundary(first.start.saturating_sub(BEFORE));
    let start =
        if start == 0 { 0 } else { text[start..first.start].find(' ').map_or(start, |space| start + space + 1) };
    let end = text.floor_char_boundary((start + SHOWN).min(text.len()));
    let least = text.floor_char_boundary(first.end.min(end));
    let end = if end == text.len() { end } else { text[least..end].rfind(' ').map_or(end, |space| least + space) };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, word: &str) -> String {
        let parts = excerpt(text, &[Folded::word(word)]);
        parts.iter().map(|part| if part.is_found { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn what_is_found_is_marked_as_it_was_written() {
        assert_eq!(marked("Café, CAFE", "cafe"), "[Café], [CAFE]");
        assert_eq!(marked("nothing", "cafe"), "nothing");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_occurrence() {
        let text = format!("{}needle {}", "hay ".repeat(1_000), "straw ".repeat(1_000));
        let shown = marked(&text, "needle");
        assert!(shown.starts_with("…hay hay") && shown.ends_with(" straw…") && shown.contains(" [needle] "), "{shown}");
        assert!(shown.len() <= SHOWN + 10, "{}", shown.len());
        let address = format!("Look at this: https://example.org/{}", "x".repeat(700));
        assert!(marked(&address, "example").contains("[example]"));
        assert!(marked(&"a".repeat(4_000), "aa").starts_with("[aaa"), "an occurrence that is longer than the excerpt");
        let whole = "字".repeat(SHOWN / 3);
        assert_eq!(marked(&whole, "needle"), whole);
        let longer = "字".repeat(SHOWN);
        assert!(marked(&longer, "needle").len() <= SHOWN + 3);
    }
}
