//! What a screen reader is told of what others say: one sentence at a time, however much was said meanwhile.
//!
//! The list itself is no live region: a burst of messages would be read out one by one, for minutes.

use crate::{protocol::EntryId, sync::Place};
use std::sync::Arc;

/// How long after a sentence the next one may come, in milliseconds.
const PAUSE_MS: u64 = 1_500;
/// Characters of a text that are read out; the list has all of it.
const SPOKEN: usize = 200;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Announcer {
    place: Option<Place>,
    heard: EntryId,
    waiting: usize,
    last: Option<(Arc<str>, Arc<str>)>,
    spoke_at: Option<u64>,
}

impl Announcer {
    /// What is on the screen already is not announced.
    pub(super) const fn new(heard: EntryId) -> Self {
        Self { place: None, heard, waiting: 0, last: None, spoke_at: None }
    }

    /// The list has changed. `newer` says what others said in it after an entry: its number, who and what, oldest first.
    pub(super) fn hear(&mut self, place: &Place, newer: impl FnOnce(EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)>) {
        let is_same = self.place.as_ref().is_none_or(|before| before == place);
        self.place = Some(place.clone());
        for (id, from, text) in newer(self.heard) {
            self.heard = self.heard.max(id);
            if is_same {
                self.waiting += 1;
                self.last = Some((from, text));
            }
        }
        if !is_same {
            self.waiting = 0;
        }
    }

    /// The sentence to be read out now, if there is one.
    pub(super) fn speak(&mut self, now: u64) -> Option<String> {
        if self.waiting == 0 || self.spoke_at.is_some_and(|at| now < at + PAUSE_MS) {
            return None;
        }
        let (from, text) = self.last.take()?;
        self.spoke_at = Some(now);
        match std::mem::take(&mut self.waiting) {
            1 => {
                let text: String = text.chars().take(SPOKEN).collect();
                Some(format!("{from}: {text}"))
            }
            count => Some(format!("{count} new messages, the last by {from}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RoomName;

    fn said(ids: impl Iterator<Item = EntryId>) -> impl FnOnce(EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)> {
        let all: Vec<_> = ids.map(|id| (id, Arc::from("Ada"), Arc::from(format!("text {id}")))).collect();
        move |after| all.into_iter().filter(|(id, ..)| *id > after).collect()
    }

    #[test]
    fn one_message_is_read_out_and_a_burst_is_one_sentence() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(3);
        announcer.hear(&general, said(1..=3));
        assert_eq!(announcer.speak(0), None, "it was on the screen already");
        announcer.hear(&general, said(1..=4));
        assert_eq!(announcer.speak(0).as_deref(), Some("Ada: text 4"));
        for newest in 5..=30 {
            announcer.hear(&general, said(1..=newest));
            assert_eq!(announcer.speak(PAUSE_MS - 1), None);
        }
        assert_eq!(announcer.speak(PAUSE_MS).as_deref(), Some("26 new messages, the last by Ada"));
        assert_eq!(announcer.speak(10 * PAUSE_MS), None);
    }

    #[test]
    fn what_another_room_holds_is_no_news() {
        let mut announcer = Announcer::new(0);
        announcer.hear(&Place::Room(RoomName::general()), said(1..=2));
        announcer.hear(&Place::Room(RoomName::told("random")), said(1..=9));
        assert_eq!(announcer.speak(0), None);
        announcer.hear(&Place::Room(RoomName::told("random")), said(1..=10));
        assert_eq!(announcer.speak(0).as_deref(), Some("Ada: text 10"));
    }

    #[test]
    fn a_long_text_is_read_out_in_part() {
        let mut announcer = Announcer::new(0);
        announcer.hear(&Place::Room(RoomName::general()), |_| vec![(1, "Ada".into(), "é".repeat(SPOKEN + 1).into())]);
        assert_eq!(announcer.speak(0), Some(format!("Ada: {}", "é".repeat(SPOKEN))));
    }
}
