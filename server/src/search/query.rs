//! The query that a person types into the search field.
//!
//! A query is words, of which a message contains all, anywhere, also within other words; `"several words"` are one. In
//! addition: `from:name`, `in:room` or `in:@name`, `before:2026-11-28`, `after:2026-11-28`, `has:link`. A day is that
//! of UTC; `after:` includes its day. Of two settings of one kind the last counts.

use super::{Folded, grams};
use app::{
    calendar,
    protocol::{Timestamp, limits::QUERY_MAX},
};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// A query. See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The words, folded.
    pub words: Vec<Vec<char>>,
    /// Name of the author.
    pub from: Option<String>,
    /// Name of the room, or `@` and the name of the peer.
    pub within: Option<String>,
    /// Only messages from this time on.
    pub since: Option<Timestamp>,
    /// Only messages before this time.
    pub until: Option<Timestamp>,
    /// Only messages with a link.
    pub has_link: bool,
}

/// The reason for which a query cannot be answered. Each message is a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The query has more than [`QUERY_MAX`] characters.
    #[error("A search has at most {QUERY_MAX} characters.")]
    TooLong,
    /// The query says nothing that the index could find.
    #[error("Type at least two characters.")]
    TooShort,
    /// The text after `before:` or `after:` is no day.
    #[error("“{0}” is no day. Write it as 2026-11-28.")]
    NoDay(String),
    /// The text after `has:` is unknown.
    #[error("Messages can be searched for has:link, not for has:{0}.")]
    NoSuchContent(String),
    /// The text after `in:` is the name of no room and of nobody.
    #[error("There is no room or conversation called “{0}”.")]
    NoSuchPlace(String),
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// Returns the first [`QueryError`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > QUERY_MAX {
            return Err(QueryError::TooLong);
        }
        let mut query = Self::default();
        for token in tokens(text) {
            query.take(token)?;
        }
        let is_found_by_words = query.words.iter().any(|word| !grams::required(word).is_empty());
        if is_found_by_words || query.has_filter() { Ok(query) } else { Err(QueryError::TooShort) }
    }

    /// Returns `true` if the query says anything beside its words.
    fn has_filter(&self) -> bool {
        *self != Self { words: self.words.clone(), ..Self::default() }
    }

    fn take(&mut self, token: Token<'_>) -> Result<(), QueryError> {
        match token {
            Token::Filter("from", name) => self.from = Some(name.trim_start_matches('@').to_owned()),
            Token::Filter("in", name) => self.within = Some(name.trim_start_matches('#').to_owned()),
            Token::Filter("after", day) => self.since = Some(begin_of(day)?),
            Token::Filter("before", day) => self.until = Some(begin_of(day)?),
            Token::Filter(_, content) if content.eq_ignore_ascii_case("link") => self.has_link = true,
            Token::Filter(_, content) => return Err(QueryError::NoSuchContent(content.to_owned())),
            Token::Word(word) => self.add_word(word),
        }
        Ok(())
    }

    fn add_word(&mut self, word: &str) {
        let word = Folded::word(word.trim());
        if !word.is_empty() {
            self.words.push(word);
        }
    }
}

/// A word or a setting of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Filter(&'a str, &'a str),
}

/// The keys before a colon that are not words.
const KEYS: [&str; 5] = ["from", "in", "before", "after", "has"];

/// Yields the tokens of a query, which are separated by spaces outside of quotation marks.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let key = KEYS.into_iter().find(|key| {
            let after = rest.get(key.len()..).filter(|_| rest[..key.len()].eq_ignore_ascii_case(key));
            after
                .and_then(|after| after.strip_prefix(':'))
                .is_some_and(|value| !value.starts_with(char::is_whitespace) && !value.is_empty())
        });
        if let Some(key) = key {
            let value;
            (value, rest) = value_and_rest(&rest[key.len() + 1..]);
            return Some(Token::Filter(key, value));
        }
        let word;
        (word, rest) = value_and_rest(rest);
        Some(Token::Word(word))
    })
}

/// Splits off a text in quotation marks, or up to the next space. A quotation mark without an end is part of the text.
fn value_and_rest(text: &str) -> (&str, &str) {
    if let Some((value, rest)) = text.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
        return (value, rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

/// Returns the begin of a day in UTC.
fn begin_of(day: &str) -> Result<Timestamp, QueryError> {
    let no_day = || QueryError::NoDay(day.to_owned());
    let days = calendar::parse_date(day).and_then(|days| u64::try_from(days).ok()).ok_or_else(no_day)?;
    Ok(Timestamp::from_millis(days * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(query: &Query) -> Vec<String> {
        query.words.iter().map(|word| word.iter().collect()).collect()
    }

    #[test]
    fn words_are_separate_and_what_is_quoted_is_one() {
        let query = Query::parse(r#"  Blue "Red  Fish" 5" inches "#).unwrap();
        assert_eq!(words(&query), ["blue", "red fish", "5\"", "inches"]);
    }

    #[test]
    fn filters_are_read_in_any_case_and_what_looks_like_one_is_a_word() {
        let query =
            Query::parse(r#"From:@Ada in:#help AFTER:2026-02-28 before:2026-03-01 HAS:Link note:x in: "#).unwrap();
        assert_eq!((query.from.as_deref(), query.within.as_deref()), (Some("Ada"), Some("help")));
        let day = |ts: Option<Timestamp>| ts.map(|ts| ts.as_millis() / DAY_MS);
        assert_eq!(day(query.until).unwrap() - day(query.since).unwrap(), 1);
        assert!(query.has_link);
        assert_eq!(words(&query), ["note:x", "in:"]);
        assert_eq!(Query::parse(r#"in:"@Bo B""#).unwrap().within.as_deref(), Some("@Bo B"));
    }

    #[test]
    fn a_query_that_cannot_be_answered_says_why() {
        for (text, expected) in [
            ("", QueryError::TooShort),
            ("a ?", QueryError::TooShort),
            ("before:2026-02-30", QueryError::NoDay("2026-02-30".to_owned())),
            ("after:yesterday", QueryError::NoDay("yesterday".to_owned())),
            ("has:cake", QueryError::NoSuchContent("cake".to_owned())),
        ] {
            assert_eq!(Query::parse(text), Err(expected), "{text}");
        }
        assert!(Query::parse("中").is_ok());
        assert!(Query::parse("a from:Ada").is_ok(), "the filter is enough");
        assert!(Query::parse(&"x".repeat(QUERY_MAX)).is_ok());
        assert_eq!(Query::parse(&"x".repeat(QUERY_MAX + 1)), Err(QueryError::TooLong));
    }
}
