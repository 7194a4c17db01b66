//! The store that all nodes share: one order of facts, batches numbered per node, and the nodes' heartbeats. It plays
//! the part of a database: what it has answered is durable, and it does not know if the answer arrived.

use crate::{
    broken::Broken,
    situations::{Situation, reached},
};
use app::protocol::{EntryKind, UserId};
use natter_server::journal::{
    Answer, Answered, Change, Fact, JournalError, NodeId, Placed, Position, SessionHash, Store, StoredUser, Ticket,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// Time without a heartbeat in milliseconds after which a node is late.
const LATE_AFTER_MS: u64 = 5_000;

/// Changes that are sent together.
pub(crate) type Changes = Vec<(Ticket, Change)>;

/// A node that is not dead, as the store knows it.
#[derive(Debug)]
struct Known {
    beat_at: u64,
    /// Number of the last batch; its answers are in `answers`.
    batch: u64,
    answers: Vec<Answered>,
}

/// The shared store. See the [module](self).
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    facts: Vec<Placed>,
    nodes: BTreeMap<NodeId, Known>,
    last_node: NodeId,
    /// Digest of a chat that applied the facts up to a position.
    digests: HashMap<Position, u64>,
    /// Connected users with their nodes by the facts; the present users are in `present`.
    connected: BTreeSet<(UserId, NodeId)>,
    present: BTreeSet<UserId>,
    /// Users who were connected to a node that died, and have not returned.
    lost: BTreeSet<UserId>,
    /// `client_id`s of texts that were committed for a process that died before it got the answer.
    pub(crate) orphans: HashSet<Arc<str>>,
}

