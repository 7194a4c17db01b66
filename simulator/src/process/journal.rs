//! A process's work with the store: batches, facts, heartbeats.

use super::{Changes, Engine, Process};
use crate::{
    broken::Broken,
    moment::Moment,
    situations::{Situation, reached},
};
use app::protocol::{LogId, UserId};
use natter_server::{
    chat::Lost,
    journal::{Change, Fact, News, NodeId, PROBE, Placed, Position},
};

/// Maximum time of a node without the store, in milliseconds.
const WITHOUT_STORE_MS: u64 = 10_000;
/// Interval of a node's heartbeats, in milliseconds.
const BEAT_EVERY_MS: u64 = 1_000;
/// Maximum time between two consecutive heartbeats, in milliseconds.
const BEATS_WITHIN_MS: u64 = 2_500;
/// Number of consecutive heartbeats after which a node declares others dead.
const BEATS_BEFORE_BURYING: usize = 5;

/// Changes that were sent, or will be sent again, under their number.
#[derive(Debug)]
pub(super) struct Batch {
    number: u64,
    changes: Changes,
}

/// The fate of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    On,
    /// The process starts over: it is fenced, or was without the store for too long.
    StartsOver,
}

impl Process {
    pub(crate) const fn node(&self) -> NodeId {
        self.node
    }

    pub(crate) fn position(&self) -> Position {
        self.chat().position()
    }

    pub(crate) fn is_busy(&self) -> bool {
        let waiting = self.host.outside();
        self.has_unwritten() || !self.done.is_empty() || !waiting.reads.is_empty() || !self.parked.is_empty()
    }

    pub(crate) fn has_unwritten(&self) -> bool {
        !self.host.outside().changes.is_empty() || self.in_flight.is_some()
    }

    /// Yields the changes without an answer.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = &Change> {
        let sent = self.in_flight.iter().flat_map(|batch| &batch.changes);
        sent.chain(&self.host.outside().changes).map(|(_, change)| change)
    }

    /// Returns `true` if a change of the user's presence is unanswered.
    pub(crate) fn is_to_tell_of(&self, who: UserId) -> bool {
        self.unanswered().any(|change| match change {
            Change::Came { user, .. } | Change::Went { user, .. } => *user == who,
            _ => false,
        })
    }

    /// Sends up to `most` pending changes in one batch, or the last batch again. The answer can get lost. Returns a
    /// copy of the batch, which can arrive again at any time.
    pub(crate) fn write(
        &mut self,
        engine: &mut Engine,
        most: usize,
        is_answer_lost: bool,
    ) -> Result<Option<(NodeId, u64, Changes)>, Broken> {
        self.note_rename_beside_private_text();
        if self.in_flight.is_none() {
            let changes = &mut self.host.outside_mut().changes;
            let changes: Vec<_> = changes.drain(..most.min(changes.len())).collect();
            if changes.is_empty() {
                return Ok(None);
            }
            self.batches += 1;
            self.in_flight = Some(Batch { number: self.batches, changes });
        }
        let Some(batch) = &self.in_flight else { return Ok(None) };
        let before = engine.newest();
        let answers = engine.write(self.node, batch.number, &batch.changes)?;
        let copy = (self.node, batch.number, batch.changes.clone());
        if is_answer_lost && !self.is_alone {
            return Ok(Some(copy));
        }
        // A single process may have committed more than its chat has applied so far.
        let seen = if self.is_alone { before } else { self.position() };
        self.done.push_back(News { facts: engine.facts_after(seen), answers: answers.unwrap_or_default() });
        self.in_flight = None;
        Ok(Some(copy))
    }

    fn note_rename_beside_private_text(&self) {
        let renames = self.unanswered().filter_map(|change| match change {
            Change::Rename { user, .. } => Some(*user),
            _ => None,
        });
        let is_private = |change: &Change, user| match change {
            Change::Append(draft) => matches!(draft.log, LogId::Conversation(pair) if pair.users().contains(&user)),
            _ => false,
        };
        for user in renames {
            if self.unanswered().any(|change| is_private(change, user)) {
                reached(Situation::RenameAndPrivateText);
            }
        }
    }

    /// Tells the node of new facts.
    pub(crate) const fn wake(&mut self) {
        self.is_woken = true;
    }

    /// Reads the facts that the node lacks, if it was woken or looks by itself.
    pub(crate) fn follow(&mut self, engine: &Engine, looks_by_itself: bool) {
        let (is_woken, is_behind) = (std::mem::take(&mut self.is_woken), self.position() < engine.newest());
        if self.is_alone || !is_behind || !(is_woken || looks_by_itself) {
            return;
        }
        // News that waits to be applied is not missed.
        if !is_woken && self.done.is_empty() {
            reached(Situation::LostWake);
        }
        self.done.push_back(News { facts: engine.facts_after(self.position()), answers: Vec::new() });
    }

    /// Applies the oldest news to the chat.
    pub(crate) fn complete(&mut self, engine: &mut Engine, moment: Moment) -> Result<Goes, Broken> {
        let Some(news) = self.done.pop_front() else { return Ok(Goes::On) };
        let now = self.now(moment);
        let mut items = news.in_order();
        loop {
            match self.host.hear(now, &mut items) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Lost::Fenced) => return Ok(Goes::StartsOver),
                Err(Lost::MissingFacts(gap)) => return Err(Broken(gap.to_string())),
            }
        }
        engine.compare(self.position(), self.chat().digest())?;
        self.settle(engine, moment)?;
        Ok(Goes::On)
    }

    /// Sends the node's heartbeat, and declares late nodes dead. Without the store the node gives up after a while.
    pub(crate) fn beat(&mut self, engine: &mut Engine, moment: Moment, has_store: bool) -> Goes {
        let since = moment.now.saturating_sub(self.beat_at);
        if self.is_alone || since < BEAT_EVERY_MS {
            return Goes::On;
        }
        if !has_store {
            return if since < WITHOUT_STORE_MS { Goes::On } else { Goes::StartsOver };
        }
        self.beats_in_a_row = if since <= BEATS_WITHIN_MS { self.beats_in_a_row + 1 } else { 1 };
        self.beat_at = moment.now;
        let Ok(late) = engine.beat(self.node, moment.now) else { return Goes::StartsOver };
        if self.beats_in_a_row >= BEATS_BEFORE_BURYING {
            let now = self.now(moment);
            for node in late.into_iter().filter(|node| self.burying.insert(*node)) {
                self.host.call(now, |chat| chat.bury(node));
            }
        }
        Goes::On
    }

    pub(crate) fn has_news(&self) -> bool {
        !self.done.is_empty()
    }

    /// Stops the node in order, so that others need not detect it.
    pub(crate) fn bury_itself(&mut self, engine: &mut Engine) -> Result<(), Broken> {
        if self.is_alone {
            return Ok(());
        }
        let number = self.batches + 1;
        engine.write(self.node, number, &[(PROBE, Change::Bury { node: self.node })]).map(drop)
    }

    /// Records the end of the process. Texts that were committed for it without its knowledge become orphans.
    pub(crate) fn leave_orphans(&self, engine: &mut Engine) {
        let own = |item: &Placed| item.origin.0 == self.node;
        let unheard = engine.facts_after(self.position());
        let texts = unheard.into_iter().filter(own).filter_map(|fact| match fact.fact {
            Fact::Said(_, entry) => entry.client_id,
            _ => None,
        });
        engine.orphans.extend(texts);
    }
}
