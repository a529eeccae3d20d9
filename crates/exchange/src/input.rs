//! What goes into a turn and what one turn lets out.

use crate::{
    belief::{By, Voice},
    heads::HeadWrite,
    link::lanes::Load,
    ready::{Content, Drafted, Fetch, Fetched, Own},
    rows::SubmissionState,
    statement::Stated,
    store::SubmissionId,
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::{Head, Leaf, Precedence, SignedStatement, Verdict},
    origin::Origin,
};
use relto_policy::agreement::Agreement;
use relto_report::{
    digest::Digest,
    signed::{Approval, Authored, ClockWord, Verified},
};
use std::sync::Arc;

/// Which pair of logs: the place in the node's configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u16);

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

/// A report that one of our people submits.
pub struct Submit {
    /// Whom to answer.
    pub ticket: Ticket,
    /// Made by the client before it connected.
    pub id: SubmissionId,
    /// Whose certificate brought it.
    pub account: String,
    /// Under which agreement.
    pub link: LinkId,
    /// Checked against the author's key on record.
    pub authored: Verified<Authored>,
    /// What was made ready of it.
    pub own: Own,
    /// Whether the drafter calls it an emergency.
    pub emergency: bool,
}

/// A payload frame.
pub struct Piece {
    /// Index of the leaf.
    pub index: u64,
    /// Where it begins.
    pub offset: u64,
    /// The bytes, made ready.
    pub content: Content,
}

/// What a connection learned from the partner's HELLO.
#[derive(Clone, Debug)]
pub struct LinkUp {
    /// Number of the new session.
    pub session: SessionNumber,
    /// The partner's clock less ours, milliseconds.
    pub clock_difference: i64,
    /// The partner's own head.
    pub head: Option<SignedCheckpoint>,
    /// My head that the partner holds.
    pub holds: Option<SignedCheckpoint>,
    /// Size of the partner's log that my HELLO said I hold.
    pub held: u64,
    /// Counts the bytes in this connection's lanes.
    pub load: Load,
}

/// One step's cause.
pub enum Input {
    /// A report of ours.
    Submit(Box<Submit>),
    /// An officer approves a held report.
    Approve {
        /// Whom to answer.
        ticket: Ticket,
        /// Which.
        id: SubmissionId,
        /// Checked against the officer's key on record.
        approval: Verified<Approval>,
        /// The report, made ready; `None` where there was no such draft.
        drafted: Option<Box<Drafted>>,
    },
    /// An officer declines a held report.
    Decline {
        /// Whom to answer.
        ticket: Ticket,
        /// Which.
        id: SubmissionId,
        /// Account of the officer.
        officer: String,
        /// Why; the author sees it.
        reason: String,
    },
    /// One of our people makes a Statement.
    Statement(Box<Stated>),
    /// Our signers have changed the agreement's state.
    Change {
        /// Whom to answer.
        ticket: Ticket,
        /// Under which agreement.
        link: LinkId,
        /// The statement and who signed it.
        change: SignedStatement,
    },
    /// A version of the agreement was verified, and its file is on the disk.
    Install {
        /// Whom to answer.
        ticket: Ticket,
        /// Under which agreement.
        link: LinkId,
        /// The version.
        text: Arc<Agreement>,
    },
    /// A session is proven.
    Up(LinkId, LinkUp),
    /// A session ended.
    Down(LinkId, SessionNumber),
    /// Leaves of the partner that follow and that its checkpoint covers. F1 is done.
    Leaves {
        /// Which link.
        link: LinkId,
        /// Which session.
        session: SessionNumber,
        /// Index of the first.
        first: u64,
        /// Bytes and meaning of each.
        leaves: Vec<(Vec<u8>, Leaf)>,
        /// Signed by the partner.
        checkpoint: SignedCheckpoint,
    },
    /// The partner's key signed a head that its leaves do not lead to; what was signed, and what they lead to.
    Mismatch(LinkId, SessionNumber, String),
    /// A piece of a payload.
    Payload(LinkId, SessionNumber, Box<Piece>),
    /// The partner wants a payload from an offset.
    Want {
        /// Which link.
        link: LinkId,
        /// Which session.
        session: SessionNumber,
        /// Index of my leaf.
        index: u64,
        /// From where.
        offset: u64,
    },
    /// A checkpoint of a log of mine was signed and is in the head file.
    Sealed(SignedCheckpoint),
    /// The head file was written; comes before the heads that it holds.
    Wrote(HeadWrite),
    /// Somebody wants to open a report of the inbox; the readers' rules have been asked.
    Opened {
        /// Whom to answer.
        ticket: Ticket,
        /// Whose certificate.
        account: String,
        /// Which link.
        link: LinkId,
        /// Index of the partner's leaf.
        index: u64,
        /// The office by which the account may read it, or in a word each why it may not. Both go on record.
        decided: Result<String, Vec<String>>,
    },
    /// What an earlier turn asked for by [`Event::Fetch`].
    Fetched(Box<Fetched>),
    /// The attachments of what an earlier turn asked for were looked at, or can be looked at now: it may be asked for again.
    Looked(Fetch),
    /// The node has started on its store; said once, before anything else.
    Started,
    /// Something of this machine's own says that the clock is right.
    Believed(By),
    /// An operator or an auditor signs that the clock is right.
    ClockWord {
        /// Whom to answer.
        ticket: Ticket,
        /// Which of the two.
        voice: Voice,
        /// Checked against the account's key on record, and against this node, start and time.
        word: Verified<ClockWord>,
    },
    /// Nothing but time: anchors, queued reports, payloads that fit now.
    Tick,
}

impl Input {
    /// The same, brought by the session of this number.
    pub(crate) fn of_session(self, session: SessionNumber) -> Self {
        match self {
            Self::Up(link, up) => Self::Up(link, LinkUp { session, ..up }),
            Self::Leaves { link, first, leaves, checkpoint, .. } => {
                Self::Leaves { link, session, first, leaves, checkpoint }
            }
            Self::Want { link, index, offset, .. } => Self::Want { link, session, index, offset },
            Self::Mismatch(link, _, what) => Self::Mismatch(link, session, what),
            Self::Payload(link, _, piece) => Self::Payload(link, session, piece),
            other => other,
        }
    }

    /// The session that brings it; `None` for what counts whatever session there is.
    pub(crate) const fn session(&self) -> Option<(LinkId, SessionNumber)> {
        match self {
            Self::Leaves { link, session, .. } | Self::Want { link, session, .. } => Some((*link, *session)),
            Self::Mismatch(link, session, _) | Self::Payload(link, session, _) => Some((*link, *session)),
            Self::Submit(_)
            | Self::Statement(_)
            | Self::Approve { .. }
            | Self::Decline { .. }
            | Self::Change { .. }
            | Self::Install { .. }
            | Self::Up(..)
            | Self::Down(..)
            | Self::Sealed(_)
            | Self::Wrote(_)
            | Self::Opened { .. }
            | Self::Fetched(_)
            | Self::Looked(_)
            | Self::Started
            | Self::Believed(_)
            | Self::ClockWord { .. }
            | Self::Tick => None,
        }
    }
}

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
    NotHeld,
    /// The node appends to no log; why.
    Unavailable(String),
    /// Noted.
    Noted,
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
        code: crate::link::frame::ByeCode,
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
    /// From now on the clock is believed.
    ClockBelieved(By),
    /// What happened in its order, and is on record as an alarm is: nobody has to act on it.
    Notice(String),
    /// Something is to be read and made ready for a later turn: see [`crate::ready::fetch`].
    Fetch(Fetch),
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
