//! Drafts in the browser's storage, which all of the person's tabs share, by the rules of [`app::drafts`].
//!
//! The key of a draft is `natter/EPOCH/USER/draft/PLACE/ID`. The id of the draft that a tab shows survives a reload in
//! the tab's own session storage.

use crate::{dom::on, random};
use app::{
    drafts::{Change, Drafts, Write},
    protocol::Place,
    ui::{DraftKeeper, Live},
};
use std::{cell::RefCell, rc::Rc};
use web_sys::{PageTransitionEvent, Storage, StorageEvent, Window};

/// A person's drafts. A cheap handle.
#[derive(Clone)]
pub(crate) struct DraftStore {
    live: Live,
    all_tabs: Option<Storage>,
    this_tab: Option<Storage>,
    /// The common beginning of the keys of the person's drafts.
    prefix: Rc<str>,
    drafts: Rc<RefCell<Drafts>>,
}

impl DraftStore {
    pub(crate) fn new(live: Live, window: &Window) -> Self {
        let (user, epoch) = live.identity();
        Self {
            live,
            all_tabs: window.local_storage().ok().flatten(),
            this_tab: window.session_storage().ok().flatten(),
            prefix: format!("natter/{epoch}/{user}/draft/").into(),
            drafts: Rc::default(),
        }
    }

    /// Follows the changes of other tabs, for as long as the document lives.
    pub(crate) fn listen(&self, window: &Window) {
        let kept = self.clone();
        on(window, "storage", move |event: StorageEvent| {
            let Some(name) = event.key() else { return };
            if let Some((place, id)) = name.strip_prefix(&*kept.prefix).and_then(|name| name.split_once('/')) {
                kept.heard(place, id, event.new_value().as_deref(), event.old_value());
            }
        });
        let kept = self.clone();
        on(window, "pageshow", move |event: PageTransitionEvent| {
            if event.persisted() {
                kept.look_again();
            }
        });
    }

    /// Shows the stored draft after a time in the back-forward cache, where a page receives no events. A draft that is
    /// absent by then was sent, deleted or taken over by another tab.
    fn look_again(&self) {
        self.drafts.borrow_mut().forget_stored();
        let place = self.live.place();
        if let Some(text) = self.show(&place) {
            self.live.put_in_field(text);
        }
    }

    /// Handles a change by another tab. The event may be older than the last read of this tab; the storage never is.
    fn heard(&self, place: &str, id: &str, new: Option<&str>, old: Option<String>) {
        let change = match new {
            Some("") => Change::LetGo(old),
            _ => match self.read(&self.name(place, id)) {
                Some(text) if text.is_empty() => return,
                Some(text) => Change::Kept(text),
                None => Change::Removed,
            },
        };
        let outcome = self.drafts.borrow_mut().changed(place, id, change);
        if let Some(write) = outcome.write {
            self.write(place, write);
        }
        if let Some(text) = outcome.field.filter(|_| place == name_of(&self.live.place())) {
            self.live.put_in_field(text);
        }
    }

    /// Returns the text for the field of a place.
    fn show(&self, place: &Place) -> Option<String> {
        let place = name_of(place);
        let prefix = self.name(&place, "");
        let named = self.all_tabs.iter().flat_map(|storage| {
            let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
            names.collect::<Vec<_>>()
        });
        let kept = named.filter_map(|name| Some((name.strip_prefix(&prefix)?.to_owned(), self.read(&name)?))).collect();
        let preferred = self.this_tab.as_ref().and_then(|tab| tab.get_item(&prefix).ok().flatten());
        let text = self.drafts.borrow_mut().show(&place, kept, preferred.as_deref());
        self.note_shown(&place);
        Some(text)
    }

    /// Stores the text that the person has changed in the field of a place.
    fn typed(&self, place: &Place, text: &str) {
        let place = name_of(place);
        let write = self.drafts.borrow_mut().typed(&place, text, || {
            // Ids with equally many digits sort by time.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it stays below 2^53")]
            let millis = js_sys::Date::now() as u64;
            format!("{millis}-{}", random::id())
        });
        if let Some(write) = write {
            self.write(&place, write);
        }
        self.note_shown(&place);
    }

    /// Removes the draft of a place after it was sent.
    fn sent(&self, place: &Place) {
        let place = name_of(place);
        let writes = self.drafts.borrow_mut().sent(&place);
        for write in writes {
            self.write(&place, write);
        }
    }

    /// Notes the draft that this tab shows, for its next load.
    fn note_shown(&self, place: &str) {
        let drafts = self.drafts.borrow();
        if let (Some(tab), Some(id)) = (&self.this_tab, drafts.shown_in(place)) {
            // Without the note a reload shows the newest draft.
            drop(tab.set_item(&self.name(place, ""), id));
        }
    }

    fn write(&self, place: &str, write: Write) {
        let Some(storage) = &self.all_tabs else { return };
        let name = |id: &str| self.name(place, id);
        // A draft that does not fit is still in the field, and removing an absent one is no error.
        match write {
            Write::Keep { id, text } => {
                if storage.set_item(&name(&id), &text).is_ok() {
                    let replaced = self.drafts.borrow_mut().kept(place);
                    if let Some(write) = replaced {
                        self.write(place, write);
                    }
                }
            }
            Write::Remove { id } => drop(storage.remove_item(&name(&id))),
            Write::LetGo { id } => {
                let name = name(&id);
                drop(storage.set_item(&name, "").and_then(|()| storage.remove_item(&name)));
            }
        }
    }

    fn read(&self, name: &str) -> Option<String> {
        self.all_tabs.as_ref()?.get_item(name).ok().flatten()
    }

    fn name(&self, place: &str, id: &str) -> String {
        format!("{}{place}/{id}", self.prefix)
    }
}

impl DraftKeeper for DraftStore {
    fn draft(&self, place: &Place) -> Option<String> {
        self.show(place)
    }

    fn keep_draft(&self, place: &Place, text: &str) {
        self.typed(place, text);
    }

    fn remove_draft(&self, place: &Place) {
        self.sent(place);
    }
}

/// Returns a place's name in a key. Names of rooms have no slash; a conversation is named by the user's id, which
/// outlives names.
fn name_of(place: &Place) -> String {
    match place {
        Place::Room(room) => room.to_string(),
        Place::With(peer) => format!("@{peer}"),
        // The page of mentions has no drafts.
        Place::Mentions => "@".to_owned(),
    }
}
