//! Whether the files that a store was opened with are still found under their names.
//!
//! A process goes on writing into a file that somebody deleted or replaced, and all of it ends with the process. So this is
//! looked at before every transaction, and once in a while when nothing is written.

use crate::journal::JournalError;
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A file as the file system knows it: its device and its number there.
type Identity = (u64, u64);

/// The files of an open store.
#[derive(Debug)]
pub(super) struct Files(Vec<(PathBuf, Identity)>);

impl Files {
    /// Notes these files as they are now.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Self> {
        let noted = paths.into_iter().map(|path| identity(&path).map(|identity| (path, identity)));
        noted.collect::<io::Result<_>>().map(Self)
    }

    /// Looks whether all are there.
    ///
    /// # Errors
    /// [`JournalError::Store`] names the first that is not.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        for (path, noted) in &self.0 {
            let problem = match identity(path) {
                Ok(found) if found == *noted => continue,
                Ok(_) => "was replaced by another file".to_owned(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => "was deleted or moved away".to_owned(),
                Err(error) => format!("cannot be looked at: {error}"),
            };
            let path = path.display();
            let advice = "Put it back, or stop this server and start it again";
            return Err(JournalError::Store(format!("{path} {problem}. {advice}")));
        }
        Ok(())
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}
