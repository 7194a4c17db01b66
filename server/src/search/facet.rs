//! The properties by which entries are searched for, beside their texts.

use super::grams::{self, MARK};
use app::protocol::UserId;

/// A property of an entry, which the index stores as a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet<'a> {
    /// The entry is in a room, which everybody can read.
    InARoom,
    /// The entry is in a conversation of this user.
    Of(UserId),
    /// The entry is in the log of this key.
    In(i64),
    /// The entry is by this user.
    By(UserId),
    /// The entry was written under this folded name.
    Under(&'a [char]),
    /// The entry contains a link.
    Link,
}

impl Facet<'_> {
    /// Returns the term of the index. It begins with a character that no [gram](super::grams) contains.
    pub(crate) fn term(self) -> String {
        match self {
            Self::InARoom => format!("{MARK}p"),
            Self::Of(user) => format!("{MARK}u{user}"),
            Self::In(key) => format!("{MARK}l{key}"),
            Self::By(user) => format!("{MARK}a{user}"),
            Self::Under(name) => format!("{MARK}n{}", grams::written(name)),
            Self::Link => format!("{MARK}k"),
        }
    }
}
