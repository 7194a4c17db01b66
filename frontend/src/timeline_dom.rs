//! The rows of the log in the document: they are grouped in chunks, and the browser skips the chunks that are out of
//! sight.
//!
//! Invariant: no function asks for the position of a skipped row, since the browser would have to lay out its whole
//! chunk. The position of a chunk that is out of sight is precise enough for its rows.

use web_sys::{Document, Element};

/// Distance from the view's edge at which a row is looked up, in pixels: it is past the view's border.
const INSET: f64 = 4.0;
/// Largest distance between two rows, in pixels.
const GAP: f64 = 8.0;

/// Returns the last row.
pub(crate) fn last(document: &Document) -> Option<Element> {
    document.get_element_by_id("entries")?.last_element_child()?.last_element_child()
}

/// Returns the row above another one.
pub(crate) fn above(row: &Element) -> Option<Element> {
    row.previous_element_sibling().or_else(|| row.parent_element()?.previous_element_sibling()?.last_element_child())
}

/// Returns the row below another one.
pub(crate) fn below(row: &Element) -> Option<Element> {
    row.next_element_sibling().or_else(|| row.parent_element()?.next_element_sibling()?.first_element_child())
}

/// The content at a height of the view.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A row.
    Row(Element),
    /// No row.
    Nothing,
    /// An element over the list, such as a dialog or a drawer, so that the row is unknown.
    Covered,
}

/// Returns the uppermost row in view.
pub(crate) fn topmost(document: &Document, view: &Element) -> Seen {
    let top = view.get_bounding_client_rect().top() + INSET;
    // The height may fall between two rows.
    let rows = (0..3_u8).map(|step| at(document, view, top + f64::from(step) * GAP));
    rows.reduce(|seen, below| if matches!(seen, Seen::Nothing) { below } else { seen }).unwrap_or(Seen::Nothing)
}

/// Returns the lowest row in view.
pub(crate) fn lowest(document: &Document, view: &Element) -> Option<Element> {
    match at(document, view, view.get_bounding_client_rect().bottom() - INSET) {
        Seen::Row(row) => Some(row),
        // Below the last row there is no row or another element.
        Seen::Nothing | Seen::Covered => last(document),
    }
}

fn at(document: &Document, view: &Element, y: f64) -> Seen {
    let frame = view.get_bounding_client_rect();
    #[expect(clippy::cast_possible_truncation, reason = "a position on a screen")]
    let (x, y) = ((frame.left() + frame.width() / 2.0) as f32, y as f32);
    let Some(element) = document.element_from_point(x, y).filter(|element| view.contains(Some(element))) else {
        return Seen::Covered;
    };
    element.closest("#entries li").ok().flatten().map_or(Seen::Nothing, Seen::Row)
}

/// Returns `true` if a row ends above a height on the screen.
pub(crate) fn is_above(row: &Element, y: f64) -> bool {
    let Some(chunk) = row.parent_element().map(|chunk| chunk.get_bounding_client_rect()) else {
        return false;
    };
    chunk.bottom() < y || (chunk.top() < y && row.get_bounding_client_rect().bottom() < y)
}

/// Returns `true` if a row begins below a height on the screen.
pub(crate) fn is_below(row: &Element, y: f64) -> bool {
    let Some(chunk) = row.parent_element().map(|chunk| chunk.get_bounding_client_rect()) else {
        return false;
    };
    chunk.top() > y || (chunk.bottom() > y && row.get_bounding_client_rect().top() > y)
}
