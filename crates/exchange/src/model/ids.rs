//! What names links, sessions, people who wait for an answer, and moments.

use crate::model::store::SubmissionId;
/// Which pair of logs: the place in the node's configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u16);

impl LinkId {
    /// The link at a place of the configuration; `None`: none can be there.
    #[must_use]
    pub fn at(place: usize) -> Option<Self> {
        u16::try_from(place).ok().map(Self)
    }

    /// Its place.
    #[must_use]
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// Which connection of a link; a newer one replaces an older.
pub type SessionNumber = u64;
/// Whom an answer is for.
pub type Ticket = u64;

/// A moment and randomness: both are arguments below `host`.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Unix milliseconds.
    pub millis: u64,
    /// Whether the clock may be believed.
    pub trusted: bool,
    /// Fresh for each turn; salts are derived from it.
    pub seed: [u8; 32],
}

/// What a turn asks to be read and made ready for a later one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fetch {
    /// A queued submission that could go now.
    Draft(SubmissionId),
    /// A payload of the partner that stands whole in the spool, by the index of its leaf.
    Spool(LinkId, u64),
}
