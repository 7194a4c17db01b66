//! The usual marks in a text, read into a tree that borrows from the text: bold, italic, struck, code, links, mentions,
//! rooms, quotes and lists.
//!
//! Invariants:
//! - the pieces in order, marks included, are byte for byte the text. The marks are kept, so the page can hide them
//!   and what is copied, searched or read aloud is still what was written;
//! - nothing becomes a link but `http://`, `https://` and `www.`, and a link never says that it leads elsewhere;
//! - any text can be read: what is not a mark by these rules is text, and there are no errors;
//! - the time grows as the text does, whatever the text is. The cursor never goes back; what looks ahead uses up what
//!   it has seen, or is not asked about it again, or sees a few characters at most; and of opened marks no more than
//!   [`OPEN_MAX`] are remembered.
//!
//! The rules, of which the first is that what people type and do not mean as a mark stays as typed:
//! - `**bold**`, `*italic*`, `_italic_`, `~~struck~~`. A mark opens behind the start, white space, an opening bracket or
//!   quote, and before a letter, a digit or what begins words; it closes before the end, white space or closing
//!   punctuation. A star also opens and closes beside scripts without spaces between words. So a path (`build/*.o`), a
//!   pointer (`char* c`), a product (`2*3*4`), a face (`^_^`) and `snake_case` are left alone. What has no letter, digit
//!   or emoji inside is no mark, nor is a run of four stars or of two underscores;
//! - `` `code` ``, also with two or three backticks on either side; nothing in it is read;
//! - a block of code: from a line of three backticks or more, maybe with a word behind them, to a line of as many, or to
//!   a line that ends with as many. Without that it is text;
//! - `> ` before each line of a quote, in which there may be a block of code; `- `, `* ` or `1. ` before each item of a
//!   list, of which there are two at least;
//! - links up to white space, a quote, an angle, or whatever is no part of an address; without the punctuation at their
//!   end and without a bracket that was opened before them. `[words](https://…)` is a link, unless the words look like an
//!   address themselves;
//! - `@name`, but not in a mail address; `#room`, but not a number (`#1`) or a colour (`#fff`);
//! - marks end at a block, a quote, a list and a blank line, closed or not.

mod blocks;
mod edges;
mod emoji;
mod leaf;
mod link;
mod reader;
mod words;
mod work;

pub use emoji::{EMOJI_MAX, is_emoji_only};
pub use leaf::opens_room;
pub use words::{cut, words};

/// Opened marks that are remembered while their ends are looked for. At one more the outermost becomes text.
pub const OPEN_MAX: usize = 4;

/// How deep marked pieces can nest: three stars open two at once, in a link's words, in a line of a quote or list.
pub const DEPTH_MAX: usize = 2 * OPEN_MAX + 2;

/// How far an item of a list can be indented.
pub const INDENT_MAX: usize = 3;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What it says.
    Text(&'a str),
    /// What stands between two marks.
    Marked {
        /// What the marks mean.
        mark: Mark<'a>,
        /// The mark before it.
        open: &'a str,
        /// What is marked.
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
        /// That word: which language the code is in, for example. It may be empty.
        info: &'a str,
        /// The code, with the line break at its end: at once, or line by line with the marks of the quote around it.
        code: Vec<Line<'a, &'a str>>,
        /// The closing fence, and the line break behind it where there is one.
        close: &'a str,
    },
    /// Lines of a quote, each with its line break.
    Quote(Vec<Line<'a, Vec<Self>>>),
    /// Items of a list, each with its line break.
    List(Vec<Item<'a>>),
    /// The address of a page, as it was written: see [`address`].
    Link(&'a str),
    /// A room's name with the `#`; whether there is such a room is not known here.
    Room(&'a str),
    /// Somebody's name with the `@`, and where words are not parted by spaces maybe more behind it; whether there is such
    /// a person is not known here. See [`mention`](crate::mention).
    Mention(&'a str),
}

/// What two marks mean for what is between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Struck through.
    Struck,
    /// A link to this address.
    Link(&'a str),
}

/// A line behind a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a, T> {
    /// The mark before it.
    pub mark: &'a str,
    /// What it says.
    pub inner: T,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// The white space before its mark.
    pub indent: &'a str,
    /// How far it is indented: 0 to [`INDENT_MAX`].
    pub depth: usize,
    /// Its mark, with the white space behind it.
    pub mark: &'a str,
    /// Whether that is a number.
    pub is_numbered: bool,
    /// What it says, with its line break.
    pub inner: Vec<Piece<'a>>,
}

impl<'a> Piece<'a> {
    /// Shows this piece and all that are in it, in the order of the text.
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

/// Reads the marks of a text. Two pieces of [`Text`](Piece::Text) never follow each other, and none is empty.
#[must_use]
pub fn parse(text: &str) -> Vec<Piece<'_>> {
    blocks::read(text)
}

/// Where a [link](Piece::Link) leads: an address that begins with `www.` has no scheme yet.
#[must_use]
pub fn address(link: &str) -> (&'static str, &str) {
    (if link::has_scheme(link) { "" } else { "https://" }, link)
}

/// The host and port of an address, as it was written.
#[must_use]
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    // Browsers take a backslash for a slash.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

/// Whether nothing in a text can start a mark, a link, a mention or a line of a quote or list: [`parse`] would find one
/// piece of text at most. Most of what people write is so, and this is all that has to be asked about it.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    // An item of a list is in the second line, or the third.
    !bytes.iter().any(|byte| matches!(byte, b'*' | b'_' | b'~' | b'`' | b'@' | b'#' | b'[' | b'>' | b'\n'))
        && !bytes.windows(3).any(|three| three == b"://" || three.eq_ignore_ascii_case(b"www"))
}

#[cfg(test)]
mod tests;
