//! The announcements for screen readers: one sentence at a time, however many messages arrived.
//!
//! The list itself is no live region: a burst of messages would be read out one by one, for minutes. The live region is
//! a separate element with one sentence, which is read out after each change of its text; so two consecutive sentences
//! always differ.

use crate::{
    markup::{cut, words},
    protocol::{EntryId, Place},
    sync::Alert,
};
use std::sync::Arc;

/// Pause between two sentences, in milliseconds.
const PAUSE_MS: u64 = 1_500;
/// Most characters of a text that are read out; the list shows all of it.
const SPOKEN: usize = 200;

/// The silent ending of the second of two equal sentences: a no-break space, which is not trimmed.
const AGAIN: char = '\u{a0}';

/// See the [module](self).
#[derive(Debug)]
pub(in crate::ui) struct Announcer {
    /// The announced place, and the epoch of its entries' numbers.
    heard_in: Option<(Place, Arc<str>)>,
    heard: EntryId,
    waiting: usize,
    /// The newest message: its id, author and text.
    last: Option<(EntryId, Arc<str>, Arc<str>)>,
    /// The number of alerts from other places since the last sentence; the newest one is in `last_call`.
    calls: usize,
    last_call: Option<Alert>,
    spoke_at: Option<u64>,
    spoken: String,
    /// The message whose words are in the last sentence.
    spoken_of: Option<EntryId>,
}

impl Announcer {
    /// Creates an announcer that ignores the entries up to `heard`, which are on the screen already.
    pub(in crate::ui) const fn new(heard: EntryId) -> Self {
        Self {
            heard_in: None,
            heard,
            waiting: 0,
            last: None,
            calls: 0,
            last_call: None,
            spoke_at: None,
            spoken: String::new(),
            spoken_of: None,
        }
    }

    /// Handles a change of the list. `newer` returns the entries of others after a given one, oldest first, each with
    /// its id, author and text.
    pub(in crate::ui) fn hear(
        &mut self,
        place: &Place,
        epoch: &Arc<str>,
        newer: impl FnOnce(EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)>,
    ) {
        let is_same = self.heard_in.as_ref().is_none_or(|before| (&before.0, &before.1) == (place, epoch));
        if self.heard_in.as_ref().is_some_and(|before| before.1 != *epoch) {
            // The entries of another epoch are numbered from 1.
            self.heard = 0;
        }
        self.heard_in = Some((place.clone(), Arc::clone(epoch)));
        for (id, from, text) in newer(self.heard) {
            self.heard = self.heard.max(id);
            if is_same {
                self.waiting += 1;
                self.last = Some((id, from, text));
            }
        }
        if !is_same {
            self.waiting = 0;
        }
    }

    /// Forgets the words of an entry that was deleted. Only a single message or alert is read out with its words. Returns
    /// `true` if they are in the last sentence.
    pub(in crate::ui) fn forget_words(&mut self, of: EntryId) -> bool {
        if self.waiting == 1 && self.last.as_ref().is_some_and(|last| last.0 == of) {
            (self.waiting, self.last) = (0, None);
        }
        if self.calls == 1 && self.last_call.as_ref().is_some_and(|call| call.id == of) {
            (self.calls, self.last_call) = (0, None);
        }
        let is_spoken = self.spoken_of == Some(of);
        if is_spoken {
            self.spoken.clear();
        }
        is_spoken
    }

    /// Notes a private message or a mention from a place that is not shown.
    pub(in crate::ui) fn hear_call(&mut self, alert: Alert) {
        self.calls += 1;
        self.last_call = Some(alert);
    }

    /// Returns the next sentence, if one is due: an alert precedes the news of the shown place.
    pub(in crate::ui) fn speak(&mut self, now: u64) -> Option<String> {
        if self.spoke_at.is_some_and(|at| now < at + PAUSE_MS) {
            return None;
        }
        let (mut sentence, of) = self.call().or_else(|| self.news())?;
        self.spoken_of = of;
        self.spoke_at = Some(now);
        if sentence == self.spoken {
            sentence.push(AGAIN);
        }
        self.spoken.clone_from(&sentence);
        Some(sentence)
    }

    /// Returns a sentence, with the message whose words it has.
    fn call(&mut self) -> Option<(String, Option<EntryId>)> {
        let Alert { place, id, from, text } = self.last_call.take()?;
        Some(match (std::mem::take(&mut self.calls), place) {
            (1, Place::With(_)) => (format!("Message from {from}: {}", spoken(&text)), Some(id)),
            (1, Place::Room(room)) => (format!("{from} mentioned you in {room}: {}", spoken(&text)), Some(id)),
            (count, _) => (format!("{count} messages for you, the last from {from}"), None),
        })
    }

    fn news(&mut self) -> Option<(String, Option<EntryId>)> {
        let (id, from, text) = self.last.take().filter(|_| self.waiting > 0)?;
        Some(match std::mem::take(&mut self.waiting) {
            1 => (format!("{from}: {}", spoken(&text)), Some(id)),
            count => (format!("{count} new messages, the last by {from}"), None),
        })
    }
}

