//! The extractors of the handlers: everything that is known of a request before it is served. Each rejects with a
//! [`WebError`](super::errors::WebError).
//!
//! | extractor | yields | rejection |
//! |---|---|---|
//! | [`ClientAddress`] | the IP address that rate limits count | |
//! | [`Viewer`] | the user of the session cookie | a redirect to the sign-in form, or 401 |
//! | [`RoomPath`] | the room in the path | 404 |
//! | [`PeerPath`] | the peer of a conversation in the path | as `Viewer`, 404 |
//! | [`EntryPath`] | the id of an entry in the path | 404 |
//! | [`Query`] | the query | 400 |
//! | [`OwnPage`] | proof that a page of this server caused the request | 403 |
//! | [`Form`] | a form that a page of this server sent, bounded in size and time | 403, 408, 413, 422 |
//! | [`FormWithViewer`] | a form, its sender, and the path that it was sent to | as its parts, with the posted text kept |
//!
//! `Option<Viewer>` never rejects. Extractors run in the order of a handler's arguments, so the first rejection is the one
//! that people see.

mod client_address;
mod entry;
mod form;
mod log;
mod own_page;
mod peer;
mod query;
mod room;
mod viewer;

pub(super) use client_address::ClientAddress;
pub(super) use entry::EntryPath;
pub(super) use form::{FORM_MAX, Form, FormWithViewer, Unsent};
pub(super) use log::LogPath;
pub(super) use own_page::OwnPage;
pub(super) use peer::PeerPath;
pub(super) use query::Query;
pub(super) use room::RoomPath;
pub(super) use viewer::Viewer;
