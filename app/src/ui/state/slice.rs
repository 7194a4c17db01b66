//! The slices of the page's state, each of which is followed on its own.
//!
//! Signals would do the same, but a signal costs code for each type of its value, and the slices have many types. So
//! one value holds all of them, with a trigger for each.

use super::{
    chunks::{Chunk, chunks},
    lines::of_client,
};
use crate::{
    protocol::{EntryId, ErrorCode, Place, UserInfo},
    sync::{Client, ConversationLine, Gap, Notice, Outgoing, RoomLine, Status},
};
use leptos::prelude::*;
use std::sync::Arc;

/// A slice of the state. A cheap handle, with the methods of a signal.
#[derive(Debug)]
pub(in crate::ui) struct Slice<T: 'static> {
    values: StoredValue<Values>,
    changed: Trigger,
    of: fn(&mut Values) -> &mut T,
}

impl<T> Clone for Slice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slice<T> {}

impl<T> Slice<T> {
    fn new(values: StoredValue<Values>, of: fn(&mut Values) -> &mut T) -> Self {
        Self { values, changed: Trigger::new(), of }
    }

    pub(in crate::ui) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        let mut read = Some(read);
        #[expect(clippy::expect_used, reason = "the page's state lives as long as the page")]
        self.values
            .try_update_value(|values| read.take().map(|read| read((self.of)(values))))
            .flatten()
            .expect("the page is there")
    }

    pub(in crate::ui) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.with_untracked(read)
    }

    /// Sets the value, and notifies its followers if it differs.
    pub(in crate::ui) fn set(&self, value: T)
    where
        T: PartialEq,
    {
        let change = |values: &mut Values| {
            let slice = (self.of)(values);
            let differs = *slice != value;
            if differs {
                *slice = value;
            }
            differs
        };
        if self.values.try_update_value(change) == Some(true) {
            self.changed.notify();
        }
    }

    pub(in crate::ui) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    pub(in crate::ui) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}

/// Declares the slices, each with its name, its type and its value as read from the state machine. Slices in `follow`
/// are read again at each refresh; those in `kept` are set by the page after their first value.
macro_rules! slices {
    (
        follow { $($(#[$doc:meta])* $name:ident: $type:ty = $read:expr;)* }
        kept { $($(#[$kept_doc:meta])* $kept:ident: $kept_type:ty = $begin:expr;)* }
    ) => {
        #[derive(Debug)]
        struct Values {
            $($name: $type,)*
            $($kept: $kept_type,)*
        }

        /// All that the screen shows of the state machine and of the page itself.
        #[derive(Debug, Clone, Copy)]
        pub(in crate::ui) struct Slices {
            $($(#[$doc])* pub(in crate::ui) $name: Slice<$type>,)*
            $($(#[$kept_doc])* pub(in crate::ui) $kept: Slice<$kept_type>,)*
        }

        impl Slices {
            pub(super) fn new(client: &Client) -> Self {
                let values = StoredValue::new(Values {
                    $($name: read(client, $read),)*
                    $($kept: read(client, $begin),)*
                });
                Self {
                    $($name: Slice::new(values, |values| &mut values.$name),)*
                    $($kept: Slice::new(values, |values| &mut values.$kept),)*
                }
            }

            /// Reads again the slices that follow the state machine.
            pub(super) fn refresh(&self, client: &Client) {
                $(self.$name.set(read(client, $read));)*
            }
        }
    };
}

/// Tells the compiler the type of a closure.
fn read<T>(client: &Client, read: impl FnOnce(&Client) -> T) -> T {
    read(client)
}

slices! {
    follow {
        /// The person's name.
        name: Arc<str> = |client| Arc::clone(client.name());
        /// The shown room or conversation.
        place: Place = |client| client.place().clone();
        /// The name of the shown place.
        title: Arc<str> = |client| client.name_of(client.place());
        /// The listed rooms, by name.
        rooms: Vec<RoomLine> = Client::rooms;
        /// The number of rooms that are not listed.
        more_rooms: usize = Client::more_rooms;
        /// The person's conversations, the one with the newest entry first.
        conversations: Vec<ConversationLine> = Client::conversations;
        /// The gaps that were requested.
        asked: Vec<Gap> = Client::asked;
        /// `true` until an entry of the shown place or its end is known.
        is_unknown: bool = Client::is_unknown;
        /// Unread entries of the shown place.
        unread: usize = |client| client.unread(client.place()).count;
        /// The shown place's part of the outbox.
        outgoing: Vec<Outgoing> = Client::outgoing;
        /// The reason for which the server delays the outbox.
        held_back: Option<ErrorCode> = Client::held_back;
        /// The present members, if they are few enough to be listed.
        users: Vec<UserInfo> = |client| client.users().0.to_vec();
        /// The absent members.
        away: Vec<UserInfo> = |client| client.away().to_vec();
        /// The number of present members.
        count: usize = |client| client.users().1;
        /// The other users who are typing.
        typing: Vec<Arc<str>> = |client| client.typing().cloned().collect();
        /// The notices for this person.
        notices: Vec<Notice> = |client| client.notices().cloned().collect();
        /// The connection's status.
        status: Status = Client::status;
        /// `true` once everything below the divider was in view for some seconds.
        is_new_seen: bool = Client::is_divider_seen;
    }
    kept {
        /// The list of entries, in chunks.
        log: Vec<Chunk> = |client| chunks(of_client(client, |_| 0), &[]);
        /// `true` once all parts of the page are loaded, with or without a connection.
        is_driven: bool = |_| false;
        /// `true` while the list is scrolled to its end.
        is_at_end: bool = |_| true;
        /// `true` while the divider is above the view.
        is_new_above: bool = |_| false;
        /// The client's clock in milliseconds, updated while something on the screen depends on it.
        now: u64 = |_| 0;
        /// The person's day, in days since 1970; `None` before hydration.
        today: Option<i64> = |_| None;
        /// `true` for some seconds after a lost connection is restored.
        is_back: bool = |_| false;
        /// A refused text that returns to the composer.
        edited: Option<Outgoing> = |_| None;
        /// The entry whose words are in the composer, to be edited.
        amending: Option<EntryId> = |_| None;
        /// A text from another tab that replaces the composer's.
        field: Option<String> = |_| None;
        /// `true` while the quick switcher is requested or open.
        is_switching: bool = |_| false;
        /// The next announcement of a screen reader.
        announcement: String = |_| String::new();
    }
}
