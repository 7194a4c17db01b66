//! The page's state, between the state machine and the screen: inputs go to the state machine, its slices are followed
//! by the views, and its effects go to the browser ([`Driver`]).
//!
//! Invariants:
//! - at each paint the slices show the state machine as of its last input. A burst of frames is shown at once, and the
//!   list is built once for all of them;
//! - until all parts of the page are loaded the slices show what the server rendered, whatever the state machine has
//!   received meanwhile. So each part finds the HTML that it describes, whenever it is loaded.

use super::{
    announcer::Announcer,
    answers,
    chunks::chunks,
    driver::{Badge, Driver, driver, set_driver},
    lines::of_client,
    slice::Slices,
    start::{Draft, Start},
};
use crate::{
    bidi::isolated,
    calendar,
    protocol::{EntryId, Place, Timestamp, peer_segment},
    sync::{Client, Effect, Input, Status},
    ui::widgets::reactive::react,
};
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc, sync::Arc};

/// Time for which a restored connection is reported, in milliseconds.
const BACK_FOR_MS: u64 = 4_000;
/// Shortest interval between two requests for the list of rooms when the person returns to the page, in milliseconds.
const BROWSE_EVERY_MS: u64 = 60_000;

/// The inputs of the list: its place, revision and divider. Equal inputs make an equal list.
type Made = (Place, u64, Option<EntryId>);

/// The live state of a page. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// The state machine, which makes all decisions.
    pub(super) client: StoredValue<Client>,
    /// The slices that the screen shows.
    pub(in crate::ui) shown: Slices,
    /// The content of the fields when the page was rendered.
    pub(in crate::ui) draft: StoredValue<Draft>,
    /// The announcements for screen readers.
    announcer: StoredValue<Announcer>,
    /// Time of the connection's return, in milliseconds.
    back_at: StoredValue<Option<u64>>,
    /// Time of the last request for the list of rooms, in milliseconds.
    browsed_at: StoredValue<u64>,
    made: StoredValue<Option<Made>>,
}

impl Live {
    /// Creates the state that a page starts from.
    #[must_use]
    pub(in crate::ui) fn new(Start { snapshot, mentions, draft }: Start) -> Self {
        let mut client = Client::new(snapshot);
        if *client.place() == Place::Mentions {
            client.mentions(mentions);
        }
        let shown = Slices::new(&client);
        shown.amending.set(draft.target);
        Self {
            shown,
            draft: StoredValue::new(draft),
            announcer: StoredValue::new(Announcer::new(client.newest())),
            client: StoredValue::new(client),
            back_at: StoredValue::new(None),
            browsed_at: StoredValue::new(0),
            made: StoredValue::new(None),
        }
    }

    /// Returns the state of the page from the attribute of its frame; `None` if the attribute is missing or unreadable.
    #[cfg(feature = "hydrate")]
    #[must_use]
    pub fn of_page() -> Option<Self> {
        let frame = document().query_selector("[data-start]").ok()??;
        let start = crate::protocol::read_json(&frame.get_attribute("data-start")?)?;
        // It would keep words that are deleted later. The name is a valid attribute's, so this cannot fail.
        drop(frame.remove_attribute("data-start"));
        Some(Self::new(start))
    }

    /// Sets the driver. Inputs before it are ignored.
    pub fn drive(self, driver: Rc<dyn Driver>) {
        set_driver(driver);
    }

    /// Starts to show changes: all parts of the page are loaded.
    pub fn come_alive(self) {
        self.shown.is_driven.set(true);
        self.refresh();
    }

    /// Calls back each time a lost connection is restored.
    pub fn when_back(self, call: impl Fn() + 'static) {
        let was_lost = Cell::new(false);
        react(move || match self.shown.status.get() {
            Status::Offline { .. } | Status::Reconnecting => was_lost.set(true),
            Status::Live if was_lost.take() => call(),
            Status::Live | Status::Connecting | Status::SignedOut => {}
        });
    }

    /// Passes an input to the state machine. Its outcome is shown at the browser's next paint.
    pub fn input(self, input: Input) {
        let Some(driver) = driver() else {
            return;
        };
        let now = driver.now();
        let effects = self.client.try_update_value(|client| client.handle(now, input)).unwrap_or_default();
        let moves = effects.iter().any(|effect| matches!(effect, Effect::Shown(..)));
        let mut answers = Vec::new();
        for effect in effects {
            self.announce_call(&effect);
            if let Effect::Deleted(id) = effect
                && self.announcer.try_update_value(|announcer| announcer.forget_words(id)) == Some(true)
            {
                self.shown.announcement.set(String::new());
            }
            match effect {
                Effect::Answered(answer) => answers.push(answer),
                effect => {
                    if let Effect::Remove(client_id) = &effect {
                        answers::forget(client_id);
                    }
                    driver.perform(effect);
                }
            }
        }
        if moves {
            self.refresh();
        } else {
            driver.refresh_soon();
        }
        // A callback may pass in another input, so the effects are performed first.
        answers.into_iter().for_each(answers::deliver);
    }

