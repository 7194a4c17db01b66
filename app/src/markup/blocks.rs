//! Blocks of whole lines: blocks of code, quotes, lists. [`Reader`] reads the text between them.

use super::{INDENT_MAX, Item, Line, Piece, reader::Reader, work};

/// Number of backticks of a fence; a line of more is text. At most one search for each count fails.
const FENCE: std::ops::RangeInclusive<usize> = 3..=6;

/// Maximum number of digits before a list item.
const DIGITS_MAX: usize = 3;

/// Spaces of one step of indentation.
const INDENT: usize = 2;

pub(super) fn read(text: &str) -> Vec<Piece<'_>> {
    let mut blocks = Blocks { text, done: Vec::new(), plain: 0, unclosed: usize::MAX, unquoted: 0 };
    let mut at = 0;
    while at < text.len() {
        at = match blocks.block(at) {
            Some((piece, end)) => {
                blocks.take_plain(at);
                blocks.done.push(piece);
                blocks.plain = end;
                end
            }
            None => at + line(text, at).len(),
        };
    }
    blocks.take_plain(text.len());
    blocks.done
}

/// Returns the line that begins at a byte offset, with its line break.
fn line(text: &str, at: usize) -> &str {
    let line = text[at..].split_inclusive('\n').next().unwrap_or_default();
    work::add(line.len());
    line
}

/// The state of the walk over the lines.
struct Blocks<'a> {
    text: &'a str,
    done: Vec<Piece<'a>>,
    /// Start of the text that was not read yet.
    plain: usize,
    /// No fence of this many backticks, or of more, is closed any more.
    unclosed: usize,
    /// Lines up to here have the delimiter of a quote and no content.
    unquoted: usize,
}

impl<'a> Blocks<'a> {
    /// Reads the lines up to an offset that belong to no block.
    fn take_plain(&mut self, to: usize) {
        self.done.extend(Reader::new(&self.text[self.plain..to]).read());
    }

    /// Returns the block that begins with the line at `at`, and its end.
    fn block(&mut self, at: usize) -> Option<(Piece<'a>, usize)> {
        let first = line(self.text, at);
        if let Some(fence) = Fence::opened(first) {
            return self.code(at, first, &fence);
        }
        if at >= self.unquoted && quote_mark(first).is_some() {
            return self.quote(at);
        }
        if item_mark(first).is_some() {
            return self.list(at);
        }
        None
    }

    fn code(&mut self, at: usize, first: &'a str, fence: &Fence<'a>) -> Option<(Piece<'a>, usize)> {
        let from = at + fence.open.len();
        if fence.count >= self.unclosed {
            return None;
        }
        let mut line_at = at + first.len();
        while line_at < self.text.len() {
            let last = line(self.text, line_at);
            if let Some(code) = fence.closed(last) {
                let to = line_at + code.len();
                let end = line_at + last.len();
                let (open, close) = (&self.text[at..from], &self.text[to..end]);
                let code = vec![Line { mark: "", inner: &self.text[from..to] }];
                return Some((Piece::Block { open, info: fence.info, code, close }, end));
            }
            line_at += last.len();
        }
        self.unclosed = fence.count;
        None
    }

    /// Reads the lines of a quote, of which at least one has content.
    fn quote(&mut self, at: usize) -> Option<(Piece<'a>, usize)> {
        let mut end = at;
        let mut lines = Vec::new();
        while end < self.text.len() {
            let whole = line(self.text, end);
            let Some(mark) = quote_mark(whole) else { break };
            lines.push((&whole[..mark], &whole[mark..]));
            end += whole.len();
        }
        if lines.iter().all(|(_, said)| said.trim().is_empty()) {
            self.unquoted = end;
            return None;
        }
        let mut read = Vec::with_capacity(lines.len());
        let mut unclosed = usize::MAX;
        let mut next = 0;
        while let Some((mark, said)) = lines.get(next) {
            let block = Fence::opened(said).filter(|fence| fence.count < unclosed).and_then(|fence| {
                let closed = quoted_code(&lines[next..], &fence);
                if closed.is_none() {
                    unclosed = fence.count;
                }
                closed
            });
            let (inner, count) = match block {
                Some((block, count)) => (vec![block], count),
                None => (Reader::new(said).read(), 1),
            };
            read.push(Line { mark, inner });
            next += count;
        }
        Some((Piece::Quote(read), end))
    }

