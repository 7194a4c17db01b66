//! Simulated tabs of one browser. Each tab receives the changes of the others in order, and arbitrarily late.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

/// Place in which most tests write.
const ROOM: &str = "general";

#[derive(Default)]
struct Tab {
    drafts: Drafts,
    /// Text in the room's field.
    field: String,
    /// Changes of other tabs that this one has not received: place, identifier, former and new text.
    news: VecDeque<(String, String, Option<String>, Option<String>)>,
    is_gone: bool,
    /// `true` if the storage refuses what this tab writes.
    is_full: bool,
}

#[derive(Default)]
struct Browser {
    kept: BTreeMap<(String, String), String>,
    tabs: Vec<Tab>,
    numbers: u32,
}

impl Browser {
    /// Opens a tab that shows the room.
    fn open(&mut self) -> usize {
        self.tabs.push(Tab::default());
        let at = self.tabs.len() - 1;
        self.show(at, None);
        at
    }

    fn show(&mut self, at: usize, preferred: Option<&str>) {
        let kept = self.kept.iter().filter(|((place, _), _)| place == ROOM);
        let kept = kept.map(|((_, id), text)| (id.clone(), text.clone())).collect();
        self.tabs[at].field = self.tabs[at].drafts.show(ROOM, kept, preferred);
    }

    /// Restores a tab from the back-forward cache, in which it received nothing.
    fn thaw(&mut self, at: usize) {
        self.tabs[at].news.clear();
        self.tabs[at].drafts.forget_stored();
        self.show(at, None);
    }

    fn reload(&mut self, at: usize) {
        let preferred = self.tabs[at].drafts.shown_in(ROOM).map(str::to_owned);
        self.tabs[at] = Tab::default();
        self.show(at, preferred.as_deref());
    }

    fn write(&mut self, by: usize, place: &str, write: Write) {
        let is_full = self.tabs[by].is_full;
        let mut set = |id: &str, text: Option<String>| {
            let key = (place.to_owned(), id.to_owned());
            let before = match &text {
                Some(text) => self.kept.insert(key, text.clone()),
                None => self.kept.remove(&key),
            };
            for (_, tab) in self.tabs.iter_mut().enumerate().filter(|(at, tab)| *at != by && !tab.is_gone) {
                if before != text {
                    tab.news.push_back((place.to_owned(), id.to_owned(), before.clone(), text.clone()));
                }
            }
        };
        match write {
            Write::Keep { .. } if is_full => {}
            Write::Keep { id, text } => {
                set(&id, Some(text));
                if let Some(write) = self.tabs[by].drafts.kept(place) {
                    self.write(by, place, write);
                }
            }
            Write::Remove { id } => set(&id, None),
            Write::LetGo { id } => {
                set(&id, Some(String::new()));
                set(&id, None);
            }
        }
    }

    fn type_in(&mut self, at: usize, place: &str, text: &str) {
        let numbers = &mut self.numbers;
        let new_id = || {
            *numbers += 1;
            format!("{numbers:04}")
        };
        let write = self.tabs[at].drafts.typed(place, text, new_id);
        if place == ROOM {
            self.tabs[at].field = text.to_owned();
        }
        if let Some(write) = write {
            self.write(at, place, write);
        }
    }

    fn write_text(&mut self, at: usize, text: &str) {
        self.type_in(at, ROOM, text);
    }

    fn send(&mut self, at: usize) {
        let writes = self.tabs[at].drafts.sent(ROOM);
        self.tabs[at].field.clear();
        for write in writes {
            self.write(at, ROOM, write);
        }
        self.write_text(at, "");
    }

    /// Delivers the oldest change to a tab. Returns `true` if there was one.
    fn hear(&mut self, at: usize) -> bool {
        let Some((place, id, before, after)) = self.tabs[at].news.pop_front() else {
            return false;
        };
        let change = match after.as_deref() {
            Some("") => Change::LetGo(before),
            _ => match self.kept.get(&(place.clone(), id.clone())) {
                Some(text) if text.is_empty() => return true,
                Some(text) => Change::Kept(text.clone()),
                None => Change::Removed,
            },
        };
        let Outcome { field, write } = self.tabs[at].drafts.changed(&place, &id, change);
        if let Some(field) = field.filter(|_| place == ROOM) {
            self.tabs[at].field = field;
        }
        if let Some(write) = write {
            self.write(at, &place, write);
        }
        true
    }

