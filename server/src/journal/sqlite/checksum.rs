//! Checksums of entries, by which damage is detected when an entry is read.
//!
//! A checksum covers what people read and the entry's place: identifier, log and previous entry. CRC-32 detects every
//! burst of up to 32 bits, and all but one in four billion of other damages. It does not protect against somebody who
//! can write the file.

/// An entry as its row stores it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'row> {
    pub(super) id: i64,
    /// Key of the entry's log.
    pub(super) room: i64,
    pub(super) prev: i64,
    /// Time in Unix milliseconds.
    pub(super) ts: i64,
    pub(super) kind: &'row str,
    /// `None` for a system line, whose author is not shown and may be deleted.
    pub(super) author: Option<i64>,
    pub(super) from: &'row str,
    pub(super) text: &'row str,
    pub(super) client_id: Option<&'row str>,
    /// Target of an amendment.
    pub(super) target: Option<i64>,
    /// Newest amendment of an amended entry.
    pub(super) rev: Option<i64>,
}

impl Fields<'_> {
    pub(super) fn checksum(&self) -> i64 {
        let mut hasher = crc32fast::Hasher::new();
        for number in [self.id, self.room, self.prev, self.ts] {
            hasher.update(&number.to_le_bytes());
        }
        // Optional fields are preceded by their presence and texts by their length, so different entries never hash the
        // same bytes.
        hasher.update(&[u8::from(self.author.is_some()), u8::from(self.client_id.is_some())]);
        hasher.update(&self.author.unwrap_or_default().to_le_bytes());
        for text in [self.kind, self.from, self.text, self.client_id.unwrap_or_default()] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        // The entries of earlier versions have neither.
        for (mark, number) in [(b't', self.target), (b'r', self.rev)] {
            if let Some(number) = number {
                hasher.update(&[mark]);
                hasher.update(&number.to_le_bytes());
            }
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Fields<'_> = Fields {
        id: 7,
        room: 1,
        prev: 5,
        ts: 1_700_000_000_000,
        kind: "message",
        author: Some(3),
        from: "Ada",
        text: "Hello, Bo",
        client_id: Some("m-1"),
        target: None,
        rev: None,
    };

    #[test]
    fn the_checksum_of_a_stored_entry_never_changes() {
        assert_eq!(ENTRY.checksum(), 2_459_471_474);
    }

    #[test]
    fn whatever_is_changed_changes_the_checksum() {
        let changed = [
            Fields { id: 8, ..ENTRY },
            Fields { room: 2, ..ENTRY },
            Fields { prev: 4, ..ENTRY },
            Fields { ts: 1_700_000_000_001, ..ENTRY },
            Fields { kind: "action", ..ENTRY },
            Fields { author: Some(2), ..ENTRY },
            Fields { author: None, ..ENTRY },
            Fields { from: "Adb", ..ENTRY },
            Fields { text: "hello, Bo", ..ENTRY },
            Fields { client_id: Some("m-2"), ..ENTRY },
            Fields { client_id: None, ..ENTRY },
            Fields { target: Some(7), ..ENTRY },
            Fields { target: Some(0), ..ENTRY },
            Fields { rev: Some(7), ..ENTRY },
            Fields { target: Some(7), rev: Some(7), ..ENTRY },
            Fields { from: "AdaHello,", text: " Bo", ..ENTRY },
            Fields { text: "Hello, Bom-1", client_id: Some(""), ..ENTRY },
        ];
        for other in changed {
            assert_ne!(other.checksum(), ENTRY.checksum(), "{other:?}");
        }
        let zero = Fields { author: Some(0), ..ENTRY };
        assert_ne!(zero.checksum(), Fields { author: None, ..ENTRY }.checksum());
        let empty = Fields { client_id: Some(""), ..ENTRY };
        assert_ne!(empty.checksum(), Fields { client_id: None, ..ENTRY }.checksum());
    }
}
