//! The file of the write-ahead log, lengthened ahead of its use.

use crate::process;
use std::{
    cell::Cell,
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// Looks at such a log between two tries, of which each may wait as long as the readers of old pages let it.
pub(super) const BETWEEN: u32 = 64;
/// Bytes of a page in the log, its header before it.
pub(super) const FRAME: u64 = 4_096 + 24;
/// Bytes to which the log is lengthened at most, how far ahead of its use, and how much at once.
pub(super) const LENGTH: u64 = 64 * 1024 * 1024;
pub(super) const AHEAD: u64 = 8 * 1024 * 1024;
static STEP: [u8; 1024 * 1024] = [0; 1024 * 1024];
/// Of these at most between two transactions.
const STEPS: usize = 4;
/// Bytes of room on the disk below which nothing is lengthened.
const ROOM: u64 = 512 * 1024 * 1024;

/// Frames that the first block of the log's index (-shm) has room for, and each later one.
const FIRST: u64 = 4_062;
const LATER: u64 = 4_096;

/// Bytes of a log for which its index has room, where so many are in use. Where the index must grow, so must the log: on a
/// full disk the log is the first to find no room, and says so before anything of a transaction counts.
pub(super) const fn indexed(used: u64) -> u64 {
    let frames = used / FRAME;
    let blocks = frames.saturating_sub(FIRST).div_ceil(LATER);
    // The log's own header stands before its frames.
    32 + (FIRST + blocks * LATER) * FRAME
}

/// The log's file, lengthened ahead of what is written to it: a commit then changes no length, so that its flush writes
/// pages and no more. SQLite reads nothing behind the last frame that is whole.
pub(super) struct Ahead {
    file: PathBuf,
    log: Option<File>,
    /// Looks at a log that is to be started anew.
    looks: Cell<u32>,
}

impl Ahead {
    /// Of the store at this place.
    pub(super) fn of(store: &Path) -> Self {
        let mut file = store.as_os_str().to_owned();
        file.push("-wal");
        Self { file: file.into(), log: None, looks: Cell::new(0) }
    }

    /// Whether a log that has grown is to be started anew now, and not at a later look.
    pub(super) fn is_time(&self) -> bool {
        let looks = self.looks.get();
        self.looks.set(looks.wrapping_add(1));
        looks.is_multiple_of(BETWEEN)
    }

    /// Puts zeros behind the end of the log, where so many pages of it are in use. Between two transactions of the one
    /// connection that writes, so that nothing else writes there. What does not work is no fault: the log grows by itself.
    pub(super) fn lengthen(&mut self, pages: i64) {
        let used = u64::try_from(pages).unwrap_or(0).saturating_mul(FRAME);
        // Before its first write the log is SQLite's to begin.
        if used == 0 || used >= LENGTH {
            return;
        }
        if self.log.is_none() {
            self.log = File::options().write(true).open(&self.file).ok();
        }
        let Some(log) = &self.log else { return };
        for _ in 0..STEPS {
            let Ok(length) = log.metadata().map(|about| about.len()) else { return };
            let end = LENGTH.min(indexed(used)).min(used.saturating_add(AHEAD));
            let zeros = usize::try_from(end.saturating_sub(length)).unwrap_or(usize::MAX).min(STEP.len());
            let no_room = || process::room(&self.file).is_ok_and(|room| room < ROOM);
            let zeros = STEP.get(..zeros).unwrap_or_default();
            if zeros.is_empty() || no_room() || log.write_all_at(zeros, length).is_err() {
                return;
            }
        }
    }
}
