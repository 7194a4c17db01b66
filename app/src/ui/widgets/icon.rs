//! Icons: line drawings on a grid of 24.

use leptos::prelude::*;

/// An icon. Words beside it give its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Icon {
    Menu,
    People,
    Search,
    Settings,
    Close,
    At,
    Leave,
    Plus,
}

impl Icon {
    pub(in crate::ui) const fn path(self) -> &'static str {
        match self {
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::People => {
                "M16 20v-1.5a3.5 3.5 0 0 0-3.5-3.5h-6A3.5 3.5 0 0 0 3 18.5V20M9.5 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM21 20v-1.5a3.5 3.5 0 0 0-2.6-3.4M15.5 4.6a3.5 3.5 0 0 1 0 6.8"
            }
            Self::Search => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
            Self::Settings => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
            }
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::At => "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Leave => "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 16l4-4-4-4M19 12H9",
        }
    }
}

/// The view of an icon; rows use [`Html::icon`](super::html::Html::icon).
pub(in crate::ui) fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}

/// Natter's logo: a speech bubble with a tick, for a word that is kept.
pub(in crate::ui) fn logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M8 3h16a6 6 0 0 1 6 6v9a6 6 0 0 1-6 6h-8.5L9 29.2c-.8.6-2 .1-2-.9V24a6 6 0 0 1-5-6V9a6 6 0 0 1 6-6Z"></path>
            <path d="M10 13.7l4.3 4.3L22 9.7"></path>
        </svg>
    }
}
