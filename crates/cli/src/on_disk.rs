//! A file that is read by ranges where it lies, so that an attachment of 1 GiB needs no memory of its size.

use relto_report::{
    attachment::bytes::{Bytes, Unread, each_piece},
    crypto::Sha256,
    digest::Digest,
};
use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt as _, MetadataExt as _},
    path::Path,
};

/// An open file and the bytes that it had when it was opened.
pub struct OnDisk {
    file: File,
    length: u64,
}

impl OnDisk {
    /// A file that is open already.
    ///
    /// # Errors
    /// The system's.
    pub fn of(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Opens a file; `None` where there is none of this name. A link may lead anywhere and is not followed.
    ///
    /// # Errors
    /// The system's.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let Ok(there) = path.symlink_metadata() else { return Ok(None) };
        if !there.is_file() {
            return Ok(None);
        }
        let opened = Self::of(File::open(path)?)?;
        let about = opened.file.metadata()?;
        // A link may have taken its place between the two.
        let is_it = (about.dev(), about.ino()) == (there.dev(), there.ino());
        Ok(is_it.then_some(opened))
    }
}

impl Bytes for OnDisk {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        self.file.read_exact_at(into, offset).map_err(|_| Unread)
    }
}

/// SHA-256 of a whole file; `None` where it cannot be read to its end.
#[must_use]
pub fn sha256_of(file: &dyn Bytes) -> Option<Digest> {
    let mut sha256 = Sha256::new();
    each_piece(file, file.length(), |piece| sha256.update(piece)).ok()?;
    Some(sha256.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::crypto::sha256;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_read_by_ranges_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, b"abcdef").unwrap();
        let file = OnDisk::open(&path).unwrap().unwrap();
        let mut two = [0; 2];
        assert_eq!((file.length(), file.read_at(3, &mut two), two), (6, Ok(()), *b"de"));
        assert_eq!(file.read_at(5, &mut two), Err(Unread));
        assert_eq!(sha256_of(&file), Some(sha256(&[b"abcdef"])));
        symlink(&path, folder.path().join("link.csv")).unwrap();
        assert!(OnDisk::open(&folder.path().join("link.csv")).unwrap().is_none());
        assert!(OnDisk::open(folder.path()).unwrap().is_none());
        assert!(OnDisk::open(&folder.path().join("none.csv")).unwrap().is_none());
    }
}
