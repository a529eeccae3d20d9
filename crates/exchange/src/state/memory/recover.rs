//! Memory from the rows: from the newest fold that verifies and what came after it, or from nothing. Both come to the same.

use super::{
    Memory, UNREADABLE, fold_at,
    from_fold::{NOT_ON_RECORD, Unfit},
    pages::pages,
};
use crate::{
    model::store::{Key, Reader, Row, StoreError, Write, one},
    state::pair::Pair,
};
use relto_audit::origin::Origin;

/// By what memory was recovered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Recovered {
    /// Leaves and entries under the fold that it went on from; 0: from nothing.
    pub(crate) folded: u64,
    /// Why a fold that is stored cannot be believed.
    pub(crate) disbelieved: Option<&'static str>,
}

impl Memory {
    /// From the newest fold that verifies, else from nothing. STO-7
    pub(crate) fn recover(&mut self, reader: &dyn Reader) -> Result<Recovered, StoreError> {
        let (stored, all) = self.read_folds(reader);
        let mut disbelieved = (!all).then_some(NOT_ON_RECORD);
        let mut folds = Vec::new();
        for row in stored {
            // The older one too, whichever is gone on from.
            match self.on_record(reader, &row) {
                Ok(fold) => folds.push(fold),
                Err(Unfit::Changed(why)) => disbelieved = Some(why),
                // What lasts cannot be read behind the older one or from nothing either, and ends the start there.
                Err(Unfit::NotYet | Unfit::Store(_)) => {}
            }
        }
        let empty = self.clone();
        for fold in &folds {
            match self.go_on_from(reader, fold) {
                Ok(folded) => return Ok(Recovered { folded, disbelieved }),
                Err(Unfit::NotYet) => {}
                Err(Unfit::Changed(why)) => disbelieved = Some(why),
                Err(Unfit::Store(fault)) => return Err(fault),
            }
            self.clone_from(&empty);
        }
        self.read_all(reader)?;
        Ok(Recovered { folded: 0, disbelieved })
    }

    /// From nothing, whatever folds are stored.
    pub(crate) fn recover_whole(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        self.read_folds(reader);
        self.read_all(reader)
    }

    /// The rows of the folds that can be read, the newest first; whether these are all.
    fn read_folds(&mut self, reader: &dyn Reader) -> (Vec<Vec<u8>>, bool) {
        let (mut rows, mut all) = (Vec::new(), true);
        for slot in [0, 1] {
            match one(reader, &Key::Fold(slot)) {
                Ok(Some(Row::Bytes(row))) => {
                    self.note_fold(slot, Some(fold_at(&row)));
                    rows.push(row);
                }
                Ok(None) => {}
                // Changed where it stands; where nothing can be read, the rows say so next.
                Ok(Some(_)) | Err(_) => {
                    self.note_fold(slot, Some(UNREADABLE));
                    all = false;
                }
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(fold_at(row)));
        (rows, all)
    }

    /// Folds every row of the store.
    fn read_all(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        let journal = self.journal.origin;
        let logs: Vec<(Origin, Origin)> =
            self.pairs.iter().map(|pair| (pair.mine.origin, pair.theirs.origin)).collect();
        self.read_common(reader)?;
        let mut ranges = vec![
            (Key::Entry(journal, 0), Key::Entry(journal, u64::MAX)),
            (Key::Checkpoint(journal, 0), Key::Checkpoint(journal, u64::MAX)),
        ];
        for (mine, theirs) in logs {
            for log in [mine, theirs] {
                ranges.push((Key::Leaf(log, 0), Key::Leaf(log, u64::MAX)));
                ranges.push((Key::Checkpoint(log, 0), Key::Checkpoint(log, u64::MAX)));
            }
            ranges.push((Key::Outbox(mine, 0), Key::Outbox(mine, u64::MAX)));
            ranges.push((Key::Awaited(theirs, 0), Key::Awaited(theirs, u64::MAX)));
            ranges.push((Key::Inbox(theirs, 0), Key::Inbox(theirs, u64::MAX)));
        }
        ranges.push((Key::Submission([0; 16]), Key::Submission([0xff; 16])));
        for (from, to) in ranges {
            pages(reader, from, &to, |rows| {
                // Of a million serials those that are rows are not held.
                let held = std::mem::take(&mut self.serials.held);
                for (key, row) in rows {
                    self.fold_in(&Write::Insert(key, row));
                }
                self.serials.merge(reader, held)
            })?;
        }
        self.pairs.iter_mut().for_each(Pair::rebind);
        Ok(())
    }
}