    /// Reads two items or more. A single one is as likely a remark that begins with a dash.
    fn list(&self, at: usize) -> Option<(Piece<'a>, usize)> {
        let mut end = at;
        let mut items = Vec::new();
        while end < self.text.len() {
            let whole = line(self.text, end);
            let Some((indent, mark)) = item_mark(whole) else { break };
            let inside = &whole[indent + mark..];
            items.push((whole, indent, mark, inside));
            end += whole.len();
        }
        if items.len() < 2 {
            return None;
        }
        let item = |(whole, indent, mark, inside): (&'a str, usize, usize, &'a str)| {
            let (indent, rest) = whole.split_at(indent);
            let columns: usize = indent.bytes().map(|byte| if byte == b'\t' { INDENT } else { 1 }).sum();
            Item {
                indent,
                depth: (columns / INDENT).min(INDENT_MAX),
                mark: &rest[..mark],
                is_numbered: rest.starts_with(|c: char| c.is_ascii_digit()),
                inner: Reader::new(inside).read(),
            }
        };
        Some((Piece::List(items.into_iter().map(item).collect()), end))
    }
}

/// Reads a block of code in a quote, from the line with the opening fence, and returns it with its number of lines.
fn quoted_code<'a>(lines: &[(&'a str, &'a str)], fence: &Fence<'a>) -> Option<(Piece<'a>, usize)> {
    let (_, first) = lines.first()?;
    let (open, rest) = first.split_at(fence.open.len());
    let mut code = Vec::new();
    if !rest.is_empty() {
        code.push(Line { mark: "", inner: rest });
    }
    for (at, (mark, said)) in lines.iter().enumerate().skip(1) {
        work::add(said.len());
        if let Some(last) = fence.closed(said) {
            code.push(Line { mark, inner: last });
            return Some((Piece::Block { open, info: fence.info, code, close: &said[last.len()..] }, at + 1));
        }
        code.push(Line { mark, inner: *said });
    }
    None
}

/// An opening fence.
struct Fence<'a> {
    /// Number of backticks.
    count: usize,
    /// The whole line, or the part before the code that begins in it.
    open: &'a str,
    info: &'a str,
}

impl<'a> Fence<'a> {
    /// Reads a line that begins with backticks, after white space, and has no others. One word after them is the info
    /// string; several words are code already, so that no typed text is hidden.
    fn opened(line: &'a str) -> Option<Self> {
        let rest = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - rest.len();
        let count = rest.bytes().take_while(|byte| *byte == b'`').count();
        let behind = &rest[count..];
        if !FENCE.contains(&count) || behind.contains('`') || !behind.ends_with('\n') {
            return None;
        }
        let info = behind.trim();
        let is_info = !info.contains(char::is_whitespace);
        let open = if is_info { line } else { &line[..indent + count] };
        Some(Self { count, open, info: if is_info { info } else { "" } })
    }

    /// Returns the code before a closing fence, which stands alone in its line or ends it.
    fn closed<'b>(&self, line: &'b str) -> Option<&'b str> {
        let before = line.trim_end().trim_end_matches('`');
        let count = line.trim_end().len() - before.len();
        let is_fence = count >= self.count;
        if is_fence && before.trim_matches([' ', '\t']).is_empty() {
            return Some("");
        }
        // Fences elsewhere in the line are part of the code.
        (is_fence && !before.contains("```")).then_some(before)
    }
}

/// Returns the length of a quote's delimiter: `>`, and a space unless the line ends there.
fn quote_mark(line: &str) -> Option<usize> {
    let rest = line.strip_prefix('>')?;
    if rest.starts_with(' ') {
        return Some("> ".len());
    }
    rest.trim_end_matches(['\r', '\n']).is_empty().then_some(">".len())
}

/// Returns the lengths of the white space before an item's bullet or number, and of that with the following spaces, if
/// the item has content.
fn item_mark(line: &str) -> Option<(usize, usize)> {
    let rest = line.trim_start_matches([' ', '\t']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let sign = match rest.as_bytes().get(digits)? {
        b'-' | b'*' if digits == 0 => 1,
        b'.' | b')' if (1..=DIGITS_MAX).contains(&digits) => digits + 1,
        _ => return None,
    };
    let said = rest[sign..].trim_start_matches([' ', '\t']);
    let mark = rest.len() - said.len();
    (mark > sign && !said.trim().is_empty()).then_some((line.len() - rest.len(), mark))
}
