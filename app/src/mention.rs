//! Whom a text calls. A mention is what [`markup::parse`](crate::markup::parse) reads as one, so what is shown as a
//! mention and what calls somebody are the same, but for the mentions behind the first [`CALLED_AT_ONCE`] people.

use crate::{
    markup::{Piece, parse},
    protocol::{caseless, limits::CALLED_AT_ONCE},
};

/// The names that a text mentions, in order and as they were typed, without the `@`. Names in code and in links are
/// none.
pub fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let mut names = Vec::new();
    // Nearly every text is done with here.
    if text.contains('@') {
        collect(&parse(text), &mut names);
    }
    names.into_iter()
}

fn collect<'a>(pieces: &[Piece<'a>], names: &mut Vec<&'a str>) {
    for piece in pieces {
        match piece {
            Piece::Mention(mention) => names.extend(mention.strip_prefix('@')),
            Piece::Strong { inner, .. } | Piece::Emphasis { inner, .. } => collect(inner, names),
            Piece::Text(_) | Piece::Code { .. } | Piece::Block { .. } | Piece::Link(_) => {}
        }
    }
}

/// Whom a text calls: the first [`CALLED_AT_ONCE`] different names that it mentions, each [caseless]. To know
/// them once is to answer by a comparison whether somebody is called.
#[must_use]
pub fn called(text: &str) -> Vec<String> {
    let mut called = Vec::new();
    for name in mentions(text).map(caseless) {
        if !called.contains(&name) {
            called.push(name);
            if called.len() == CALLED_AT_ONCE {
                break;
            }
        }
    }
    called
}

/// Whether a text calls who is called this. Letter case does not count; see [`caseless`] for what does.
#[must_use]
pub fn is_mentioned(text: &str, name: &str) -> bool {
    text.contains('@') && called(text).contains(&caseless(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::limits::{USER_NAME_MAX, USER_NAME_MIN};
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<&str> {
        mentions(text).collect()
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        assert_eq!(
            names("@Ada, and (@Bo_9)! **@Zoë** *_@日本_* @@Eve @Ada's"),
            ["Ada", "Bo_9", "Zoë", "日本", "Eve", "Ada"]
        );
        assert!(names("no one").is_empty());
    }

    #[test]
    fn addresses_code_and_links_call_nobody() {
        for text in
            ["ada@example.org", "é@Ada", "1@Ada", "`@Ada`", "```\n@Ada\n```", "https://example.org/@Ada", "@ Ada"]
        {
            assert!(!is_mentioned(text, "Ada"), "{text}");
        }
    }

    #[test]
    fn a_name_of_the_limits_is_called_and_one_past_them_is_not() {
        for (length, is_name) in
            [(USER_NAME_MIN - 1, false), (USER_NAME_MIN, true), (USER_NAME_MAX, true), (USER_NAME_MAX + 1, false)]
        {
            let name = "é".repeat(length);
            assert_eq!(is_mentioned(&format!("hi @{name}."), &name), is_name, "{length}");
            assert_eq!(is_mentioned(&format!("_hi @{name}_"), &name), is_name, "{length} in italics");
        }
        // What is too long is no mention of its beginning.
        let longest = "n".repeat(USER_NAME_MAX);
        for end in ["n", "_", "_n"] {
            assert!(names(&format!("@{longest}{end}")).is_empty(), "{end}");
        }
        assert!(names(&format!("_hi @{longest}_n")).is_empty());
    }

    #[test]
    fn letter_case_does_not_count_but_every_letter_does() {
        for (typed, name) in [("ada", "Ada"), ("ZOË", "zoë"), ("σας", "ΣΑΣ"), ("STRASSE", "straße")] {
            assert!(is_mentioned(&format!("@{typed}"), name), "{typed}");
        }
        for (typed, name) in [("Adam", "Ada"), ("Ad", "Ada"), ("zoe", "Zoë"), ("Ada_", "Ada")] {
            assert!(!is_mentioned(&format!("@{typed}"), name), "{typed}");
        }
    }

    #[test]
    fn a_text_calls_as_many_as_it_may_however_often_it_names_them_and_nobody_past_them() {
        let name = |number: usize| format!("Guest{number}");
        let text: String =
            (0..=CALLED_AT_ONCE).map(|number| format!("@{0} @{0} ", name(number).to_uppercase())).collect();
        assert_eq!(called(&text).len(), CALLED_AT_ONCE);
        assert!(is_mentioned(&text, &name(CALLED_AT_ONCE - 1)));
        assert!(!is_mentioned(&text, &name(CALLED_AT_ONCE)));
    }

    proptest! {
        #[test]
        fn whoever_is_named_between_words_is_called(name in "[a-zA-Z0-9é日][a-zA-Z0-9é日_]{1,19}", before in "[^`hH]{0,8} ") {
            let text = format!("{before}@{name} hello");
            // An underscore that was opened may be closed by one at the end of the name, which is then not of the name.
            prop_assume!(!before.contains('_'));
            prop_assert!(is_mentioned(&text, &name.to_uppercase()), "{}", text);
        }
    }
}
