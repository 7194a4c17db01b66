//! Pressed keys, as every handler of the page reads them.
//!
//! Invariants:
//! - a key that belongs to an input method never becomes a [`Press`], so no handler can act on it;
//! - a shortcut's letter is found on every keyboard layout.

use leptos::ev::KeyboardEvent;

/// The key code of a key that belongs to an input method. Safari ends a composition with such a key after it has
/// reported the end already.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// The question marks of keyboard layouts: European, Arabic, Armenian, full-width.
const QUESTION_MARKS: [&str; 4] = ["?", "؟", "՞", "？"];

/// A pressed key with its modifiers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Press {
    /// The character that the key types, or the key's name.
    key: String,
    /// The key's position, named by the US layout.
    code: String,
    ctrl: bool,
    alt: bool,
    meta: bool,
    shift: bool,
    /// `true` while `AltGr` is held, the key for third characters. Windows reports it as Ctrl and Alt.
    alt_graph: bool,
}

/// The effect of a key that works wherever the focus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// Opens the quick switcher.
    Switch,
    /// Goes to the search of messages.
    Search,
    /// Goes to the place this many places below.
    Step(isize),
    /// Lists the keys.
    ListKeys,
    /// Starts a text: the character goes into the composer.
    Write,
}

impl Press {
    /// Returns the key of a `keydown` event; `None` if it belongs to an input method.
    #[must_use]
    pub fn of(event: &KeyboardEvent) -> Option<Self> {
        if belongs_to_input_method(event.is_composing(), event.key_code()) {
            return None;
        }
        Some(Self {
            key: event.key(),
            code: event.code(),
            ctrl: event.ctrl_key(),
            alt: event.alt_key(),
            meta: event.meta_key(),
            shift: event.shift_key(),
            alt_graph: event.get_modifier_state("AltGraph"),
        })
    }

    /// Returns the character that the key types, or the key's name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns `true` if no modifier is held.
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        !(self.ctrl || self.alt || self.meta || self.shift)
    }

    /// Returns `true` if Enter with these modifiers sends. Ctrl+Enter always does.
    #[must_use]
    pub const fn sends(&self, enter_sends: bool) -> bool {
        self.is_command() || (enter_sends && !self.shift)
    }

    /// Returns the key's shortcut; `is_writing` is `true` while a field has the focus.
    #[must_use]
    pub fn shortcut(&self, is_writing: bool) -> Option<Shortcut> {
        if self.is_command() && !self.alt {
            match (self.letter(), self.shift) {
                (Some('k'), false) => return Some(Shortcut::Switch),
                (Some('f'), true) => return Some(Shortcut::Search),
                _ => {}
            }
        }
        let is_alt_alone = self.alt && !self.is_command() && !self.shift;
        match &*self.key {
            "ArrowUp" if is_alt_alone => Some(Shortcut::Step(-1)),
            "ArrowDown" if is_alt_alone => Some(Shortcut::Step(1)),
            _ if is_writing || !self.types() => None,
            key if QUESTION_MARKS.contains(&key) => Some(Shortcut::ListKeys),
            // Space scrolls the page, or presses the focused button.
            " " => None,
            _ => Some(Shortcut::Write),
        }
    }

    const fn is_command(&self) -> bool {
        self.ctrl || self.meta
    }

    /// Returns `true` if the key types a text. A key's name is ASCII and longer than one character; some keys type two
    /// letters.
    fn types(&self) -> bool {
        let is_text = self.key == "Dead" || !self.key.is_ascii() || self.key.len() == 1;
        is_text && (self.alt_graph || !(self.is_command() || self.alt))
    }

    /// Returns the Latin letter of the key: the one it types where the layout has Latin letters, at any position, and
    /// otherwise the one at its position on a US keyboard.
    #[must_use]
    pub fn letter(&self) -> Option<char> {
        let mut own = self.key.chars();
        let (Some(own), None) = (own.next(), own.next()) else {
            return None;
        };
        let letter = if is_latin(own) { own } else { self.code.strip_prefix("Key")?.chars().next()? };
        Some(letter.to_ascii_lowercase())
    }
}

const fn belongs_to_input_method(is_composing: bool, key_code: u32) -> bool {
    is_composing || key_code == TAKEN_BY_INPUT_METHOD
}

