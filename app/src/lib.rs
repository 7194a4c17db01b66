//! The code that Natter's server and its page share. It does no I/O: clock, sockets and random numbers are passed in,
//! so every rule is tested natively and is the same code on both sides.
//!
//! Reading order:
//! - [`protocol`]: the wire: names, entries, frames, limits, error and close codes;
//! - [`command`]: the slash commands;
//! - [`markup`]: bold, italic, code, links and mentions in a text, and [`mention`]: the people whom a text mentions;
//! - [`completion`]: autocompletion in the composer;
//! - [`bidi`]: names in sentences of another direction;
//! - [`characters`]: letters, combining marks and invisible characters;
//! - [`calendar`]: dates and times of day for people;
//! - [`drafts`]: unsent texts, in all tabs of a browser;
//! - [`watching`]: the attention of the person at the page;
//! - [`sync`]: the client's state machine, which turns frames and a person's actions into what the screen shows;
//! - [`ui`]: the Leptos components, rendered on the server and hydrated in the browser.

#![recursion_limit = "256"] // a page is one deeply nested type

pub mod bidi;
pub mod calendar;
pub mod characters;
pub mod command;
pub mod completion;
pub mod drafts;
pub mod markup;
pub mod mention;
pub mod protocol;
pub mod sync;
pub mod ui;
pub mod watching;
