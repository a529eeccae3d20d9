//! The next segment, made ahead of its use by a thread that nobody waits for.

use super::{
    Limits,
    medium::{Medium, write_zeros},
    place::{Folder, Number},
    record::{BLOCK, block},
};
use crate::{process, store::lock::Lock};
use relto_exchange::store::StoreError;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Bytes of room on the disk below which no segment is made ahead: bodies stand in rows then.
const ROOM: u64 = 512 * 1024 * 1024;

/// Between two pieces of zeros: a segment of 64 MiB takes two seconds at least, and lasts longer.
const PAUSE: Duration = Duration::from_millis(10);

/// Which segment is wanted and which one is there. Zero: none.
#[derive(Default)]
pub(super) struct Next {
    wanted: AtomicI64,
    ready: AtomicI64,
}

impl Next {
    pub(super) fn want(&self, number: Number) {
        self.wanted.store(number.to_column(), Ordering::Release);
    }

    pub(super) fn is_ready(&self, number: Number) -> bool {
        self.ready.load(Ordering::Acquire) == number.to_column()
    }

    pub(super) fn set_ready(&self, number: Number) {
        self.ready.store(number.to_column(), Ordering::Release);
    }

    fn wanted(&self) -> Option<Number> {
        let (wanted, ready) = (self.wanted.load(Ordering::Acquire), self.ready.load(Ordering::Acquire));
        Number::of_column(wanted).filter(|_| wanted > ready)
    }
}

/// Makes segments ahead.
pub struct SegmentMaker {
    pub(super) folder: Folder,
    pub(super) limits: Limits,
    pub(super) medium: Arc<dyn Medium>,
    pub(super) next: Arc<Next>,
    /// The store stays this process's as long as somebody may make files in its folder.
    pub(super) _lock: Arc<Lock>,
}

impl SegmentMaker {
    /// Makes the next segment where the writer will need one. A full disk is no fault: bodies stand in rows then.
    ///
    /// # Errors
    /// [`StoreError::Fatal`].
    pub fn keep(&self) -> Result<(), StoreError> {
        let Some(number) = self.next.wanted() else { return Ok(()) };
        match self.make(number) {
            Ok(()) => Ok(()),
            Err(error) if is_full(&error) => Ok(()),
            Err(error) => {
                tracing::error!(file = %self.folder.file(number).display(), %error, "a segment file could not be made");
                Err(StoreError::Fatal("a segment file could not be made"))
            }
        }
    }

    /// Full of zeros that are on the disk, before it has its name (STO-3): space that was only set aside would change the file's
    /// map when it is first written to, and each flush with it.
    fn make(&self, number: Number) -> io::Result<()> {
        self.folder.make()?;
        if process::room(self.folder.path()).is_ok_and(|room| room < ROOM.saturating_add(self.limits.size)) {
            return Ok(());
        }
        let path = self.folder.file(number);
        let new = path.with_extension("new");
        let made = || -> io::Result<()> {
            let file = self.medium.create(&new)?;
            file.write_at(&block(&self.folder.store, number), 0)?;
            // Piece by piece, so that no commit waits behind 64 MiB at once.
            write_zeros(&*file, BLOCK, self.limits.size.saturating_sub(BLOCK), || {
                file.flush()?;
                std::thread::sleep(PAUSE);
                Ok(())
            })?;
            self.medium.rename(&new, &path)?;
            self.medium.flush_folder(self.folder.path())
        };
        let made = made();
        match &made {
            // From here on a row may name it.
            Ok(()) => self.next.set_ready(number),
            // What is left is taken away at the next start at the latest.
            Err(_) => drop(std::fs::remove_file(&new)),
        }
        made
    }
}

/// Whether this says that there is no room.
pub(in crate::store) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
