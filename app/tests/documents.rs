//! The documents name files that exist.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

const DOCUMENTS: [&str; 7] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/promises.md",
    "docs/protocol.md",
];

/// First folders of the paths in a text.
const ROOTS: [&str; 9] =
    ["app/", "docs/", "end2end/", "frontend/", "public/", "scripts/", "server/", "simulator/", "style/"];

/// Yields the texts between two delimiters.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|(inside, _)| inside)
}

/// Returns the files that a document names: by a link relative to itself, or as code relative to the project.
fn names<'a>(document: &str, text: &'a str) -> Vec<(String, &'a str)> {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let links = between(text, "](", ")").filter(|link| !link.contains("://") && !link.starts_with('#'));
    let links = links.map(|link| (format!("{folder}/{link}").trim_start_matches('/').to_owned(), link));
    // A fence of three backticks contains two empty code spans.
    let code = text.split('`').skip(1).step_by(2).filter(|code| {
        ROOTS.iter().any(|root| code.starts_with(root))
            && !code.contains(|sign: char| sign.is_whitespace() || sign == '*')
    });
    links.chain(code.map(|code| (code.to_owned(), code))).collect()
}

#[test]
fn every_file_that_a_document_names_exists() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut missing = Vec::new();
    let mut count = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(project.join(document)).unwrap();
        for (path, name) in names(document, &text) {
            count += 1;
            if !project.join(path.split('#').next().unwrap_or(&path)).exists() {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(count > 40, "only {count} names were found: are they still written in this way?");
}
