//! Autocompletion in the composer: commands, their arguments, people to mention, and rooms.
//!
//! [`COMMANDS`] tells the commands and their arguments: rooms are offered for a `<room>`, people for a `<user>`. The
//! typed text is compared case-insensitively with the beginnings of names, then with their middles.

use crate::{
    characters::{is_unspaced, is_word},
    command::{self, COMMANDS},
    markup,
    markup::names::is_address,
    protocol::{ROOM_SIGN, USER_SIGN, caseless, is_name_char, is_room_name_char},
};

/// Maximum number of names that are offered. Commands are few and all offered.
pub const CHOICES_MAX: usize = 8;

/// The choices for a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Start of the replaced text, in bytes.
    pub from: usize,
    /// End of the replaced text, in bytes.
    pub to: usize,
    /// One to [`CHOICES_MAX`] names, the best first, or one command or more.
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Text that replaces the typed part.
    pub insert: String,
    /// Text in the list.
    pub label: String,
    /// Effect of a command in a few words; empty for a name.
    pub summary: &'static str,
}

/// Returns the choices for a cursor at byte `cursor` of `text`, or `None` if there are none, or if the only one is
/// typed already.
#[must_use]
pub fn complete(text: &str, cursor: usize, rooms: &[&str], users: &[&str]) -> Option<Completion> {
    let before = text.get(..cursor)?;
    let offer = commands(text, before).or_else(|| argument(text, before, rooms, users));
    let offer = offer.or_else(|| people(text, before, users)).or_else(|| places(text, before, rooms));
    let (from, mut to, choices) = offer?;
    // A choice that ends with a space replaces the space that follows.
    if text[to..].starts_with(' ') && choices.first()?.insert.ends_with(' ') {
        to += 1;
    }
    let is_there_already = matches!(choices.as_slice(), [only] if only.insert == text[from..to]);
    (!choices.is_empty() && !is_there_already).then_some(Completion { from, to, choices })
}

/// Returns the text with a choice inserted, and the new cursor in bytes. A choice that does not exist, or a completion
/// of another text that does not fit, changes nothing.
#[must_use]
pub fn apply(text: &str, completion: &Completion, choice: usize) -> (String, usize) {
    let parts = (text.get(..completion.from), completion.choices.get(choice), text.get(completion.to..));
    let (Some(before), Some(choice), Some(after)) = parts else { return (text.to_owned(), text.len()) };
    let mut changed = before.to_owned();
    changed.push_str(&choice.insert);
    let cursor = changed.len();
    changed.push_str(after);
    (changed, cursor)
}

/// Start and end of the replaced text, and the choices.
type Offer = (usize, usize, Vec<Choice>);

/// Returns the commands that begin like the word at the cursor.
fn commands(text: &str, before: &str) -> Option<Offer> {
    let typed = before.strip_prefix('/')?;
    let to = word_end(text, before.len(), char::is_whitespace);
    // With other characters it is a path: `/usr/bin`.
    if !text[1..to].chars().all(is_word) {
        return None;
    }
    let choices = COMMANDS.iter().filter(|info| begins_with(info.name, typed)).map(|info| {
        let mut insert = "/".to_owned() + info.name;
        if !info.arguments.is_empty() {
            insert.push(' ');
        }
        Choice { insert, label: info.usage(), summary: info.summary }
    });
    Some((0, to, choices.collect()))
}

/// Returns the rooms or people that the first argument of a command can be.
fn argument(text: &str, before: &str, rooms: &[&str], users: &[&str]) -> Option<Offer> {
    let (word, rest) = before.strip_prefix('/')?.split_once(char::is_whitespace)?;
    let typed = rest.trim_start();
    if typed.contains(char::is_whitespace) {
        return None;
    }
    let arguments = command::named(word)?.arguments;
    let (first, more) = arguments.split_at(arguments.find('>')? + 1);
    // People type `/pm @Bo` like a mention, and `/join #tea`.
    let (names, sign) = match first {
        "<room>" => (rooms, ROOM_SIGN),
        "<user>" => (users, USER_SIGN),
        _ => return None,
    };
    let typed_name = typed.strip_prefix(sign).unwrap_or(typed);
    let end = if more.is_empty() { "" } else { " " };
    let to = word_end(text, before.len(), char::is_whitespace);
    Some((before.len() - typed.len(), to, names_like(names, typed_name, "", end)))
}

/// Returns the people that a mention at the cursor can mean.
fn people(text: &str, before: &str, users: &[&str]) -> Option<Offer> {
    let head = before.trim_end_matches(is_name_char);
    let typed = &before[head.len()..];
    let head = head.strip_suffix(USER_SIGN)?;
    // The same conditions as in `markup`.
    if is_in_link(head) || is_address(head) {
        return None;
    }
    named(text, (head.len(), typed), users, "@", is_name_char)
}

