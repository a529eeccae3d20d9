//! Which bytes of a file were read, by few numbers whatever was asked.

use std::collections::BTreeMap;

/// Parts that touch are one; more than this are no way to read a file.
pub const MAX_PARTS: usize = 4_096;

/// Parts of a file, apart from each other.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Adds the bytes from `start` to `end`, exclusive. False where that would be more than [`MAX_PARTS`].
    pub fn add(&mut self, start: u64, end: u64) -> bool {
        if start >= end {
            return true;
        }
        let (mut from, mut to) = (start, end);
        // Those that touch go into the new one; each was added once, so that all of this takes its time once.
        while let Some((&first, &last)) = self.0.range(..=to).next_back().filter(|(_, last)| **last >= from) {
            from = from.min(first);
            to = to.max(last);
            self.0.remove(&first);
        }
        if self.0.len() >= MAX_PARTS {
            return false;
        }
        self.0.insert(from, to);
        true
    }

    /// The first bytes of a file of this length that are in no part.
    #[must_use]
    pub fn gap(&self, length: u64) -> Option<(u64, u64)> {
        let start = self.0.first_key_value().filter(|(first, _)| **first == 0).map_or(0, |(_, last)| *last);
        let end = self.0.range(start.saturating_add(1)..).next().map_or(length, |(first, _)| *first);
        (start < length).then_some((start, end.min(length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_known_in_whatever_order() {
        let mut read = Ranges::default();
        assert_eq!(read.gap(0), None);
        assert_eq!(read.gap(10), Some((0, 10)));
        assert!(read.add(4, 6) && read.add(8, 10) && read.add(5, 5));
        assert_eq!(read.gap(10), Some((0, 4)));
        assert!(read.add(0, 5));
        assert_eq!(read.gap(10), Some((6, 8)));
        assert!(read.add(3, 9));
        assert_eq!((read.gap(10), read.gap(11)), (None, Some((10, 11))));
        assert_eq!(read.0.len(), 1);
    }

    #[test]
    fn what_is_read_in_crumbs_is_not_kept_without_end() {
        let mut read = Ranges::default();
        let taken = (0..).take_while(|n| read.add(2 * n, 2 * n + 1)).count();
        assert_eq!(taken, MAX_PARTS);
    }
}
