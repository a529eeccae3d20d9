//! The slots of a head file, and whether they fit together: no head can be taken out unseen. HED-4, HED-5

use super::slot::{Slot, board_of};
use relto_audit::origin::Origin;
use relto_exchange::head_write::HeadWrite;
use relto_report::digest::Digest;
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

/// Region, newest sequence and newest note of each log.
pub(super) type Slots = BTreeMap<Origin, (u64, u64, Vec<u8>)>;

/// What a head file says.
#[derive(Clone, Default, Debug)]
pub struct Heads {
    pub(super) logs: Slots,
    /// Digest of each write of which a slot is still there, by number.
    pub(super) writes: BTreeMap<u64, Digest>,
    /// What does not fit.
    pub(super) gap: Option<Gap>,
    /// Slots of a write that a crash cut short: nothing under it has left.
    pub(super) torn: Vec<(u64, u64)>,
}

impl Heads {
    /// Heads that stand elsewhere than in a head file: in a copy of the store, beside it. They bound what it must hold.
    #[must_use]
    pub fn of_notes(notes: impl Iterator<Item = (Origin, Vec<u8>)>) -> Self {
        let logs = notes.map(|(origin, note)| (origin, (0, 0, note))).collect();
        Self { logs, ..Self::default() }
    }

    /// The newest note of each log; its signature is the caller's to check.
    pub fn newest(&self) -> impl Iterator<Item = (&Origin, &[u8])> {
        self.logs.iter().map(|(origin, (_, _, note))| (origin, note.as_slice()))
    }

    /// The newest note of one log.
    #[must_use]
    pub fn of(&self, log: Origin) -> Option<&[u8]> {
        self.logs.get(&log).map(|(_, _, note)| note.as_slice())
    }

    /// Whether no head was ever written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.writes.is_empty()
    }

    /// The newest write; `None` where there was none.
    #[must_use]
    pub fn last(&self) -> Option<HeadWrite> {
        self.writes.last_key_value().map(|(number, digest)| HeadWrite { number: *number, digest: *digest })
    }

    /// A head that was taken out, put back or changed. HED-5
    #[must_use]
    pub const fn gap(&self) -> Option<Gap> {
        self.gap
    }

    /// Why the write that the database names cannot be one of this file: it was cut, or is of another node. HED-6
    #[must_use]
    pub fn lacks(&self, named: &HeadWrite) -> Option<Gap> {
        match self.last() {
            Some(last) if named.number <= last.number => {
                let kept = self.writes.get(&named.number);
                // What is so old that its slots were written over is not known any more, and nothing rests on it.
                kept.is_some_and(|digest| *digest != named.digest).then_some(Gap::Other)
            }
            Some(_) | None => Some(Gap::Cut),
        }
    }
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
