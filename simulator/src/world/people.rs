//! People and their browsers: they open and close pages, write, scroll, change their minds.

use super::{NAMES, World, general};
use crate::{
    broken::Broken,
    check,
    faults::Act,
    person::{Ask, Tab, TabId, Typed},
    situations::{Situation, reached},
    wire::Wire,
};
use app::{
    protocol::{Cursor, Entry, EntryId, Place, RoomName, encode_client_frame},
    sync::{Input, OutgoingState, Row},
};
use natter_server::{chat::PAGE_LEASE_MS, journal::Range};
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
                Ask::Connect(cursor) => {
                    if let Err(broken) = self.connect(person, tab, &cursor) {
                        self.broken.get_or_insert(broken);
                    }
                }
            }
        }
    }

    /// Leads a tab to a node, like a load balancer: mostly to one that runs.
    fn some_place_to_connect(&mut self, person: usize, tab: usize) -> usize {
        let former = self.people[person].tabs[tab].node;
        let node = if self.random.chance(self.faults.hops) { self.some_node() } else { former };
        if self.nodes[node].process.is_some() || self.random.chance(20) {
            return node;
        }
        self.nodes.iter().position(|node| node.process.is_some()).unwrap_or(node)
    }

    pub(super) fn connect(&mut self, person: usize, tab: usize, cursor: &Cursor) -> Result<(), Broken> {
        let id = self.number();
        let (moment, node) = (self.moment(), self.some_place_to_connect(person, tab));
        let session = self.people[person].session;
        let wire = Wire { has_client: true, has_server: self.nodes[node].process.is_some(), node, ..Wire::default() };
        self.wires.insert(id, wire);
        let state = &mut self.people[person].tabs[tab];
        if state.node != node && state.client.outbox().any(|item| item.state == OutgoingState::Waiting) {
            reached(Situation::Hop);
        }
        state.node = node;
        if let Some(former) = state.wire.replace(id)
            && let Some(wire) = self.wires.get_mut(&former)
        {
            wire.has_client = false;
        }
        self.tell(|| format!("tab {person}.{tab} connects to node {node} by wire {id} from {}", cursor.last_id));
        // A frozen node accepts the connection and does nothing with it.
        if let Some(process) = self.nodes[node].running() {
            process.connect(&self.engine, moment, id, &session, cursor)?;
            self.open_taken(node);
        }
        Ok(())
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Loads a page, of the newest entries or of older ones.
    pub(super) fn open_tab(&mut self, person: usize, place: &Place) {
        let (moment, is_older) = (self.moment(), self.random.chance(20));
        // A load balancer asks the nodes that run.
        let node = self.some_node_that(|_| true);
        let Some(process) = self.nodes[node].running() else { return };
        let Some(user) = process.session(&self.engine, &self.people[person].session) else { return };
        let snapshot = process
            .snapshot(&self.engine.store, moment, user, place)
            .or_else(|| process.snapshot(&self.engine.store, moment, user, &general()));
        let Some(mut snapshot) = snapshot else { return };
        if is_older && let Some(newest) = snapshot.entries.last() {
            let range = Range { after: 0, before: newest.id, limit: 2 };
            let log = check::log_of(user, &snapshot.place);
            snapshot.entries = self.engine.store.page(&log, range).unwrap_or_default().entries;
        }
        // Some pages are of an earlier epoch, so the server starts anew with them.
        if self.random.chance(8) {
            snapshot.epoch = "earlier".into();
        }
        let id: TabId = self.number();
        let (place, epoch) = (snapshot.place.clone(), Arc::clone(&snapshot.epoch));
        self.tell(|| format!("{person} opens a page of {place:?} in {epoch}, older: {is_older}"));
        let asks = self.people[person].open(self.now, id, snapshot);
        let tab = self.people[person].tabs.len() - 1;
        self.people[person].tabs[tab].node = node;
        self.do_asked(person, tab, asks);
    }

    /// Draws a room or a conversation.
    pub(super) fn some_place(&mut self) -> Place {
        if self.random.chance(40) {
            let peer = self.random.below(self.people.len());
            return Place::With(self.people[peer].user);
        }
        Place::Room(RoomName::told(self.random.pick(&check::ROOMS).unwrap_or("general")))
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

    /// Loads a page on which no script runs.
    pub(super) fn visit(&mut self) {
        let (person, moment) = (self.random.below(self.people.len()), self.moment());
        let node = self.some_node_that(|_| true);
        let Some(process) = self.nodes[node].running() else { return };
        let Some(user) = process.session(&self.engine, &self.people[person].session) else { return };
        let has_lease = !process.connected().contains(&user);
        process.page_loaded(moment, user);
        if has_lease {
            self.people[person].stays_until = self.now + PAGE_LEASE_MS;
        }
        self.tell(|| format!("{person} reads a page without a script"));
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

    /// Plays an action of a person on a page.
    pub(super) fn act(&mut self, person: usize, tab: usize) {
        match self.faults.next_act(&mut self.random) {
            Act::Say => self.say(person, tab),
            Act::Amend => self.amend(person, tab),
            Act::Join => {
                let room = self.random.pick(&check::ROOMS).unwrap_or("general");
                self.run_command(person, tab, format!("/join {room}").into());
            }
            Act::Leave => {
                // In another tab the person is just writing there.
                let other = self.random.below(self.people[person].tabs.len());
                let place = self.people[person].tabs[tab].client.place().clone();
                if other != tab {
                    self.input(person, other, Input::Show(place));
                }
                self.run_command(person, tab, "/leave".into());
                if other != tab {
                    self.say(person, other);
                }
            }
            Act::Rename => {
                // The names are few, so that two people want the same.
                let name = self.random.pick(&NAMES).unwrap_or("Bo");
                let text: Arc<str> = format!("/nick {name}0").into();
                self.run_command(person, tab, Arc::clone(&text));
                // Somebody else has the same idea.
                let other = self.random.below(self.people.len());
                if other != person && !self.people[other].tabs.is_empty() {
                    self.run_command(other, 0, text);
                }
            }
            Act::LookAtGap => self.look_at_a_gap(person, tab),
            Act::RetryNow => self.input(person, tab, Input::RetryNow),
            Act::Sleep => self.input(person, tab, Input::Slept),
            Act::LoseNetwork => self.input(person, tab, Input::NetworkLost),
            Act::Read => {
                let newest = self.people[person].tabs[tab].client.rows().iter().rev().find_map(|row| match row {
                    Row::Entry(entry) => Some(entry.id),
                    Row::Gap(_) => None,
                });
                newest.into_iter().for_each(|id| self.input(person, tab, Input::Seen(id)));
            }
            Act::Type => self.input(person, tab, Input::Typing(true)),
            Act::RetryFailed => self.decide(person, tab, true),
            Act::Discard => self.decide(person, tab, false),
            Act::GoElsewhere => self.go_elsewhere(person, tab),
            Act::Watch => {
                let is_watched = self.random.chance(50);
                self.input(person, tab, Input::Watched(is_watched));
            }
        }
    }

    /// Shows a room, a conversation that the page lists, or a new one with a user from a list.
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
        self.type_out(person, tab, tab_id, &Arc::clone(&client_id), None, |at| Input::Say {
            place,
            text,
            client_id,
            at,
        });
    }

    /// Passes a text or an amendment to a tab.
    fn type_out(
        &mut self,
        person: usize,
        tab: usize,
        tab_id: TabId,
        client_id: &Arc<str>,
        deletes: Option<EntryId>,
        input: impl FnOnce(u64) -> Input,
    ) {
        let client_id = Arc::clone(client_id);
        let typed = Typed { tab: tab_id, client_id, is_discarded: false, is_retried: false, deletes };
        self.people[person].typed.push(typed);
        // No two texts are typed in one millisecond.
        self.now += 1;
        // The calendar can be set back.
        let input = input(self.clock_off + self.now);
        let asks = self.people[person].say(self.now, tab, input);
        self.do_asked(person, tab, asks);
    }

    /// Edits or deletes an entry that a page shows: mostly one of the person's own. The same in another tab of theirs,
    /// sometimes.
    fn amend(&mut self, person: usize, tab: usize) {
        let user = self.people[person].user;
        let is_any = self.random.chance(10);
        let is_own = |entry: &Entry| entry.user_id == Some(user) && entry.words().is_some();
        let state = &self.people[person].tabs[tab];
        let place = state.client.place().clone();
        let entries = state.client.rows().into_iter().filter_map(|row| match row {
            Row::Entry(entry) if entry.kind.is_spoken() && (is_any || is_own(&entry)) => Some(entry.id),
            _ => None,
        });
        let Some(target) = self.random.pick(&entries.collect::<Vec<_>>()) else { return };
        let tabs = self.people[person].tabs.len();
        let others = if self.random.chance(20) { tabs } else { 0 };
        for tab in (0..others).chain([tab]) {
            let state = &self.people[person].tabs[tab];
            if *state.client.place() != place || state.client.cannot_amend().is_some() {
                continue;
            }
            let tab_id = state.id;
            self.next_text += 1;
            let number = self.next_text;
            let text: Option<Arc<str>> = (!self.random.chance(25)).then(|| format!("edit {number}").into());
            let client_id: Arc<str> = format!("mark-{:04x}-{number}", self.random.below(0x1_0000)).into();
            self.tell(|| format!("tab {person}.{tab} amends {target} in {place:?}: {text:?} ({client_id})"));
            let deletes = if text.is_none() { Some(target) } else { None };
            let (place, id) = (place.clone(), Arc::clone(&client_id));
            let amend = |at| Input::Amend { place, target, text, client_id: id, at };
            self.type_out(person, tab, tab_id, &client_id, deletes, amend);
        }
    }

    fn run_command(&mut self, person: usize, tab: usize, text: Arc<str>) {
        let state = &self.people[person].tabs[tab];
        if state.client.cannot_take(&text).is_none() {
            let (place, at) = (state.client.place().clone(), self.now);
            self.tell(|| format!("tab {person}.{tab} runs in {place:?}: {text}"));
            self.input(person, tab, Input::Say { place, text, client_id: "command".into(), at });
        }
    }

    pub(super) fn look_at_a_gap(&mut self, person: usize, tab: usize) {
        let rows = self.people[person].tabs[tab].client.rows();
        let gaps: Vec<_> = rows
            .into_iter()
            .filter_map(|row| match row {
                Row::Gap(gap) => Some(gap),
                Row::Entry(_) => None,
            })
            .collect();
        if let Some(gap) = self.random.pick(&gaps) {
            self.input(person, tab, Input::Fill(gap));
        }
    }

    /// Sends a refused text again, or discards it.
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
