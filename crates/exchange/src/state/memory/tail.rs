//! What the leaves and entries behind a fold say of rows.

use crate::model::{
    journal::{Act, Entry},
    store::{Key, SubmissionId},
};
use relto_audit::leaf::{Leaf, Statement};
use relto_report::{digest::Digest, nation::Nation};
use std::collections::BTreeSet;

/// Of one log.
#[derive(Default)]
pub(super) struct Tail {
    /// Submissions that were held or queued.
    pub(super) waiting: BTreeSet<SubmissionId>,
    /// Submissions that nothing waits for any more.
    pub(super) settled: BTreeSet<SubmissionId>,
    /// Releases that a second officer has spoken on.
    pub(super) confirmed: BTreeSet<SubmissionId>,
    /// Leaves that oblige to a receipt.
    pub(super) obliging: BTreeSet<u64>,
    /// Leaves of the other log that got theirs, with the hash that it names.
    pub(super) answered: Vec<(u64, Digest)>,
    /// Leaves that a Statement is about.
    pub(super) subjects: BTreeSet<(Nation, u64)>,
}

impl Tail {
    pub(super) fn take(&mut self, key: &Key, bytes: &[u8]) {
        match key {
            Key::Entry(..) => {
                if let Ok(entry) = Entry::decode(bytes) {
                    self.take_act(&entry.act);
                }
            }
            Key::Leaf(_, index) => match Leaf::decode(bytes) {
                Ok(Leaf::Released(_)) => drop(self.obliging.insert(*index)),
                Ok(Leaf::Statement(Statement { subject, .. })) => {
                    self.obliging.insert(*index);
                    self.subjects.extend(subject);
                }
                Ok(Leaf::Outcome(outcome)) => self.answered.push((outcome.index, outcome.leaf)),
                _ => {}
            },
            _ => {}
        }
    }

    fn take_act(&mut self, act: &Act) {
        match act {
            Act::Held { submission, .. } | Act::Queued { submission, .. } => drop(self.waiting.insert(*submission)),
            Act::Declined { submission, .. } | Act::NotReleased { submission, .. } => {
                self.settled.insert(*submission);
            }
            Act::Confirmed { submission, .. } | Act::NotConfirmed { submission, .. } => {
                self.confirmed.insert(*submission);
            }
            _ => {}
        }
    }
}
