//! The rows of the log as they stand in the document: in stretches, of which the browser skips those that are out of
//! sight.
//!
//! Invariant: nothing here asks where a row is that the browser has skipped, for that would make it lay out the whole
//! stretch: a stretch that is out of sight says enough of its rows.

use web_sys::{Document, Element};

/// How far within the view a row is looked for at its edge, in pixels: past the view's border.
const INSET: f64 = 4.0;
/// How far apart two rows may be, in pixels.
const GAP: f64 = 8.0;

/// The last row.
pub(crate) fn last(document: &Document) -> Option<Element> {
    document.get_element_by_id("entries")?.last_element_child()?.last_element_child()
}

/// The row above one.
pub(crate) fn above(row: &Element) -> Option<Element> {
    row.previous_element_sibling().or_else(|| row.parent_element()?.previous_element_sibling()?.last_element_child())
}

/// The row below one.
pub(crate) fn below(row: &Element) -> Option<Element> {
    row.next_element_sibling().or_else(|| row.parent_element()?.next_element_sibling()?.first_element_child())
}

/// What stands at a place of the view.
#[derive(Debug)]
pub(crate) enum Seen {
    /// This row.
    Row(Element),
    /// No row.
    Nothing,
    /// Something before the list, a dialog or a drawer: it cannot be told.
    Covered,
}

/// The row at the top of what is seen of the log.
pub(crate) fn topmost(document: &Document, view: &Element) -> Seen {
    let top = view.get_bounding_client_rect().top() + INSET;
    // Between two rows there may be a gap.
    let rows = (0..3_u8).map(|step| at(document, view, top + f64::from(step) * GAP));
    rows.reduce(|seen, below| if matches!(seen, Seen::Nothing) { below } else { seen }).unwrap_or(Seen::Nothing)
}

/// The row at the end of what is seen of it.
pub(crate) fn lowest(document: &Document, view: &Element) -> Option<Element> {
    match at(document, view, view.get_bounding_client_rect().bottom() - INSET) {
        Seen::Row(row) => Some(row),
        // Below the last row there is something else, or nothing.
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

/// Whether a row ends above a height on the screen.
pub(crate) fn is_above(row: &Element, y: f64) -> bool {
    let Some(stretch) = row.parent_element().map(|stretch| stretch.get_bounding_client_rect()) else {
        return false;
    };
    stretch.bottom() < y || (stretch.top() < y && row.get_bounding_client_rect().bottom() < y)
}

/// Whether a row begins below one.
pub(crate) fn is_below(row: &Element, y: f64) -> bool {
    let Some(stretch) = row.parent_element().map(|stretch| stretch.get_bounding_client_rect()) else {
        return false;
    };
    stretch.top() > y || (stretch.bottom() > y && row.get_bounding_client_rect().top() > y)
}
