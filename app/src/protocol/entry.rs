//! Entries: the stored lines of logs, and their amendments.
//!
//! An amendment is an entry, too: it has an identifier and a place in the chain of its log, so a client that lacks one
//! notices. It is never shown as a line of its own, and never unread. It changes its target, an earlier entry of the
//! same log, and is applied by [`Entry::amend`] alone.

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

kinds! { 5:
    /// A message of a person.
    Message "message"
    /// An action of a person; the text is the whole line, `* Alice waves`.
    Action "action"
    /// A line of the chat itself; `from` is `system`.
    System "system"
    /// An amendment: another text for the target.
    Edit "edit"
    /// An amendment: the target's text is deleted, with all its edits.
    Delete "delete"
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
        /// Entry that an amendment changes; absent for all other kinds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ssr", schema(value_type = Option<u64>))]
        pub target: Option<EntryId>,
        /// State of an amended entry; absent if nothing amends it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amended: Option<Amended>,
    }

    /// The state of an amended entry. The entry's `text` is the present one, empty after a deletion.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
    pub struct Amended {
        /// Newest amendment in the entry. One with a greater id changes the entry, any other changes nothing.
        #[cfg_attr(feature = "ssr", schema(value_type = u64))]
        pub rev: EntryId,
        /// Time of that amendment.
        #[cfg_attr(feature = "ssr", schema(value_type = f64, example = 1732312345.678))]
        pub ts: Timestamp,
        /// `true` if the entry was deleted.
        #[serde(default, skip_serializing_if = "is_false")]
        pub deleted: bool,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl EntryKind {
    /// Returns `true` if entries of this kind change another entry and are not shown themselves.
    #[must_use]
    pub const fn is_amendment(self) -> bool {
        matches!(self, Self::Edit | Self::Delete)
    }

    /// Returns `true` for the kinds of a person's words, which their author may amend.
    #[must_use]
    pub const fn is_spoken(self) -> bool {
        matches!(self, Self::Message | Self::Action)
    }
}

impl Entry {
    /// Returns an upper bound of the entry's size as JSON in bytes, which exceeds the size only slightly.
    #[must_use]
    pub fn encoded_at_most(&self) -> usize {
        /// Size of the braces, names and numbers: five numbers of at most 20 digits, and the longest kind.
        const FRAME: usize = 190;
        /// The same for the fields of an amendment or of an amended entry.
        const AMENDED: usize = 90;
        let client_id = self.client_id.as_deref().map_or(0, escaped);
        let amended = if self.target.is_some() || self.amended.is_some() { AMENDED } else { 0 };
        FRAME + escaped(&self.from) + escaped(&self.text) + client_id + amended
    }

    /// Applies an amendment, and returns `true` if it changed the entry. Amendments of other entries and those that the
    /// entry already contains change nothing, so any order and number of arrivals leads to the same state.
    ///
    /// An edit that is followed by another amendment of the same entry loses its text, which nobody is shown any more.
    /// Such an edit is a mere link of the chain, and changes nothing.
    pub fn amend(&mut self, amendment: &Self) -> bool {
        if !amendment.kind.is_amendment() {
            return false;
        }
        if self.kind == EntryKind::Edit && self.target == amendment.target && self.id < amendment.id {
            let had_text = !self.text.is_empty();
            self.text = "".into();
            return had_text;
        }
        let is_link = amendment.kind == EntryKind::Edit && amendment.text.is_empty();
        // In place of a damaged entry there is a line of the chat.
        if is_link || !self.kind.is_spoken() || amendment.target != Some(self.id) || self.rev() >= amendment.id {
            return false;
        }
        let deleted = amendment.kind == EntryKind::Delete;
        self.text = if deleted { "".into() } else { Arc::clone(&amendment.text) };
        self.amended = Some(Amended { rev: amendment.id, ts: amendment.ts, deleted });
        true
    }

    /// Returns the newest amendment in the entry, 0 if there is none.
    #[must_use]
    pub fn rev(&self) -> EntryId {
        self.amended.map_or(0, |amended| amended.rev)
    }

    /// Returns `true` if the entry was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.amended.is_some_and(|amended| amended.deleted)
    }

    /// Returns `true` if the entry is a line of its own: not an amendment.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        !self.kind.is_amendment()
    }

    /// Returns `true` if the entry counts as unread for everybody but its author: words that were not deleted.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.is_shown() && self.kind != EntryKind::System && !self.is_deleted()
    }

    /// Returns the words that the author may edit: the text of a message, an action without the author's name in front;
    /// `None` for entries that cannot be edited.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self.kind {
            _ if self.is_deleted() => None,
            EntryKind::Message => Some(&self.text),
            EntryKind::Action => {
                let words = self.text.strip_prefix("* ").and_then(|text| text.strip_prefix(&*self.from));
                Some(words.and_then(|words| words.strip_prefix(' ')).unwrap_or(&self.text))
            }
            EntryKind::System | EntryKind::Edit | EntryKind::Delete | EntryKind::Unknown => None,
        }
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

    fn message(id: EntryId) -> Entry {
        Entry {
            id,
            prev: 0,
            ts: Timestamp::default(),
            from: "Ada".into(),
            user_id: Some(UserId(1)),
            text: "said".into(),
            kind: EntryKind::Message,
            client_id: None,
            target: None,
            amended: None,
        }
    }

    #[test]
    fn an_amendment_changes_its_target_alone() {
        let edit = Entry { id: 9, kind: EntryKind::Edit, text: "mended".into(), target: Some(7), ..message(9) };
        let mut others = [message(6), message(8), Entry { target: Some(8), ..edit.clone() }];
        let before = others.clone();
        assert!(others.iter_mut().all(|other| !other.amend(&edit)));
        assert_eq!(others, before);
        assert!(!Entry { kind: EntryKind::System, ..message(7) }.amend(&edit), "and of people's words");
        assert!(!message(7).amend(&Entry { kind: EntryKind::Message, ..edit }), "and no other kind of entry does");
    }

    #[test]
    fn a_later_amendment_takes_the_words_of_the_edits_along() {
        let edit = |id| Entry { id, kind: EntryKind::Edit, text: "mended".into(), target: Some(7), ..message(id) };
        let deletion = Entry { id: 10, kind: EntryKind::Delete, text: "".into(), target: Some(7), ..message(10) };
        for amendment in [deletion, edit(9)] {
            let (mut its, mut of_another, mut later) = (edit(8), Entry { target: Some(6), ..edit(8) }, edit(11));
            assert!(its.amend(&amendment) && !its.amend(&amendment));
            assert!(!of_another.amend(&amendment) && !later.amend(&amendment));
            assert_eq!((&*its.text, &*of_another.text, &*later.text), ("", "mended", "mended"));
            assert!(!message(7).amend(&its), "what is left of it changes nothing");
        }
    }

    #[test]
    fn words_can_be_edited_until_they_are_deleted_and_an_action_without_its_name() {
        let action = Entry { kind: EntryKind::Action, text: "* Ada waves".into(), ..message(7) };
        let deleted =
            Entry { amended: Some(Amended { rev: 8, ts: Timestamp::default(), deleted: true }), ..message(7) };
        let words = [message(7), action, deleted, Entry { kind: EntryKind::System, ..message(7) }]
            .map(|entry| entry.words().map(ToOwned::to_owned));
        assert_eq!(words.each_ref().map(Option::as_deref), [Some("said"), Some("waves"), None, None]);
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
                target: None,
                amended: None,
            };
            let most = entry.encoded_at_most();
            let encoded = serde_json::to_string(&entry).unwrap().len();
            prop_assert!(encoded <= most && most < encoded + 190, "{encoded} {most}");
            let amended = Some(Amended { rev: id, ts: Timestamp::from_millis(id >> 12), deleted: true });
            for entry in [Entry { target: Some(id), ..entry.clone() }, Entry { amended, ..entry }] {
                let (most, encoded) = (entry.encoded_at_most(), serde_json::to_string(&entry).unwrap().len());
                prop_assert!(encoded <= most && most < encoded + 280, "{encoded} {most}");
            }
        }

        #[test]
        fn amendments_lead_to_the_same_entry_in_any_order_and_number(
            (order, texts) in (1_usize..6).prop_flat_map(|n| {
                let twice: Vec<usize> = (0..n).chain(0..n).collect();
                (Just(twice).prop_shuffle(), prop::collection::vec("[a-c]", n))
            }),
            is_deleted: bool,
        ) {
            let last = texts.len() - 1;
            let amendment = |at: usize| {
                let is_last = is_deleted && at == last;
                let kind = if is_last { EntryKind::Delete } else { EntryKind::Edit };
                let text = if is_last { "" } else { texts[at].as_str() };
                Entry { id: 8 + at as u64, kind, text: text.into(), target: Some(7), ..message(7) }
            };
            let mut entry = message(7);
            for (turn, at) in order.into_iter().enumerate() {
                // An edit may come late, when it has no text any more.
                let is_link = at < last && turn % 3 == 0;
                let amendment = amendment(at);
                entry.amend(&if is_link { Entry { text: "".into(), ..amendment } } else { amendment });
            }
            prop_assert_eq!(&*entry.text, if is_deleted { "" } else { texts[last].as_str() });
            let amended = Amended { rev: 8 + last as u64, ts: Timestamp::default(), deleted: is_deleted };
            prop_assert_eq!(entry.amended, Some(amended));
        }
    }
}
