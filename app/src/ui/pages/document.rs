//! The HTML document around every page.

use crate::ui::state::Theme;
use leptos::{html, hydration::HydrationScripts, prelude::*};

/// The description of Natter for search engines and link previews.
pub const DESCRIPTION: &str = "Nothing you write gets lost.";

/// The public address of the rendered page for link previews. The server provides it as context if it knows the
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageUrl {
    /// Scheme, host and port.
    pub origin: String,
    /// The path, which begins with a slash.
    pub path: String,
}

/// The files of the page's parts that are preloaded. The server provides them as context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageParts {
    /// The path of the script that loads parts; `None` where the page was built without splitting.
    pub loader: Option<String>,
    /// The paths of the WebAssembly files.
    pub files: Vec<String>,
}

/// A whole document. With `is_live = false` it loads no script, for a page without anything to hydrate.
#[component]
pub fn Document(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The window's title.
    #[prop(into)]
    title: String,
    /// `true` if the page has views to hydrate.
    is_live: bool,
    /// The page's content.
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
    // Link previews need absolute addresses.
    let (url, picture) = use_context::<PageUrl>()
        .map(|PageUrl { origin, path }| (format!("{origin}{path}"), origin + &file("icon-512.png")))
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
                // A manifest is the only resource that browsers fetch without credentials by default, and a proxy with
                // HTTP authentication would refuse such a request.
                <link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />
                <link rel="stylesheet" href=style />
                {is_live.then(|| view! { <HydrationScripts options islands=true /> })}
                {is_live.then(preloads)}
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// Preloads the page's parts in parallel with its first file, which would request them only when it runs. Leptos does
/// the same where it finds its manifest on the disk.
fn preloads() -> impl IntoView {
    let PageParts { loader, files } = use_context().unwrap_or_default();
    let files = files.into_iter().map(|file| {
        view! { <link rel="preload" href=file r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
    });
    (loader.map(|loader| view! { <link rel="modulepreload" href=loader /> }), files.collect_view())
}

/// An Open Graph property of the page, for link previews.
fn shared(property: &'static str, content: String) -> impl IntoView {
    html::meta().attr("property", property).content(content)
}
