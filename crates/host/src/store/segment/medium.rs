//! What segment files are written through: the file system, or in tests one that crashes and forgets.

use crate::files;
use rustix::fs::{FallocateFlags, fallocate};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::Path,
};

/// Bytes of zeros that are written at once.
const ZEROS: usize = 512 * 1024;

/// Makes and finds segment files.
pub trait Medium: Send + Sync {
    /// A file that is there.
    ///
    /// # Errors
    /// The system's.
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// A new empty file, in place of one that a crash left behind.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Gives a file its name. It lasts once the folder is flushed.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names of a folder last.
    ///
    /// # Errors
    /// The system's.
    fn flush_folder(&self, folder: &Path) -> io::Result<()>;
}

/// One segment file, open for writing.
pub trait SegmentFile: Send + Sync {
    /// Writes all of it there.
    ///
    /// # Errors
    /// The system's.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes what was written last: its data, and its length where that changed.
    ///
    /// # Errors
    /// The system's.
    fn flush(&self) -> io::Result<()>;

    /// Takes these bytes away: they read as zeros from now on, and where the file system can, their blocks are free.
    ///
    /// # Errors
    /// The system's.
    fn punch(&self, offset: u64, length: u64) -> io::Result<()>;
}

/// The file system.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

impl Medium for Disk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(File::options().read(true).write(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(files::create_private(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn flush_folder(&self, folder: &Path) -> io::Result<()> {
        files::flush_folder(folder)
    }
}

impl SegmentFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn flush(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn punch(&self, offset: u64, length: u64) -> io::Result<()> {
        match fallocate(self, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, length) {
            // NFS, FAT and some overlays have no holes: the bytes go, their blocks stay.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                write_zeros(self, offset, length, || Ok(()))
            }
            other => Ok(other?),
        }
    }
}

/// Writes zeros there, a piece at a time, and after each does what it is told.
pub(super) fn write_zeros(
    file: &dyn SegmentFile,
    mut offset: u64,
    length: u64,
    after_each: impl Fn() -> io::Result<()>,
) -> io::Result<()> {
    let zeros = vec![0; ZEROS];
    let end = offset.saturating_add(length);
    while offset < end {
        let piece = usize::try_from(end - offset).unwrap_or(ZEROS).min(ZEROS);
        file.write_at(zeros.get(..piece).unwrap_or_default(), offset)?;
        offset = offset.saturating_add(u64::try_from(piece).unwrap_or(0));
        after_each()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_punched_reads_as_zeros_and_the_length_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = Disk.create(&path).unwrap();
        file.write_at(&[7; 10_000], 0).unwrap();
        file.punch(100, 9_000).unwrap();
        file.flush().unwrap();
        let read = fs::read(&path).unwrap();
        assert!(read.len() == 10_000 && read[..100] == [7; 100] && read[9_100..] == [7; 900]);
        assert!(read[100..9_100].iter().all(|byte| *byte == 0));
        // And where there are no holes.
        write_zeros(&*file, 50, 2_000_000, || Ok(())).unwrap();
        assert!(fs::read(&path).unwrap()[50..].iter().all(|byte| *byte == 0));
    }
}
