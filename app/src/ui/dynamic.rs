//! Parts of a view that change, in few types.
//!
//! What a browser downloads grows with the number of types in the views: every closure is one, and every list, and each
//! brings its own copy of the code that renders it and follows its changes. Behind the names here they share that code.

use super::{
    list::{Keyed, List},
    live::Live,
    rows::{Choice, row},
    text_content::TextContent,
};
use crate::{
    protocol::UserId,
    sync::{Notice, Outgoing, OutgoingState, Place},
};
use leptos::prelude::*;
use std::sync::Arc;

/// A text that changes: the value of an attribute, or all that an element contains.
#[derive(Clone)]
pub(super) struct Words(Arc<dyn Fn() -> String + Send + Sync>);

impl IntoAttributeValue for Words {
    type Output = Arc<dyn Fn() -> String + Send + Sync>;

    fn into_attribute_value(self) -> Self::Output {
        self.0
    }
}

impl IntoRender for Words {
    type Output = Arc<dyn Fn() -> TextContent + Send + Sync>;

    fn into_render(self) -> Self::Output {
        Arc::new(move || TextContent((self.0)()))
    }
}

/// The markup within an element, when it changes.
pub(super) type Markup = Arc<dyn Fn() -> String + Send + Sync>;
/// Whether something is so, which changes; as an attribute, it is there or not.
pub(super) type Flag = Arc<dyn Fn() -> bool + Send + Sync>;

/// Does something now and whenever what it reads has changed; in the browser only, once the island is hydrated.
pub(super) fn react(action: impl Fn() + 'static) {
    react_by(Box::new(action));
}

fn react_by(action: Box<dyn Fn()>) {
    Effect::new(move |_| action());
}

pub(super) fn words(words: impl Fn() -> String + Send + Sync + 'static) -> Words {
    Words(Arc::new(words))
}

/// What people wrote has to be escaped in it.
pub(super) fn markup(markup: impl Fn() -> String + Send + Sync + 'static) -> Markup {
    Arc::new(markup)
}

pub(super) fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> Flag {
    Arc::new(flag)
}

/// A line of any list on the page but the log.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// A text on its way, and whether it goes on where the line above it ended.
    Outgoing(Outgoing, bool),
    /// A room or a conversation, and what it is called.
    Place(Place, Arc<str>),
    /// Somebody, and whether they are here.
    Member(UserId, Arc<str>, bool),
    Notice(Notice),
    Choice(Choice),
}

/// What tells two lines of a list apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Number(u64),
    Name(usize, Arc<str>),
    /// Of somebody, and in which state; nobody has the number 0.
    Of(UserId, bool, Arc<str>),
}

impl Keyed for Item {
    type Key = Key;

    fn key(&self) -> Key {
        match self {
            Self::Outgoing(item, goes_on) => {
                // Two reasons of the same length for the same text, one right after the other, would be one for the eye.
                let state = if let OutgoingState::Failed(reason) = &item.state { 1 + reason.len() } else { 0 };
                Key::Name(2 * state + usize::from(*goes_on), Arc::clone(&item.client_id))
            }
            // Names change hands.
            Self::Place(Place::Room(_) | Place::Mentions, name) => Key::Of(UserId(0), false, Arc::clone(name)),
            Self::Place(Place::With(peer), name) => Key::Of(*peer, false, Arc::clone(name)),
            Self::Member(id, name, is_here) => Key::Of(*id, *is_here, Arc::clone(name)),
            Self::Notice(notice) => Key::Number(notice.number),
            Self::Choice(choice) => {
                Key::Name(2 * choice.at + usize::from(choice.is_chosen), choice.name.as_str().into())
            }
        }
    }
}

/// A list that changes.
pub(super) fn list(live: Live, items: impl Fn() -> Vec<Item> + Send + Sync + 'static) -> impl IntoView {
    list_of(live, Arc::new(items))
}

fn list_of(live: Live, items: Arc<dyn Fn() -> Vec<Item> + Send + Sync>) -> impl IntoView {
    move || List::new(live, items().into(), row)
}
