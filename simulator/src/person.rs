//! A person with some tabs of one browser: the shipped client in each, and the browser's services to them (`frontend`):
//! a storage, the events of its changes, and a lock.

use crate::situations::{Situation, reached};
use app::{
    protocol::{ClientFrame, Cursor, EntryId, Snapshot, UserId},
    sync::{Client, Effect, Input, Outgoing, Status},
};
use natter_server::journal::SessionHash;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Number of a tab, unique over all people.
pub(crate) type TabId = u64;

/// An event that the browser has not delivered to a tab.
#[derive(Debug)]
pub(crate) enum News {
    /// The stored text of this `client_id` was changed or removed.
    Changed(Arc<str>),
    /// The lock was granted to this tab. All stored texts are passed to it first.
    Granted,
    Stolen,
}

/// A request of a tab to the world.
#[derive(Debug)]
pub(crate) enum Ask {
    Connect(Cursor),
    Disconnect,
    Send(ClientFrame),
}

/// A page with its client.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) id: TabId,
    pub(crate) client: Client,
    pub(crate) news: VecDeque<News>,
    pub(crate) wakes_at: Option<u64>,
    /// Connection of the tab, open or being opened.
    pub(crate) wire: Option<u64>,
    /// Node to which the tab connected last.
    pub(crate) node: usize,
}

/// A text that was typed and accepted.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) tab: TabId,
    pub(crate) client_id: Arc<str>,
    pub(crate) is_discarded: bool,
    /// `true` if the text was sent again by hand, after others.
    pub(crate) is_retried: bool,
    /// Entry that was to be deleted, if it is a deletion.
    pub(crate) deletes: Option<EntryId>,
}

/// The person. See the [module](self).
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) session: SessionHash,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) storage: BTreeMap<Arc<str>, Outgoing>,
    /// `true` if the browser has locks, which not every one does.
    pub(crate) has_locks: bool,
    holder: Option<TabId>,
    in_line: VecDeque<TabId>,
    pub(crate) typed: Vec<Typed>,
    /// `true` if the person closed all pages for good.
    pub(crate) has_left: bool,
    /// End of the lease of the last page on which no script ran.
    pub(crate) stays_until: u64,
    /// Texts that were removed from the storage, to be checked against the store.
    pub(crate) removed: BTreeSet<Arc<str>>,
}

impl Person {
    pub(crate) fn new(user: UserId, session: SessionHash, has_locks: bool) -> Self {
        Self {
            user,
            session,
            tabs: Vec::new(),
            storage: BTreeMap::new(),
            has_locks,
            holder: None,
            in_line: VecDeque::new(),
            typed: Vec::new(),
            has_left: false,
            stays_until: 0,
            removed: BTreeSet::new(),
        }
    }

    /// Opens a page, as `frontend::driver::start` does.
    pub(crate) fn open(&mut self, now: u64, id: TabId, snapshot: Snapshot) -> Vec<Ask> {
        let client = Client::new(snapshot);
        self.tabs.push(Tab { id, client, news: VecDeque::new(), wakes_at: None, wire: None, node: 0 });
        let at = self.tabs.len() - 1;
        let mut asks = self.hand_in(now, at);
        if self.has_locks {
            asks.extend(self.input(now, at, Input::MaySend(false)));
            self.in_line.push_back(id);
            self.grant();
        }
        asks.extend(self.input(now, at, Input::Start));
        asks
    }

    /// Closes a page, by hand or by a crash.
    pub(crate) fn close(&mut self, at: usize) -> Option<Tab> {
        if at >= self.tabs.len() {
            return None;
        }
        let tab = self.tabs.remove(at);
        self.in_line.retain(|id| *id != tab.id);
        if self.holder == Some(tab.id) {
            self.holder = None;
        }
        self.grant();
        Some(tab)
    }