/// Returns the rooms that a link at the cursor can mean.
fn places(text: &str, before: &str, rooms: &[&str]) -> Option<Offer> {
    let head = before.trim_end_matches(is_room_name_char);
    let typed = &before[head.len()..];
    let head = head.strip_suffix(ROOM_SIGN)?;
    if is_in_link(head) || !markup::opens_room(head) {
        return None;
    }
    named(text, (head.len(), typed), rooms, "#", is_room_name_char)
}

/// Returns `true` if the cursor is within a web address.
fn is_in_link(head: &str) -> bool {
    head.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"))
}

/// Returns the names for a prefix typed after a sign.
fn named(
    text: &str,
    (from, typed): (usize, &str),
    names: &[&str],
    sign: &str,
    is_in_name: fn(char) -> bool,
) -> Option<Offer> {
    let at = from + sign.len() + typed.len();
    // In scripts without spaces between words, the following text is not part of the name.
    let to = word_end(text, at, |c| !is_in_name(c) || is_unspaced(c));
    let choices = names_like(names, typed, sign, " ");
    // Enter after a whole name sends the text instead of choosing the name.
    let is_whole = matches!(choices.as_slice(), [only] if caseless(&only.label) == caseless(typed));
    (!(is_whole && to == text.len())).then_some((from, to, choices))
}

/// Returns the end of the word at `at`.
fn word_end(text: &str, at: usize, ends: impl Fn(char) -> bool) -> usize {
    text[at..].find(ends).map_or(text.len(), |length| at + length)
}

/// Returns the names that begin with `typed`, then those that contain it, enclosed in `before` and `after`.
fn names_like(names: &[&str], typed: &str, before: &str, after: &str) -> Vec<Choice> {
    let typed = caseless(typed);
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for name in names {
        let key = caseless(name);
        // Position 0 is the beginning; later ones count only if that does not match.
        match key.char_indices().position(|(at, _)| key[at..].starts_with(&typed)) {
            Some(0) => first.push(name),
            Some(_) => later.push(name),
            None => {}
        }
        if first.len() == CHOICES_MAX {
            break;
        }
    }
    let choice = |name: &&&str| {
        let mut insert = before.to_owned();
        insert.push_str(name);
        insert.push_str(after);
        Choice { insert, label: (**name).to_owned(), summary: "" }
    };
    let mut choices: Vec<_> = first.iter().chain(&later).map(choice).collect();
    choices.truncate(CHOICES_MAX);
    choices
}

