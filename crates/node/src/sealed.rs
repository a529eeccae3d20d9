//! Which leaves of ours are under a head that is in the head file.

use crate::sync::lock;
use relto_audit::{checkpoint::Checkpoint, origin::Origin};
use std::{collections::BTreeMap, sync::Mutex};

/// How far each of our logs is under a head in the head file. The store has the same a moment later.
#[derive(Default)]
pub(crate) struct SealedSizes(Mutex<BTreeMap<Origin, u64>>);

impl SealedSizes {
    /// This head is in the head file.
    pub(crate) fn note(&self, head: &Checkpoint) {
        let mut sizes = lock(&self.0);
        let size = sizes.entry(head.origin).or_default();
        *size = head.size.max(*size);
    }

    /// Leaves of a log that are so covered; 0 where none was since the start.
    #[must_use]
    pub(crate) fn of(&self, log: Origin) -> u64 {
        lock(&self.0).get(&log).copied().unwrap_or(0)
    }
}
