//! The head file: a small preallocated ring that holds the newest signed heads of every log, on another volume where
//! the configuration says so. A checkpoint is flushed here before it is sent, so that a node whose database was rolled
//! back finds out by itself. HED-1 to HED-6
//!
//! ```text
//! region of a log: 4 slots of 1 KiB
//! slot: | "RLH2" | note's length u32 LE | sequence u64 LE | number u64 LE | count u64 LE | before 32 | board 32
//!       | note | zeroes | SHA-256 of the rest 32 |
//! ```
//!
//! One write is one flush: its `count` slots, one per log, carry one number. `board` is over the newest head of every log
//! after the write, `before` the digest of the write before: whatever slot is taken out, the newest write does not fit.

mod chain;
mod first;
mod old;
mod slot;

pub use chain::{Gap, Heads};
pub use old::{Upgrade, upgrade};
pub use slot::MAX_LOGS;

use crate::files;
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin};
use relto_exchange::{head_write::HeadWrite, seal::HeadFile, store::StoreError};
use relto_report::digest::Digest;
use slot::{DIGEST, SLOT, SLOTS, Slot, board_of, digest_of, place};
use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path};

/// What a file says.
fn read(file: &File) -> io::Result<Heads> {
    let mut slots = Vec::new();
    for region in 0..MAX_LOGS {
        for at in 0..SLOTS {
            let mut bytes = [0_u8; SLOT];
            file.read_exact_at(&mut bytes, place(region, at))?;
            slots.extend(Slot::read(&bytes, (region, at)));
            if first::is_slot(&bytes) {
                return Err(io::Error::other(
                    "it is of an older form. An operator makes it new once: reltod --config FILE --migrate",
                ));
            }
        }
    }
    Ok(chain::judge(slots))
}

/// An open head file.
pub struct HeadRing {
    file: File,
    heads: Heads,
}

impl HeadRing {
    /// Makes an empty head file and flushes it: an operator's act, before Genesis.
    ///
    /// # Errors
    /// The system's error; an existing file is never touched.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = files::private().read(true).write(true).create_new(true).open(path)?;
        file.write_all_at(&vec![0; usize::try_from(MAX_LOGS * SLOTS).unwrap_or(0) * SLOT], 0)?;
        file.sync_all()?;
        files::flush_folder(files::folder_of(path))?;
        Ok(Self { file, heads: Heads::default() })
    }

    /// Makes a file in the place of one that was lost, with these heads, as the write after `last`: whole under its name, or not
    /// there. RCV-11
    ///
    /// # Errors
    /// The system's; an existing file is never touched.
    pub fn make_anew(path: &Path, heads: &[SignedCheckpoint], last: Option<HeadWrite>) -> io::Result<()> {
        // A link to a volume that is not mounted is one too.
        if path.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a head file, or a link to one, is there"));
        }
        let new = path.with_extension("new");
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut ring = Self::create(&new)?;
        if let Some(last) = last {
            // The database names it, so that the next one must follow it. HED-6
            ring.heads.writes.insert(last.number, last.digest);
        }
        ring.write(heads)?;
        // Never over a file that came meanwhile.
        std::fs::hard_link(&new, path)?;
        std::fs::remove_file(&new)?;
        files::flush_folder(files::folder_of(path))
    }

    /// Opens a head file and reads the newest whole slot of each log. A write that a crash cut short is passed over, and
    /// what is there of it is taken out, so that the next one has its number. HED-4
    ///
    /// # Errors
    /// The system's error; a missing file is one, and one of an older form.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        let mut heads = read(&file)?;
        if heads.gap.is_none() && !heads.torn.is_empty() {
            for (region, at) in std::mem::take(&mut heads.torn) {
                file.write_all_at(&[0; SLOT], place(region, at))?;
            }
            file.sync_data()?;
        }
        Ok(Self { file, heads })
    }

    /// What the file says, for a reader who may not write: an auditor.
    ///
    /// # Errors
    /// As [`HeadRing::open`].
    pub fn read(path: &Path) -> io::Result<Heads> {
        read(&File::open(path)?)
    }

    /// What the file says.
    #[must_use]
    pub const fn heads(&self) -> &Heads {
        &self.heads
    }

    /// The newest note of each log; its signature is the caller's to check.
    pub fn newest(&self) -> impl Iterator<Item = (&Origin, &[u8])> {
        self.heads.newest()
    }

    /// One write: a slot for each of these heads, which are of different logs, and one flush.
    fn write(&mut self, heads: &[SignedCheckpoint]) -> io::Result<HeadWrite> {
        let mut logs = self.heads.logs.clone();
        let mut touched = Vec::with_capacity(heads.len());
        for head in heads {
            let origin = head.checkpoint().origin;
            let used = u64::try_from(logs.len()).unwrap_or(MAX_LOGS);
            let (region, last) = logs.get(&origin).map_or((used, 0), |(region, sequence, _)| (*region, *sequence));
            if region >= MAX_LOGS {
                return Err(io::Error::other("the head file is full of logs"));
            }
            logs.insert(origin, (region, last.saturating_add(1), head.as_bytes().to_vec()));
            touched.push(origin);
        }
        let last = self.heads.last();
        let number = last.map_or(0, |last| last.number).saturating_add(1);
        let before = last.map_or(Digest::from_bytes([0; DIGEST]), |last| last.digest);
        let board = board_of(logs.iter().map(|(origin, (_, sequence, note))| (*origin, *sequence, note.as_slice())));
        let count = u64::try_from(touched.len()).unwrap_or(0);
        for origin in touched {
            let Some((region, sequence, note)) = logs.get(&origin) else { continue };
            let at = (*region, sequence % SLOTS);
            let slot =
                Slot { place: at, origin, sequence: *sequence, number, count, before, board, note: note.clone() };
            let bytes = slot.bytes().ok_or_else(|| io::Error::other("a head is too long"))?;
            self.file.write_all_at(&bytes, place(at.0, at.1))?;
        }
        self.file.sync_data()?;
        let digest = digest_of(number, &before, &board);
        self.heads.logs = logs;
        self.heads.writes.insert(number, digest);
        // Only the newest is asked for by who writes.
        while self.heads.writes.len() > 8 {
            self.heads.writes.pop_first();
        }
        Ok(HeadWrite { number, digest })
    }
}

impl HeadFile for HeadRing {
    // HED-1: one flush for all logs of a batch
    fn record(&mut self, heads: &[SignedCheckpoint]) -> Result<Option<HeadWrite>, StoreError> {
        let written = self.write(heads);
        written.map(Some).map_err(|_| StoreError::Fatal("the head file could not be written and flushed"))
    }
}
