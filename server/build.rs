//! Carries the page's files into the release binary, so that the one file is all that has to be copied.
//!
//! A debug build reads them from disk instead (see `src/web/assets.rs`), so that nothing waits for the browser's side.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let site = Path::new(&root).join("../target/site");
    if let Err(error) = fs::create_dir_all(&site) {
        println!("cargo::error=the folder of the page's files cannot be made: {error}");
    }
    if is_release && !site.join("pkg/natter.wasm").exists() {
        println!("cargo::error=the page's files are missing: run `make build`, which makes them before the server");
    }
    memory_serve::load_names_directories([("site", site)], is_release);
}
