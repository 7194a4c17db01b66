//! The chosen theme: light or dark.

use serde::{Deserialize, Serialize};

/// The prefix of cookies that a browser accepts over HTTPS only, and never from another host of the same domain.
pub const HTTPS_ONLY: &str = "__Host-";

/// The theme that a person has chosen. A person without a choice follows the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Returns the name of the theme's cookie, which the page's script writes too. The name ends in the epoch of the
    /// server's log, since a host's cookies are sent to all of its ports; over HTTPS it begins with [`HTTPS_ONLY`].
    #[must_use]
    pub fn cookie(epoch: &str, is_https: bool) -> String {
        [if is_https { HTTPS_ONLY } else { "" }, "natter_theme_", epoch].concat()
    }

    /// Returns the theme of a name; `None` for any other name, such as `system`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// Returns the background colour of the page in this theme, as in the style sheet, for the browser's frame around
    /// the page.
    #[must_use]
    pub const fn ground(self) -> &'static str {
        match self {
            Self::Light => "#fdfcfa",
            Self::Dark => "#1c1b1a",
        }
    }

    /// Returns the theme's name in the cookie, the form and the document.
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
        let style = include_str!("../../../../style/tokens.css");
        let ground = format!("    --ground: light-dark({}, {});", Theme::Light.ground(), Theme::Dark.ground());
        assert!(style.lines().any(|line| line == ground), "{ground}");
    }
}
