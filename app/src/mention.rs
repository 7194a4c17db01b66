//! Mentions of people in a text. A mention is what [`markup::parse`](crate::markup::parse) reads as one, so the
//! highlighted mentions are those that alert, except for those after the first [`CALLED_AT_ONCE`] people.
//!
//! In scripts without spaces between words, a name ends within the text after the `@`: `@田中さん` mentions 田中. That needs
//! no list of names, so the server and every browser agree: a name is mentioned if the mention begins with it and a
//! name can [end](crate::markup) there. If several names fit, all of them are mentioned.

use crate::{
    markup::{
        Piece,
        names::{ends, is_border, script},
        parse,
    },
    protocol::{
        USER_SIGN, caseless,
        limits::{CALLED_AT_ONCE, USER_NAME_MIN},
    },
};

/// Yields the mentions in a text in order, as typed but without the `@`. Names in code and links do not count.
pub fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let mut names = Vec::new();
    // Most texts have no sign and need no parsing.
    if text.contains(USER_SIGN) {
        for piece in &parse(text) {
            piece.walk(&mut |piece| {
                if let Piece::Mention(mention) = piece {
                    names.extend(mention.strip_prefix(USER_SIGN));
                }
            });
        }
    }
    names.into_iter()
}

/// Returns the first [`CALLED_AT_ONCE`] different mentions of a text, each [caseless]. With these, [`calls`] needs only
/// comparisons.
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

/// Returns `true` if one of the mentions from [`called`] is of the user with this [caseless] name.
#[must_use]
pub fn calls(called: &[String], name: &str) -> bool {
    called.iter().any(|mention| {
        let rest = mention.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || is_border(name, rest))
    })
}

/// Returns `true` if a text mentions the user of this name, compared by [`caseless`].
#[must_use]
pub fn is_mentioned(text: &str, name: &str) -> bool {
    text.contains(USER_SIGN) && calls(&called(text), &caseless(name))
}

/// Returns the part of a mention, `@` included, that is highlighted for the reader `me`, and `true` if it is the
/// reader's own name.
#[must_use]
pub fn shown<'a>(mention: &'a str, me: &str) -> (&'a str, bool) {
    let name = mention.strip_prefix(USER_SIGN).unwrap_or(mention);
    let head = mention.len() - name.len();
    let me = caseless(me);
    // The longest match comes first: it may be the reader's whole name.
    let own = ends(name).rev().find(|end| caseless(&name[..*end]) == me);
    let script_ends = || {
        let mut chars = name.char_indices().zip(name.chars().skip(1));
        let end = chars.find_map(|((at, before), after)| {
            let end = at + before.len_utf8();
            let is_end = script(before) != script(after) && is_border(&name[..end], &name[end..]);
            (is_end && name[..end].chars().count() >= USER_NAME_MIN).then_some(end)
        });
        end.unwrap_or(name.len())
    };
    (&mention[..head + own.unwrap_or_else(script_ends)], own.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::limits::USER_NAME_MAX;
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
        assert_eq!(
            names("你好@Bo，é@Ada! - @Eve -@Jo ...@Mo 「@नमस्ते」 ＠Bo"),
            ["Bo", "Ada", "Eve", "Jo", "Mo", "नमस्ते"]
        );
        assert_eq!(names("- @約翰·史密斯・ and @می\u{200c}خواهم."), ["約翰·史密斯", "می\u{200c}خواهم"]);
        assert!(names("no one").is_empty());
    }

    #[test]
    fn addresses_code_and_links_call_nobody() {
        for text in [
            "ada@Ada",
            "1@Ada",
            "first.last@Ada",
            "a+b@Ada",
            "a_@Ada",
            "a-@Ada",
            "Ok.@Ada",
            "`@Ada`",
            "```\n@Ada\n```",
            "https://example.org/@Ada",
            "@ Ada",
            "@\u{301}Ada",
        ] {
            assert!(!is_mentioned(text, "Ada"), "{text}");
        }
    }

    #[test]
    fn a_name_ends_where_the_words_behind_it_begin_in_scripts_without_spaces() {
        for (text, name) in [
            ("@田中さん、お願い", "田中"),
            ("お願い@田中", "田中"),
            ("@田中は来る", "田中"),
            ("@小明你好", "小明"),
            ("@Boさん", "Bo"),
            ("@田中ok", "田中"),
            ("@민수님 안녕", "민수"),
            ("@สมชายครับ", "สมชาย"),
            ("@田中さんおはようございます今日の会議は十時からです", "田中"),
            ("@サラー様", "サラー"),
        ] {
            assert!(is_mentioned(text, name), "{text}");
        }
        for (text, name) in [
            ("@田中1さん", "田中"),
            ("@田中_さん", "田中"),
            ("@サラー様", "サラ"),
            ("@佐々木さん", "佐"),
            ("@Bob", "Bo"),
            ("@Аннабель", "Анна"),
            ("@का\u{93f}", "का"),
            ("@ก\u{e49}อย", "ก"),
        ] {
            assert!(!is_mentioned(text, name), "{text}");
        }
    }

    #[test]
    fn a_mention_is_shown_as_far_as_the_name_goes() {
        for (mention, me, head, is_me) in [
            ("@Bo", "Ada", "@Bo", false),
            ("@bo", "Bo", "@bo", true),
            ("@田中さん", "田中", "@田中", true),
            ("@田中さん", "Ada", "@田中", false),
            ("@小明你好", "小明", "@小明", true),
            ("@小明你好", "小", "@小明你好", false),
            ("@田中さん", "田中さん", "@田中さん", true),
            ("@Boさん", "Ada", "@Bo", false),
            ("@さくら", "", "@さくら", false),
        ] {
            assert_eq!(shown(mention, me), (head, is_me), "{mention} to {me}");
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
        // A name that is too long is not a mention of its beginning.
        let longest = "n".repeat(USER_NAME_MAX);
        for end in ["n", "_", "_n"] {
            assert!(names(&format!("@{longest}{end}")).is_empty(), "{end}");
        }
        assert!(names(&format!("_hi @{longest}_n")).is_empty());
        assert_eq!(names(&format!("@{}さ", "田".repeat(USER_NAME_MAX))), ["田".repeat(USER_NAME_MAX)]);
    }

    #[test]
    fn letter_case_does_not_count_but_every_letter_does() {
        for (typed, name) in
            [("ada", "Ada"), ("ZOË", "zoë"), ("σας", "ΣΑΣ"), ("STRASSE", "straße"), ("zoe\u{308}", "Zoë")]
        {
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
            // An opened underscore may be closed by one at the end of the name, which is then not part of the name.
            prop_assume!(!before.contains('_'));
            prop_assert!(is_mentioned(&text, &name.to_uppercase()), "{}", text);
        }

        #[test]
        fn whoever_a_mention_is_shown_to_as_their_own_is_called(name in "[a日本さB한1]{2,4}", behind in "[a日さん1ー]{0,6}") {
            let text = format!("@{name}{behind}");
            let is_own = mentions(&text).any(|mention| shown(mention, &name).1);
            prop_assert_eq!(is_own, is_mentioned(&text, &name), "{}", text);
        }
    }
}
