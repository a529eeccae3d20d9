//! The lock that keeps a second writer from a database.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::fault::OpenFault;
use crate::files;

/// The lock file beside the database, held as long as the store is open.
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of the database `file`.
    ///
    /// # Errors
    /// [`OpenFault::InUse`] when another process has it; [`OpenFault::Io`].
    pub(super) fn take(file: &Path) -> Result<Self, OpenFault> {
        let path = file.with_extension("lock");
        let io = |source| OpenFault::Io { file: path.clone(), source };
        let lock = files::private().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(lock)),
            Err(TryLockError::WouldBlock) => Err(OpenFault::InUse(file.to_owned())),
            Err(TryLockError::Error(source)) => Err(OpenFault::Io { file: path, source }),
        }
    }
}

impl Drop for Lock {
    /// Closing alone is not enough: the lock belongs to the open file, which a child process that is just
    /// being started shares until it runs its own program.
    fn drop(&mut self) {
        // The file is closed next; there is nothing else to do about an error.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_though_a_child_shares_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relto.db");
        let lock = Lock::take(&file).unwrap();
        assert!(matches!(Lock::take(&file), Err(OpenFault::InUse(_))));
        let shared = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(Lock::take(&file).is_ok());
        drop(shared);
    }
}
