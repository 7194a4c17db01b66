//! What is not there.

use super::Document;
use leptos::prelude::*;

/// Says what is not there and where to go instead.
#[component]
pub fn NotFoundPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// What was looked for, as a sentence.
    #[prop(into)]
    problem: String,
) -> impl IntoView {
    view! {
        <Document options title="Not found · Natter" is_live=false>
            <main class="door">
                <h1>"Not here"</h1>
                <p class="lead">{problem}</p>
                <p>
                    <a href="/room/general">"Go to general"</a>
                </p>
            </main>
        </Document>
    }
}
