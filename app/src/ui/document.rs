//! The HTML document around every page.

use leptos::{hydration::HydrationScripts, prelude::*};

/// A whole document. A page without an island is told so by `is_live` and loads no script.
#[component]
pub fn Document(
    /// Where the page's files are.
    options: LeptosOptions,
    /// What the window is called.
    #[prop(into)]
    title: String,
    /// Whether there is something to hydrate.
    is_live: bool,
    /// The page.
    children: Children,
) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let icon = format!("/{}/favicon.svg", options.site_root);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
                <meta name="description" content="Natter: a chat whose screen shows exactly what its store holds." />
                <meta name="color-scheme" content="light dark" />
                <title>{title}</title>
                <link rel="icon" type="image/svg+xml" href=icon />
                <link rel="stylesheet" href=style />
                {is_live.then(|| view! { <HydrationScripts options islands=true /> })}
            </head>
            <body>{children()}</body>
        </html>
    }
}
