//! The names of the members of the objects that are open, by their digests.

use std::hash::{DefaultHasher, Hasher as _};

/// Names of all open objects together: 16 MiB.
pub(super) const MAX_NAMES: usize = 1 << 20;

/// What a string says, escapes undone, as a number. Two names with one number count as the same: then a file is refused
/// that need not be, and none passes that must not.
#[derive(Default)]
pub(super) struct Said(DefaultHasher);

impl Said {
    pub(super) fn say(&mut self, letter: char) {
        self.0.write_u32(u32::from(letter));
    }

    pub(super) fn end(&self) -> u64 {
        self.0.finish()
    }
}

/// Names of open objects: the innermost object's last.
#[derive(Default)]
pub(super) struct Names {
    /// Digest of a name, and the byte where it stands.
    names: Vec<(u64, u64)>,
    /// Where each open object's names begin.
    starts: Vec<usize>,
}

impl Names {
    pub(super) fn open(&mut self) {
        self.starts.push(self.names.len());
    }

    /// Whether there was room for it.
    pub(super) fn add(&mut self, name: u64, at: u64) -> bool {
        let room = self.names.len() < MAX_NAMES;
        if room {
            self.names.push((name, at));
        }
        room
    }

    /// Closes the innermost object; where a name stands for the second time in it.
    pub(super) fn close(&mut self) -> Option<u64> {
        let start = self.starts.pop().unwrap_or_default();
        let own = self.names.get_mut(start..).unwrap_or_default();
        own.sort_unstable();
        let same = |pair: &[(u64, u64)]| match pair {
            [first, second] if first.0 == second.0 => Some(second.1),
            _ => None,
        };
        let twice = own.windows(2).filter_map(same).min();
        self.names.truncate(start);
        twice
    }
}
