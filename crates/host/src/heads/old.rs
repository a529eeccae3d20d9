//! The head file's first form, read once to make it new.

use super::{
    HeadRing,
    chain::Slots,
    first::read_slot,
    read,
    slot::{DIGEST, MAX_LOGS, SLOT, SLOTS, Slot, board_of, digest_of, place},
};
use crate::files;
use relto_exchange::head_write::HeadWrite;
use relto_report::digest::Digest;
use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path};

/// A head file of the first form, and what its first write in the new one is.
pub struct Upgrade {
    logs: Slots,
    board: Digest,
    /// The write that the new file begins with: the same whenever it is made.
    pub write: Option<HeadWrite>,
}

/// What making a head file new comes to; `None` where it is so already.
///
/// # Errors
/// The system's.
pub fn upgrade(path: &Path) -> io::Result<Option<Upgrade>> {
    let file = File::open(path)?;
    let mut logs = Slots::new();
    for region in 0..MAX_LOGS {
        for at in 0..SLOTS {
            let mut bytes = [0_u8; SLOT];
            file.read_exact_at(&mut bytes, place(region, at))?;
            let Some((origin, sequence, note)) = read_slot(&bytes) else { continue };
            let newest = logs.entry(origin).or_insert((region, sequence, note.clone()));
            if sequence >= newest.1 {
                *newest = (region, sequence, note);
            }
        }
    }
    if logs.is_empty() {
        // Empty, or of the new form.
        return read(&file).map(|_| None);
    }
    let board = board_of(logs.iter().map(|(origin, (_, sequence, note))| (*origin, *sequence, note.as_slice())));
    let before = Digest::from_bytes([0; DIGEST]);
    let write = Some(HeadWrite { number: 1, digest: digest_of(1, &before, &board) });
    Ok(Some(Upgrade { logs, board, write }))
}

impl Upgrade {
    /// Puts the new file in the place of the old one, whole or not at all.
    ///
    /// # Errors
    /// The system's.
    pub fn put(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension("new");
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let ring = HeadRing::create(&new)?;
        let count = u64::try_from(self.logs.len()).unwrap_or(0);
        let (before, board) = (Digest::from_bytes([0; DIGEST]), self.board);
        for (origin, (region, sequence, note)) in &self.logs {
            let at = (*region, sequence % SLOTS);
            let (origin, sequence, note) = (*origin, *sequence, note.clone());
            let slot = Slot { place: at, origin, sequence, number: 1, count, before, board, note };
            let bytes = slot.bytes().ok_or_else(|| io::Error::other("a head is too long"))?;
            ring.file.write_all_at(&bytes, place(at.0, at.1))?;
        }
        ring.file.sync_all()?;
        // The modes of the file that it replaces: whoever may read that one may read this one.
        std::fs::set_permissions(&new, std::fs::metadata(path)?.permissions())?;
        std::fs::rename(&new, path)?;
        files::flush_folder(files::folder_of(path))
    }
}
