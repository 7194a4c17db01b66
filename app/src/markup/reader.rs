//! The single walk over a text: it finds the delimiters and pairs openers with closers.
//!
//! Open delimiters lie on a stack, each with the pieces that came after it. A closer takes the nearest one that fits;
//! openers in between turn into text where they stand. Pieces only move towards the bottom of the stack, which has
//! [`OPEN_MAX`] levels, so each is moved a few times at most.

use super::{
    Mark, OPEN_MAX, Piece,
    edges::{can_close, can_open, can_open_code, is_alone},
    emoji::is_emoji,
    leaf::{code_end, is_before_blank_line, room_end, run},
    link::{is_like_address, link_end},
    names::mention_end,
    work,
};
use crate::characters::{is_letter, is_number};
use std::mem;

/// Maximum number of stars of a delimiter: bold and italic at once.
const STARS_MAX: usize = 3;

/// Maximum number of characters in the words of a link.
const LABEL_MAX: usize = 200;

/// A delimiter that waits for its closer.
struct Open<'a> {
    /// Byte offset of the delimiter.
    at: usize,
    /// Star, underscore or tilde.
    mark: u8,
    /// Remaining length: a closer can take one or two of three stars.
    count: usize,
    /// Pieces after the delimiter.
    inner: Vec<Piece<'a>>,
}

