//! Embeds the page's files into the release binary, so that one file is all there is to copy.
//!
//! A debug build reads them from disk instead (see `src/web/assets.rs`), so that it does not wait for the browser's
//! side.

use serde_json::Value;
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
    println!(
        "cargo::rustc-env=NATTER_PARTS={}",
        files_of_parts(&site.join("pkg/__wasm_split_manifest.json")).join(" ")
    );
    memory_serve::load_names_directories([("site", site)], is_release);
}

/// The files of the page's parts that are loaded at once; none where it was built without splitting.
fn files_of_parts(manifest: &Path) -> Vec<String> {
    println!("cargo::rerun-if-changed={}", manifest.display());
    let manifest = fs::read_to_string(manifest).ok().and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let files = manifest.as_ref().and_then(|manifest| manifest.get("at once")?.as_array());
    files.into_iter().flatten().filter_map(|file| Some(format!("{}.wasm", file.as_str()?))).collect()
}
