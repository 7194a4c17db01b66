//! Between the state machine and the screen: inputs go in here, signals come out, effects go to the browser
//! ([`Driver`]).
//!
//! Invariant: what the signals say is what the state machine says, as of its last input when the browser next paints. A
//! burst of frames is shown at once: the list is made once for all of them.

mod answers;
mod asking;
mod doing;

use super::{
    Draft, Start,
    announcer::Announcer,
    driver::{Badge, Driver, driver, set_driver},
    lines::{self, Line},
    part::{Part, Shown},
    stretches::{Stretch, stretches},
};
use crate::{
    bidi::isolated,
    calendar,
    protocol::{EntryId, ErrorCode, Timestamp, UserInfo, peer_segment},
    sync::{Client, ConversationLine, Effect, Hole, Input, Notice, Outgoing, Place, RoomLine, Status},
};
use leptos::prelude::*;
use std::{collections::VecDeque, rc::Rc, sync::Arc};

/// For how long a connection that came back is called so, in milliseconds.
const BACK_FOR_MS: u64 = 4_000;
/// How often the list of rooms is asked for while somebody looks at the page, in milliseconds.
const BROWSE_EVERY_MS: u64 = 60_000;
/// What the person sent from this page that the arrow key brings back.
const RECALLED: usize = 50;

/// What the list was last made of; when it is the same, so is the list.
type Made = (Place, u64, Option<EntryId>, bool);

/// The live state of a page. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    client: StoredValue<Client>,
    /// Whether the page is alive, connected or not.
    pub(super) is_driven: RwSignal<bool>,
    back_at: StoredValue<Option<u64>>,
    browsed_at: StoredValue<u64>,
    made: StoredValue<Option<Made>>,
    announcer: StoredValue<Announcer>,
    said: StoredValue<VecDeque<Arc<str>>>,
    /// The person's name.
    pub(super) name: Part<Arc<str>>,
    /// What is shown.
    pub(super) place: Part<Place>,
    /// What it is called.
    pub(super) title: Part<Arc<str>>,
    /// The rooms that are listed, by name.
    pub(super) rooms: Part<Vec<RoomLine>>,
    /// How many there are beside them.
    pub(super) more_rooms: RwSignal<usize>,
    /// The person's conversations, the one with the newest entry first.
    pub(super) conversations: Part<Vec<ConversationLine>>,
    /// The list.
    pub(super) log: Part<Vec<Stretch>>,
    /// What is missing in it and was asked for.
    pub(super) asked: Part<Vec<Hole>>,
    /// Whether nothing is known yet of what is shown.
    pub(super) is_unknown: RwSignal<bool>,
    /// How much of what is shown is unread.
    pub(super) unread: RwSignal<usize>,
    /// What is on its way.
    pub(super) outgoing: Part<Vec<Outgoing>>,
    /// Why what waits is sent later than it could be.
    pub(super) held_back: RwSignal<Option<ErrorCode>>,
    /// Those present.
    pub(super) users: Part<Vec<UserInfo>>,
    /// Members who are not.
    pub(super) away: Part<Vec<UserInfo>>,
    /// How many are present.
    pub(super) count: RwSignal<usize>,
    /// Who else is writing.
    pub(super) typing: Part<Vec<Arc<str>>>,
    /// Lines for the person alone.
    pub(super) notices: Part<Vec<Notice>>,
    /// How the connection is.
    pub(super) status: Part<Status>,
    /// Whether the connection has just come back.
    pub(super) is_back: RwSignal<bool>,
    /// The clock, as often as something on the screen depends on it.
    pub(super) now: Part<u64>,
    /// The day that it is where the person is, in days since 1970, once that is known.
    pub(super) today: RwSignal<Option<i64>>,
    /// A refused text that the person wants to change.
    pub(super) edited: Part<Option<Outgoing>>,
    /// What the composer is to hold, as another tab has it.
    pub(super) field: RwSignal<Option<String>>,
    /// What the fields held when the page was rendered.
    pub(super) draft: Part<Draft>,
    /// Whether the quick switcher is open.
    pub(super) is_switching: RwSignal<bool>,
    /// What a screen reader says next.
    pub(super) announcement: RwSignal<String>,
    /// Whether the list is read at its end.
    pub(super) is_at_end: RwSignal<bool>,
    /// Whether the line between what was read and what is new is above what is in view.
    pub(super) is_new_above: RwSignal<bool>,
    /// Whether everything below that line was seen for some moments.
    pub(super) is_new_seen: RwSignal<bool>,
}