fn begins_with(name: &str, typed: &str) -> bool {
    name.as_bytes().get(..typed.len()).is_some_and(|head| head.eq_ignore_ascii_case(typed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOMS: [&str; 4] = ["general", "random", "help", "旅行-random"];
    const USERS: [&str; 5] = ["Ada", "Zoë", "Bo", "Nevada", "ada_2"];

    /// Returns the choices at the `|` of a text, as the texts that they make of it.
    fn offered(marked: &str) -> Vec<String> {
        let cursor = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let Some(completion) = complete(&text, cursor, &ROOMS, &USERS) else { return Vec::new() };
        assert!(!completion.choices.is_empty());
        (0..completion.choices.len())
            .map(|choice| {
                let (mut text, cursor) = apply(&text, &completion, choice);
                text.insert(cursor, '|');
                text
            })
            .collect()
    }

    #[test]
    fn a_slash_offers_every_command_and_letters_those_that_begin_so() {
        assert_eq!(offered("/|").len(), COMMANDS.len());
        assert_eq!(offered("/J|"), ["/join |"]);
        assert_eq!(offered("/m|"), ["/me |"]);
        assert_eq!(offered("/h|"), ["/help|"]);
        assert_eq!(offered("/j|oi"), ["/join |"]);
        assert_eq!(offered("/jo| tea"), ["/join |tea"]);
        assert_eq!(offered("/jo|\ntea"), ["/join |\ntea"]);
    }

    #[test]
    fn a_choice_says_what_it_does() {
        let choices = complete("/pm", 3, &[], &[]).unwrap().choices;
        let [pm] = choices.as_slice() else { panic!("{choices:?}") };
        assert_eq!((pm.label.as_str(), pm.summary), ("/pm <user> <message>", "Send a private message"));
    }

    #[test]
    fn what_is_no_command_is_offered_none() {
        for text in
            ["/dance|", "/usr/b|in", "/|usr/bin", "|/j", "a /j|", "/ |", "//|", "/help|", "/HELP me|", "/\u{e9}|"]
        {
            assert!(offered(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_command_about_a_room_is_offered_rooms() {
        assert_eq!(offered("/join |").len(), ROOMS.len());
        assert_eq!(offered("/JOIN  RAN|"), ["/JOIN  random|", "/JOIN  旅行-random|"]);
        assert_eq!(offered("/join 旅|"), ["/join 旅行-random|"]);
        assert_eq!(offered("/join g|x y"), ["/join general| y"]);
        assert_eq!(offered("/join #RAN|"), ["/join random|", "/join 旅行-random|"]);
        for text in ["/join general|", "/join nowhere|", "/join random r|", "/leave |", "/nick a|", "/dance r|"] {
            assert!(offered(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_command_about_somebody_is_offered_people() {
        assert_eq!(offered("/pm ada|"), ["/pm Ada |", "/pm ada_2 |", "/pm Nevada |"]);
        assert_eq!(offered("/pm @zO|"), ["/pm Zoë |"]);
        assert_eq!(offered("/pm b| hello"), ["/pm Bo |hello"]);
        assert_eq!(offered("/pm Bo tell @zo|"), ["/pm Bo tell @Zoë |"]);
        assert!(offered("/pm Bo z|").is_empty());
    }

    #[test]
    fn an_at_sign_offers_people_anywhere() {
        assert_eq!(offered("@|").len(), USERS.len());
        assert_eq!(offered("hi @ZO|"), ["hi @Zoë |"]);
        assert_eq!(offered("(@b|)"), ["(@Bo |)"]);
        assert_eq!(offered("@b|xx, you"), ["@Bo |, you"]);
        assert_eq!(offered("/me greets @bo| warmly"), ["/me greets @Bo |warmly"]);
        assert_eq!(offered("/nick @zo|"), ["/nick @Zoë |"]);
        assert_eq!(offered("你好@b|"), ["你好@Bo |"]);
        assert_eq!(offered("é@b|"), ["é@Bo |"]);
        assert_eq!(offered("@b|さん"), ["@Bo |さん"]);
        assert_eq!(offered("...@b|"), ["...@Bo |"]);
    }

    #[test]
    fn a_number_sign_offers_rooms_anywhere() {
        assert_eq!(offered("#|").len(), ROOMS.len());
        assert_eq!(offered("see #RAN|"), ["see #random |", "see #旅行-random |"]);
        assert_eq!(offered("(#旅|)"), ["(#旅行-random |)"]);
        assert_eq!(offered("/me likes #he|"), ["/me likes #help |"]);
        for text in ["c#h|", "https://example.org/#h|", "#help|", "#1|", "##h|", "# h|"] {
            assert!(offered(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn no_one_is_offered_where_no_one_is_mentioned() {
        for text in ["bo|", "me@b|", "a.b@b|", "@ b|", "https://example.org/@b|", "@nobody|", "@Bo| ", "|@Bo"] {
            assert!(offered(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_whole_name_at_the_end_of_a_text_is_not_asked_about() {
        assert!(offered("hi @bo|").is_empty());
        assert_eq!(offered("hi @ada|").len(), 3, "it could be another one");
        assert_eq!(offered("hi @bo| there"), ["hi @Bo |there"]);
    }

    #[test]
    fn at_most_so_many_are_offered_and_beginnings_come_first() {
        let names: Vec<String> = (0..=CHOICES_MAX).map(|number| format!("x_bo{number}")).collect();
        let offer = |count: usize, last: &[&str]| {
            let users: Vec<&str> = names[..count].iter().map(String::as_str).chain(last.iter().copied()).collect();
            complete("@bo", 3, &[], &users).unwrap().choices
        };
        assert_eq!(offer(CHOICES_MAX, &[]).len(), CHOICES_MAX);
        assert_eq!(offer(CHOICES_MAX + 1, &[]).len(), CHOICES_MAX);
        let choices = offer(CHOICES_MAX + 1, &["Bo"]);
        assert_eq!((choices.len(), choices[0].label.as_str()), (CHOICES_MAX, "Bo"));
    }

    #[test]
    fn a_choice_that_does_not_fit_changes_nothing() {
        let completion = complete("hi @zo", 6, &[], &USERS).unwrap();
        assert_eq!(apply("hi @zo", &completion, 1), ("hi @zo".to_owned(), 6));
        assert_eq!(apply("éé", &completion, 0), ("éé".to_owned(), 4));
        assert_eq!(complete("é", 1, &ROOMS, &USERS), None, "a cursor within a character");
        assert_eq!(complete("é", 9, &ROOMS, &USERS), None, "a cursor past the end");
    }

    proptest! {
        #[test]
        fn a_choice_changes_what_is_at_the_cursor_and_nothing_else(
            text in "(/(join|pm|me|J|p)?[ \n]{0,2})?[@#a-cA-Cé/ \n_旅:]{0,12}",
            cursor in 0_usize..24,
        ) {
            if let Some(completion) = complete(&text, cursor, &ROOMS, &USERS) {
                prop_assert!((1..=CHOICES_MAX.max(COMMANDS.len())).contains(&completion.choices.len()));
                prop_assert!(completion.from < cursor || text.starts_with('/'));
                prop_assert!(completion.from <= cursor && cursor <= completion.to);
                for choice in 0..completion.choices.len() {
                    let (changed, cursor) = apply(&text, &completion, choice);
                    prop_assert!(changed[..cursor].ends_with(&completion.choices[choice].insert));
                    prop_assert_eq!(&changed[..completion.from], &text[..completion.from]);
                    prop_assert_eq!(&changed[cursor..], &text[completion.to..]);
                }
            }
        }
    }
}