    /// Delivers all changes to all tabs. Tabs that answered each other for ever would fail the test.
    fn settle(&mut self) {
        for _ in 0..100 {
            let heard = (0..self.tabs.len()).filter(|at| self.hear(*at)).count();
            if heard == 0 {
                return;
            }
        }
        panic!("the tabs go on answering each other");
    }

    fn crash(&mut self, at: usize) {
        self.tabs[at].is_gone = true;
        self.tabs[at].news.clear();
        self.tabs[at].field.clear();
    }

    fn fields(&self) -> Vec<&str> {
        self.tabs.iter().map(|tab| tab.field.as_str()).collect()
    }
}

#[test]
fn what_another_tab_sends_takes_no_draft_away() {
    let mut browser = Browser::default();
    let (one, other) = (browser.open(), browser.open());
    browser.write_text(one, "a long draft");
    browser.write_text(other, "ok");
    browser.send(other);
    browser.settle();
    assert_eq!(browser.fields(), ["a long draft", ""]);
    browser.reload(one);
    assert_eq!(browser.fields(), ["a long draft", ""]);
}

#[test]
fn a_copy_that_is_overwritten_and_sent_leaves_the_original_where_it_is_shown() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "a long draft");
    let other = browser.open();
    assert_eq!(browser.fields(), ["a long draft", "a long draft"]);
    browser.write_text(other, "ok");
    browser.send(other);
    browser.settle();
    browser.reload(one);
    assert_eq!(browser.fields(), ["a long draft", ""]);
}

#[test]
fn what_is_sent_goes_from_every_tab_that_shows_it_whichever_tab_sends_it() {
    for sender in 0..3 {
        let mut browser = Browser::default();
        let one = browser.open();
        browser.write_text(one, "hello");
        let (_, _) = (browser.open(), browser.open());
        browser.write_text(one, "hello all");
        browser.settle();
        assert_eq!(browser.fields(), ["hello all"; 3], "a copy follows its original");
        browser.send(sender);
        browser.settle();
        assert_eq!(browser.fields(), [""; 3]);
        assert!(browser.kept.is_empty(), "{:?}", browser.kept);
    }
}

#[test]
fn a_copy_that_was_changed_stays_when_the_original_is_sent() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "hello");
    let other = browser.open();
    browser.write_text(other, "hello, and more");
    browser.send(one);
    browser.settle();
    assert_eq!(browser.fields(), ["", "hello, and more"]);
    browser.reload(other);
    assert_eq!(browser.fields(), ["", "hello, and more"]);
}

#[test]
fn a_draft_that_goes_on_while_a_copy_of_it_is_sent_stays() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "hello");
    let other = browser.open();
    browser.send(other);
    browser.write_text(one, "hello, and more");
    browser.settle();
    browser.reload(one);
    assert_eq!(browser.fields(), ["hello, and more", ""]);
}

#[test]
fn the_same_words_written_anew_are_another_draft() {
    let mut browser = Browser::default();
    let (one, other) = (browser.open(), browser.open());
    browser.write_text(one, "ok");
    browser.write_text(other, "ok");
    browser.send(other);
    browser.write_text(other, "ok");
    browser.settle();
    assert_eq!(browser.fields(), ["ok", "ok"]);
}

#[test]
fn a_copy_that_does_not_fit_leaves_its_original_until_it_does() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "a draft");
    browser.crash(one);
    let other = browser.open();
    browser.tabs[other].is_full = true;
    browser.write_text(other, "a draft that is longer");
    assert_eq!(browser.kept.values().collect::<Vec<_>>(), ["a draft"]);
    browser.tabs[other].is_full = false;
    browser.write_text(other, "a draft that is longer");
    assert_eq!(browser.kept.values().collect::<Vec<_>>(), ["a draft that is longer"], "it is tried again");

    browser.reload(other);
    browser.tabs[other].is_full = true;
    browser.write_text(other, "the last words");
    browser.send(other);
    assert!(browser.kept.is_empty(), "the original does not come again: {:?}", browser.kept);
}

