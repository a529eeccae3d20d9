//! How far the store was read in the background.

use std::sync::atomic::{AtomicU64, Ordering};

/// See the module.
#[derive(Default, Debug)]
pub(crate) struct Scrubbed {
    read: AtomicU64,
    of: AtomicU64,
    damaged: AtomicU64,
}

impl Scrubbed {
    /// Leaves that were read, leaves that are to be read in all, and rows that are not whole.
    pub(crate) fn figures(&self) -> [u64; 3] {
        [&self.read, &self.of, &self.damaged].map(|figure| figure.load(Ordering::Relaxed))
    }

    /// So many rows are to be read.
    pub(crate) fn begin(&self, rows: u64) {
        self.of.store(rows, Ordering::Relaxed);
    }

    /// So many more were read.
    pub(crate) fn add(&self, rows: usize) {
        self.read.fetch_add(u64::try_from(rows).unwrap_or(0), Ordering::Relaxed);
    }

    /// One more does not open; how many that makes.
    pub(crate) fn count_damaged(&self) -> u64 {
        self.damaged.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}
