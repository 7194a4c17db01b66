//! The parts of what is shown, each followed by itself.
//!
//! They could be signals, but a signal costs code for each type of its value, and these are of many types. Here one
//! value holds them all, and what follows a part follows a trigger beside it.

use crate::{
    protocol::UserInfo,
    sync::{ConversationLine, Hole, Notice, Outgoing, Place, RoomLine, Status},
    ui::{Draft, stretches::Stretch},
};
use leptos::prelude::*;
use std::sync::Arc;

/// Everything that the screen shows of the state machine.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) name: Arc<str>,
    pub(super) place: Place,
    pub(super) title: Arc<str>,
    pub(super) rooms: Vec<RoomLine>,
    pub(super) conversations: Vec<ConversationLine>,
    pub(super) log: Vec<Stretch>,
    pub(super) asked: Vec<Hole>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) users: Vec<UserInfo>,
    pub(super) away: Vec<UserInfo>,
    pub(super) typing: Vec<Arc<str>>,
    pub(super) notices: Vec<Notice>,
    pub(super) status: Status,
    pub(super) now: u64,
    pub(super) edited: Option<Outgoing>,
    pub(super) draft: Draft,
}

/// A part of it. A cheap handle, with a signal's verbs.
#[derive(Debug)]
pub(super) struct Part<T: 'static> {
    shown: StoredValue<Shown>,
    changed: Trigger,
    of: fn(&mut Shown) -> &mut T,
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<T> {}

impl<T> Part<T> {
    pub(super) fn new(shown: StoredValue<Shown>, of: fn(&mut Shown) -> &mut T) -> Self {
        Self { shown, changed: Trigger::new(), of }
    }

    pub(super) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        let mut read = Some(read);
        #[expect(clippy::expect_used, reason = "the page's state lives as long as the page")]
        self.shown
            .try_update_value(|shown| read.take().map(|read| read((self.of)(shown))))
            .flatten()
            .expect("the page is there")
    }

    pub(super) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.with_untracked(read)
    }

    /// Sets it, if that changes something.
    pub(super) fn set(&self, value: T)
    where
        T: PartialEq,
    {
        let change = |shown: &mut Shown| {
            let part = (self.of)(shown);
            let differs = *part != value;
            if differs {
                *part = value;
            }
            differs
        };
        if self.shown.try_update_value(change) == Some(true) {
            self.changed.notify();
        }
    }

    pub(super) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    pub(super) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}