/// The state of the walk.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// Pieces before the outermost open delimiter.
    done: Vec<Piece<'a>>,
    open: Vec<Open<'a>>,
    /// End of the text that is in pieces or open delimiters.
    taken: usize,
    /// End of the last letter, digit or emoji, of which marked text needs one.
    said: usize,
    /// `true` within the words of a link, where links are not read.
    is_label: bool,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, done: Vec::new(), open: Vec::new(), taken: 0, said: 0, is_label: false }
    }

    pub(super) fn read(mut self) -> Vec<Piece<'a>> {
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            at = match c {
                '*' | '_' | '~' => self.mark(at, c),
                '`' => self.backticks(at),
                '@' if !self.is_label => match mention_end(self.text, at, self.is_open(b'_')) {
                    Some(end) => self.leaf(at, end, Piece::Mention(&self.text[at..end])),
                    None => at + 1,
                },
                '#' if !self.is_label => match room_end(self.text, at) {
                    Some(end) => self.leaf(at, end, Piece::Room(&self.text[at..end])),
                    None => at + 1,
                },
                'h' | 'H' | 'w' | 'W' => {
                    let end = self.link(at);
                    if end.is_none() {
                        self.said = at + 1;
                    }
                    end.map_or(at + 1, |end| self.leaf(at, end, Piece::Link(&self.text[at..end])))
                }
                '[' if !self.is_label => self.label(at).unwrap_or(at + 1),
                '\n' if is_before_blank_line(self.text, at) => {
                    self.give_up(at);
                    at + 1
                }
                _ => {
                    let end = at + c.len_utf8();
                    if is_letter(c) || is_number(c) || is_emoji(c) {
                        self.said = end;
                    }
                    end
                }
            };
        }
        self.give_up(at);
        self.done
    }

    fn link(&self, at: usize) -> Option<usize> {
        let can_close = |c| match c {
            '*' => self.is_open(b'*'),
            '_' => self.is_open(b'_'),
            _ => self.is_open(b'~'),
        };
        if self.is_label { None } else { link_end(self.text, at, can_close) }
    }

    /// Reads a link with words: `[words](https://…)`.
    fn label(&mut self, at: usize) -> Option<usize> {
        let from = at + 1;
        let rest = &self.text[from..];
        let ends = |c| matches!(c, '[' | ']' | '\n');
        // The search ends at a bracket, so that the next bracket does not visit the same text again.
        let length = rest.char_indices().take(LABEL_MAX + 1).inspect(|_| work::add(1)).find(|(_, c)| ends(*c))?.0;
        let address_at = from + length + "](".len();
        if !rest[length..].starts_with("](") {
            return None;
        }
        let end = link_end(self.text, address_at, |_| false).filter(|end| self.text[*end..].starts_with(')'))?;
        let words = &rest[..length];
        if words.trim().is_empty() || is_like_address(words) {
            return None;
        }
        let inner = Reader { is_label: true, ..Self::new(words) }.read();
        let mark = Mark::Link(&self.text[address_at..end]);
        let (open, close) = (&self.text[at..from], &self.text[from + length..=end]);
        Some(self.leaf(at, end + 1, Piece::Marked { mark, open, inner, close }))
    }

    /// Reads a run of stars, underscores or tildes: it closes what it can, and the rest opens.
    fn mark(&mut self, at: usize, sign: char) -> usize {
        let count = run(self.text, at);
        let end = at + count;
        let (mark, is_mark) = match sign {
            '*' => (b'*', count <= STARS_MAX),
            '_' => (b'_', count == 1),
            _ => (b'~', count == 2),
        };
        let before = self.text[..at].chars().next_back();
        let after = &self.text[end..];
        if !is_mark || is_alone(before, after.chars().next()) {
            return end;
        }
        let mut from = at;
        let is_text = |piece: &Piece<'_>| matches!(piece, Piece::Text(_));
        let is_behind_piece = self.taken == at && self.last().last().is_some_and(|piece| !is_text(piece));
        if can_close(before, after, mark, is_behind_piece) {
            while let Some(taken) = self.close(mark, from, end - from) {
                from += taken;
            }
        }
        let is_inner = self.open.last().is_some_and(|open| open.at + open.count == at);
        if from < end && can_open(before, after, mark, is_inner) {
            self.take_text(from);
            if self.open.len() == OPEN_MAX {
                self.unopen(0);
            }
            self.open.push(Open { at: from, mark, count: end - from, inner: Vec::new() });
            self.taken = end;
        }
        end
    }

    /// Closes the nearest open delimiter that `count` of `mark` at `at` can close, and returns how many it took.
    fn close(&mut self, mark: u8, at: usize, count: usize) -> Option<usize> {
        let fits = |open: &Open<'_>| {
            let says_something = self.said > open.at + open.count;
            open.mark == mark && says_something && taken_by(open.count, count).is_some()
        };
        work::add(self.open.len());
        let level = self.open.iter().rposition(fits)?;
        self.take_text(at);
        while self.open.len() > level + 1 {
            self.unopen(level + 1);
        }
        let mut opened = self.open.pop()?;
        let taken = taken_by(opened.count, count)?;
        opened.count -= taken;
        let from = opened.at + opened.count;
        let (open, close) = (&self.text[from..from + taken], &self.text[at..at + taken]);
        let inner = mem::take(&mut opened.inner);
        let mark = match (mark, taken) {
            (b'~', _) => Mark::Struck,
            (_, 2) => Mark::Strong,
            _ => Mark::Emphasis,
        };
        let piece = Piece::Marked { mark, open, inner, close };
        if opened.count > 0 {
            opened.inner.push(piece);
            self.open.push(opened);
        } else {
            self.last().push(piece);
        }
        self.taken = at + taken;
        Some(taken)
    }

    /// Reads code, or backticks that are text.
    fn backticks(&mut self, at: usize) -> usize {
        let count = run(self.text, at);
        let from = at + count;
        if !can_open_code(self.text[..at].chars().next_back()) {
            return from;
        }
        let Some(to) = code_end(self.text, from, count) else { return from };
        let end = to + count;
        let (open, code, close) = (&self.text[at..from], &self.text[from..to], &self.text[to..end]);
        self.leaf(at, end, Piece::Code { open, code, close })
    }

    /// Appends a piece without inner markup.
    fn leaf(&mut self, at: usize, end: usize, piece: Piece<'a>) -> usize {
        self.take_text(at);
        self.last().push(piece);
        self.taken = end;
        self.said = end;
        end
    }

    /// Appends the text before `to`.
    fn take_text(&mut self, to: usize) {
        let (text, from) = (self.text, self.taken);
        push_text(self.last(), text, from, to);
        self.taken = to;
    }

    /// Turns all open delimiters before `at` into text.
    fn give_up(&mut self, at: usize) {
        self.take_text(at);
        while !self.open.is_empty() {
            self.unopen(0);
        }
    }

    /// Turns an open delimiter into text, and moves its pieces to the level around it.
    fn unopen(&mut self, level: usize) {
        let Open { at, count, inner, .. } = self.open.remove(level);
        work::add(inner.len() + self.open.len());
        let around = match level.checked_sub(1).and_then(|level| self.open.get_mut(level)) {
            Some(open) => &mut open.inner,
            None => &mut self.done,
        };
        push_text(around, self.text, at, at + count);
        let mut inner = inner.into_iter();
        match inner.next() {
            Some(Piece::Text(first)) => push_text(around, self.text, at + count, at + count + first.len()),
            Some(first) => around.push(first),
            None => {}
        }
        around.extend(inner);
    }

    /// Returns the pieces of the innermost level.
    fn last(&mut self) -> &mut Vec<Piece<'a>> {
        self.open.last_mut().map_or(&mut self.done, |open| &mut open.inner)
    }

    fn is_open(&self, mark: u8) -> bool {
        work::add(self.open.len());
        self.open.iter().any(|open| open.mark == mark)
    }
}

/// Appends text to pieces that end where it begins, merged with a text before it.
fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str, from: usize, to: usize) {
    match pieces.last_mut() {
        _ if from == to => {}
        Some(Piece::Text(last)) => *last = &text[from - last.len()..to],
        _ => pieces.push(Piece::Text(&text[from..to])),
    }
}

/// Returns how many of `opened` delimiters the next `closing` ones close. Bold closes bold and italic italic; three are
/// both, and then the inner of the two is closed first.
const fn taken_by(opened: usize, closing: usize) -> Option<usize> {
    match (opened, closing) {
        (_, 0) => None,
        (3, 3) => Some(1),
        (3, taken) | (taken, 3) => Some(taken),
        _ if opened == closing => Some(opened),
        _ => None,
    }
}
