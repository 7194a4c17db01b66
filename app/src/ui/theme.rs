//! Light or dark, when the person has chosen.

use serde::{Deserialize, Serialize};

/// A browser takes a cookie with this prefix by HTTPS alone, and never from another host of the same domain.
pub const HTTPS_ONLY: &str = "__Host-";

/// The theme that a person has chosen. Who has not follows the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The name of the cookie that remembers it, which the page's script writes too. It ends in the epoch of the server's
    /// log, for a host's cookies are sent to all of its ports; over HTTPS it begins with [`HTTPS_ONLY`].
    #[must_use]
    pub fn cookie(epoch: &str, is_https: bool) -> String {
        [if is_https { HTTPS_ONLY } else { "" }, "natter_theme_", epoch].concat()
    }

    /// The theme of a name; none for any other, such as `system`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The colour of a page's ground in it, as the style has it: what is around the page takes it on.
    #[must_use]
    pub const fn ground(self) -> &'static str {
        match self {
            Self::Light => "#fdfcfa",
            Self::Dark => "#1c1b1a",
        }
    }

    /// What it is called in the cookie, the form and the document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_that_of_the_style() {
        let style = include_str!("../../../style/tokens.css");
        let ground = format!("    --ground: light-dark({}, {});", Theme::Light.ground(), Theme::Dark.ground());
        assert!(style.lines().any(|line| line == ground), "{ground}");
    }
}
