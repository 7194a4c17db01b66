//! What people and their browsers do: they open and close pages, write, scroll, change their minds.

use super::{NAMES, ROOMS, World, general};
use crate::{
    check,
    person::{Ask, Tab, TabId, Typed},
    wire::Wire,
};
use app::{
    protocol::{RoomName, encode_client_frame},
    sync::{Input, OutgoingState, Place, Row},
};
use natter_server::journal::Range;
use std::sync::Arc;

impl World {
    pub(super) fn owner(&self, wire: u64) -> Option<(usize, usize)> {
        self.people
            .iter()
            .enumerate()
            .find_map(|(at, person)| person.tabs.iter().position(|tab| tab.wire == Some(wire)).map(|tab| (at, tab)))
    }

    pub(super) fn input(&mut self, person: usize, tab: usize, input: Input) {
        let asks = self.people[person].input(self.now, tab, input);
        self.do_asked(person, tab, asks);
    }

    pub(super) fn do_asked(&mut self, person: usize, tab: usize, asks: Vec<Ask>) {
        for ask in asks {
            let Some(state) = self.people[person].tabs.get_mut(tab) else { return };
            match ask {
                Ask::Send(frame) => {
                    let json = encode_client_frame(&frame);
                    if let Some(wire) = state.wire.and_then(|id| self.wires.get_mut(&id)) {
                        wire.up.send(&json);
                    }
                }
                Ask::Disconnect => {
                    if let Some(wire) = state.wire.take().and_then(|id| self.wires.get_mut(&id)) {
                        wire.has_client = false;
                    }
                }
                Ask::Connect(cursor) => self.connect(person, tab, &cursor),
            }
        }
    }