/// Returns the part of a text that is read out.
fn spoken(text: &str) -> String {
    cut(&words(text), SPOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{RoomName, UserId};

    fn epoch(number: u8) -> Arc<str> {
        format!("e{number}").into()
    }

    fn said(ids: impl Iterator<Item = EntryId>) -> impl FnOnce(EntryId) -> Vec<(EntryId, Arc<str>, Arc<str>)> {
        let all: Vec<_> = ids.map(|id| (id, Arc::from("Ada"), Arc::from(format!("text {id}")))).collect();
        move |after| all.into_iter().filter(|(id, ..)| *id > after).collect()
    }

    #[test]
    fn deleted_words_are_not_read_out_and_the_number_of_others_is() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(3);
        announcer.hear(&general, &epoch(1), said(1..=4));
        assert!(!announcer.forget_words(4), "nothing was said of it yet");
        assert_eq!(announcer.speak(0), None);
        announcer.hear(&general, &epoch(1), said(1..=6));
        assert!(!announcer.forget_words(6));
        assert_eq!(announcer.speak(0).unwrap(), "2 new messages, the last by Ada");
        announcer.hear(&general, &epoch(1), said(1..=7));
        assert!(!announcer.forget_words(3), "of another one");
        assert_eq!(announcer.speak(PAUSE_MS).unwrap(), "Ada: text 7");
        assert!(!announcer.forget_words(6) && announcer.forget_words(7), "and what was said is taken back");
    }

    #[test]
    fn one_message_is_read_out_and_a_burst_is_one_sentence() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(3);
        announcer.hear(&general, &epoch(1), said(1..=3));
        assert_eq!(announcer.speak(0), None, "it was on the screen already");
        announcer.hear(&general, &epoch(1), said(1..=4));
        assert_eq!(announcer.speak(0).as_deref(), Some("Ada: text 4"));
        for newest in 5..=30 {
            announcer.hear(&general, &epoch(1), said(1..=newest));
            assert_eq!(announcer.speak(PAUSE_MS - 1), None);
        }
        assert_eq!(announcer.speak(PAUSE_MS).as_deref(), Some("26 new messages, the last by Ada"));
        assert_eq!(announcer.speak(10 * PAUSE_MS), None);
    }

    #[test]
    fn what_another_room_holds_is_no_news() {
        let mut announcer = Announcer::new(0);
        announcer.hear(&Place::Room(RoomName::general()), &epoch(1), said(1..=2));
        announcer.hear(&Place::Room(RoomName::told("random")), &epoch(1), said(1..=9));
        assert_eq!(announcer.speak(0), None);
        announcer.hear(&Place::Room(RoomName::told("random")), &epoch(1), said(1..=10));
        assert_eq!(announcer.speak(0).as_deref(), Some("Ada: text 10"));
    }

    #[test]
    fn a_long_text_is_read_out_in_part() {
        let mut announcer = Announcer::new(0);
        let long = |_| vec![(1, "Ada".into(), "é".repeat(SPOKEN + 1).into())];
        announcer.hear(&Place::Room(RoomName::general()), &epoch(1), long);
        assert_eq!(announcer.speak(0), Some(format!("Ada: {}…", "é".repeat(SPOKEN))));
    }

    #[test]
    fn the_same_words_again_are_another_sentence_to_who_listens() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(0);
        let mut sentences = (1..=3).map(|id| {
            announcer.hear(&general, &epoch(1), |_| vec![(id, "Ada".into(), "ok".into())]);
            announcer.speak(id * PAUSE_MS).unwrap()
        });
        let [first, second, third] = std::array::from_fn(|_| sentences.next().unwrap());
        assert!(first != second && second != third);
        assert_eq!([first.trim_end(), second.trim_end(), third.trim_end()], ["Ada: ok"; 3]);
    }

    #[test]
    fn in_another_life_of_the_log_what_is_said_is_heard_from_its_first_number_on() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(70);
        announcer.hear(&general, &epoch(1), said(1..=70));
        announcer.hear(&general, &epoch(2), said(1..=2));
        assert_eq!(announcer.speak(0), None, "this is how it was found");
        announcer.hear(&general, &epoch(2), said(1..=3));
        assert_eq!(announcer.speak(0).as_deref(), Some("Ada: text 3"));
    }

    fn call(place: Place, text: &str) -> Alert {
        Alert { place, id: 1, from: "Ben".into(), text: text.into() }
    }

    #[test]
    fn what_is_said_to_the_person_elsewhere_is_read_out_first() {
        let general = Place::Room(RoomName::general());
        let mut announcer = Announcer::new(0);
        announcer.hear(&general, &epoch(1), said(1..=1));
        announcer.hear_call(call(Place::With(UserId(2)), "lunch?"));
        assert_eq!(announcer.speak(0).as_deref(), Some("Message from Ben: lunch?"));
        assert_eq!(announcer.speak(PAUSE_MS - 1), None, "one sentence at a time");
        assert_eq!(announcer.speak(PAUSE_MS).as_deref(), Some("Ada: text 1"));
        announcer.hear_call(call(Place::Room(RoomName::told("random")), "@Ada hello"));
        assert_eq!(announcer.speak(2 * PAUSE_MS).as_deref(), Some("Ben mentioned you in random: @Ada hello"));
        for _ in 0..3 {
            announcer.hear_call(call(Place::With(UserId(2)), "and again"));
        }
        assert_eq!(announcer.speak(3 * PAUSE_MS).as_deref(), Some("3 messages for you, the last from Ben"));
        assert_eq!(announcer.speak(9 * PAUSE_MS), None);
    }
}