impl Live {
    /// The state that a page starts from.
    #[must_use]
    pub(super) fn new(Start { snapshot, mentions, draft }: Start) -> Self {
        let mut client = Client::new(snapshot);
        if *client.place() == Place::Mentions {
            client.mentions(mentions);
        }
        let (users, count) = client.users();
        let shown = StoredValue::new(Shown {
            name: Arc::clone(client.name()),
            place: client.place().clone(),
            title: client.name_of(client.place()),
            rooms: client.rooms(),
            conversations: client.conversations(),
            log: stretches(lines(&client, |_| 0), &[]),
            asked: Vec::new(),
            outgoing: client.outgoing(),
            users: users.to_vec(),
            away: client.away().to_vec(),
            typing: Vec::new(),
            notices: Vec::new(),
            status: client.status(),
            now: 0,
            edited: None,
            draft,
        });
        Self {
            name: Part::new(shown, |shown| &mut shown.name),
            place: Part::new(shown, |shown| &mut shown.place),
            title: Part::new(shown, |shown| &mut shown.title),
            rooms: Part::new(shown, |shown| &mut shown.rooms),
            more_rooms: RwSignal::new(client.more_rooms()),
            conversations: Part::new(shown, |shown| &mut shown.conversations),
            log: Part::new(shown, |shown| &mut shown.log),
            asked: Part::new(shown, |shown| &mut shown.asked),
            is_unknown: RwSignal::new(client.is_unknown()),
            unread: RwSignal::new(client.unread(client.place()).count),
            outgoing: Part::new(shown, |shown| &mut shown.outgoing),
            held_back: RwSignal::new(None),
            users: Part::new(shown, |shown| &mut shown.users),
            away: Part::new(shown, |shown| &mut shown.away),
            count: RwSignal::new(count),
            typing: Part::new(shown, |shown| &mut shown.typing),
            notices: Part::new(shown, |shown| &mut shown.notices),
            status: Part::new(shown, |shown| &mut shown.status),
            is_back: RwSignal::new(false),
            now: Part::new(shown, |shown| &mut shown.now),
            today: RwSignal::new(None),
            edited: Part::new(shown, |shown| &mut shown.edited),
            draft: Part::new(shown, |shown| &mut shown.draft),
            field: RwSignal::new(None),
            is_switching: RwSignal::new(false),
            announcement: RwSignal::new(String::new()),
            is_at_end: RwSignal::new(true),
            is_new_above: RwSignal::new(false),
            is_new_seen: RwSignal::new(false),
            announcer: StoredValue::new(Announcer::new(client.newest())),
            client: StoredValue::new(client),
            is_driven: RwSignal::new(false),
            back_at: StoredValue::new(None),
            browsed_at: StoredValue::new(0),
            made: StoredValue::new(None),
            said: StoredValue::new(VecDeque::new()),
        }
    }

    /// The state of this page.
    pub(super) fn shared() -> Self {
        #[expect(clippy::expect_used, reason = "without it this is a page that no script touches")]
        shared().expect("the page says what it starts from")
    }

    /// The state of the page, if this is one that has one.
    #[must_use]
    pub fn of_page() -> Option<Self> {
        shared()
    }

    /// Takes the driver and comes alive.
    pub fn drive(self, driver: Rc<dyn Driver>) {
        set_driver(driver);
        self.is_driven.set(true);
        self.refresh();
    }

