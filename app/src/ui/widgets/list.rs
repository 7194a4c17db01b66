//! Lists that are updated row by row.
//!
//! Leptos has `<For>`. It takes rows out of the document and inserts them again when others are added before them, up
//! to as many as were added. Here older messages are added above the ones that a person reads, and a reinserted row
//! loses the focus, the person's selection and the height that the browser remembers. So this list has one rule more.
//!
//! Invariants:
//! - a row that keeps its order is touched only if its HTML differs, or what a lazy row is made of; then its attributes
//!   and texts change in place. A row with another position is moved, a new one is inserted, an absent one is removed.
//!   Other code that changes a row, such as `localize` of the timeline, writes the same as the row's next rendering;
//! - the rows are all that their element contains;
//! - a row has no listeners. The element around the rows listens, and finds the row by the event's target.

use super::html::Html;
use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlTemplateElement, Node},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// A row: one element.
#[derive(Debug, Clone)]
pub(in crate::ui) struct Row {
    /// The row's identifier, which is unique within its list.
    key: String,
    body: Body,
}

#[derive(Clone)]
enum Body {
    /// The element with all its content, rendered only if its version differs from the last one.
    Html(Arc<dyn Lazy>),
    /// The element's opening and closing tag, and a list within. Its rows are made only if `version` differs from the
    /// last one.
    Rows { tags: (&'static str, &'static str), version: u64, rows: Arc<dyn Fn() -> Vec<Row> + Send + Sync> },
}

/// HTML that is rendered when it is needed. The server never needs the version.
trait Lazy: Send + Sync {
    fn version(&self) -> u64;
    fn html(&self) -> Html;
}

impl<T: Hash + Send + Sync, F: Fn(&T) -> Html + Send + Sync> Lazy for (T, F) {
    fn version(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    fn html(&self) -> Html {
        (self.1)(&self.0)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Html(html) => f.write_str(html.html().as_str()),
            Self::Rows { version, .. } => write!(f, "rows of version {version}"),
        }
    }
}

impl Row {
    pub(in crate::ui) fn new(key: String, html: Html) -> Self {
        Self::lazy(key, html, Html::clone)
    }

    /// Creates a row whose HTML depends on `basis` alone, and is rendered only if that differs from the last one.
    pub(in crate::ui) fn lazy<T: Hash + Send + Sync + 'static>(
        key: String,
        basis: T,
        html: impl Fn(&T) -> Html + Send + Sync + 'static,
    ) -> Self {
        Self { key, body: Body::Html(Arc::new((basis, html))) }
    }

    /// Creates a row with a list within.
    pub(in crate::ui) fn with_rows(
        key: String,
        tags: (&'static str, &'static str),
        version: u64,
        rows: impl Fn() -> Vec<Self> + Send + Sync + 'static,
    ) -> Self {
        Self { key, body: Body::Rows { tags, version, rows: Arc::new(rows) } }
    }

    fn version(&self) -> u64 {
        match &self.body {
            Body::Html(html) => html.version(),
            Body::Rows { version, .. } => *version,
        }
    }

    /// Returns the HTML of the row, and the rows within.
    fn render(&self) -> (Html, Vec<Self>) {
        match &self.body {
            Body::Html(html) => (html.html(), Vec::new()),
            Body::Rows { tags, rows, .. } => {
                let rows = rows();
                let mut html = Html::default();
                html.tag(tags.0).html(&render(&rows)).tag(tags.1);
                (html, rows)
            }
        }
    }
}

/// Returns the HTML of rows.
pub(super) fn render(rows: &[Row]) -> Html {
    let mut html = Html::default();
    for row in rows {
        html.html(&row.render().0);
    }
    html
}

/// The rows of a list in the document.
#[derive(Debug)]
pub(super) struct ShownRows {
    list: Element,
    rows: Vec<ShownRow>,
}

#[derive(Debug)]
struct ShownRow {
    key: String,
    version: u64,
    element: Element,
    within: Option<ShownRows>,
}

impl ShownRow {
    /// Binds a row to its element in the document.
    fn adopt(row: &Row, element: Element) -> Self {
        let within = match &row.body {
            Body::Html(_) => None,
            Body::Rows { rows, .. } => Some(ShownRows::adopt(&element, &rows())),
        };
        Self { key: row.key.clone(), version: row.version(), element, within }
    }

