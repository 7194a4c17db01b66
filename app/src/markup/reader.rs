//! The one walk over a text: finds the marks, and pairs what opens with what closes.
//!
//! Marks that are open lie on a stack, each with the pieces that came after it. A mark that closes takes the nearest
//! one that fits; what was opened in between was not a mark, and becomes text where it stands. Pieces only ever move
//! towards the bottom of the stack, which has [`OPEN_MAX`] levels, so each is moved a few times at most.

use super::{
    OPEN_MAX, Piece,
    leaf::{code_end, fence_closed, fence_opened, is_before_blank_line, link_end, mention_end, run},
    work,
};
use std::mem;

/// Most stars that are a mark: bold and italic at once.
const STARS_MAX: usize = 3;

/// A mark that waits for its end.
struct Open<'a> {
    /// Where it stands.
    at: usize,
    /// A star or an underscore.
    mark: u8,
    /// How many are left of it: an end may take one or two of three stars.
    count: usize,
    /// What came after it.
    inner: Vec<Piece<'a>>,
}

/// The state of the walk.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// The pieces before the outermost open mark.
    done: Vec<Piece<'a>>,
    open: Vec<Open<'a>>,
    /// Up to here the text is in pieces or open marks.
    taken: usize,
    /// No line that could close a block of code is left.
    is_past_fences: bool,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, done: Vec::new(), open: Vec::new(), taken: 0, is_past_fences: false }
    }

    pub(super) fn read(mut self) -> Vec<Piece<'a>> {
        let mut at = 0;
        // All that starts something is ASCII, so a walk over bytes stops between characters.
        while let Some(byte) = self.text.as_bytes().get(at) {
            at = match byte {
                b'*' | b'_' => self.mark(at, *byte),
                b'`' => self.backticks(at),
                b'@' => match mention_end(self.text, at, self.is_open(b'_')) {
                    Some(end) => self.leaf(at, end, Piece::Mention(&self.text[at..end])),
                    None => at + 1,
                },
                b'h' | b'H' => match link_end(self.text, at, |c| self.is_open(if c == '*' { b'*' } else { b'_' })) {
                    Some(end) => self.leaf(at, end, Piece::Link(&self.text[at..end])),
                    None => at + 1,
                },
                b'\n' if is_before_blank_line(self.text, at) => {
                    self.give_up(at);
                    at + 1
                }
                _ => at + 1,
            };
        }
        self.give_up(at);
        self.done
    }

    /// A run of stars or underscores: closes what it can, and what is left of it opens something.
    fn mark(&mut self, at: usize, mark: u8) -> usize {
        let count = run(self.text, at);
        let end = at + count;
        if count > if mark == b'*' { STARS_MAX } else { 1 } {
            return end;
        }
        let before = self.text[..at].chars().next_back();
        let after = self.text[end..].chars().next();
        if is_alone(before, after, mark) {
            return end;
        }
        let mut from = at;
        if before.is_some_and(|c| !c.is_whitespace()) && (mark == b'*' || !after.is_some_and(char::is_alphanumeric)) {
            while let Some(taken) = self.close(mark, from, end - from) {
                from += taken;
            }
        }
        let opens =
            after.is_some_and(|c| !c.is_whitespace()) && (mark == b'*' || !before.is_some_and(char::is_alphanumeric));
        if opens && from < end {
            self.take_text(from);
            if self.open.len() == OPEN_MAX {
                self.unopen(0);
            }
            self.open.push(Open { at: from, mark, count: end - from, inner: Vec::new() });
            self.taken = end;
        }
        end
    }

    /// Closes the nearest open mark that `count` of `mark` at `at` can close, and says how many it took.
    fn close(&mut self, mark: u8, at: usize, count: usize) -> Option<usize> {
        let fits = |open: &Open<'_>| {
            let inside = &self.text.as_bytes()[open.at + open.count..at];
            let is_one_sign = matches!(inside, [sign] if sign.is_ascii_punctuation());
            open.mark == mark && !is_one_sign && taken_by(open.count, count).is_some()
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
        let piece =
            if taken == 2 { Piece::Strong { open, inner, close } } else { Piece::Emphasis { open, inner, close } };
        if opened.count > 0 {
            opened.inner.push(piece);
            self.open.push(opened);
        } else {
            self.last().push(piece);
        }
        self.taken = at + taken;
        Some(taken)
    }

    /// Code, a block of it, or backticks that are text.
    fn backticks(&mut self, at: usize) -> usize {
        let count = run(self.text, at);
        let from = at + count;
        if let Some(from) = fence_opened(self.text, at) {
            let closed = if self.is_past_fences { None } else { fence_closed(self.text, from) };
            let Some((to, end)) = closed else {
                self.is_past_fences = true;
                return at + count;
            };
            // A block is no part of a line, and so of nothing that is marked in one.
            self.give_up(at);
            let (open, code, close) = (&self.text[at..from], &self.text[from..to], &self.text[to..end]);
            return self.leaf(at, end, Piece::Block { open, code, close });
        }
        let Some(to) = code_end(self.text, from, count) else { return from };
        let end = to + count;
        let (open, code, close) = (&self.text[at..from], &self.text[from..to], &self.text[to..end]);
        self.leaf(at, end, Piece::Code { open, code, close })
    }

    /// Puts in a piece that has nothing inside.
    fn leaf(&mut self, at: usize, end: usize, piece: Piece<'a>) -> usize {
        self.take_text(at);
        self.last().push(piece);
        self.taken = end;
        end
    }

    /// Puts in what is before `to` as text.
    fn take_text(&mut self, to: usize) {
        let (text, from) = (self.text, self.taken);
        push_text(self.last(), text, from, to);
        self.taken = to;
    }

    /// What was opened and not closed before `at` was no mark.
    fn give_up(&mut self, at: usize) {
        self.take_text(at);
        while !self.open.is_empty() {
            self.unopen(0);
        }
    }

    /// Makes an open mark into text, and hands what came after it to what is around it.
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

    /// Where the next piece belongs.
    fn last(&mut self) -> &mut Vec<Piece<'a>> {
        self.open.last_mut().map_or(&mut self.done, |open| &mut open.inner)
    }

    fn is_open(&self, mark: u8) -> bool {
        work::add(self.open.len());
        self.open.iter().any(|open| open.mark == mark)
    }
}

/// Adds text to pieces that end where it begins. It becomes one with the text before it.
fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str, from: usize, to: usize) {
    match pieces.last_mut() {
        _ if from == to => {}
        Some(Piece::Text(last)) => *last = &text[from - last.len()..to],
        _ => pieces.push(Piece::Text(&text[from..to])),
    }
}

/// How many of `opened` marks are closed by the next `closing` ones. Bold closes bold and italic italic; three are
/// both, and then the inner of the two is done first.
const fn taken_by(opened: usize, closing: usize) -> Option<usize> {
    match (opened, closing) {
        (_, 0) => None,
        (3, 3) => Some(1),
        (3, taken) | (taken, 3) => Some(taken),
        _ if opened == closing => Some(opened),
        _ => None,
    }
}

/// Whether a mark with these neighbours stands for itself: an operator in `2*3`, a sign between signs in `^_^`,
/// `"*"` and `count(*)`.
fn is_alone(before: Option<char>, after: Option<char>, mark: u8) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_operator = mark == b'*' && before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
    let is_between = matches!((before, after), ('(', ')') | ('[', ']') | ('{', '}') | ('<', '>') | ('>', '<'));
    is_operator || is_between || (before == after && !before.is_alphanumeric())
}
