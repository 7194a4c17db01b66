//! The rules about entries: membership at the place in the order, repeats, amendments, and the chain of a log.

use super::{Decisions, Record};
use crate::journal::{Answer, Draft, Fact};
use app::protocol::{Entry, EntryId, EntryKind, LogId, UserId, acted, limits::EDITS_MAX};
use std::sync::Arc;

impl<R: Record> Decisions<'_, '_, R> {
    pub(super) fn append(&mut self, draft: &Draft) -> Result<Answer, R::Error> {
        let Draft { log, author, kind, text, target, client_id, at } = draft;
        if let Some(target) = target {
            return self.amend(draft, *target);
        }
        let (known, head) = (self.record.user(*author)?, self.record.head(log)?);
        // The usual entry needs no other write, and storing it finds out whether it is a repeat. Other drafts are
        // looked up first, because a repeat is neither refused nor does it change anything.
        let is_usual = match log {
            LogId::Room(_) => head.is_some() && known.as_ref().is_some_and(|known| known.has_written),
            LogId::Conversation(_) => false,
        };
        if !is_usual && let Some(answer) = self.repeated(draft)? {
            return Ok(answer);
        }
        let Some(known) = known else {
            return Ok(Answer::NotMember);
        };
        match log {
            LogId::Room(room) => {
                if head.is_none() || !self.record.is_member(*author, room)? {
                    return Ok(self.repeated(draft)?.unwrap_or(Answer::NotMember));
                }
            }
            LogId::Conversation(pair) => {
                if !pair.users().contains(author) {
                    return Ok(Answer::NotMember);
                }
                let peer = pair.other(*author);
                let Some(other) = self.record.user(peer)? else {
                    return Ok(Answer::NoPeer);
                };
                if !other.has_entries {
                    self.record.note_entries(peer, false)?;
                }
                if head.is_none() {
                    self.record.add_log(log, *at)?;
                }
            }
        }
        if !(known.has_entries && known.has_written) {
            self.record.note_entries(*author, true)?;
        }
        let entry = Entry {
            id: 0,
            prev: head.unwrap_or(0),
            ts: *at,
            text: written(&known.name, *kind, text),
            from: known.name,
            user_id: Some(*author),
            kind: *kind,
            client_id: client_id.clone(),
            target: None,
            amended: None,
        };
        if self.say(log.clone(), *author, entry)? {
            return Ok(Answer::Done);
        }
        Ok(self.repeated(draft)?.unwrap_or(Answer::ClientIdUsed))
    }

    /// Appends an amendment.
    fn amend(&mut self, draft: &Draft, target: EntryId) -> Result<Answer, R::Error> {
        let Draft { log, author, kind, text, client_id, at, .. } = draft;
        if let Some(answer) = self.repeated(draft)? {
            return Ok(answer);
        }
        let may_speak = self.record.user(*author)?.is_some()
            && match log {
                LogId::Room(room) => self.record.is_member(*author, room)?,
                LogId::Conversation(pair) => pair.users().contains(author),
            };
        let Some(prev) = self.record.head(log)?.filter(|_| may_speak) else {
            return Ok(Answer::NotMember);
        };
        let amended = self.record.entry(log, target)?;
        let Some(amended) = amended.filter(|entry| entry.kind.is_spoken() && !entry.is_deleted()) else {
            return Ok(Answer::NoSuchEntry);
        };
        if amended.user_id != Some(*author) {
            return Ok(Answer::NotYours);
        }
        if *kind == EntryKind::Edit && self.record.amendments_of(target)? >= EDITS_MAX {
            return Ok(Answer::TooManyEdits);
        }
        let entry = Entry {
            id: 0,
            prev,
            ts: *at,
            text: if *kind == EntryKind::Edit { written(&amended.from, amended.kind, text) } else { "".into() },
            // An action begins with the name that its author had.
            from: amended.from,
            user_id: Some(*author),
            kind: *kind,
            client_id: client_id.clone(),
            target: Some(target),
            amended: None,
        };
        self.say(log.clone(), *author, entry)?;
        Ok(Answer::Done)
    }

    /// Returns the answer to a draft whose author has stored an entry under its `client_id`, or `None`.
    fn repeated(&mut self, draft: &Draft) -> Result<Option<Answer>, R::Error> {
        let Draft { log, author, kind, text, target, client_id: Some(client_id), .. } = draft else {
            return Ok(None);
        };
        let Some((stored_in, entry)) = self.record.entry_by_client_id(*author, client_id)? else {
            return Ok(None);
        };
        // The name of a peer can have changed hands, so the conversation that it means now can be another one.
        let is_there = stored_in == *log || (stored_in.room().is_none() && log.room().is_none());
        let is_repeat = is_there && says(&entry, *kind, text, *target);
        Ok(Some(if is_repeat { self.present(stored_in, entry)? } else { Answer::ClientIdUsed }))
    }

    /// Returns the answer to the repeat of an entry: its present state.
    pub(super) fn present(&mut self, log: LogId, entry: Entry) -> Result<Answer, R::Error> {
        let present = self.record.entry(&log, entry.id)?.unwrap_or(entry);
        Ok(Answer::Repeated(log, present))
    }

    /// Assigns the next position to an entry and appends it. Returns `false` if its author has stored one under its
    /// `client_id`.
    pub(super) fn say(&mut self, log: LogId, author: UserId, entry: Entry) -> Result<bool, R::Error> {
        let entry = Entry { id: self.last + 1, ..entry };
        let is_new = self.record.add_entry(&log, author, &entry)?;
        if is_new {
            self.place(Fact::Said(log, entry));
        }
        Ok(is_new)
    }
}

/// Returns the text of an entry as it is stored for an author of this name.
fn written(from: &str, kind: EntryKind, text: &Arc<str>) -> Arc<str> {
    if kind == EntryKind::Action { acted(from, text).into() } else { Arc::clone(text) }
}

/// Returns `true` if a repeat by the author would store this very entry. The words of a deleted one are gone, so any
/// are taken for a repeat: stored again, they would be back.
pub(super) fn says(entry: &Entry, kind: EntryKind, text: &Arc<str>, target: Option<EntryId>) -> bool {
    let is_action = kind == EntryKind::Edit && *entry.text == *acted(&entry.from, text);
    let is_same = entry.text == written(&entry.from, kind, text) || is_action;
    entry.kind == kind && entry.target == target && (is_same || entry.text.is_empty())
}