/// Returns `true` if a character belongs to a Latin layout: a Latin letter, or an ASCII digit or punctuation mark.
const fn is_latin(character: char) -> bool {
    matches!(character, '\0'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str, code: &str) -> Press {
        Press { key: key.into(), code: code.into(), ..Press::default() }
    }

    fn ctrl(key: &str, code: &str) -> Option<Shortcut> {
        Press { ctrl: true, ..press(key, code) }.shortcut(true)
    }

    #[test]
    fn a_key_belongs_to_the_input_method_that_composes_or_takes_it() {
        assert!(belongs_to_input_method(true, 13));
        assert!(belongs_to_input_method(false, 229), "Safari ends a conversion so");
        assert!(!belongs_to_input_method(false, 13));
    }

    #[test]
    fn ctrl_k_is_found_on_every_layout() {
        for (key, script) in [
            ("k", "Latin"),
            ("K", "Latin with caps lock"),
            ("л", "Cyrillic"),
            ("Л", "Cyrillic with caps lock"),
            ("κ", "Greek"),
            ("ל", "Hebrew"),
            ("ن", "Arabic"),
            ("क", "Devanagari"),
            ("า", "Thai"),
            ("კ", "Georgian"),
            ("ㅏ", "Korean"),
        ] {
            assert_eq!(ctrl(key, "KeyK"), Some(Shortcut::Switch), "{script}");
        }
    }

    #[test]
    fn where_the_layout_is_latin_its_letter_wins() {
        assert_eq!(ctrl("k", "KeyV"), Some(Shortcut::Switch), "Dvorak");
        assert_eq!(ctrl("t", "KeyK"), None, "Dvorak");
        assert_eq!(ctrl("ü", "KeyK"), None, "a letter with a mark");
        assert_eq!(ctrl("л", "KeyV"), None);
        assert_eq!(ctrl("Dead", "KeyK"), None);
    }

    #[test]
    fn ctrl_k_with_another_key_beside_it_is_none() {
        let ctrl = Press { ctrl: true, ..press("k", "KeyK") };
        assert_eq!(Press { meta: true, ctrl: false, ..ctrl.clone() }.shortcut(true), Some(Shortcut::Switch));
        assert_eq!(Press { alt: true, alt_graph: true, ..ctrl.clone() }.shortcut(true), None, "AltGr on Windows");
        assert_eq!(Press { shift: true, ..ctrl.clone() }.shortcut(true), None);
        assert_eq!(Press { ctrl: false, ..ctrl }.shortcut(true), None);
    }

    #[test]
    fn ctrl_shift_f_leads_to_the_search_on_every_layout_and_ctrl_f_is_the_browsers() {
        let search = Press { ctrl: true, shift: true, ..press("F", "KeyF") };
        assert_eq!(search.shortcut(true), Some(Shortcut::Search));
        assert_eq!(Press { key: "А".into(), ..search.clone() }.shortcut(false), Some(Shortcut::Search));
        assert_eq!(Press { ctrl: false, meta: true, ..search.clone() }.shortcut(true), Some(Shortcut::Search));
        assert_eq!(Press { shift: false, ..search.clone() }.shortcut(true), None);
        assert_eq!(Press { alt: true, ..search }.shortcut(true), None);
    }

    #[test]
    fn alt_and_the_arrows_step_and_nothing_else_may_be_held() {
        let up = Press { alt: true, ..press("ArrowUp", "ArrowUp") };
        assert_eq!(up.shortcut(true), Some(Shortcut::Step(-1)));
        assert_eq!(Press { alt: true, ..press("ArrowDown", "ArrowDown") }.shortcut(false), Some(Shortcut::Step(1)));
        assert_eq!(Press { ctrl: true, ..up.clone() }.shortcut(true), None);
        assert_eq!(Press { shift: true, ..up }.shortcut(true), None);
    }

    #[test]
    fn a_question_mark_lists_the_keys_wherever_the_layout_has_it() {
        for mark in QUESTION_MARKS {
            assert_eq!(Press { shift: true, ..press(mark, "Digit7") }.shortcut(false), Some(Shortcut::ListKeys));
            assert_eq!(press(mark, "Slash").shortcut(true), None, "in a field it is text");
        }
        let with_alt_graph = Press { ctrl: true, alt: true, alt_graph: true, ..press("?", "KeyW") };
        assert_eq!(with_alt_graph.shortcut(false), Some(Shortcut::ListKeys));
    }

    #[test]
    fn what_types_a_character_begins_a_text_where_no_field_has_the_focus() {
        for key in ["a", "é", "я", "字", "7", "/", "لا", "Dead"] {
            assert_eq!(press(key, "KeyA").shortcut(false), Some(Shortcut::Write), "{key}");
            assert_eq!(press(key, "KeyA").shortcut(true), None, "{key}");
        }
        assert_eq!(Press { shift: true, ..press("A", "KeyA") }.shortcut(false), Some(Shortcut::Write));
        for key in [" ", "Enter", "Escape", "Tab", "PageDown", "ArrowUp", "F5", "Shift", "Unidentified", "End"] {
            assert_eq!(press(key, key).shortcut(false), None, "{key}");
        }
        for held in [
            Press { ctrl: true, ..press("c", "KeyC") },
            Press { meta: true, ..press("c", "KeyC") },
            Press { alt: true, ..press("c", "KeyC") },
        ] {
            assert_eq!(held.shortcut(false), None, "{held:?}");
        }
        let third = Press { ctrl: true, alt: true, alt_graph: true, ..press("@", "KeyQ") };
        assert_eq!(third.shortcut(false), Some(Shortcut::Write), "AltGr types");
    }

    #[test]
    fn enter_sends_or_breaks_the_line_and_with_ctrl_it_always_sends() {
        let enter = press("Enter", "Enter");
        assert!(enter.sends(true) && !enter.sends(false));
        let shift = Press { shift: true, ..enter.clone() };
        assert!(!shift.sends(true) && !shift.sends(false));
        let ctrl = Press { ctrl: true, ..enter };
        assert!(ctrl.sends(true) && ctrl.sends(false));
    }
}
