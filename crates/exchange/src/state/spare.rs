//! What a partner has used up of the leaves that oblige nothing, and its changes that nobody here can verify yet.

use relto_audit::leaf::SignedStatement;
use relto_policy::change::{Change, OnRecord};
use relto_report::{digest::Digest, nation::Nation};

/// Changes that are kept of a version whose file is not here: nobody can verify them yet, and each start reads them.
const MOST_UNREAD: usize = 64;

/// How far the partner has used up both rates. Gone with the process: a start is not in its hands.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Spare {
    pub(crate) time: u64,
    pub(crate) idle: u64,
    pub(crate) crossed: u64,
}

/// A change of the partner that waited for its version's file: as it was signed, index of its leaf, and time.
pub(crate) type Unverified = (SignedStatement, u64, u64);

/// Changes of the partner under a version whose file is not here: each follows the one before, as far as that can be told.
#[derive(Clone, Default, Debug)]
pub(crate) struct Unread {
    /// Index of the leaf, and time.
    pub(crate) leaves: Vec<(u64, u64)>,
    /// Number and digest of the last.
    last: Option<(u32, Digest)>,
}

impl Unread {
    /// Takes one up where it follows; `list` holds those that were verified.
    pub(crate) fn take(
        &mut self,
        list: &[OnRecord],
        (agreement, nation): (&str, Nation),
        signed: &SignedStatement,
        leaf: (u64, u64),
    ) -> bool {
        let verified = || list.last().map(|one| (one.change.counter, one.change.digest()));
        let last = self.last.or_else(verified);
        let Ok(read) = Change::read("statement", &signed.statement) else { return false };
        let follows = read.counter == last.map_or(0, |(counter, _)| counter).saturating_add(1)
            && read.previous == last.map(|(_, digest)| digest);
        let fits = follows && read.agreement == agreement && read.nation == nation && self.leaves.len() < MOST_UNREAD;
        if fits {
            self.leaves.push(leaf);
            self.last = Some((read.counter, read.digest()));
        }
        fits
    }
}