    /// Hands an input in. What comes of it is shown when the browser next paints.
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
            match effect {
                Effect::Answered(answer) => answers.push(answer),
                effect => {
                    if let Effect::LetGo(client_id) = &effect {
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
        // Who hears them may have another input.
        answers.into_iter().for_each(answers::deliver);
    }

    /// A second has passed.
    pub fn tick(self) {
        let Some(driver) = driver() else {
            return;
        };
        let now = driver.now();
        self.turn_the_calendar(&*driver);
        if matches!(self.status.get_untracked(), Status::Offline { .. }) {
            self.now.set(now);
        }
        if self.back_at.get_value().is_some_and(|at| now >= at + BACK_FOR_MS) {
            self.back_at.set_value(None);
            self.is_back.set(false);
        }
        self.announce(now);
    }

    /// Whether somebody looks at the page.
    pub fn watched(self, is_watched: bool) {
        self.input(Input::Watched(is_watched));
        let now = driver().map_or(0, |driver| driver.now());
        if is_watched && now >= self.browsed_at.get_value() + BROWSE_EVERY_MS {
            self.browsed_at.set_value(now);
            self.input(Input::Browse);
        }
    }

    /// Shows what there is now.
    pub fn refresh(self) {
        let Some(driver) = driver() else {
            return;
        };
        let now = driver.now();
        self.turn_the_calendar(&*driver);
        self.client.with_value(|client| {
            let place = client.place();
            let divider = client.divider();
            let made = (place.clone(), client.revision(), divider, self.is_driven.get_untracked());
            if self.made.with_value(|before| before.as_ref() != Some(&made)) {
                let utc_offset = |ts| driver.utc_offset(ts);
                let lines = lines(client, utc_offset);
                // Another place is another list, and cut for itself.
                let is_same = self.place.with_untracked(|shown| shown == place);
                let log = self.log.with_untracked(|log| stretches(lines, if is_same { log } else { &[] }));
                self.log.set(log);
                self.made.set_value(Some(made));
                self.announcer
                    .update_value(|announcer| announcer.hear(place, client.epoch(), |after| newer(client, after)));
            }
            show(self.is_new_seen, client.is_divider_seen());
            self.asked.set(client.asked());
            self.title.set(client.name_of(place));
            self.place.set(place.clone());
            self.name.set(Arc::clone(client.name()));
            self.rooms.set(client.rooms());
            show(self.more_rooms, client.more_rooms());
            self.conversations.set(client.conversations());
            show(self.is_unknown, client.is_unknown());
            show(self.unread, client.unread(place).count);
            self.outgoing.set(client.outgoing());
            show(self.held_back, client.held_back());
            let (users, count) = client.users();
            self.users.set(users.to_vec());
            self.away.set(client.away().to_vec());
            show(self.count, count);
            self.typing.set(client.typing().cloned().collect());
            self.notices.set(client.notices().cloned().collect());
            let status = client.status();
            // Trying again may begin and succeed between two frames, and is then never shown.
            let was_lost = matches!(self.status.get_untracked(), Status::Offline { .. } | Status::Reconnecting);
            if status == Status::Live && was_lost {
                self.back_at.set_value(Some(now));
                self.is_back.set(true);
            }
            self.now.set(now);
            self.status.set(status);
        });
        self.announce(now);
        let (title, badge) = self.window();
        driver.call_window(&title, badge);
    }

    fn turn_the_calendar(self, driver: &dyn Driver) {
        let clock = Timestamp::from_millis(driver.clock());
        show(self.today, Some(calendar::day(clock, driver.utc_offset(clock))));
    }

    /// What is said to the person in the shown place is read out from the list.
    fn announce_call(self, effect: &Effect) {
        if let Effect::Alert(alert) = effect
            && self.place.with_untracked(|shown| *shown != alert.place)
        {
            self.announcer.update_value(|announcer| announcer.hear_call(alert.clone()));
        }
    }

    fn announce(self, now: u64) {
        if let Some(Some(words)) = self.announcer.try_update_value(|announcer| announcer.speak(now)) {
            self.announcement.set(words);
        }
    }

    /// What the window is called, and what its icon shows.
    fn window(self) -> (String, Badge) {
        let (mut waiting, mut unread) = (0, 0);
        self.rooms.with_untracked(|rooms| {
            for room in rooms {
                waiting += room.unread.mentions;
                unread += room.unread.count;
            }
        });
        self.conversations.with_untracked(|lines| waiting += lines.iter().map(|line| line.unread).sum::<usize>());
        let title = self.title.get_untracked();
        let name = isolated(&title);
        match (waiting, unread) {
            (0, 0) => (format!("{name} · Natter"), Badge::None),
            (0, _) => (format!("• {name} · Natter"), Badge::Unread),
            (waiting, _) => (format!("({waiting}) {name} · Natter"), Badge::Attention),
        }
    }
}

/// On the server the islands of a page find its state in their context, for many pages are rendered side by side.
#[cfg(not(feature = "hydrate"))]
fn shared() -> Option<Live> {
    use_context()
}

/// In the browser there is one page. Its islands come alive one by one, without a context, and the first one reads what
/// the frame around them says of it.
#[cfg(feature = "hydrate")]
fn shared() -> Option<Live> {
    use std::cell::Cell;

    thread_local! {
        static PAGE: Cell<Option<Live>> = const { Cell::new(None) };
    }

    if PAGE.get().is_none() {
        let frame = document().query_selector("[data-start]").ok()??;
        PAGE.set(Some(Live::new(crate::protocol::read_json(&frame.get_attribute("data-start")?)?)));
    }
    PAGE.get()
}

/// Makes a state the one of the page that is rendered.
pub(super) fn provide(live: Live) -> Live {
    provide_context(live);
    live
}

/// The path of the page that shows a place which is called so. Names have no character that would have to be encoded
/// but letters and digits of all scripts, which browsers encode.
pub(super) fn path(place: &Place, name: &str) -> String {
    match place {
        Place::Room(_) => ["/room/", name].concat(),
        Place::With(peer) => ["/pm/", &peer_segment(*peer, name)].concat(),
        Place::Mentions => "/mentions".to_owned(),
    }
}

/// The lines of the shown place, whose clock is so far ahead of UTC at a moment, in minutes. Of mentions none goes on where
/// another ended, for it was said elsewhere.
fn lines(client: &Client, utc_offset: impl Fn(Timestamp) -> i32) -> Vec<Line> {
    let mut lines = lines::lines(client.rows(), client.divider(), utc_offset);
    if *client.place() == Place::Mentions {
        for line in &mut lines {
            if let Line::Entry(_, goes_on) = line {
                *goes_on = false;
            }
        }
    }
    lines
}

/// What others said in the shown place after an entry, oldest first.
fn newer(client: &Client, after: EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)> {
    let said = client.said_after(after).map(|entry| (entry.id, Arc::clone(&entry.from), Arc::clone(&entry.text)));
    let mut newer: Vec<_> = said.collect();
    newer.reverse();
    newer
}

/// Sets a signal if that changes something, so that only what changed is rendered.
fn show<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        protocol::{RoomName, UserId},
        sync::Snapshot,
    };

    #[test]
    fn a_page_that_was_rendered_may_be_let_go_of_on_any_thread() {
        let snapshot = Snapshot {
            user_id: UserId(1),
            name: "Ada".into(),
            place: Place::Room(RoomName::general()),
            entries: Vec::new(),
            users: Vec::new(),
            away: Vec::new(),
            count: 0,
            epoch: "e1".into(),
            cursor: 0,
            rooms: Vec::new(),
            more_rooms: 0,
            conversations: Vec::new(),
        };
        let owner = Owner::new();
        let _page = owner.with(|| Live::new(Start { snapshot, mentions: Vec::new(), draft: Draft::default() }));
        std::thread::spawn(move || drop(owner)).join().expect("nothing in it is bound to its thread");
    }
}
