//! Members of the typed rows. Each is stored in the strict form of [`relto_report::codec`].

use relto_audit::leaf::{Head, Precedence, Verdict};
use relto_policy::{ground::Ground, waits::Waits};
use relto_report::{
    codec::{Malformed, Validate},
    digest::Digest,
    nation::Nation,
    signed::Approval,
};
use serde::{Deserialize, Serialize};

/// How far a report of mine is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stage {
    /// In the log; no receipt yet.
    Released,
    /// No more payload leaves; `maybe`: part of it may have left.
    Withdrawn {
        /// See above.
        maybe: bool,
    },
    /// The partner answered.
    Resolved {
        /// Index of its Outcome in the partner's log.
        outcome: u64,
        /// What it decided.
        verdict: Verdict,
        /// Partner-visible codes.
        codes: u64,
        /// Its leaf's time, Unix milliseconds.
        time: u64,
    },
}

/// Which act a Statement is, and of what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// Its place in the vocabulary's statement forms.
    pub form: u16,
    /// The leaf that it is about: owner and index.
    pub subject: Option<(Nation, u64)>,
}

/// An office of the partner has a report of mine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Which office.
    pub office: String,
    /// Index of its Statement in the partner's log.
    pub statement: u64,
    /// That leaf's time, Unix milliseconds.
    pub time: u64,
}

/// A second officer's word on a release in an emergency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Confirmation {
    /// It was no release in an emergency.
    NotOwed,
    /// Not given yet.
    Owed {
        /// Until when, Unix milliseconds.
        by: u64,
    },
    /// Given, signed.
    Given(Approval),
    /// An officer does not confirm it.
    Denied {
        /// Which officer.
        officer: String,
        /// Why.
        reason: String,
    },
}

/// A report of mine on its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outbox {
    /// Under which id it was submitted.
    pub submission: [u8; 16],
    /// Who wrote it.
    pub account: String,
    /// Its serial, spent by this leaf.
    pub serial: String,
    /// Tagged digest of the plaintext: the same report may go to another nation too.
    pub plaintext: Digest,
    /// As the officer set it.
    pub precedence: Precedence,
    /// Bytes of the payload.
    pub length: u64,
    /// The leaf's time, Unix milliseconds.
    pub time: u64,
    /// RFC 9162 hash of the leaf, which the receipt must name.
    pub leaf: Digest,
    /// Whether any byte of the payload may have left this node.
    pub exposed: bool,
    /// How far it is.
    pub stage: Stage,
    /// What a release in an emergency leaves owed.
    pub confirmation: Confirmation,
    /// Where it is a Statement and no report.
    pub statement: Option<About>,
    /// By whom, once a person of the partner has it.
    pub acknowledged: Option<Acknowledged>,
}

/// A leaf of the partner that waits for its payload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Awaited {
    /// What the payload must open.
    pub commitment: Digest,
    /// Bytes of the payload.
    pub length: u64,
    /// The partner's order of sending.
    pub precedence: Precedence,
    /// The leaf's time, Unix milliseconds.
    pub time: u64,
    /// Version of the agreement that the leaf names.
    pub agreement: Digest,
    /// RFC 9162 hash of the leaf.
    pub leaf: Digest,
    /// My head that the leaf names.
    pub seen: Head,
    /// Bytes that are in the spool.
    pub spooled: u64,
    /// Payloads that did not open the commitment.
    pub tries: u8,
    /// Refused without its payload, with these partner-visible codes; the Outcome is owed until my log has room.
    pub owed: Option<u64>,
    /// Where it is a Statement and no report.
    pub statement: Option<About>,
}

/// What became of a leaf of the partner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inbox {
    /// What we decided.
    pub verdict: Verdict,
    /// The codes that the partner sees.
    pub codes: u64,
    /// All reasons, for our own people; with their sentences where the report is kept.
    pub reasons: Vec<Ground>,
    /// Index of our Outcome in our log; readable to people only once a checkpoint covers it.
    pub outcome: u64,
    /// The report's serial; empty where nothing decoded.
    pub serial: String,
    /// The leaf's precedence.
    pub precedence: Precedence,
    /// When it was decided, Unix milliseconds.
    pub time: u64,
    /// Bytes of the payload.
    pub length: u64,
    /// Where it is a Statement and no report.
    pub statement: Option<About>,
    /// Index in my log of the Statement by which one of our offices acknowledged it.
    pub acknowledged: Option<u64>,
}

/// What stays at home about a leaf of mine. The leaf commits to these bytes under `salt`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// Salt of the leaf's detail commitment.
    pub salt: [u8; 32],
    /// Who wrote it.
    pub account: String,
    /// The author's statement, encoded. It names the home file by its digest.
    #[serde(with = "serde_bytes")]
    pub author: Vec<u8>,
    /// The author's signature.
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
    /// Who approved, with their signatures.
    pub approvals: Vec<Given>,
    /// On what the release rests: approvals or a standing authority's serial.
    pub basis: String,
}

/// How far a submission is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SubmissionState {
    /// In the log at this index; the outbox row says the rest.
    Released(u64),
    /// Waits for officers; what they owe.
    Held(Vec<Ground>),
    /// Waits for the window, the link or the clock; why.
    Queued(Waits),
    /// The agreement or the national rules say no; each reason with its sentence when it is told, without where it is kept.
    Refused(Vec<Ground>),
    /// An officer said no.
    Declined {
        /// Which officer.
        officer: String,
        /// Why.
        reason: String,
    },
}

impl SubmissionState {
    /// As it is kept: a refusal without its sentences, which quote the report.
    pub(crate) fn at_rest(&self) -> Self {
        match self {
            Self::Refused(reasons) => Self::Refused(reasons.iter().map(|one| one.cause().into()).collect()),
            other => other.clone(),
        }
    }
}

/// A submission of one of our people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Submission {
    /// Whose it is.
    pub account: String,
    /// Digest of what was signed: the same again is a retry, anything else is ID_REUSED.
    pub signed: Digest,
    /// Agreement id.
    pub agreement: String,
    /// Serial of the report.
    pub serial: String,
    /// As it stands: the drafter's, then an officer's.
    pub precedence: Precedence,
    /// When it came, Unix milliseconds.
    pub time: u64,
    /// How far it is.
    pub state: SubmissionState,
}

/// A report that is held or queued, with all that its release will need beside its text and its home file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// The author's statement, encoded.
    #[serde(with = "serde_bytes")]
    pub author: Vec<u8>,
    /// The author's signature.
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
    /// Precedence to be used: the drafter's, then as an officer set it.
    pub precedence: Precedence,
    /// Whether one officer may release what needs two.
    pub emergency: bool,
    /// Approvals so far.
    pub approvals: Vec<Given>,
}

/// A long plaintext that one of our people sends part by part, before its submission under the same id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Whose it is.
    pub account: String,
    /// Bytes of the whole plaintext.
    pub length: u64,
    /// Bytes that are here.
    pub received: u64,
    /// When the last of them came, Unix milliseconds.
    pub time: u64,
}

/// An approval and what the officer was when it was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Given {
    /// The signed approval.
    pub approval: Approval,
    /// Whether the officer decides on held topics.
    pub senior: bool,
}

macro_rules! unbounded {
    ($($row:ty),*) => { $(impl Validate for $row {
        // Our own rows: bounded where they were made, and by the store's row limit.
        fn validate(&self) -> Result<(), Malformed> { Ok(()) }
    })* };
}
unbounded!(Outbox, Awaited, Inbox, Detail, Submission, Draft, Upload);
