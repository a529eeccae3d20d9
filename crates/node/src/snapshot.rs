//! How a node stands, as its writer tells it.

use relto_exchange::{
    belief::Belief,
    exchange::{Backlog, Sizes},
    store::SubmissionId,
};
use relto_host::store::segment::SegmentBytes;
use relto_policy::change::Record;

/// How the node stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Why it appends to no log.
    pub halted: Option<String>,
    /// The last write found no room, and none has succeeded since.
    pub full: bool,
    /// Entries of the journal.
    pub journal: u64,
    /// Bytes outside the database; nothing where it cannot be read.
    pub segments: Option<SegmentBytes>,
    /// What is known of the clock.
    pub clock: Belief,
    /// Whether it has stepped since, or stands before our records.
    pub trusted: bool,
    /// How many times the node has started on its store, this time counted.
    pub start: u64,
    /// For each link: heads confirmed, sizes, backlog.
    pub links: Vec<LinkSnapshot>,
}

/// How one link stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkSnapshot {
    /// Releases happen now.
    pub confirmed: bool,
    /// How long both logs are.
    pub sizes: Sizes,
    /// What is open.
    pub backlog: Backlog,
    /// Released in an emergency and not confirmed.
    pub unconfirmed: Vec<SubmissionId>,
    /// What both nations' signers have stated.
    pub record: Record,
}
