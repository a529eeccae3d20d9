//! What one turn lets out.

use crate::{
    model::{
        head_write::HeadWrite,
        ids::{Fetch, LinkId, SessionNumber, Ticket},
        rows::SubmissionState,
        store::SubmissionId,
    },
    state::belief::By,
    wire::protocol::ByeCode,
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::{Head, Precedence, Verdict},
    origin::Origin,
};
use relto_report::digest::Digest;
use std::sync::Arc;

/// The answer to one of our people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// How the submission stands, with the index of its leaf where it has one.
    Stands(SubmissionState),
    /// The same signed bytes came under the same id before: how that submission stands.
    Known(SubmissionState),
    /// The same id came with other signed bytes, or from another account.
    IdReused,
    /// The submission breaks a rule that needs this node's records: number, text.
    Invalid {
        /// Number of the rule in the report grammar.
        rule: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// There is no such held report.
    NotFound,
    /// The node appends to no log; why.
    Unavailable(String),
    /// Noted.
    Noted,
    /// The part of an upload is on the disk, and so many bytes with it.
    Taken(u64),
    /// The part was not taken: it does not begin where the disk ends, which has so many bytes. Which these are is not said.
    Received(u64),
    /// One account may have so many uploads open, and has, or all together have too many.
    TooMany(usize),
    /// Would be released now; on what it would rest.
    Releasable(String),
}

/// What one step lets out once it is committed.
pub(crate) enum Out {
    Reply(Ticket, Answer),
    Body {
        link: LinkId,
        session: SessionNumber,
        log: Origin,
        index: u64,
        precedence: Precedence,
        offset: u64,
        length: u64,
        payload: Option<Arc<Vec<u8>>>,
    },
    Stop {
        link: LinkId,
        log: Origin,
        index: u64,
    },
    Want {
        link: LinkId,
        session: SessionNumber,
        log: Origin,
        index: u64,
        offset: u64,
    },
    Reach {
        link: LinkId,
        session: SessionNumber,
        log: Origin,
        size: u64,
    },
    Close {
        link: LinkId,
        session: SessionNumber,
        code: ByeCode,
    },
    Event(Event),
}

/// What the node's own people are told, and its log and metrics count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A submission changed its state after its answer was given.
    Moved(SubmissionId, SubmissionState),
    /// A report of ours has its receipt.
    Resolved {
        /// Which submission.
        submission: SubmissionId,
        /// Index of my leaf.
        index: u64,
        /// What the partner decided.
        verdict: Verdict,
        /// Its codes.
        codes: u64,
        /// Index of the partner's leaf that says so.
        outcome: u64,
    },
    /// An office of the partner has a report of ours.
    Acknowledged {
        /// Which submission.
        submission: SubmissionId,
        /// Which office.
        office: String,
    },
    /// A payload of the partner was decided on.
    Decided {
        /// On which link.
        link: LinkId,
        /// Index of the partner's leaf.
        index: u64,
        /// What we decided.
        verdict: Verdict,
    },
    /// The partner's leaves were followed up to this head.
    Followed {
        /// Which link.
        link: LinkId,
        /// The head.
        head: Head,
    },
    /// An operator and an auditor must look.
    Alarm(String),
    /// The head file is to be made anew with these heads, behind this write: the loss of the old one is on record.
    MakeHeadFile {
        /// The newest stored head of each log of ours.
        heads: Vec<SignedCheckpoint>,
        /// The newest write of the old file that the store knows of.
        last: Option<HeadWrite>,
    },
    /// From now on the clock is believed.
    ClockBelieved(By),
    /// What happened in its order, and is on record as an alarm is: nobody has to act on it.
    Notice(String),
    /// Something is to be read and made ready for a later turn: see [`crate::ready::fetch::fetch`].
    Fetch(Fetch),
    /// More has come of a long payload of the partner, by the index of its leaf: see [`crate::ready::fetch::hash_ahead`].
    Came(LinkId, u64),
}

/// A run of leaves that one batch appended to a log of mine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Appended {
    pub(crate) log: Origin,
    pub(crate) link: Option<LinkId>,
    pub(crate) first: u64,
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) root: Digest,
}
