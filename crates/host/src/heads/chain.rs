//! The slots of a head file, and whether they fit together: no head can be taken out unseen. HED-4, HED-5

use super::{DIGEST, HEAD, Heads, MAGIC, SLOT, log_of, whole};
use relto_audit::origin::Origin;
use relto_report::{crypto::sha256, digest::Digest};
use std::collections::BTreeMap;

/// What does not fit in a head file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// The newest write names other heads than are there.
    #[error("write {0} of the head file names a head that is not in it: one was taken out or put back")]
    Board(u64),
    /// Two writes that follow each other do not.
    #[error("write {0} of the head file does not follow the one before: a head was taken out or changed")]
    Chain(u64),
    /// Slots of one write contradict each other.
    #[error("the slots of write {0} of the head file contradict each other")]
    Slots(u64),
    /// A write is missing below one that a crash cut short.
    #[error("write {0} is the newest of the head file and is not whole")]
    Whole(u64),
    /// The database names a later write than the file has.
    #[error("the database names a later write of the head file than is in it: its newest heads were taken out")]
    Cut,
    /// The database names another write of this number.
    #[error("the database names another write of the head file under its number: one of the two is of another node")]
    Other,
}

/// One whole slot.
pub(super) struct Slot {
    pub(super) place: (u64, u64),
    pub(super) origin: Origin,
    /// Counts the heads of this log.
    pub(super) sequence: u64,
    /// Counts the writes of the file.
    pub(super) number: u64,
    /// Slots of this write.
    pub(super) count: u64,
    pub(super) before: Digest,
    pub(super) board: Digest,
    pub(super) note: Vec<u8>,
}

impl Slot {
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        if self.note.len() > SLOT - DIGEST - HEAD {
            return None;
        }
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&u32::try_from(self.note.len()).ok()?.to_le_bytes());
        for figure in [self.sequence, self.number, self.count] {
            out.extend_from_slice(&figure.to_le_bytes());
        }
        out.extend_from_slice(self.before.as_bytes());
        out.extend_from_slice(self.board.as_bytes());
        out.extend_from_slice(&self.note);
        out.resize(SLOT - DIGEST, 0);
        let digest = sha256(&[&out]);
        out.extend_from_slice(digest.as_bytes());
        Some(out)
    }

    /// `None`: empty, torn, or of another form.
    pub(super) fn read(bytes: &[u8; SLOT], place: (u64, u64)) -> Option<Self> {
        let rest = whole(bytes)?.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (before, rest) = rest.split_first_chunk::<DIGEST>()?;
        let (board, rest) = rest.split_first_chunk::<DIGEST>()?;
        let note = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?.to_vec();
        Some(Self {
            place,
            origin: log_of(&note)?,
            sequence: u64::from_le_bytes(*sequence),
            number: u64::from_le_bytes(*number),
            count: u64::from_le_bytes(*count),
            before: Digest::from_bytes(*before),
            board: Digest::from_bytes(*board),
            note,
        })
    }

    fn digest(&self) -> Digest {
        digest_of(self.number, &self.before, &self.board)
    }
}

/// Digest of a write.
pub(super) fn digest_of(number: u64, before: &Digest, board: &Digest) -> Digest {
    sha256(&[&number.to_le_bytes(), before.as_bytes(), board.as_bytes()])
}

/// Digest over the newest head of every log, ascending by log: origin, sequence, SHA-256 of the note.
pub(super) fn board_of<'n>(logs: impl Iterator<Item = (Origin, u64, &'n [u8])>) -> Digest {
    let mut bytes = Vec::new();
    for (origin, sequence, note) in logs {
        bytes.extend_from_slice(origin.as_bytes());
        bytes.extend_from_slice(&sequence.to_le_bytes());
        bytes.extend_from_slice(sha256(&[note]).as_bytes());
    }
    sha256(&[&bytes])
}

/// What the whole slots of a file come to.
pub(super) fn judge(slots: Vec<Slot>) -> Heads {
    let mut heads = Heads::default();
    let mut writes: BTreeMap<u64, Vec<&Slot>> = BTreeMap::new();
    slots.iter().for_each(|slot| writes.entry(slot.number).or_default().push(slot));
    let is_whole = |write: &[&Slot]| write.iter().all(|slot| usize::try_from(slot.count) == Ok(write.len()));
    if let Some((number, write)) = writes.last_key_value().map(|(number, write)| (*number, write.clone()))
        && !is_whole(&write)
    {
        // The flush of this one never ended, so nothing has left under it; the one before must stand.
        heads.torn = write.iter().map(|slot| slot.place).collect();
        writes.remove(&number);
        let stands = writes.last_key_value().map_or(number <= 1, |(last, write)| last + 1 == number && is_whole(write));
        heads.gap = (!stands).then_some(Gap::Whole(number));
    }
    let mut newest: BTreeMap<Origin, &Slot> = BTreeMap::new();
    for slot in writes.values().flatten() {
        let kept = newest.entry(slot.origin).or_insert(slot);
        if slot.sequence >= kept.sequence {
            *kept = slot;
        }
    }
    for (number, write) in &writes {
        let Some(first) = write.first() else { continue };
        let same = |slot: &&Slot| (slot.before, slot.board, slot.count) == (first.before, first.board, first.count);
        if !write.iter().all(same) {
            heads.gap.get_or_insert(Gap::Slots(*number));
        }
        let kept = number.checked_sub(1).and_then(|before| heads.writes.get(&before));
        if kept.is_some_and(|before| *before != first.before) {
            heads.gap.get_or_insert(Gap::Chain(*number));
        }
        heads.writes.insert(*number, first.digest());
    }
    if let Some((number, write)) = writes.last_key_value() {
        let board = board_of(newest.values().map(|slot| (slot.origin, slot.sequence, slot.note.as_slice())));
        if write.iter().any(|slot| slot.board != board) {
            heads.gap.get_or_insert(Gap::Board(*number));
        }
    }
    let of = |(origin, slot): (Origin, &Slot)| (origin, (slot.place.0, slot.sequence, slot.note.clone()));
    heads.logs = newest.into_iter().map(of).collect();
    heads
}
