//! Lists that change, row by row.
//!
//! Leptos has `<For>`. It takes rows out of the document and puts them in again when others come before them, up to as
//! many as have come; here older messages come before the ones that are read, and a row that is put in anew has lost the
//! focus, what was selected in it, and the height that the browser remembers. So this list has one rule more.
//!
//! Invariants:
//! - of the rows that stay in their order none is touched. What has another place is moved, what is new is made,
//!   what is gone is taken out, and nothing else happens to the document;
//! - a row makes no signal and no stored value: it would be let go of when the list next changes, while the row stays.
//!   What changes in it are closures, which its view holds.

use super::live::Live;
use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        renderer::{
            Rndr,
            types::{Element, Node, Placeholder},
        },
        view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
    },
};
use std::sync::Arc;

/// What a row is made of.
pub(super) trait Keyed: Send + Sync + 'static {
    /// What tells it from the others of its list, of which each has another.
    type Key: PartialEq + 'static;

    fn key(&self) -> Self::Key;
}

/// A list, as a view: its rows from top to bottom.
pub(super) struct List<T, V: Render> {
    live: Live,
    items: Arc<[T]>,
    view: fn(Live, &T) -> V,
    /// Changes a row that stays; nothing where the key tells all that a row shows.
    update: Option<fn(Live, &T, &mut V::State)>,
}

impl<T: Keyed, V: IntoView> List<T, V> {
    /// A list whose rows show nothing but what their keys tell, and what changes by itself.
    pub(super) const fn new(live: Live, items: Arc<[T]>, view: fn(Live, &T) -> V) -> Self {
        Self { live, items, view, update: None }
    }

    /// A list whose rows change.
    pub(super) const fn of_changing(
        live: Live,
        items: Arc<[T]>,
        view: fn(Live, &T) -> V,
        update: fn(Live, &T, &mut V::State),
    ) -> Self {
        Self { live, items, view, update: Some(update) }
    }

    fn views(&self) -> Vec<V> {
        self.items.iter().map(|item| (self.view)(self.live, item)).collect()
    }
}

/// A list that is in the document.
pub(super) struct Shown<K, S> {
    rows: Vec<(K, S)>,
    /// Stands behind the last row.
    end: Placeholder,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It stays where it is; this was its place in the list.
    Stay(usize),
    /// It was here in the list, and goes elsewhere.
    Move(usize),
    /// It is new.
    Make,
}

/// How a list of so many rows becomes one of so many others; `is` tells whether an old row is a new one. Rows that
/// no step names are gone.
///
/// What begins and ends both lists is looked at once. In between each row is looked for among all, which is quick for
/// the few that change in practice, and bounded by what a list may hold.
fn steps(old: usize, new: usize, is: impl Fn(usize, usize) -> bool) -> Vec<Step> {
    let shorter = old.min(new);
    let start = (0..shorter).take_while(|at| is(*at, *at)).count();
    let end = (1..=shorter - start).take_while(|back| is(old - back, new - back)).count();
    let mut steps: Vec<_> = (new - end..new).rev().map(|at| Step::Stay(old + at - new)).collect();
    // From the end, so that one that jumps to the front is moved, and not all others behind it.
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

impl<T: Keyed, V: IntoView + 'static> Render for List<T, V> {
    type State = Shown<T::Key, V::State>;

    fn build(self) -> Self::State {
        let mut shown = Shown { rows: Vec::new(), end: Rndr::create_placeholder() };
        self.rebuild(&mut shown);
        shown
    }

    fn rebuild(self, shown: &mut Self::State) {
        let keys: Vec<_> = self.items.iter().map(T::key).collect();
        let steps = steps(shown.rows.len(), keys.len(), |old, new| shown.rows[old].0 == keys[new]);
        let mut old: Vec<_> = shown.rows.drain(..).map(|(_, row)| Some(row)).collect();
        let mut rows: Vec<(T::Key, V::State)> = Vec::with_capacity(keys.len());
        // From the end, so that what a row is put before is in its place.
        for ((item, key), step) in self.items.iter().zip(keys).zip(steps).rev() {
            let before = match step {
                Step::Stay(at) | Step::Move(at) => old[at].take(),
                Step::Make => None,
            };
            let mut row = match (before, self.update) {
                (Some(mut row), Some(update)) => {
                    update(self.live, item, &mut row);
                    row
                }
                (Some(row), None) => row,
                (None, _) => (self.view)(self.live, item).build(),
            };
            if !matches!(step, Step::Stay(_)) {
                match rows.last() {
                    Some((_, next)) => next.insert_before_this(&mut row),
                    None => shown.end.insert_before_this(&mut row),
                };
            }
            rows.push((key, row));
        }
        for row in old.iter_mut().flatten() {
            row.unmount();
        }
        rows.reverse();
        shown.rows = rows;
    }
}

impl<K, S: Mountable> Mountable for Shown<K, S> {
    fn unmount(&mut self) {
        for (_, row) in &mut self.rows {
            row.unmount();
        }
        self.end.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        for (_, row) in &mut self.rows {
            row.mount(parent, marker);
        }
        self.end.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self.rows.first() {
            Some((_, row)) => row.insert_before_this(child),
            None => self.end.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<Element> {
        self.rows.iter().flat_map(|(_, row)| row.elements()).collect()
    }
}

impl<T: Keyed, V: IntoView + 'static> AddAnyAttr for List<T, V> {
    type Output<A: Attribute> = Self;

    /// A list is no element, and its rows have what they need.
    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        self
    }
}

impl<T: Keyed, V: IntoView + 'static> RenderHtml for List<T, V> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.views().to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        let views = self.views().into_iter();
        let rows = views.map(|view| view.hydrate::<FROM_SERVER>(cursor, position));
        let rows = self.items.iter().map(T::key).zip(rows).collect();
        let end = cursor.next_placeholder(position);
        position.set(Position::NextChild);
        Shown { rows, end }
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// What a document does at these steps: the list then, and how many rows were moved.
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