    fn make(row: &Row) -> Option<Self> {
        let (html, rows) = row.render();
        let element = parse(&html)?;
        let within = matches!(row.body, Body::Rows { .. }).then(|| ShownRows::adopt(&element, &rows));
        Some(Self { key: row.key.clone(), version: row.version(), element, within })
    }

    fn update(&mut self, row: &Row) {
        let version = row.version();
        if self.version == version {
            return;
        }
        self.version = version;
        match (&row.body, &mut self.within) {
            (Body::Html(html), _) => {
                if let Some(new) = parse(&html.html()) {
                    update(&self.element, &new);
                }
            }
            (Body::Rows { rows, .. }, Some(within)) => within.update(&rows()),
            (Body::Rows { .. }, None) => {}
        }
    }
}

impl ShownRows {
    /// Binds rows to the elements that the document contains already. If their number differs, since an extension may
    /// have changed them, they are made anew.
    pub(super) fn adopt(list: &Element, rows: &[Row]) -> Self {
        let is_ours = |list: &Element| usize::try_from(list.child_element_count()) == Ok(rows.len());
        if !is_ours(list) {
            list.set_inner_html(render(rows).as_str());
        }
        let children = list.children();
        let elements = (0..children.length()).filter_map(|at| children.item(at));
        let rows = rows.iter().zip(elements).map(|(row, element)| ShownRow::adopt(row, element)).collect();
        Self { list: list.clone(), rows }
    }

    /// Replaces an element's content by rows.
    pub(super) fn make(list: &Element, rows: &[Row]) -> Self {
        list.set_inner_html(render(rows).as_str());
        Self::adopt(list, rows)
    }

    pub(super) fn update(&mut self, rows: &[Row]) {
        if self.rows.is_empty() {
            *self = Self::make(&self.list, rows);
            return;
        }
        let focused = focused(&self.list);
        let steps = steps(self.rows.len(), rows.len(), |old, new| self.rows[old].key == rows[new].key);
        let mut old: Vec<_> = self.rows.drain(..).map(Some).collect();
        let mut shown: Vec<ShownRow> = Vec::with_capacity(rows.len());
        // The loop runs from the end, so that the element before which a row is inserted is in its place already.
        for (row, step) in rows.iter().zip(steps).rev() {
            let before = match step {
                Step::Stay(at) | Step::Move(at) => old[at].take(),
                Step::Make => None,
            };
            let made = match before {
                Some(mut before) => {
                    before.update(row);
                    Some(before)
                }
                None => ShownRow::make(row),
            };
            let Some(made) = made else { continue };
            if !matches!(step, Step::Stay(_)) {
                let next = shown.last().map(|next| next.element.as_ref());
                // A row is never an ancestor of its list, so this cannot fail.
                drop(self.list.insert_before(&made.element, next));
            }
            shown.push(made);
        }
        for gone in old.into_iter().flatten() {
            gone.element.remove();
        }
        shown.reverse();
        self.rows = shown;
        // A moved row loses the focus, which is given back.
        let lost =
            focused.filter(|focused| focused.is_connected() && self::focused(&self.list).as_ref() != Some(focused));
        drop(lost.map(|lost| lost.focus()));
    }
}

/// Returns the focused element within a list.
fn focused(list: &Element) -> Option<HtmlElement> {
    let active = document().active_element()?;
    list.contains(Some(&active)).then(|| active.dyn_into().ok()).flatten()
}

fn parse(html: &Html) -> Option<Element> {
    let template: HtmlTemplateElement = document().create_element("template").ok()?.unchecked_into();
    template.set_inner_html(html.as_str());
    template.content().first_element_child()
}

/// Returns `true` if an element has text nodes among its children.
fn has_text(element: &Element) -> bool {
    let mut nodes = std::iter::successors(element.first_child(), Node::next_sibling);
    nodes.any(|node| node.node_type() == Node::TEXT_NODE)
}

