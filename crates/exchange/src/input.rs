//! What goes into a turn and what one turn lets out.

use crate::{
    forms::Form,
    model::{
        body::Body,
        head_write::HeadWrite,
        ids::{Fetch, LinkId, SessionNumber, Ticket},
        store::SubmissionId,
    },
    ready::{
        Content, Prepared,
        fetch::{Drafted, Fetched},
    },
    state::{
        belief::{By, Voice},
        recovery::Asks,
    },
    wire::lanes::Load,
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    leaf::{Leaf, SignedStatement},
};
use relto_policy::{agreement::Agreement, reading::ReadingRule};
use relto_report::{
    crypto::sha256,
    digest::Digest,
    nation::Nation,
    note::Note,
    signed::{Approval, Authored, ClockWord, Verified},
};
use std::sync::Arc;

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
    pub own: Prepared,
    /// Whether it was uploaded before, under this id.
    pub uploaded: bool,
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

impl Piece {
    /// Bytes of it.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.content.body().length()
    }
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

/// A part of a long plaintext that one of our people sends before its submission.
pub struct Uploaded {
    /// Whom to answer.
    pub ticket: Ticket,
    /// Of the submission to come.
    pub id: SubmissionId,
    /// Whose certificate brought it.
    pub account: String,
    /// Bytes of the whole plaintext.
    pub length: u64,
    /// Where the part begins.
    pub offset: u64,
    /// The part, encrypted for the disk.
    pub body: Body,
}

/// One step's cause.
pub enum Input {
    /// A report of ours.
    Submit(Box<Submit>),
    /// A part of a long one, before it is submitted.
    Uploaded(Box<Uploaded>),
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
        /// The office by which the account may read it, or each rule by which it may not. Both go on record.
        decided: Result<String, Vec<ReadingRule>>,
    },
    /// What an earlier turn asked for by [`Event::Fetch`].
    Fetched(Box<Fetched>),
    /// The attachments of what an earlier turn asked for were looked at, or can be looked at now: it may be asked for again.
    Looked(Fetch),
    /// The store was found to be another than its fold says, and where.
    Disbelieved(&'static str),
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
    /// An operator or an auditor of a node that has halted: what of a recovery's plan.
    Recovery(Ticket, Asks),
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
            | Self::Uploaded(_)
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
            | Self::Disbelieved(_)
            | Self::Started
            | Self::Believed(_)
            | Self::ClockWord { .. }
            | Self::Recovery(..)
            | Self::Tick => None,
        }
    }
}

/// A Statement that one of our people makes.
pub struct Stated {
    /// Whom to answer.
    pub ticket: Ticket,
    /// Made by the client before it connected.
    pub id: SubmissionId,
    /// Whose certificate brought it.
    pub account: String,
    /// Under which agreement.
    pub link: LinkId,
    /// What it is.
    pub form: Form,
    /// Which leaf it is about.
    pub subject: (Nation, u64),
    /// Its body.
    pub note: Note,
}

impl Stated {
    /// What is the same Statement again.
    pub(crate) fn digest(&self) -> Digest {
        let (nation, index) = self.subject;
        let form = self.form.word().as_bytes();
        sha256(&[form, nation.as_str().as_bytes(), &index.to_le_bytes(), &self.note.encode()])
    }
}
