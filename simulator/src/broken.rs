//! A broken promise.

/// The description of a broken promise.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) String);