    pub(super) fn connect(&mut self, person: usize, tab: usize, cursor: &app::sync::Cursor) {
        let id = self.number();
        let moment = self.moment();
        let session = self.people[person].session;
        let wire = Wire { has_client: true, has_server: self.process.is_some(), ..Wire::default() };
        let is_taken = wire.has_server;
        self.wires.insert(id, wire);
        if let Some(former) = self.people[person].tabs[tab].wire.replace(id)
            && let Some(wire) = self.wires.get_mut(&former)
        {
            wire.has_client = false;
        }
        self.tell(|| format!("tab {person}.{tab} connects by wire {id} from {}", cursor.last_id));
        if let Some(process) = &mut self.process {
            process.connect(&self.store, moment, id, &session, cursor);
        }
        if is_taken {
            self.input(person, tab, Input::Opened);
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// A page is loaded, of the newest entries or of older ones.
    pub(super) fn open_tab(&mut self, person: usize, place: &Place) {
        let (moment, is_older) = (self.moment(), self.random.chance(20));
        let Some(process) = &mut self.process else { return };
        let Some(user) = process.session(&self.people[person].session) else { return };
        let snapshot = process
            .snapshot(&self.store, moment, user, place)
            .or_else(|| process.snapshot(&self.store, moment, user, &general()));
        let Some(mut snapshot) = snapshot else { return };
        if is_older && let Some(newest) = snapshot.entries.last() {
            let range = Range { after: 0, before: newest.id, limit: 2 };
            let log = check::log_of(user, &snapshot.place);
            snapshot.entries = self.store.page(&log, range).unwrap_or_default().entries;
        }
        // Now and then a page is of an earlier life of the log, and the server starts anew with it.
        if self.random.chance(8) {
            snapshot.epoch = "earlier".into();
        }
        let id: TabId = self.number();
        let (place, epoch) = (snapshot.place.clone(), Arc::clone(&snapshot.epoch));
        self.tell(|| format!("{person} opens a page of {place:?} in {epoch}, older: {is_older}"));
        let asks = self.people[person].open(self.now, id, snapshot);
        let tab = self.people[person].tabs.len() - 1;
        self.do_asked(person, tab, asks);
    }

    /// A room, or the conversation of somebody with anybody.
    pub(super) fn some_place(&mut self) -> Place {
        if self.random.chance(40) {
            let peer = self.random.below(self.people.len());
            return Place::With(self.people[peer].user);
        }
        Place::Room(RoomName::told(self.random.pick(&ROOMS).unwrap_or("general")))
    }

    pub(super) fn close_tab(&mut self, person: usize, tab: usize) {
        if let Some(Tab { wire, .. }) = self.people[person].close(tab) {
            self.tell(|| format!("{person} closes page {tab}"));
            if let Some(wire) = wire.and_then(|id| self.wires.get_mut(&id)) {
                wire.has_client = false;
                let behind = self.random.below(wire.up.len() + 1);
                wire.up.cut(behind);
            }
        }
    }

    pub(super) fn open_or_close(&mut self) {
        let person = self.random.below(self.people.len());
        let tabs = self.people[person].tabs.len();
        if tabs == 0 || (tabs < 3 && self.random.chance(50)) {
            let place = self.some_place();
            self.open_tab(person, &place);
        } else {
            let tab = self.random.below(tabs);
            self.close_tab(person, tab);
        }
    }

    /// A person does something on a page.
    pub(super) fn act(&mut self, person: usize, tab: usize) {
        match self.random.below(24) {
            0..=8 => self.say(person, tab),
            9 => self.run_command(person, tab),
            10..=11 => self.look_at_a_hole(person, tab),
            12 => self.input(person, tab, Input::Nudged),
            13 => self.input(person, tab, Input::Slept),
            14 => self.input(person, tab, Input::NetworkLost),
            15 => {
                let newest = self.people[person].tabs[tab].client.rows().iter().rev().find_map(|row| match row {
                    Row::Entry(entry) => Some(entry.id),
                    Row::Hole(_) => None,
                });
                newest.into_iter().for_each(|id| self.input(person, tab, Input::Seen(id)));
            }
            16 => self.input(person, tab, Input::Typing(true)),
            17..=18 => self.decide(person, tab, true),
            19 => self.decide(person, tab, false),
            20..=22 => self.go_elsewhere(person, tab),
            _ => {
                let is_watched = self.random.chance(50);
                self.input(person, tab, Input::Watched(is_watched));
            }
        }
    }

    /// A person goes to a room, to a conversation that the page lists, or begins one with who stands in a list.
    fn go_elsewhere(&mut self, person: usize, tab: usize) {
        let place = self.some_place();
        self.tell(|| format!("tab {person}.{tab} goes to {place:?}"));
        let client = &self.people[person].tabs[tab].client;
        let input = match place {
            Place::With(peer) if !client.peers().any(|known| known == peer) => {
                let listed = client.users().0.iter().chain(client.away()).find(|user| user.id == peer);
                let Some(listed) = listed else { return };
                Input::Talk(peer, Arc::clone(&listed.name))
            }
            place => Input::Show(place),
        };
        self.input(person, tab, input);
    }

    pub(super) fn say(&mut self, person: usize, tab: usize) {
        self.next_text += 1;
        let number = self.next_text;
        let text: Arc<str> = match self.random.below(10) {
            0 => format!("/me does {number}").into(),
            1 | 2 => format!("/pm {} {number}", self.random.pick(&NAMES).unwrap_or("Bo")).into(),
            _ => format!("text {number} Ελληνικά 🧑‍🚀").into(),
        };
        let state = &self.people[person].tabs[tab];
        if state.client.cannot_take(&text).is_some() {
            return;
        }
        let (place, tab_id) = (state.client.place().clone(), state.id);
        let client_id: Arc<str> = format!("mark-{:04x}-{number}", self.random.below(0x1_0000)).into();
        self.tell(|| format!("tab {person}.{tab} says in {place:?}: {text} ({client_id})"));
        let typed = Typed { tab: tab_id, client_id: Arc::clone(&client_id), is_discarded: false, is_retried: false };
        self.people[person].typed.push(typed);
        // No two texts are typed in one millisecond.
        self.now += 1;
        // By the calendar, which may be set back.
        let say = Input::Say { place, text, client_id, at: self.clock_off + self.now };
        let asks = self.people[person].say(self.now, tab, say);
        self.do_asked(person, tab, asks);
    }

    pub(super) fn run_command(&mut self, person: usize, tab: usize) {
        let room = self.random.pick(&ROOMS).unwrap_or("general");
        let text: Arc<str> = match self.random.below(3) {
            0 => format!("/join {room}").into(),
            1 => "/leave".into(),
            _ => format!("/nick {}{}", NAMES[self.random.below(NAMES.len())], self.random.below(3)).into(),
        };
        let state = &self.people[person].tabs[tab];
        if state.client.cannot_take(&text).is_none() {
            let (place, at) = (state.client.place().clone(), self.now);
            self.tell(|| format!("tab {person}.{tab} runs in {place:?}: {text}"));
            self.input(person, tab, Input::Say { place, text, client_id: "command".into(), at });
        }
    }

    pub(super) fn look_at_a_hole(&mut self, person: usize, tab: usize) {
        let rows = self.people[person].tabs[tab].client.rows();
        let holes: Vec<_> = rows
            .into_iter()
            .filter_map(|row| match row {
                Row::Hole(hole) => Some(hole),
                Row::Entry(_) => None,
            })
            .collect();
        if let Some(hole) = self.random.pick(&holes) {
            self.input(person, tab, Input::Fill(hole));
        }
    }

    /// A refused text is sent again or given up.
    pub(super) fn decide(&mut self, person: usize, tab: usize, again: bool) {
        let is_failed = |state: &OutgoingState| matches!(state, OutgoingState::Failed(_));
        let mut outbox = self.people[person].tabs[tab].client.outbox();
        let Some(client_id) = outbox.find(|item| is_failed(&item.state)).map(|item| Arc::clone(&item.client_id)) else {
            return;
        };
        drop(outbox);
        if let Some(typed) = self.people[person].typed.iter_mut().find(|typed| typed.client_id == client_id) {
            typed.is_retried = true;
            typed.is_discarded |= !again;
        }
        self.tell(|| format!("tab {person}.{tab} gives {client_id} another try: {again}"));
        self.input(person, tab, if again { Input::Retry(client_id) } else { Input::Discard(client_id) });
    }
}
