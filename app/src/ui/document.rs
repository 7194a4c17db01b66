//! The HTML document around every page.

use super::Theme;
use leptos::{html, hydration::HydrationScripts, prelude::*};

/// What Natter is, in a sentence for those who have not seen it.
pub const DESCRIPTION: &str = "Nothing you write gets lost.";

/// Where the rendered page is, for those who are elsewhere: in the context of what is rendered, if the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host and port.
    pub origin: String,
    /// The path, which begins with a slash.
    pub path: String,
}

/// A whole document. A page without an island is told so by `is_live` and loads no script.
#[component]
pub fn Document(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme; the system's where there is none.
    theme: Option<Theme>,
    /// What the window is called.
    #[prop(into)]
    title: String,
    /// Whether there is something to hydrate.
    is_live: bool,
    /// The page.
    children: Children,
) -> impl IntoView {
    let file = |name: &str| format!("/{}/{name}", options.site_root);
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let [light, dark] = [Theme::Light, Theme::Dark].map(|system| {
        let media =
            if system == Theme::Light { "(prefers-color-scheme: light)" } else { "(prefers-color-scheme: dark)" };
        html::meta().name("theme-color").attr("media", media).content(theme.unwrap_or(system).ground())
    });
    let (icon, touch_icon) = (file("favicon.svg"), file("apple-touch-icon.png"));
    // Both are worth nothing if they are not absolute.
    let (url, picture) = use_context::<Address>()
        .map(|Address { origin, path }| (format!("{origin}{path}"), origin + &file("icon-512.png")))
        .unzip();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.map(Theme::name)>
            <head>
                <meta charset="utf-8" />
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <title>{title.clone()}</title>
                <meta name="description" content=DESCRIPTION />
                {shared("og:title", title)}
                {shared("og:description", DESCRIPTION.to_owned())}
                {shared("og:type", "website".to_owned())}
                {shared("og:site_name", "Natter".to_owned())}
                {url.map(|url| shared("og:url", url))}
                {picture.map(|picture| shared("og:image", picture))}
                <meta name="color-scheme" content="light dark" />
                {light}
                {dark}
                <link rel="icon" type="image/svg+xml" href=icon />
                <link rel="apple-touch-icon" href=touch_icon />
                // Of all that a page asks for, this alone is fetched without credentials unless it says so, and a proxy with
                // HTTP authentication would refuse it.
                <link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />
                <link rel="stylesheet" href=style />
                {is_live.then(|| view! { <HydrationScripts options islands=true /> })}
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// What a page says of itself to where it is shared.
fn shared(property: &'static str, content: String) -> impl IntoView {
    html::meta().attr("property", property).content(content)
}