/// Makes an element equal to another one in place, by its attributes and texts. A content of other elements is replaced
/// as a whole.
fn update(old: &Element, new: &Element) {
    for name in new.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let value = new.get_attribute(&name);
        if old.get_attribute(&name) != value {
            // The HTML parser has accepted this name, so this cannot fail.
            drop(old.set_attribute(&name, &value.unwrap_or_default()));
        }
    }
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !new.has_attribute(&name) {
            drop(old.remove_attribute(&name));
        }
    }
    let (before, after) = (old.children(), new.children());
    let count = after.length();
    let pairs: Vec<_> = (0..count).filter_map(|at| before.item(at).zip(after.item(at))).collect();
    let is_of_elements = count > 0 && !has_text(new) && before.length() == count;
    if is_of_elements && pairs.iter().all(|(before, after)| before.tag_name() == after.tag_name()) {
        for (before, after) in &pairs {
            update(before, after);
        }
    } else if old.inner_html() != new.inner_html() {
        // The nodes move: a text that is written as HTML again would lose its `\r`.
        old.set_text_content(None);
        while let Some(node) = new.first_child() {
            // A node of a template is no ancestor of the row, so this cannot fail.
            drop(old.append_child(&node));
        }
    }
}

/// The origin of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The row stays; this was its position.
    Stay(usize),
    /// The row moves; this was its position.
    Move(usize),
    /// The row is new.
    Make,
}

/// Returns the steps from a list of `old` rows to one of `new` rows; `is` compares an old row with a new one. A row
/// that no step names is removed.
///
/// The common start and end of both lists are compared once. Between them each row is searched among all, which is
/// quick for the few that change in practice, and bounded by the length of a list.
fn steps(old: usize, new: usize, is: impl Fn(usize, usize) -> bool) -> Vec<Step> {
    let shorter = old.min(new);
    let start = (0..shorter).take_while(|at| is(*at, *at)).count();
    let end = (1..=shorter - start).take_while(|back| is(old - back, new - back)).count();
    let mut steps: Vec<_> = (new - end..new).rev().map(|at| Step::Stay(old + at - new)).collect();
    // The search runs from the end, so that a row that jumps to the front is moved alone, and not all others after it.
    let mut below = old - end;
    for at in (start..new - end).rev() {
        steps.push(match (start..old - end).find(|before| is(*before, at)) {
            Some(before) if before < below => {
                below = before;
                Step::Stay(before)
            }
            Some(before) => Step::Move(before),
            None => Step::Make,
        });
    }
    steps.extend((0..start).rev().map(Step::Stay));
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Applies the steps as a document does; returns the list, and the number of moved rows.
    fn apply(old: &[u8], new: &[u8]) -> (Vec<u8>, usize) {
        let steps = steps(old.len(), new.len(), |before, at| old[before] == new[at]);
        let mut shown = old.to_vec();
        let mut moved = 0;
        let mut next = None;
        for (row, step) in new.iter().zip(&steps).rev() {
            if let Step::Move(at) = step {
                moved += 1;
                shown.retain(|other| other != &old[*at]);
            }
            if !matches!(step, Step::Stay(_)) {
                let place = next.map_or(shown.len(), |next| shown.iter().position(|row| row == next).unwrap());
                shown.insert(place, *row);
            }
            next = Some(row);
        }
        let kept = |row: &u8| new.contains(row);
        shown.retain(kept);
        (shown, moved)
    }

    #[test]
    fn rows_that_come_before_behind_and_between_move_no_other() {
        assert_eq!(apply(&[4, 5, 6], &[1, 2, 3, 4, 5, 6]), (vec![1, 2, 3, 4, 5, 6], 0));
        assert_eq!(apply(&[1, 2], &[1, 2, 3, 4]), (vec![1, 2, 3, 4], 0));
        assert_eq!(apply(&[1, 5], &[1, 2, 3, 5]), (vec![1, 2, 3, 5], 0));
        assert_eq!(apply(&[1, 2, 3, 4, 5], &[2, 6, 4]), (vec![2, 6, 4], 0), "nor do rows that go");
    }

    #[test]
    fn one_that_jumps_moves_alone() {
        assert_eq!(apply(&[1, 2, 3, 4], &[4, 1, 2, 3]), (vec![4, 1, 2, 3], 1));
        assert_eq!(apply(&[1, 2, 3, 4], &[1, 3, 2, 4]), (vec![1, 3, 2, 4], 1));
    }

    proptest! {
        #[test]
        fn any_list_becomes_any_other(old in vec(0_u8..30, 0..20), new in vec(0_u8..30, 0..20)) {
            let once = |rows: Vec<u8>| {
                let mut once: Vec<u8> = Vec::new();
                rows.into_iter().for_each(|row| if !once.contains(&row) { once.push(row) });
                once
            };
            let (old, new) = (once(old), once(new));
            prop_assert_eq!(apply(&old, &new).0, new);
        }
    }
}
