//! One line of a room's log.

use super::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An entry's number. It grows over the whole server and stays below 2^53, so that every JSON reader keeps it exact.
pub type EntryId = u64;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Something a person said.
    Message,
    /// Something a person does; the text is the whole line, `* Alice waves`.
    Action,
    /// A line of the chat itself; `from` is `system`.
    System,
}

/// One stored line of a room.
///
/// A client is certain of its list when each entry's `prev` is the `id` of the entry above it; where it is not,
/// something is missing in between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Entry {
    /// Grows over the whole server; the cursor.
    #[cfg_attr(feature = "ssr", schema(value_type = u64))]
    pub id: EntryId,
    /// The `id` of the entry before it in the same room, 0 for the first.
    #[cfg_attr(feature = "ssr", schema(value_type = u64))]
    #[serde(default)]
    pub prev: EntryId,
    /// When it was stored, by the server's clock.
    #[cfg_attr(feature = "ssr", schema(value_type = f64, example = 1732312345.678))]
    pub ts: Timestamp,
    /// The author's name when it was written.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub from: Arc<str>,
    /// The author's public number, which stays when the name changes; nothing for a line of the chat itself.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, example = "7"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What was written, byte for byte but for white space at its end.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub text: Arc<str>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// The sender's own mark, unique among that sender's entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub client_id: Option<Arc<str>>,
}

impl Entry {
    /// At least as many bytes as the entry takes as JSON, and few more.
    #[must_use]
    pub fn encoded_at_most(&self) -> usize {
        /// The braces, names and numbers: five numbers of at most 20 digits, and the longest kind.
        const FRAME: usize = 190;
        let mark = self.client_id.as_deref().map_or(0, escaped);
        FRAME + escaped(&self.from) + escaped(&self.text) + mark
    }
}

/// How many bytes a text takes in JSON.
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

    proptest! {
        #[test]
        fn an_entry_takes_at_most_as_many_bytes_as_said_and_hardly_fewer(
            (id, text, mark) in (any::<u64>(), any::<String>(), proptest::option::of("[\\x00-\\x7f]{1,64}"))
        ) {
            let entry = Entry {
                id,
                prev: id,
                ts: Timestamp::from_millis(id >> 12),
                from: "Zo\u{eb}".into(),
                user_id: Some(UserId(id)),
                text: text.into(),
                kind: EntryKind::Message,
                client_id: mark.map(Into::into),
            };
            let most = entry.encoded_at_most();
            let encoded = serde_json::to_string(&entry).unwrap().len();
            prop_assert!(encoded <= most && most < encoded + 190, "{encoded} {most}");
        }
    }
}
