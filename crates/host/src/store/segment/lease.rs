//! While a backup copies files of bodies, no bytes of erased rows are taken away: a row of its snapshot may still name them.
//!
//! A file in the folder says until when. Whoever forgets it holds up erasure for an hour at most. STO-12

use super::place::Folder;
use crate::{clock, files};
use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// The file's name, which is no segment's.
const NAME: &str = "backup.lease";
/// Milliseconds that a lease lasts unless it is renewed, and the farthest end that is believed.
const LASTS: u64 = 60 * 60 * 1000;

/// Held by whoever copies; gone with it.
#[derive(Debug)]
pub struct Lease {
    file: PathBuf,
}

impl Lease {
    /// Takes it for the folder of segments; `None` where there is no such folder, and so nothing to hold.
    ///
    /// # Errors
    /// The system's.
    pub(in crate::store) fn take(folder: &Folder) -> io::Result<Option<Self>> {
        if !folder.path().is_dir() {
            return Ok(None);
        }
        let lease = Self { file: folder.path().join(NAME) };
        lease.renew()?;
        Ok(Some(lease))
    }

    /// It lasts an hour from now on.
    ///
    /// # Errors
    /// The system's.
    pub fn renew(&self) -> io::Result<()> {
        let end = clock::now_ms().saturating_add(LASTS);
        let new = self.file.with_extension("new");
        files::create_private(&new)?.write_all(&end.to_le_bytes())?;
        fs::rename(&new, &self.file)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // What is left ends by itself.
        let _ = fs::remove_file(&self.file);
    }
}

/// Whether somebody copies from this folder now. A lease that cannot be read, as another user's, counts by its age.
pub(super) fn is_held(folder: &Path, now: u64) -> bool {
    let file = folder.join(NAME);
    let end = match fs::read(&file) {
        Ok(bytes) => bytes.try_into().map_or(0, u64::from_le_bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
        Err(_) => {
            let made = fs::metadata(&file).and_then(|about| about.modified()).ok();
            let made = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_millis());
            u64::try_from(made).unwrap_or(0).saturating_add(LASTS)
        }
    };
    now < end && end <= now.saturating_add(LASTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sto_12_a_lease_ends_with_its_holder_or_within_an_hour() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::of(&place.path().join("relto.db"), [1; 16]);
        assert!(Lease::take(&folder).unwrap().is_none(), "nothing to hold");
        files::create_folder(folder.path()).unwrap();
        let lease = Lease::take(&folder).unwrap().unwrap();
        let now = clock::now_ms();
        assert!(is_held(folder.path(), now));
        assert!(!is_held(folder.path(), now + 2 * LASTS), "forgotten");
        assert!(!is_held(folder.path(), now - 2 * LASTS), "by a clock that was set back it would last for ever");
        drop(lease);
        assert!(!is_held(folder.path(), now));
        fs::write(folder.path().join(NAME), b"soon").unwrap();
        assert!(!is_held(folder.path(), now));
    }
}
