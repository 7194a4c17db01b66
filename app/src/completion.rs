//! What the composer offers while somebody types: commands, what commands are about, people to mention, and rooms.
//!
//! Which command there is and what it takes is read from [`COMMANDS`]: one that takes a `<room>` first is offered
//! rooms, one that takes a `<user>` is offered people. What is typed is compared without regard to case with the
//! beginnings of names, and then with their middles.

use crate::{
    characters::{is_unspaced, is_word},
    command::{self, COMMANDS},
    markup,
    mention::is_address,
    protocol::{ROOM_SIGN, USER_SIGN, caseless, is_name_char, is_room_name_char},
};

/// Most choices that are offered at once.
pub const CHOICES_MAX: usize = 8;

/// What is offered at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the part of the text begins that a choice replaces, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// One to [`CHOICES_MAX`] choices, the best first.
    pub choices: Vec<Choice>,
}

/// One of the things that are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What stands in the text once it is chosen.
    pub insert: String,
    /// What it is called in the list.
    pub label: String,
    /// What it does, in a few words; empty for a name.
    pub summary: &'static str,
}

/// What to offer to somebody whose cursor is `cursor` bytes into `text`. Nothing when there is nothing, or when the
/// one choice is what stands there already.
#[must_use]
pub fn complete(text: &str, cursor: usize, rooms: &[&str], users: &[&str]) -> Option<Completion> {
    let before = text.get(..cursor)?;
    let offer = commands(text, before).or_else(|| argument(text, before, rooms, users));
    let offer = offer.or_else(|| people(text, before, users)).or_else(|| places(text, before, rooms));
    let (from, to, choices) = offer?;
    let (mut to, mut choices) = (to, choices);
    choices.truncate(CHOICES_MAX);
    // A choice that ends with a space takes the place of one that is there.
    if text[to..].starts_with(' ') && choices.first()?.insert.ends_with(' ') {
        to += 1;
    }
    let is_there_already = matches!(choices.as_slice(), [only] if only.insert == text[from..to]);
    (!choices.is_empty() && !is_there_already).then_some(Completion { from, to, choices })
}

/// The text with a choice in its place, and where the cursor is then, in bytes. A choice that there is not, or one that
/// was made for another text and does not fit, changes nothing.
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

/// The part of the text to replace, and by what.
type Offer = (usize, usize, Vec<Choice>);

/// The commands that begin like the word at the cursor.
fn commands(text: &str, before: &str) -> Option<Offer> {
    let typed = before.strip_prefix('/')?;
    let to = word_end(text, before.len(), char::is_whitespace);
    // With anything but letters it is a path: `/usr/bin`.
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

/// The rooms or the people that the first argument of a command can be.
fn argument(text: &str, before: &str, rooms: &[&str], users: &[&str]) -> Option<Offer> {
    let (word, rest) = before.strip_prefix('/')?.split_once(char::is_whitespace)?;
    let typed = rest.trim_start();
    if typed.contains(char::is_whitespace) {
        return None;
    }
    let arguments = command::named(word)?.arguments;
    let (first, more) = arguments.split_at(arguments.find('>')? + 1);
    // People write `/pm @Bo` as they would mention him, and `/join #tea`.
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

/// The people that a mention at the cursor can be of.
fn people(text: &str, before: &str, users: &[&str]) -> Option<Offer> {
    let head = before.trim_end_matches(is_name_char);
    let typed = &before[head.len()..];
    let head = head.strip_suffix(USER_SIGN)?;
    // As in `markup`.
    if is_in_link(head) || is_address(head) {
        return None;
    }
    named(text, (head.len(), typed), users, "@", is_name_char)
}

/// The rooms that a link at the cursor can lead to.
fn places(text: &str, before: &str, rooms: &[&str]) -> Option<Offer> {
    let head = before.trim_end_matches(is_room_name_char);
    let typed = &before[head.len()..];
    let head = head.strip_suffix(ROOM_SIGN)?;
    if is_in_link(head) || !markup::opens_room(head) {
        return None;
    }
    named(text, (head.len(), typed), rooms, "#", is_room_name_char)
}

/// Whether the cursor is within the address of a page.
fn is_in_link(head: &str) -> bool {
    head.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"))
}

/// The names for what was typed at a place behind a sign.
fn named(
    text: &str,
    (from, typed): (usize, &str),
    names: &[&str],
    sign: &str,
    is_in_name: fn(char) -> bool,
) -> Option<Offer> {
    let at = from + sign.len() + typed.len();
    // Where words are not parted by spaces, what follows is no part of the name.
    let to = word_end(text, at, |c| !is_in_name(c) || is_unspaced(c));
    let choices = names_like(names, typed, sign, " ");
    // Who ends a text with a whole name wants to send it, and not to choose first.
    let is_whole = matches!(choices.as_slice(), [only] if caseless(&only.label) == caseless(typed));
    (!(is_whole && to == text.len())).then_some((from, to, choices))
}

/// Where the word at `at` ends.
fn word_end(text: &str, at: usize, ends: impl Fn(char) -> bool) -> usize {
    text[at..].find(ends).map_or(text.len(), |length| at + length)
}

/// The names that begin with what is typed, then those that have it further on, between `before` and `after`.
fn names_like(names: &[&str], typed: &str, before: &str, after: &str) -> Vec<Choice> {
    let typed = caseless(typed);
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for name in names {
        let key = caseless(name);
        // The first place is the beginning, and those that come after it are only looked at without it.
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
    first.iter().chain(&later).map(choice).collect()
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

    /// What is offered at the `|` of a text, as the texts that the choices make of it.
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
        assert_eq!(offered("/|").len(), COMMANDS.len().min(CHOICES_MAX));
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
                prop_assert!((1..=CHOICES_MAX).contains(&completion.choices.len()));
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
