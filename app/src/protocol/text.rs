//! Texts of messages.

use super::limits::TEXT_MAX;
use crate::characters::is_blank;
use std::sync::Arc;

/// The text of an entry: 1 to [`TEXT_MAX`] characters of which some are visible, without white space at its end,
/// otherwise byte for byte as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Arc<str>);

/// The reason for which a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No character is visible. Such a text is ignored without an error for the person.
    #[error("The message is empty.")]
    Empty,
    /// The text has this many characters, more than [`TEXT_MAX`].
    #[error("Too long: {} over", characters(.0 - TEXT_MAX))]
    TooLong(usize),
}

/// Formats a number of characters.
pub(crate) fn characters(count: usize) -> String {
    format!("{count} {}", if count == 1 { "character" } else { "characters" })
}

impl Text {
    /// Validates a text as typed.
    ///
    /// # Errors
    /// Returns [`TextError`] if nothing is visible, or the text is too long after trimming its end.
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let trimmed = raw.trim_end();
        match trimmed.chars().count() {
            _ if is_blank(trimmed) => Err(TextError::Empty),
            count if count > TEXT_MAX => Err(TextError::TooLong(count)),
            _ => Ok(Self(trimmed.into())),
        }
    }

    /// Returns the text as a shared string.
    #[must_use]
    pub fn into_inner(self) -> Arc<str> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_byte_for_byte_but_for_its_end() {
        let raw = "  <script>\"'&\r\n\u{202e}\u{1f9d1}\u{200d}\u{1f680} e\u{301} \n\t";
        assert_eq!(&*Text::parse(raw).unwrap().into_inner(), raw.trim_end());
    }

    #[test]
    fn a_text_of_the_limit_is_taken_and_one_more_is_not() {
        assert!(Text::parse(&"é".repeat(TEXT_MAX)).is_ok());
        assert_eq!(Text::parse(&"é".repeat(TEXT_MAX + 1)), Err(TextError::TooLong(TEXT_MAX + 1)));
    }

    #[test]
    fn a_text_of_which_nothing_is_seen_is_nothing() {
        for raw in ["", " \n\t", "\u{200b}", "\u{2800} \u{2800}", "\u{3164}", "\u{2060}\u{feff}\u{ad}", "\u{301}", "\0"]
        {
            assert_eq!(Text::parse(raw), Err(TextError::Empty), "{raw:?}");
            let seen = raw.to_owned() + "." + raw;
            assert_eq!(&*Text::parse(&seen).unwrap().into_inner(), seen.trim_end(), "{raw:?}");
        }
        let many = "\u{200b}".repeat(TEXT_MAX + 1);
        assert_eq!(Text::parse(&many), Err(TextError::Empty));
    }
}