#[test]
fn a_page_that_was_put_aside_shows_what_is_stored_and_keeps_what_is_not() {
    let mut browser = Browser::default();
    let (one, other) = (browser.open(), browser.open());
    browser.write_text(one, "hello");
    browser.settle();
    browser.reload(other);
    browser.send(other);
    browser.thaw(one);
    assert_eq!(browser.fields(), ["", ""], "it was sent meanwhile");

    browser.tabs[one].is_full = true;
    browser.write_text(one, "this does not fit");
    browser.type_in(one, "random", "");
    browser.thaw(one);
    assert_eq!(browser.fields(), ["this does not fit", ""]);
}

#[test]
fn what_a_crashed_tab_has_left_is_taken_over_and_does_not_come_again() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "hello wor");
    browser.crash(one);
    let other = browser.open();
    assert_eq!(browser.tabs[other].field, "hello wor");
    browser.write_text(other, "hello world");
    browser.send(other);
    browser.settle();
    assert!(browser.kept.is_empty(), "{:?}", browser.kept);
}

#[test]
fn of_two_drafts_each_tab_finds_its_own_after_a_reload() {
    let mut browser = Browser::default();
    let (one, other) = (browser.open(), browser.open());
    browser.write_text(one, "mine");
    browser.write_text(other, "the other one");
    browser.reload(one);
    browser.reload(other);
    browser.settle();
    assert_eq!(browser.fields(), ["mine", "the other one"]);
    browser.send(other);
    browser.reload(other);
    assert_eq!(browser.fields(), ["mine", "mine"], "one that is left is offered");
}

#[test]
fn a_copy_that_is_emptied_leaves_the_original_alone() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "a long draft");
    let other = browser.open();
    browser.write_text(other, "");
    browser.settle();
    browser.reload(one);
    assert_eq!(browser.fields(), ["a long draft", ""]);
}

#[test]
fn the_original_that_is_emptied_is_gone_for_all() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "never mind");
    browser.open();
    browser.write_text(one, "");
    browser.settle();
    assert_eq!(browser.fields(), ["", ""]);
    assert!(browser.kept.is_empty());
}

#[test]
fn each_place_has_its_own() {
    let mut browser = Browser::default();
    let one = browser.open();
    browser.write_text(one, "for general");
    browser.type_in(one, "@7", "for Bo alone");
    browser.send(one);
    browser.settle();
    let kept: Vec<_> = browser.kept.values().collect();
    assert_eq!(kept, ["for Bo alone"]);
}

#[derive(Debug, Clone)]
enum Step {
    Type(usize, String),
    Send(usize),
    Hear(usize),
    Reload(usize),
    Crash(usize),
    Open,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tab = 0_usize..4;
    let step = prop_oneof![
        4 => (tab.clone(), "[ab]{0,3}").prop_map(|(tab, text)| Step::Type(tab, text)),
        2 => tab.clone().prop_map(Step::Send),
        4 => tab.clone().prop_map(Step::Hear),
        1 => tab.clone().prop_map(Step::Reload),
        1 => tab.prop_map(Step::Crash),
        1 => Just(Step::Open),
    ];
    proptest::collection::vec(step, 0..40)
}

proptest! {
    #[test]
    fn the_text_in_each_field_is_stored_whatever_other_tabs_do(steps in steps()) {
        let mut browser = Browser::default();
        browser.open();
        for step in steps {
            let alive = |tab: usize| browser.tabs.get(tab).is_some_and(|tab| !tab.is_gone);
            match step {
                Step::Type(tab, text) if alive(tab) => browser.write_text(tab, &text),
                Step::Send(tab) if alive(tab) => browser.send(tab),
                Step::Hear(tab) if alive(tab) => drop(browser.hear(tab)),
                Step::Reload(tab) if alive(tab) => browser.reload(tab),
                Step::Crash(tab) if alive(tab) => browser.crash(tab),
                Step::Open if browser.tabs.len() < 4 => drop(browser.open()),
                _ => {}
            }
        }
        browser.settle();
        for tab in browser.tabs.iter().filter(|tab| !tab.is_gone) {
            let id = tab.drafts.shown_in(ROOM).unwrap_or_default();
            let kept = browser.kept.get(&(ROOM.to_owned(), id.to_owned())).map_or("", String::as_str);
            prop_assert_eq!(kept, tab.field.as_str());
        }
    }
}
