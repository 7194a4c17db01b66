//! The page's files: script, WebAssembly, style, icons.
//!
//! A release binary contains them, compressed, under a path with a hash of them all, so a browser can cache them for
//! ever, and a new version has a new path. A debug build reads them from disk, for `cargo leptos watch`.

use super::State;
use app::ui::PageParts;
use axum::Router;
use leptos::config::LeptosOptions;

/// Name of the script, the WebAssembly and the style, as in `Cargo.toml`.
const OUTPUT_NAME: &str = "natter";

/// The loader of the page's parts, as cargo-leptos names it.
const LOADER: &str = "__wasm_split.______________________.js";

/// The files of the parts that the page loads at once, as the build found them.
const PARTS: &str = env!("NATTER_PARTS");

/// The files and their routes.
pub(crate) struct Assets;

impl Assets {
    /// Returns the options by which the page's components name the files.
    pub(super) fn options() -> LeptosOptions {
        let base = base();
        LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(base.clone())
            .site_pkg_dir(format!("{base}/pkg"))
            .build()
    }

    /// The files that a page loads beside its first one, for links that have them fetched at once.
    pub(super) fn parts() -> PageParts {
        let path = |file: &str| format!("/{}/pkg/{file}", base());
        let files: Vec<_> = PARTS.split_whitespace().map(path).collect();
        PageParts { loader: (!files.is_empty()).then(|| path(LOADER)), files }
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

/// The files' handlers. Their construction takes a while, because it compresses the files for browsers without Brotli.
#[cfg(not(debug_assertions))]
static FILES: std::sync::LazyLock<Router<State>> = std::sync::LazyLock::new(|| files().into_router());

#[cfg(not(debug_assertions))]
impl Assets {
    /// Starts to construct the handlers for [`Assets::router`], concurrently with the rest of the start.
    pub(crate) fn prepare() {
        std::thread::spawn(|| {
            std::sync::LazyLock::force(&FILES);
        });
    }

    /// Serves the files of the binary.
    pub(super) fn router() -> Router<State> {
        Router::new().nest(&format!("/{}", base()), FILES.clone())
    }
}

/// Returns the path of this set of files. The names within it are fixed, because the files refer to each other.
#[cfg(not(debug_assertions))]
fn base() -> String {
    use sha2::{Digest, Sha256};
    use std::{collections::BTreeSet, sync::LazyLock};

    static BASE: LazyLock<String> = LazyLock::new(|| {
        let manifest = files().manifest();
        // Each served name contains the hash of its file's content.
        let names: BTreeSet<&str> = manifest.iter().map(|(_, served)| served).collect();
        let hash = Sha256::digest(names.into_iter().collect::<String>());
        let short = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("static/{short:016x}")
    });
    BASE.clone()
}

#[cfg(debug_assertions)]
impl Assets {
    /// Does nothing, because a debug build needs no preparation.
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
