//! A slot of the head file's first form: length of the note u32, sequence u64, the note.

use super::slot::{SLOT, log_of, whole};
use relto_audit::origin::Origin;

pub(super) fn read_slot(bytes: &[u8; SLOT]) -> Option<(Origin, u64, Vec<u8>)> {
    let (length, rest) = whole(bytes)?.split_first_chunk::<4>()?;
    let (sequence, note) = rest.split_first_chunk::<8>()?;
    let note = note.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?.to_vec();
    Some((log_of(&note)?, u64::from_le_bytes(*sequence), note))
}

/// Whether these are a slot of that form.
pub(super) fn is_slot(bytes: &[u8; SLOT]) -> bool {
    read_slot(bytes).is_some()
}