    /// Handles the passing of a second.
    pub fn tick(self) {
        let Some(driver) = driver().filter(|_| self.is_started()) else {
            return;
        };
        let now = driver.now();
        self.turn_the_calendar(&*driver);
        if matches!(self.shown.status.get_untracked(), Status::Offline { .. }) {
            self.shown.now.set(now);
        }
        if self.back_at.get_value().is_some_and(|at| now >= at + BACK_FOR_MS) {
            self.back_at.set_value(None);
            self.shown.is_back.set(false);
        }
        self.announce(now);
    }

    /// Notes that a person begins or stops to look at the page.
    pub fn watched(self, is_watched: bool) {
        self.input(Input::Watched(is_watched));
        let now = driver().map_or(0, |driver| driver.now());
        if is_watched && now >= self.browsed_at.get_value() + BROWSE_EVERY_MS {
            self.browsed_at.set_value(now);
            self.input(Input::Browse);
        }
    }

    /// Shows the present state.
    pub fn refresh(self) {
        let Some(driver) = driver().filter(|_| self.is_started()) else {
            return;
        };
        let now = driver.now();
        self.turn_the_calendar(&*driver);
        self.client.with_value(|client| {
            self.refresh_log(client, &*driver);
            // An attempt may begin and succeed between two paints, so `Reconnecting` may never be shown.
            let was_lost = matches!(self.shown.status.get_untracked(), Status::Offline { .. } | Status::Reconnecting);
            if client.status() == Status::Live && was_lost {
                self.back_at.set_value(Some(now));
                self.shown.is_back.set(true);
            }
            self.shown.now.set(now);
            self.shown.refresh(client);
        });
        self.announce(now);
        let (title, badge) = self.window();
        driver.call_window(&title, badge);
    }

    fn refresh_log(self, client: &Client, driver: &dyn Driver) {
        let place = client.place();
        let made = (place.clone(), client.revision(), client.divider());
        if self.made.with_value(|before| before.as_ref() == Some(&made)) {
            return;
        }
        let lines = of_client(client, |ts| driver.utc_offset(ts));
        // The chunks of another place do not bind the new list.
        let is_same = self.shown.place.with_untracked(|shown| shown == place);
        let log = self.shown.log.with_untracked(|log| chunks(lines, if is_same { log } else { &[] }));
        self.shown.log.set(log);
        self.made.set_value(Some(made));
        self.announcer.update_value(|announcer| announcer.hear(place, client.epoch(), |after| newer(client, after)));
    }

    fn turn_the_calendar(self, driver: &dyn Driver) {
        let clock = Timestamp::from_millis(driver.clock());
        self.shown.today.set(Some(calendar::day(clock, driver.utc_offset(clock))));
    }

    /// Passes an alert to the announcer. An alert from the shown place is announced with the list instead.
    fn announce_call(self, effect: &Effect) {
        if let Effect::Alert(alert) = effect
            && self.shown.place.with_untracked(|shown| *shown != alert.place)
        {
            self.announcer.update_value(|announcer| announcer.hear_call(alert.clone()));
        }
    }

    fn announce(self, now: u64) {
        if let Some(Some(words)) = self.announcer.try_update_value(|announcer| announcer.speak(now)) {
            self.shown.announcement.set(words);
        }
    }

    /// Returns the window's title, and its icon's badge.
    fn window(self) -> (String, Badge) {
        let (mut waiting, mut unread) = (0, 0);
        self.shown.rooms.with_untracked(|rooms| {
            for room in rooms {
                waiting += room.unread.mentions;
                unread += room.unread.count;
            }
        });
        self.shown.conversations.with_untracked(|lines| waiting += lines.iter().map(|line| line.unread).sum::<usize>());
        let title = self.shown.title.get_untracked();
        let name = isolated(&title);
        match (waiting, unread) {
            (0, 0) => (format!("{name} · Natter"), Badge::None),
            (0, _) => (format!("• {name} · Natter"), Badge::Unread),
            (waiting, _) => (format!("({waiting}) {name} · Natter"), Badge::Attention),
        }
    }
}

/// Returns the path of a place's page. A name needs no encoding, except for non-ASCII letters and digits, which
/// browsers encode.
pub(in crate::ui) fn path(place: &Place, name: &str) -> String {
    match place {
        Place::Room(_) => ["/room/", name].concat(),
        Place::With(peer) => ["/pm/", &peer_segment(*peer, name)].concat(),
        Place::Mentions => "/mentions".to_owned(),
    }
}

/// Returns the entries of others after an entry of the shown place, oldest first.
fn newer(client: &Client, after: EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)> {
    let said = client.said_after(after).map(|entry| (entry.id, Arc::clone(&entry.from), Arc::clone(&entry.text)));
    let mut newer: Vec<_> = said.collect();
    newer.reverse();
    newer
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::ui::state::empty_snapshot;

    #[test]
    fn a_page_that_was_rendered_may_be_let_go_of_on_any_thread() {
        let owner = Owner::new();
        let _page = owner
            .with(|| Live::new(Start { snapshot: empty_snapshot(), mentions: Vec::new(), draft: Draft::default() }));
        std::thread::spawn(move || drop(owner)).join().expect("nothing in it is bound to its thread");
    }
}
