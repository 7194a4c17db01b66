//! Entries: the stored lines of logs.

use super::{FromJson, Json, Timestamp, UserId, from_json};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// Identifier of an entry. It grows over the whole server and stays below 2^53, so that every JSON reader keeps it
/// exact.
pub type EntryId = u64;

/// Defines [`EntryKind`]: a kind in one line of it is known everywhere.
macro_rules! kinds {
    ($count:literal: $($(#[$doc:meta])* $kind:ident $name:literal)*) => {
        /// The kind of an entry, under the same name in the store and on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
        pub enum EntryKind {
            $($(#[$doc])* $kind,)*
            /// A kind of a newer version, shown as a plain line. The store keeps the name of the kind; the wire has
            /// `unknown`, which names no kind, so a client that knows the kind reads the entry again from a newer
            /// server.
            Unknown,
        }

        impl EntryKind {
            /// The kinds that this version knows.
            pub const KNOWN: [Self; $count] = [$(Self::$kind),*];

            /// Returns the name in the store and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

kinds! { 3:
    /// A message of a person.
    Message "message"
    /// An action of a person; the text is the whole line, `* Alice waves`.
    Action "action"
    /// A line of the chat itself; `from` is `system`.
    System "system"
}

impl EntryKind {
    /// Parses the name of a kind; one of a newer version is [`Unknown`](Self::Unknown).
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|kind| kind.as_str() == name).unwrap_or(Self::Unknown)
    }
}

impl Serialize for EntryKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EntryKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::parse(&name))
    }
}

impl FromJson for EntryKind {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text().map(|name| Self::parse(&name))
    }

    fn blank() -> Self {
        Self::Unknown
    }
}

from_json! {
    /// A stored line of a room or a conversation.
    ///
    /// A client's list is complete where each entry's `prev` is the `id` of the entry above it; elsewhere, entries are
    /// missing in between.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
    pub struct Entry {
        /// Identifier, which grows over the whole server and serves as the cursor.
        #[cfg_attr(feature = "ssr", schema(value_type = u64))]
        pub id: EntryId,
        /// Identifier of the previous entry in the same log, 0 for the first.
        #[cfg_attr(feature = "ssr", schema(value_type = u64))]
        #[serde(default)]
        pub prev: EntryId,
        /// Time of storing, by the server's clock.
        #[cfg_attr(feature = "ssr", schema(value_type = f64, example = 1732312345.678))]
        pub ts: Timestamp,
        /// Name of the author at the time of writing.
        #[cfg_attr(feature = "ssr", schema(value_type = String))]
        pub from: Arc<str>,
        /// Public number of the author, which survives a change of name; absent for a system line.
        #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, example = "7"))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Text as written, byte for byte except for white space at its end.
        #[cfg_attr(feature = "ssr", schema(value_type = String))]
        pub text: Arc<str>,
        /// Kind of the entry.
        #[serde(rename = "type")]
        pub kind: EntryKind,
        /// Client's identifier of the message, unique among the entries of its author.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
        pub client_id: Option<Arc<str>>,
    }
}

impl Entry {
    /// Returns an upper bound of the entry's size as JSON in bytes, which exceeds the size only slightly.
    #[must_use]
    pub fn encoded_at_most(&self) -> usize {
        /// Size of the braces, names and numbers: five numbers of at most 20 digits, and the longest kind.
        const FRAME: usize = 190;
        let client_id = self.client_id.as_deref().map_or(0, escaped);
        FRAME + escaped(&self.from) + escaped(&self.text) + client_id
    }
}

/// Returns the size of a text in JSON, in bytes.
fn escaped(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_kind_is_known_by_its_name_and_any_other_is_unknown() {
        for kind in EntryKind::KNOWN {
            assert_eq!(EntryKind::parse(kind.as_str()), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for name in ["poll", "unknown", "", "Message"] {
            assert_eq!(EntryKind::parse(name), EntryKind::Unknown, "{name}");
        }
    }

    proptest! {
        #[test]
        fn an_entry_takes_at_most_as_many_bytes_as_said_and_hardly_fewer(
            (id, text, client_id) in (any::<u64>(), any::<String>(), proptest::option::of("[\\x00-\\x7f]{1,64}"))
        ) {
            let entry = Entry {
                id,
                prev: id,
                ts: Timestamp::from_millis(id >> 12),
                from: "Zo\u{eb}".into(),
                user_id: Some(UserId(id)),
                text: text.into(),
                kind: EntryKind::Message,
                client_id: client_id.map(Into::into),
            };
            let most = entry.encoded_at_most();
            let encoded = serde_json::to_string(&entry).unwrap().len();
            prop_assert!(encoded <= most && most < encoded + 190, "{encoded} {most}");
        }
    }
}
