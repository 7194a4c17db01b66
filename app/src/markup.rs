//! The usual marks in a text, read into a tree that borrows from the text: bold, italic, code, links and mentions.
//!
//! Invariants:
//! - the pieces in order, marks included, are byte for byte the text. The marks are kept, so the page can hide them
//!   and what is copied, searched or read aloud is still what was written;
//! - nothing becomes a link but `http://` and `https://`;
//! - any text can be read: what is not a mark by these rules is text, and there are no errors;
//! - the time grows as the text does, whatever the text is. The cursor never goes back; what looks ahead uses up what
//!   it has seen, or is not asked about it again, or sees a few characters at most; and of opened marks no more than
//!   [`OPEN_MAX`] are remembered.
//!
//! The rules:
//! - `**bold**`, `*italic*`, `_italic_`. White space is outside of the marks, not inside. Underscores stand at the
//!   edges of words; a star between two ASCII letters or digits is a star (`2*3*4`), while scripts without spaces
//!   between words can mark a part of a line. What is one character between its like (`^_^`, `'*'`, `count(*)`), or
//!   has but one ASCII sign inside (`*.*`), is no mark either, nor is a run of four stars or of two underscores;
//! - `` `code` ``, also with two or three backticks on either side; nothing in it is read;
//! - a block of code: from a line of three backticks, maybe with a word behind them, to a line of nothing but three
//!   backticks. Without that line it is text;
//! - links up to white space, a quote, `<` or `>`, and without the punctuation at their end;
//! - `@name`, not behind a letter or a digit;
//! - marks end at a block of code and at a blank line, closed or not.

mod leaf;
mod reader;
mod work;

use reader::Reader;

/// Opened marks that are remembered while their ends are looked for. At one more the outermost becomes text.
pub const OPEN_MAX: usize = 4;

/// How deep [`Strong`](Piece::Strong) and [`Emphasis`](Piece::Emphasis) can nest: three stars open two at once.
pub const DEPTH_MAX: usize = 2 * OPEN_MAX;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What it says.
    Text(&'a str),
    /// Bold.
    Strong {
        /// The mark before it.
        open: &'a str,
        /// What is bold.
        inner: Vec<Self>,
        /// The mark behind it.
        close: &'a str,
    },
    /// Italic.
    Emphasis {
        /// The mark before it.
        open: &'a str,
        /// What is italic.
        inner: Vec<Self>,
        /// The mark behind it.
        close: &'a str,
    },
    /// Code within a line.
    Code {
        /// The mark before it.
        open: &'a str,
        /// The code.
        code: &'a str,
        /// The mark behind it.
        close: &'a str,
    },
    /// Lines of code.
    Block {
        /// The opening fence with its word and its line break.
        open: &'a str,
        /// The code, without the line break at its end.
        code: &'a str,
        /// That line break, the closing fence, and the line break behind the fence where there is one.
        close: &'a str,
    },
    /// The address of a page, as it was written: `http://` or `https://` in any case, and a host.
    Link(&'a str),
    /// Somebody's name with the `@`; whether there is such a person is not known here.
    Mention(&'a str),
}

/// Reads the marks of a text. Two pieces of [`Text`](Piece::Text) never follow each other, and none is empty.
#[must_use]
pub fn parse(text: &str) -> Vec<Piece<'_>> {
    Reader::new(text).read()
}

/// Whether nothing in a text can start a mark, a link or a mention: [`parse`] would find one piece of text at most.
/// Most of what people write is so, and this is all that has to be asked about it.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    !bytes.iter().any(|byte| matches!(byte, b'*' | b'_' | b'`' | b'@'))
        && !bytes.windows(3).any(|three| three == b"://")
}

#[cfg(test)]
mod tests;
