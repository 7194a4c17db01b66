//! A check that the files of an open store are still found under their names.
//!
//! A process can go on writing into a file that somebody deleted or replaced, and all of it is lost when the process
//! ends. So the check runs before every transaction, and at intervals while nothing is written.

use crate::journal::JournalError;
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Device and inode number of a file.
type Identity = (u64, u64);

/// The files of an open store.
#[derive(Debug)]
pub(super) struct Files(Vec<(PathBuf, Identity)>);

impl Files {
    /// Records the current identity of files.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Self> {
        let noted = paths.into_iter().map(|path| identity(&path).map(|identity| (path, identity)));
        noted.collect::<io::Result<_>>().map(Self)
    }

    /// Checks that every file is still the one that was recorded.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] with the first file that is not.
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
