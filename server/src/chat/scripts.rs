//! Mixing of scripts in a new name: the letters must be of one script, except that Latin may stand beside Chinese,
//! Japanese or Korean, as in everyday writing. This is the level "highly restrictive" of UTS #39, for letters only and
//! without its list of scripts in modern use.

use unicode_script::Script;
use unicode_security::mixed_script::AugmentedScriptSet;

/// Sentence for the person whose name was refused.
pub(super) const MIXED: &str = "Use letters of one alphabet.";

/// The scripts that are possible for all letters so far.
#[derive(Clone, Copy, Default)]
struct Scripts {
    all: AugmentedScriptSet,
    beside_latin: AugmentedScriptSet,
}

impl Scripts {
    /// Returns the possible scripts with one more character, or `None` if that character may not follow.
    fn with(mut self, c: char) -> Option<Self> {
        // Digits are exempt: people write those of their own script beside letters of another one.
        if c.is_numeric() {
            return Some(self);
        }
        let of_char = AugmentedScriptSet::for_char(c);
        self.all.intersect_with(of_char);
        if !of_char.base.contains_script(Script::Latin) {
            self.beside_latin.intersect_with(of_char);
        }
        let is_east_asian = self.beside_latin.hanb || self.beside_latin.jpan || self.beside_latin.kore;
        (!self.all.is_empty() || is_east_asian).then_some(self)
    }
}

/// Returns `true` if the letters of a name may stand together.
pub(super) fn is_unmixed(name: &str) -> bool {
    name.chars().try_fold(Scripts::default(), Scripts::with).is_some()
}

/// Returns a name without the letters that may not follow the letters before them.
pub(super) fn unmixed(name: &str) -> String {
    let mut scripts = Scripts::default();
    let fits = |c: &char| scripts.with(*c).map(|with| scripts = with).is_some();
    name.chars().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_script_or_of_those_that_are_written_together_is_unmixed() {
        for name in [
            "Ada",
            "Ada٣",
            "Bo५",
            "ada_2",
            "Zoë",
            "Ελένη",
            "Дмитрий_5",
            "דוד",
            "عمر٣",
            "हिन्दी",
            "ภาษาไทย",
            "한국어",
            "日本語のカナ",
            "約翰·史密斯",
            "ㄅㄆ台",
            "Tanaka田中",
            "LG전자",
            "iPhoneユーザー",
            "ⴰⴷⴰ",
            "ߊߋ",
            "𞤀𞤁",
            "12_3",
        ] {
            assert!(is_unmixed(name), "{name}");
            assert_eq!(unmixed(name), name);
        }
    }

    #[test]
    fn any_other_mixture_loses_the_letters_that_came_second() {
        for (name, kept) in [
            ("Aдa", "Aa"),
            ("ada_דוד", "ada_"),
            ("Дima", "Д"),
            ("Ελa2", "Ελ2"),
            ("日本д", "日本"),
            ("한カ", "한"),
            ("aдb日", "ab日"),
            ("ᎪdaᎪ", "ᎪᎪ"),
        ] {
            assert!(!is_unmixed(name), "{name}");
            assert_eq!(unmixed(name), kept);
        }
    }
}
