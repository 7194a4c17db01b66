//! Search: what a person asks for, and which entries contain it.
//!
//! Invariants:
//! - an entry is found exactly if its present text, [folded](Folded), contains every word asked for. The index of
//!   [`grams`] only spares looking at the others;
//! - a change of the folding or of the terms needs a migration that makes the index anew, since the index forgets an
//!   entry by its terms;
//! - nothing here depends on the store: the same rules hold for each journal.

mod excerpt;
mod facet;
mod fold;
mod grams;
mod query;

pub(crate) use excerpt::excerpt;
pub(crate) use facet::Facet;
pub use fold::Folded;
pub(crate) use grams::{document, required};
pub use query::{Query, QueryError};