impl Engine {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            facts: Vec::new(),
            nodes: BTreeMap::new(),
            last_node: NodeId(0),
            digests: HashMap::new(),
            connected: BTreeSet::new(),
            present: BTreeSet::new(),
            lost: BTreeSet::new(),
            orphans: HashSet::new(),
        }
    }

    /// Registers a new node, under a number that was never used before.
    pub(crate) fn attach(&mut self, now: u64) -> NodeId {
        self.last_node.0 += 1;
        self.nodes.insert(self.last_node, Known { beat_at: now, batch: 0, answers: Vec::new() });
        self.last_node
    }

    /// Registers the only process of a store, with nobody connected.
    pub(crate) fn attach_alone(&mut self) -> NodeId {
        self.store.restart();
        // Presence is not stored, so a restored chat has another state at the same position.
        self.digests.clear();
        self.connected.clear();
        self.present.clear();
        let node = NodeId(1);
        self.nodes.insert(node, Known { beat_at: 0, batch: 0, answers: Vec::new() });
        node
    }

    /// Returns the position of the last fact.
    pub(crate) fn newest(&self) -> Position {
        self.facts.last().map_or(0, |fact| fact.at)
    }

    pub(crate) fn facts_after(&self, position: Position) -> Vec<Placed> {
        let behind = self.facts.partition_point(|fact| fact.at <= position);
        self.facts[behind..].to_vec()
    }

    /// Yields the nodes that are not dead.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.keys().copied()
    }

    /// Commits a batch, or repeats the answers to the last one. Returns `None` for a copy of an older batch.
    pub(crate) fn write(
        &mut self,
        node: NodeId,
        batch: u64,
        changes: &[(Ticket, Change)],
    ) -> Result<Option<Vec<Answered>>, Broken> {
        if let Some(known) = self.nodes.get(&node) {
            if batch < known.batch {
                reached(Situation::OldBatch);
                return Ok(None);
            }
            if batch == known.batch {
                reached(Situation::RepeatedBatch);
                return Ok(Some(known.answers.clone()));
            }
        }
        let news = self.store.write(node, changes);
        for fact in &news.facts {
            let last = self.newest();
            if last > 0 && fact.at != last + 1 {
                return Err(Broken(format!("{fact:?} is committed behind {last}")));
            }
            self.note(&fact.fact);
            self.facts.push(fact.clone());
        }
        self.count(changes, &news.facts, &news.answers);
        if let Some(known) = self.nodes.get_mut(&node) {
            known.batch = batch;
            known.answers.clone_from(&news.answers);
        }
        Ok(Some(news.answers))
    }

    /// Returns the nodes to which each user is connected, by the facts.
    pub(crate) const fn connected(&self) -> &BTreeSet<(UserId, NodeId)> {
        &self.connected
    }

    pub(crate) fn is_present(&self, user: UserId) -> bool {
        self.present.contains(&user)
    }

    fn note(&mut self, fact: &Fact) {
        match *fact {
            Fact::Came { user, node, .. } => {
                self.present.insert(user);
                self.connected.extend(node.map(|node| (user, node)));
                if self.lost.remove(&user) {
                    reached(Situation::Buried);
                }
            }
            Fact::Went { user, node, .. } => {
                self.connected.remove(&(user, node));
            }
            Fact::Gone { user } | Fact::Forgotten { user, .. } => {
                self.present.remove(&user);
                self.lost.remove(&user);
            }
            Fact::NodeDown { node } => {
                self.nodes.remove(&node);
                self.lost.extend(self.connected.iter().filter(|(_, of)| *of == node).map(|(user, _)| *user));
                self.connected.retain(|(_, of)| *of != node);
            }
            _ => {}
        }
    }

    /// Counts rare situations in a batch.
    fn count(&self, changes: &[(Ticket, Change)], facts: &[Placed], answers: &[Answered]) {
        for ((ticket, change), answer) in changes.iter().zip(answers) {
            match (change, &answer.result) {
                (Change::Append(draft), Ok(Answer::Repeated(..)))
                    if draft.client_id.as_ref().is_some_and(|client_id| self.orphans.contains(client_id)) =>
                {
                    reached(Situation::ResendAfterCrash);
                }
                (Change::Append(draft), Ok(Answer::NoSuchEntry)) if draft.kind == EntryKind::Edit => {
                    reached(Situation::EditAfterDeletion);
                }
                (Change::Append(_), Err(JournalError::Store(_))) => reached(Situation::TextRefused),
                (Change::Append(_), Err(JournalError::Fenced)) => reached(Situation::TextFenced),
                (Change::Rename { .. }, Ok(Answer::NameTaken)) => reached(Situation::NameTakenElsewhere),
                (Change::Gone { user }, Ok(_)) => {
                    let is_gone = |fact: &&Placed| fact.origin.1 == *ticket && fact.fact == Fact::Gone { user: *user };
                    if !facts.iter().any(|fact| is_gone(&fact)) {
                        reached(Situation::GoneMeetsCame);
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns the user of a session; `None` if it has ended.
    pub(crate) fn user_of(&self, session: &SessionHash) -> Result<Option<UserId>, Broken> {
        let restored = self.store.restored(NodeId(0)).map_err(|error| Broken(error.to_string()))?;
        let has_it = |user: &&StoredUser| user.sessions.iter().any(|stored| stored.hash == *session);
        Ok(restored.users.iter().find(has_it).map(|user| user.id))
    }

    /// Records a node's heartbeat. Returns the late nodes if this node is the one to declare them dead.
    pub(crate) fn beat(&mut self, node: NodeId, now: u64) -> Result<Vec<NodeId>, JournalError> {
        self.nodes.get_mut(&node).ok_or(JournalError::Fenced)?.beat_at = now;
        let is_late = |known: &Known| known.beat_at + LATE_AFTER_MS < now;
        let keeper = self.nodes.iter().find(|(_, known)| !is_late(known)).map(|(keeper, _)| *keeper);
        let late = self.nodes.iter().filter(|(_, known)| keeper == Some(node) && is_late(known));
        Ok(late.map(|(late, _)| *late).collect())
    }

    /// Compares the digest of a chat at a position with that of others.
    pub(crate) fn compare(&mut self, position: Position, digest: u64) -> Result<(), Broken> {
        let known = *self.digests.entry(position).or_insert(digest);
        if known == digest { Ok(()) } else { Err(Broken(format!("two nodes differ at position {position}"))) }
    }
}
