//! Presence: which users are present, and to which nodes they are connected. Nothing of it is written: it starts anew
//! with the process that has the store.

use crate::journal::NodeId;
use app::protocol::UserId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The committed presence of all users.
#[derive(Debug, Default)]
pub struct Presence {
    connected: BTreeSet<(UserId, NodeId)>,
    present: BTreeSet<UserId>,
    buried: BTreeSet<NodeId>,
}

impl Presence {
    /// Returns the present users, each with the nodes to which they are connected.
    #[must_use]
    pub fn all(&self) -> BTreeMap<UserId, BTreeSet<NodeId>> {
        let mut all: BTreeMap<_, BTreeSet<_>> = self.present.iter().map(|user| (*user, BTreeSet::new())).collect();
        for (user, node) in &self.connected {
            all.entry(*user).or_default().insert(*node);
        }
        all
    }
}

/// The presence within a transaction, which takes effect with its commit.
#[derive(Debug)]
pub struct PresenceChanges<'a> {
    committed: &'a Presence,
    connected: HashMap<(UserId, NodeId), bool>,
    present: HashMap<UserId, bool>,
    buried: BTreeSet<NodeId>,
}

impl<'a> PresenceChanges<'a> {
    /// Starts without changes.
    #[must_use]
    pub fn to(committed: &'a Presence) -> Self {
        Self { committed, connected: HashMap::new(), present: HashMap::new(), buried: BTreeSet::new() }
    }

    /// Returns `true` if the user is connected to any node.
    #[must_use]
    pub fn is_connected(&self, user: UserId) -> bool {
        let nodes = (user, NodeId(0))..=(user, NodeId(u64::MAX));
        let mut before = self.committed.connected.range(nodes).filter(|key| !self.connected.contains_key(key));
        before.next().is_some() || self.connected.iter().any(|((who, _), is_so)| *who == user && *is_so)
    }

    /// Connects a user to a node. Returns `false` if that was so already.
    pub fn connect(&mut self, user: UserId, node: NodeId) -> bool {
        !self.set_connected((user, node), true)
    }

    /// Disconnects a user from a node. Returns `false` if that was so already.
    pub fn disconnect(&mut self, user: UserId, node: NodeId) -> bool {
        self.set_connected((user, node), false)
    }

    /// Marks a user as present. Returns `false` if that was so already.
    pub fn show(&mut self, user: UserId) -> bool {
        !self.set_present(user, true)
    }

    /// Marks a user as absent. Returns `false` if that was so already.
    pub fn hide(&mut self, user: UserId) -> bool {
        self.set_present(user, false)
    }

    /// Returns `true` if the node was declared dead, so that its changes are refused.
    #[must_use]
    pub fn is_buried(&self, node: NodeId) -> bool {
        self.buried.contains(&node) || self.committed.buried.contains(&node)
    }

    /// Declares a node dead and ends the connections to it. Returns `false` if that was so already.
    pub fn bury(&mut self, node: NodeId) -> bool {
        if self.is_buried(node) {
            return false;
        }
        let known = self.committed.connected.iter().chain(self.connected.keys());
        let ended: Vec<_> = known.filter(|(_, of)| *of == node).copied().collect();
        self.connected.extend(ended.into_iter().map(|key| (key, false)));
        self.buried.insert(node)
    }

    /// Returns the changes for [`Changed::commit`].
    #[must_use]
    pub fn into_changed(self) -> Changed {
        Changed { connected: self.connected, present: self.present, buried: self.buried }
    }

    fn set_connected(&mut self, key: (UserId, NodeId), is_so: bool) -> bool {
        self.connected.insert(key, is_so).unwrap_or_else(|| self.committed.connected.contains(&key))
    }

    fn set_present(&mut self, user: UserId, is_so: bool) -> bool {
        self.present.insert(user, is_so).unwrap_or_else(|| self.committed.present.contains(&user))
    }
}

/// The presence changes of a transaction.
#[derive(Debug)]
pub struct Changed {
    connected: HashMap<(UserId, NodeId), bool>,
    present: HashMap<UserId, bool>,
    buried: BTreeSet<NodeId>,
}

impl Changed {
    /// Applies the changes after the commit of their transaction.
    pub fn commit(self, presence: &mut Presence) {
        set(&mut presence.connected, self.connected);
        set(&mut presence.present, self.present);
        presence.buried.extend(self.buried);
    }
}

fn set<T: Ord>(members: &mut BTreeSet<T>, changes: HashMap<T, bool>) {
    for (member, is_so) in changes {
        if is_so {
            members.insert(member);
        } else {
            members.remove(&member);
        }
    }
}
