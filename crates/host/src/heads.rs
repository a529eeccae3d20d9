//! The head file: a small preallocated ring that holds the newest signed heads of every log, on another volume where
//! the configuration says so. A checkpoint is flushed here before it is sent, so that a node whose database was rolled
//! back finds out by itself. HED-1 to HED-4
//!
//! ```text
//! region of a log: 4 slots of 1 KiB; slot: | length u32 LE | sequence u64 LE | note | zeroes | SHA-256 of the rest 32 |
//! ```

use crate::files;
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    origin::Origin,
};
use relto_exchange::{seal::HeadFile, store::StoreError};
use relto_report::crypto::sha256;
use std::{collections::BTreeMap, fs::File, io, os::unix::fs::FileExt as _, path::Path};

const SLOT: usize = 1024;
const SLOTS: u64 = 4;
/// Logs of one head file at most.
pub const MAX_LOGS: u64 = 128;
const DIGEST: usize = 32;
const HEAD: usize = 12;

/// Region, newest sequence and newest note of each log.
type Slots = BTreeMap<Origin, (u64, u64, Vec<u8>)>;

/// An open head file.
pub struct HeadRing {
    file: File,
    logs: Slots,
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
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self { file, logs: BTreeMap::new() })
    }

    /// Opens a head file and reads the newest whole slot of each log; a slot torn by a crash is passed over. HED-4
    ///
    /// # Errors
    /// The system's error; a missing file is one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        let logs = Self::slots(&file)?;
        Ok(Self { file, logs })
    }

    /// The newest note of each log, by a reader who may not write: an auditor.
    ///
    /// # Errors
    /// The system's error; a missing file is one.
    pub fn read(path: &Path) -> io::Result<BTreeMap<Origin, Vec<u8>>> {
        let logs = Self::slots(&File::open(path)?)?;
        Ok(logs.into_iter().map(|(origin, (_, _, note))| (origin, note)).collect())
    }

    fn slots(file: &File) -> io::Result<Slots> {
        let mut logs: Slots = BTreeMap::new();
        for region in 0..MAX_LOGS {
            for slot in 0..SLOTS {
                let mut bytes = [0_u8; SLOT];
                file.read_exact_at(&mut bytes, place(region, slot))?;
                let Some((sequence, note)) = read_slot(&bytes) else { continue };
                let Ok(head) = Checkpoint::parse_unverified(&note) else { continue };
                let newest = logs.entry(head.origin).or_insert((region, sequence, note.clone()));
                if sequence >= newest.1 {
                    *newest = (region, sequence, note);
                }
            }
        }
        Ok(logs)
    }

    /// The newest note of each log; its signature is the caller's to check.
    pub fn newest(&self) -> impl Iterator<Item = (&Origin, &[u8])> {
        self.logs.iter().map(|(origin, (_, _, note))| (origin, note.as_slice()))
    }

    fn write(&mut self, head: &SignedCheckpoint) -> io::Result<()> {
        let origin = head.checkpoint().origin;
        let used = u64::try_from(self.logs.len()).unwrap_or(MAX_LOGS);
        let (region, last) = self.logs.get(&origin).map_or((used, 0), |(region, sequence, _)| (*region, *sequence));
        if region >= MAX_LOGS {
            return Err(io::Error::other("the head file is full of logs"));
        }
        let sequence = last.saturating_add(1);
        let slot = write_slot(sequence, head.as_bytes()).ok_or_else(|| io::Error::other("a head is too long"))?;
        self.file.write_all_at(&slot, place(region, sequence % SLOTS))?;
        self.logs.insert(origin, (region, sequence, head.as_bytes().to_vec()));
        Ok(())
    }
}

impl HeadFile for HeadRing {
    // HED-1: one flush for all logs of a batch
    fn record(&mut self, heads: &[SignedCheckpoint]) -> Result<(), StoreError> {
        heads
            .iter()
            .try_for_each(|head| self.write(head))
            .map_err(|_| StoreError::Fatal("the head file could not be written"))?;
        self.file.sync_data().map_err(|_| StoreError::Fatal("the head file could not be flushed"))
    }
}

const fn place(region: u64, slot: u64) -> u64 {
    (region * SLOTS + slot) * 1024
}

fn write_slot(sequence: u64, note: &[u8]) -> Option<Vec<u8>> {
    if note.len() > SLOT - DIGEST - HEAD {
        return None;
    }
    let mut out = u32::try_from(note.len()).ok()?.to_le_bytes().to_vec();
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(note);
    out.resize(SLOT - DIGEST, 0);
    let digest = sha256(&[&out]);
    out.extend_from_slice(digest.as_bytes());
    Some(out)
}

fn read_slot(bytes: &[u8; SLOT]) -> Option<(u64, Vec<u8>)> {
    let (body, digest) = bytes.split_last_chunk::<DIGEST>()?;
    if sha256(&[body]).as_bytes() != digest {
        return None;
    }
    let (length, rest) = body.split_first_chunk::<4>()?;
    let (sequence, note) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some((u64::from_le_bytes(*sequence), note.get(..length)?.to_vec()))
}
