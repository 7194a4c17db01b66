//! A reader of markup, which makes a tree that borrows from the text: bold, italic, struck, code, links, mentions,
//! rooms, quotes and lists.
//!
//! Invariants:
//! - the pieces in order, delimiters included, are byte for byte the text. Delimiters are kept, so the page can hide
//!   them, and copying, searching and reading aloud still have the original;
//! - only `http://`, `https://` and `www.` become links, and the words of a link never name another address;
//! - every text can be read: text that is no markup by these rules stays text, and there are no errors;
//! - the time is linear in the text, for any text. The cursor never goes back; a lookahead consumes what it has seen,
//!   or is not repeated for it, or sees a few characters at most; and at most [`OPEN_MAX`] open delimiters are
//!   remembered.
//!
//! The rules, of which the first is that a text without intended markup stays as typed:
//! - `**bold**`, `*italic*`, `_italic_`, `~~struck~~`. A delimiter opens after the start, white space, an opening
//!   bracket or quote, and before a letter, a digit or another beginning of a word; it closes before the end, white
//!   space or closing punctuation. A star also opens and closes beside scripts without spaces between words. So a path
//!   (`build/*.o`), a pointer (`char* c`), a product (`2*3*4`), a face (`^_^`) and `snake_case` stay as they are.
//!   Content without a letter, digit or emoji is not marked, and a run of four stars or of two underscores is text;
//! - `` `code` ``, also with two or three backticks on either side; its content is not read;
//! - a block of code: from a line of three backticks or more, with at most one word after them, to a line of as many,
//!   or to a line that ends with as many. Without such an end it is text;
//! - `> ` before each line of a quote, which can contain a block of code; `- `, `* ` or `1. ` before each item of a
//!   list, which has at least two items;
//! - links up to white space, a quote, an angle bracket, or another character that is not part of addresses; without
//!   the punctuation at the end and without a bracket that was opened before the link. `[words](https://…)` is a link,
//!   unless the words look like an address themselves;
//! - `@name`, but not in a mail address; `#room`, but not a number (`#1`) or a colour (`#fff`);
//! - delimiters end at a block, a quote, a list and a blank line, closed or not.

mod blocks;
mod edges;
mod emoji;
mod leaf;
mod link;
pub(crate) mod names;
mod reader;
mod words;
mod work;

pub use emoji::{EMOJI_MAX, is_emoji_only};
pub use leaf::opens_room;
pub use words::{cut, words};

/// Maximum number of open delimiters. Beyond it the outermost becomes text.
pub const OPEN_MAX: usize = 4;

/// Maximum nesting of marked pieces: three stars open two at once, in the words of a link, in a line of a quote or
/// list.
pub const DEPTH_MAX: usize = 2 * OPEN_MAX + 2;

/// Maximum indentation of a list item, in steps.
pub const INDENT_MAX: usize = 3;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// Text between two delimiters.
    Marked {
        /// Meaning of the delimiters.
        mark: Mark<'a>,
        /// Opening delimiter.
        open: &'a str,
        /// Marked pieces.
        inner: Vec<Self>,
        /// Closing delimiter.
        close: &'a str,
    },
    /// Code within a line.
    Code {
        /// Opening delimiter.
        open: &'a str,
        /// Text of the code.
        code: &'a str,
        /// Closing delimiter.
        close: &'a str,
    },
    /// A block of code.
    Block {
        /// Opening fence, with its word and its line break.
        open: &'a str,
        /// Word of the opening fence, such as the language of the code; it can be empty.
        info: &'a str,
        /// Code with its last line break: as one string, or in a quote line by line with the delimiters of the quote.
        code: Vec<Line<'a, &'a str>>,
        /// Closing fence, with its line break if there is one.
        close: &'a str,
    },
    /// Lines of a quote, each with its line break.
    Quote(Vec<Line<'a, Vec<Self>>>),
    /// Items of a list, each with its line break.
    List(Vec<Item<'a>>),
    /// A web address as typed: see [`address`].
    Link(&'a str),
    /// Name of a room with its `#`. The room need not exist.
    Room(&'a str),
    /// Name of a person with its `@`, in scripts without spaces possibly with more text after it. The person need not
    /// exist. See [`mention`](crate::mention).
    Mention(&'a str),
}

/// The meaning of two delimiters for the text between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// Bold (`**`).
    Strong,
    /// Italic (`*` or `_`).
    Emphasis,
    /// Struck through (`~~`).
    Struck,
    /// A link to this address.
    Link(&'a str),
}

/// A line with a delimiter at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a, T> {
    /// Delimiter.
    pub mark: &'a str,
    /// Content, with its line break.
    pub inner: T,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// White space before the bullet or number.
    pub indent: &'a str,
    /// Indentation in steps, 0 to [`INDENT_MAX`].
    pub depth: usize,
    /// Bullet or number, with the white space after it.
    pub mark: &'a str,
    /// `true` for a number.
    pub is_numbered: bool,
    /// Content, with its line break.
    pub inner: Vec<Piece<'a>>,
}

impl<'a> Piece<'a> {
    /// Visits this piece and all pieces inside, in the order of the text.
    pub fn walk<'p>(&'p self, see: &mut impl FnMut(&'p Self)) {
        see(self);
        match self {
            Self::Marked { inner, .. } => inner.iter().for_each(|piece| piece.walk(see)),
            Self::Quote(lines) => lines.iter().flat_map(|line| &line.inner).for_each(|piece| piece.walk(see)),
            Self::List(items) => items.iter().flat_map(|item| &item.inner).for_each(|piece| piece.walk(see)),
            Self::Text(_)
            | Self::Code { .. }
            | Self::Block { .. }
            | Self::Link(_)
            | Self::Room(_)
            | Self::Mention(_) => {}
        }
    }
}

/// Reads the markup of a text. No two adjacent pieces are [`Text`](Piece::Text), and none is empty.
#[must_use]
pub fn parse(text: &str) -> Vec<Piece<'_>> {
    blocks::read(text)
}

/// Returns scheme and rest of a [link](Piece::Link): an address that begins with `www.` gets `https://`.
#[must_use]
pub fn address(link: &str) -> (&'static str, &str) {
    (if link::has_scheme(link) { "" } else { "https://" }, link)
}

/// Returns the host and port of an address, as typed.
#[must_use]
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    // Browsers treat a backslash as a slash.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

/// Returns `true` if nothing in a text can start markup, so that [`parse`] would find one piece of text at most. Most
/// texts are plain, and need only this check.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    // A list has at least two lines, hence the line break.
    !bytes.iter().any(|byte| matches!(byte, b'*' | b'_' | b'~' | b'`' | b'@' | b'#' | b'[' | b'>' | b'\n'))
        && !bytes.windows(3).any(|three| three == b"://" || three.eq_ignore_ascii_case(b"www"))
}

#[cfg(test)]
mod tests;
