//! The page's files: script, WebAssembly, style, icons.
//!
//! A release binary carries them, compressed, under a path with a hash of them all, so that a browser may keep them for
//! ever and a new version is a new path. A debug build reads them from disk, for `cargo leptos watch`.

use super::State;
use axum::Router;
use leptos::config::LeptosOptions;

/// The name of the script, the WebAssembly and the style, as `Cargo.toml` has it.
const OUTPUT_NAME: &str = "natter";

/// Where the files are and how they are served.
pub(crate) struct Assets;

impl Assets {
    /// What the page's components need to know to name the files.
    pub(super) fn options() -> LeptosOptions {
        let base = base();
        LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(base.clone())
            .site_pkg_dir(format!("{base}/pkg"))
            .build()
    }
}

#[cfg(not(debug_assertions))]
#[expect(unused_qualifications, reason = "the macro brings in written code")]
fn files() -> memory_serve::MemoryServe {
    memory_serve::load!("site")
        .index_file(None)
        .cache_control(memory_serve::CacheControl::Long)
        .enable_hashed_routes(true)
}

/// The files' handlers. To make them takes a while: browsers that take no Brotli get what is compressed here.
#[cfg(not(debug_assertions))]
static FILES: std::sync::LazyLock<Router<State>> = std::sync::LazyLock::new(|| files().into_router());

#[cfg(not(debug_assertions))]
impl Assets {
    /// Begins to make what [`Assets::router`] needs, beside everything else that a start does.
    pub(crate) fn prepare() {
        std::thread::spawn(|| {
            std::sync::LazyLock::force(&FILES);
        });
    }

    /// Serves the files that the binary carries.
    pub(super) fn router() -> Router<State> {
        Router::new().nest(&format!("/{}", base()), FILES.clone())
    }
}

/// The path of this very set of files. The names within it stay as they are, because they name each other.
#[cfg(not(debug_assertions))]
fn base() -> String {
    use sha2::{Digest, Sha256};
    use std::{collections::BTreeSet, sync::LazyLock};

    static BASE: LazyLock<String> = LazyLock::new(|| {
        let manifest = files().manifest();
        // Each served name has the hash of its file's content in it.
        let names: BTreeSet<&str> = manifest.iter().map(|(_, served)| served).collect();
        let hash = Sha256::digest(names.into_iter().collect::<String>());
        let short = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("static/{short:016x}")
    });
    BASE.clone()
}

#[cfg(debug_assertions)]
impl Assets {
    /// There is nothing to make.
    pub(crate) const fn prepare() {}

    /// Serves the files on disk.
    pub(super) fn router() -> Router<State> {
        let root = std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".to_owned());
        Router::new().nest_service(&format!("/{}", base()), tower_http::services::ServeDir::new(root))
    }
}

#[cfg(debug_assertions)]
fn base() -> String {
    "static".to_owned()
}
