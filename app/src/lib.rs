//! What Natter's server and its page share. No I/O happens here: no clock, no socket, no random numbers. They are
//! handed in, so every rule is tested natively and is the same code on both sides.
//!
//! Reading order:
//! - [`protocol`]: what travels on the wire: names, entries, frames, limits, error and close codes;
//! - [`command`]: the slash commands;
//! - [`markup`]: bold, italic, code, links and mentions in a text, and [`mention`]: whom a text calls;
//! - [`completion`]: what the composer offers while somebody types;
//! - [`bidi`]: names in sentences of another direction;
//! - [`characters`]: what is a letter, a sign on one, or invisible;
//! - [`calendar`]: dates and times of day as people read them;
//! - [`drafts`]: what somebody has begun to write, in all tabs of a browser;
//! - [`watching`]: whether somebody looks at the page;
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
