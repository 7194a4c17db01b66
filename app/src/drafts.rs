//! Drafts: unsent texts of a person, in all tabs of a browser.
//!
//! Each draft is stored under an identifier of its own, where all tabs see it. A tab that opens a room shows the draft
//! stored there: a copy, which follows the original. The first change to a copy makes it a draft of that tab, in place
//! of the original; a tab that still shows the original stores it again. So two tabs that write in one room have two
//! drafts, and the draft of a closed tab is taken over by the next one.
//!
//! Invariants:
//! - the text in a field is stored, whatever other tabs do: a tab whose text is removed stores it again;
//! - sending a draft removes exactly the sent text, in every tab. A draft that has changed since stays.

use std::iter;

/// A change of the stored drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Stores a text under an identifier.
    Keep {
        /// Identifier of the draft.
        id: String,
        /// Text of the draft.
        text: String,
    },
    /// Removes a draft that continues under another identifier.
    Remove {
        /// Identifier of the draft.
        id: String,
    },
    /// Removes a draft that was sent or deleted by its author, and tells the other tabs so.
    LetGo {
        /// Identifier of the draft.
        id: String,
    },
}

/// A change of a draft by another tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The draft has this text now.
    Kept(String),
    /// The draft was removed.
    Removed,
    /// The draft was sent or deleted, with its last text if that is known.
    LetGo(Option<String>),
}

/// The consequences of a change in another tab.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// New text of the place's field, if it changes.
    pub field: Option<String>,
    /// Answer to the change, if there is one.
    pub write: Option<Write>,
}

/// The drafts that a tab shows, or will show with their places.
#[derive(Debug, Clone, Default)]
pub struct Drafts {
    held: Vec<Held>,
}

/// The draft of a place; there is at most one for each.
#[derive(Debug, Clone)]
struct Held {
    place: String,
    id: String,
    text: String,
    /// `true` for a draft that was typed in this tab, `false` for a copy.
    is_own: bool,
    /// `true` if the storage has the text, as far as this tab knows.
    is_stored: bool,
    /// Original that the draft replaces once it is stored.
    replaces: Option<String>,
}

impl Drafts {
    /// Returns the text for the field of a place: the draft that this tab shows already, or of the stored drafts
    /// (`kept`, by identifier and text) the `preferred` one, or else the newest.
    pub fn show(&mut self, place: &str, kept: Vec<(String, String)>, preferred: Option<&str>) -> String {
        if let Some(held) = self.held(place) {
            return held.text.clone();
        }
        let is_preferred = |id: &str| Some(id) == preferred;
        let texts = kept.into_iter().filter(|(_, text)| !text.is_empty());
        let Some((id, text)) = texts.max_by(|(one, _), (other, _)| {
            (is_preferred(one), one.as_str()).cmp(&(is_preferred(other), other.as_str()))
        }) else {
            return String::new();
        };
        let (place, text_shown) = (place.to_owned(), text.clone());
        self.held.push(Held { place, id, text, is_own: false, is_stored: true, replaces: None });
        text_shown
    }

    /// Returns the identifier of the draft that is shown in a place.
    #[must_use]
    pub fn shown_in(&self, place: &str) -> Option<&str> {
        self.held.iter().find(|held| held.place == place).map(|held| held.id.as_str())
    }

    /// Forgets the stored drafts, which will be read from the storage again. A draft that is not stored stays.
    pub fn forget_stored(&mut self) {
        self.held.retain(|held| !held.is_stored);
    }

    /// Handles a change of a place's field. `new_id` draws an identifier, each greater than the one before. The caller
    /// reports a completed `Keep` with [`Drafts::kept`].
    pub fn typed(&mut self, place: &str, text: &str, new_id: impl FnOnce() -> String) -> Option<Write> {
        let Some(held) = self.held(place) else {
            if text.is_empty() {
                return None;
            }
            let (place, id) = (place.to_owned(), new_id());
            let write = Write::Keep { id: id.clone(), text: text.to_owned() };
            self.held.push(Held { place, id, text: text.to_owned(), is_own: true, is_stored: false, replaces: None });
            return Some(write);
        };
        if held.text == text && held.is_stored {
            return None;
        }
        if text.is_empty() {
            let held = self.take(place)?;
            // Another tab may still be writing the original of a copy.
            return Some(match held.replaces {
                Some(id) => Write::Remove { id },
                None if held.is_own => Write::LetGo { id: held.id },
                None => Write::Remove { id: held.id },
            });
        }
        if !held.is_own {
            held.is_own = true;
            held.replaces = Some(std::mem::replace(&mut held.id, new_id()));
        }
        held.text = text.to_owned();
        held.is_stored = false;
        Some(Write::Keep { id: held.id.clone(), text: text.to_owned() })
    }

    /// Records that the draft of a place is stored. The original of a copy can be removed only then.
    pub fn kept(&mut self, place: &str) -> Option<Write> {
        let held = self.held(place)?;
        held.is_stored = true;
        held.replaces.take().map(|id| Write::Remove { id })
    }

    /// Handles the sending of a place's text.
    pub fn sent(&mut self, place: &str) -> Vec<Write> {
        let Some(held) = self.take(place) else {
            return Vec::new();
        };
        let original = held.replaces.map(|id| Write::Remove { id });
        iter::once(Write::LetGo { id: held.id }).chain(original).collect()
    }

    /// Handles a change of a draft by another tab.
    pub fn changed(&mut self, place: &str, id: &str, change: Change) -> Outcome {
        let Some(held) = self.held(place).filter(|held| held.id == id) else {
            return Outcome::default();
        };
        match change {
            Change::Kept(text) if text == held.text => Outcome::default(),
            Change::Kept(text) if !held.is_own => {
                held.text.clone_from(&text);
                Outcome { field: Some(text), write: None }
            }
            Change::LetGo(was) if was.as_ref().is_none_or(|was| *was == held.text) => {
                self.take(place);
                Outcome { field: Some(String::new()), write: None }
            }
            Change::Kept(_) | Change::Removed | Change::LetGo(_) => {
                let (id, text) = (held.id.clone(), held.text.clone());
                Outcome { field: None, write: Some(Write::Keep { id, text }) }
            }
        }
    }

    fn held(&mut self, place: &str) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.place == place)
    }

    fn take(&mut self, place: &str) -> Option<Held> {
        let at = self.held.iter().position(|held| held.place == place)?;
        Some(self.held.remove(at))
    }
}

#[cfg(test)]
mod tests;
