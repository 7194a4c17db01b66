//! A person with some tabs of one browser: the shipped client in each, and between them what the browser gives
//! (`frontend`): a storage, the news of its changes, and a lock.

use app::{
    protocol::{ClientFrame, UserId},
    sync::{Client, Cursor, Effect, Input, Outgoing, Snapshot, Status},
};
use natter_server::journal::SessionHash;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Numbers tabs over all people.
pub(crate) type TabId = u64;

/// What the browser has for a tab and has not delivered.
#[derive(Debug)]
pub(crate) enum News {
    /// What is kept under this mark has changed, or is not kept any more.
    Changed(Arc<str>),
    /// The lock is this tab's. Whatever is kept by then is handed in first.
    Granted,
    Stolen,
}

/// What a tab asks of the world.
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
    /// The connection that it has or makes.
    pub(crate) wire: Option<u64>,
}

/// Something that was typed and taken.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) tab: TabId,
    pub(crate) client_id: Arc<str>,
    pub(crate) is_discarded: bool,
    /// Sent again by hand, after others.
    pub(crate) is_retried: bool,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) session: SessionHash,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) storage: BTreeMap<Arc<str>, Outgoing>,
    /// Whether the browser has locks: it does not everywhere.
    pub(crate) has_locks: bool,
    holder: Option<TabId>,
    in_line: VecDeque<TabId>,
    pub(crate) typed: Vec<Typed>,
    /// What was let go of, to be checked against the store.
    pub(crate) let_go: BTreeSet<Arc<str>>,
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
            let_go: BTreeSet::new(),
        }
    }

    /// Opens a page, as `frontend::driver::start` does.
    pub(crate) fn open(&mut self, now: u64, id: TabId, snapshot: Snapshot) -> Vec<Ask> {
        let client = Client::new(snapshot);
        self.tabs.push(Tab { id, client, news: VecDeque::new(), wakes_at: None, wire: None });
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

    /// The lock goes to who is first in line.
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

    /// The browser delivers what it has first for a tab.
    pub(crate) fn news(&mut self, now: u64, at: usize) -> Vec<Ask> {
        let news = self.tabs.get_mut(at).and_then(|tab| tab.news.pop_front());
        match news {
            None => Vec::new(),
            Some(News::Changed(client_id)) => {
                // As it is now, not as it was when it changed.
                let item = self.storage.get(&client_id).cloned();
                self.input(now, at, item.map_or(Input::LetGo(client_id), |item| Input::Kept(vec![item])))
            }
            Some(News::Stolen) => self.input(now, at, Input::MaySend(false)),
            Some(News::Granted) => {
                let mut asks = self.hand_in(now, at);
                asks.extend(self.input(now, at, Input::MaySend(true)));
                asks
            }
        }
    }

    /// A tab reads what is kept, whether or not it has heard of it.
    fn hand_in(&mut self, now: u64, at: usize) -> Vec<Ask> {
        let kept = self.storage.values().cloned().collect();
        self.input(now, at, Input::Kept(kept))
    }

    /// The person sends a text from a tab.
    pub(crate) fn say(&mut self, now: u64, at: usize, say: Input) -> Vec<Ask> {
        let mut asks = self.hand_in(now, at);
        asks.extend(self.input(now, at, say));
        asks
    }

    /// Hands an input to a tab's client, does what is the browser's, and returns what is the world's.
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
                Effect::Keep(item) => {
                    self.storage.insert(Arc::clone(&item.client_id), item.clone());
                    self.tell_others(id, &item.client_id);
                }
                Effect::LetGo(client_id) => {
                    if self.storage.remove(&client_id).is_some() {
                        self.let_go.insert(Arc::clone(&client_id));
                        self.tell_others(id, &client_id);
                    }
                }
                Effect::ClaimSending => self.steal(id),
                // The client itself has switched, and what calls for attention changes nothing.
                Effect::Shown(..) | Effect::Alert(_) | Effect::Answered(_) => {}
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