    /// Grants the lock to the first tab in line.
    fn grant(&mut self) {
        if self.holder.is_none() {
            self.holder = self.in_line.pop_front();
            let holder = self.holder;
            if let Some(tab) = self.tabs.iter_mut().find(|tab| Some(tab.id) == holder) {
                tab.news.push_back(News::Granted);
            }
        }
    }

    fn steal(&mut self, id: TabId) {
        if !self.has_locks || self.holder == Some(id) {
            return;
        }
        if self.tabs.iter().any(|tab| tab.news.iter().any(|news| matches!(news, News::Stolen))) {
            reached(Situation::TwoTakeovers);
        }
        let former = self.holder.replace(id);
        for tab in &mut self.tabs {
            if Some(tab.id) == former {
                tab.news.push_back(News::Stolen);
            } else if tab.id == id {
                tab.news.push_back(News::Granted);
            }
        }
        self.in_line.extend(former);
    }

    /// Delivers the browser's oldest event to a tab.
    pub(crate) fn news(&mut self, now: u64, at: usize) -> Vec<Ask> {
        let news = self.tabs.get_mut(at).and_then(|tab| tab.news.pop_front());
        match news {
            None => Vec::new(),
            Some(News::Changed(client_id)) => {
                // The event delivers the current state, not that of the time of the change.
                let item = self.storage.get(&client_id).cloned();
                self.input(now, at, item.map_or(Input::Removed(client_id), |item| Input::Restored(vec![item])))
            }
            Some(News::Stolen) => self.input(now, at, Input::MaySend(false)),
            Some(News::Granted) => {
                let mut asks = self.hand_in(now, at);
                asks.extend(self.input(now, at, Input::MaySend(true)));
                asks
            }
        }
    }

    /// Passes all stored texts to a tab, known or not.
    fn hand_in(&mut self, now: u64, at: usize) -> Vec<Ask> {
        let kept = self.storage.values().cloned().collect();
        self.input(now, at, Input::Restored(kept))
    }

    /// Sends a text from a tab.
    pub(crate) fn say(&mut self, now: u64, at: usize, say: Input) -> Vec<Ask> {
        let mut asks = self.hand_in(now, at);
        asks.extend(self.input(now, at, say));
        asks
    }

    /// Passes an input to a tab's client, carries out the browser's part of the effects, and returns the world's.
    pub(crate) fn input(&mut self, now: u64, at: usize, input: Input) -> Vec<Ask> {
        let Some(tab) = self.tabs.get_mut(at) else {
            return Vec::new();
        };
        let id = tab.id;
        let effects = tab.client.handle(now, input);
        if tab.client.status() == Status::SignedOut {
            tab.wakes_at = None;
        }
        let mut asks = Vec::new();
        for effect in effects {
            match effect {
                Effect::Connect(cursor) => asks.push(Ask::Connect(cursor)),
                Effect::Disconnect => asks.push(Ask::Disconnect),
                Effect::Send(frame) => asks.push(Ask::Send(frame)),
                Effect::Persist(item) => {
                    self.storage.insert(Arc::clone(&item.client_id), item.clone());
                    self.tell_others(id, &item.client_id);
                }
                Effect::Remove(client_id) => {
                    if self.storage.remove(&client_id).is_some() {
                        self.removed.insert(Arc::clone(&client_id));
                        self.tell_others(id, &client_id);
                    }
                }
                Effect::ClaimSending => self.steal(id),
                // The client itself has switched, and alerts change nothing.
                Effect::Shown(..) | Effect::Alert(_) | Effect::Answered(_) | Effect::Deleted(_) => {}
                Effect::WakeAt(wakes_at) => self.tabs[at].wakes_at = Some(wakes_at),
            }
        }
        asks
    }

    fn tell_others(&mut self, id: TabId, client_id: &Arc<str>) {
        for tab in self.tabs.iter_mut().filter(|tab| tab.id != id) {
            tab.news.push_back(News::Changed(Arc::clone(client_id)));
        }
    }
}
