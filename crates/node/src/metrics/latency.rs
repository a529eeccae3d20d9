//! How long a payload waits from its last byte to the commit that answers it, as a histogram of fixed buckets.

use crate::sync::lock;
use relto_exchange::ids::LinkId;
use relto_host::clock::Stopwatch;
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// Upper bounds of the buckets, microseconds; behind them stands all that took longer.
const BOUNDS: [u64; 10] = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 1_000_000];
/// Payloads whose last byte is remembered: more than one link may have open.
const MOST: usize = 8_192;

/// See the module.
#[derive(Default, Debug)]
pub(super) struct Latency {
    came: Mutex<HashMap<(LinkId, u64), Stopwatch>>,
    buckets: [AtomicU64; BOUNDS.len()],
    sum: AtomicU64,
    count: AtomicU64,
}

impl Latency {
    /// A piece of the payload of this leaf of the partner was read from the socket.
    pub(super) fn came(&self, link: LinkId, index: u64) {
        let mut came = lock(&self.came);
        if came.len() >= MOST {
            // Of pieces that nobody awaited.
            came.clear();
        }
        came.insert((link, index), Stopwatch::start());
    }

    /// It was decided on, and that is on the disk.
    pub(super) fn decided(&self, link: LinkId, index: u64) {
        let Some(watch) = lock(&self.came).remove(&(link, index)) else { return };
        let took = u64::try_from(watch.elapsed().as_micros()).unwrap_or(u64::MAX);
        for (bucket, bound) in self.buckets.iter().zip(BOUNDS) {
            if took <= bound {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.sum.fetch_add(took, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The rows of the text form, each with what stands behind the name.
    pub(super) fn rows(&self) -> Vec<(String, u64)> {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let buckets = BOUNDS.iter().zip(&self.buckets);
        let mut rows: Vec<(String, u64)> =
            buckets.map(|(bound, bucket)| (format!("_bucket{{le=\"{bound}\"}}"), value(bucket))).collect();
        let count = value(&self.count);
        rows.extend([
            ("_bucket{le=\"+Inf\"}".to_owned(), count),
            ("_sum".to_owned(), value(&self.sum)),
            ("_count".to_owned(), count),
        ]);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_stands_in_each_bucket_from_its_own_on() {
        let latency = Latency::default();
        let link = LinkId::at(0).unwrap();
        for index in 0..3 {
            latency.came(link, index);
            latency.decided(link, index);
            latency.decided(link, index);
        }
        latency.decided(link, 9);
        let rows = latency.rows();
        assert_eq!(rows.last(), Some(&("_count".to_owned(), 3)));
        assert_eq!(rows[BOUNDS.len()], ("_bucket{le=\"+Inf\"}".to_owned(), 3));
        assert!(rows[..=BOUNDS.len()].is_sorted_by_key(|(_, count)| *count));
        for index in 0..u64::try_from(3 * MOST).unwrap() {
            latency.came(link, index);
        }
        assert!(lock(&latency.came).len() <= MOST);
    }
}
