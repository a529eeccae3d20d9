//! Bodies of the client API, as specs/client-api.md gives them. Unknown members are refused.

mod bulk;
mod recovery;
mod status;
mod words;

pub use bulk::{LineAnswer, LineProblem, MAX_BATCH_LINES, StreamEnd, StreamLine};
pub use recovery::{Recovery, RecoveryAct};
pub use status::{ClockStatus, ExpiryStatus, Inspectors, LinkStatus, ScrubStatus, SegmentStatus, Status, TrustStatus};
pub use words::{ChangeWord, Force, NationSays, ProblemKind, SentStage, VersionState};

use crate::base64_bytes::Bytes;
use relto_audit::leaf::Verdict;
use relto_policy::{ground::Ground, reading::ReadingRule, waits::Waits};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Bytes of the longest request body: a report with 26 MiB of attachments in base64, and as much again.
pub const MAX_BODY: usize = 80 * 1024 * 1024;

/// Roles that the node's configuration gives to accounts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Submits reports.
    Author,
    /// Foreign disclosure officer: approves and declines held reports.
    Officer,
    /// An officer who also decides on held topics.
    SeniorOfficer,
    /// Opens reports of the inbox.
    Reader,
    /// Reads everything but report texts, changes nothing.
    Auditor,
    /// Runs the service; reads no report.
    Operator,
}

/// `POST /v1/submissions`, and without `id` `POST /v1/checks`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// UUIDv7, made and kept by the client before it connects.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The author's statement in its signed form.
    pub statement: Bytes,
    /// The author's Ed25519 signature.
    pub signature: Bytes,
    /// Plaintext of the payload; of no bytes where it was uploaded.
    pub plaintext: Bytes,
    /// Whether the plaintext was uploaded under this id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uploaded: bool,
    /// The home file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Bytes>,
    /// Imminent danger to life.
    #[serde(default)]
    pub emergency: bool,
}

/// `PUT` and `GET /v1/uploads/{id}`: a long plaintext that comes before its submission.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadState {
    /// Bytes that are on the node's disk: the next request begins there.
    pub received: u64,
    /// Bytes of the whole plaintext.
    pub length: u64,
}

/// How a submission stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Standing {
    /// In the log; the partner has not answered.
    Released {
        /// Index of its leaf.
        index: u64,
    },
    /// It was in the log, and the rest of its payload does not go any more; the partner has not answered.
    Withdrawn {
        /// Index of its leaf.
        index: u64,
    },
    /// The partner answered.
    Resolved {
        /// Index of its leaf.
        index: u64,
        /// What it decided.
        verdict: Verdict,
        /// The codes that the partner gave.
        codes: Vec<String>,
        /// Index of the partner's leaf.
        outcome: u64,
    },
    /// Waits for officers.
    Held {
        /// What they owe.
        owed: Vec<Ground>,
    },
    /// Waits for the window, the link or the clock.
    Queued {
        /// Why.
        why: Waits,
    },
    /// The agreement or the national rules say no.
    Refused {
        /// Every reason, with what would make it releasable as long as that is remembered.
        reasons: Vec<Ground>,
    },
    /// An officer said no.
    Declined {
        /// Which officer.
        officer: String,
        /// Why.
        reason: String,
    },
    /// Would be released now: the answer of a check.
    Releasable {
        /// On what it would rest.
        basis: String,
    },
}

/// A submission.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The client's id.
    pub id: String,
    /// Serial of the report.
    pub serial: String,
    /// Agreement id.
    pub agreement: String,
    /// Whose it is.
    pub account: String,
    /// When it came, Unix milliseconds.
    pub time: u64,
    /// How it stands.
    pub standing: Standing,
    /// Which office of the partner has acknowledged the report.
    pub acknowledged_by: Option<String>,
    /// Where it was released in an emergency and an officer did not confirm it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
}

/// A release in an emergency that a second officer did not confirm, and who is owed word of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Which officer did not confirm it.
    pub officer: String,
    /// Why.
    pub reason: String,
    /// The roles of our own that have the alarm.
    pub told: Vec<Role>,
    /// The partner, to whom the first report of the incident is owed.
    pub partner: String,
    /// Hours to that report, where the agreement has `[incident]`.
    pub first_report_hours: Option<u32>,
    /// Hours in which the joint committee is told, where the agreement has `[emergency]`.
    pub committee_hours: Option<u32>,
}

/// One line of `GET /v1/outbox`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Agreement id.
    pub agreement: String,
    /// Such as `XAA>XBB:17`.
    pub leaf: String,
    /// Serial of the report.
    pub serial: String,
    /// Precedence as the officer set it.
    pub precedence: String,
    /// The leaf's time, Unix milliseconds.
    pub time: u64,
    /// The client's id.
    pub submission: String,
    /// How far it is.
    pub stage: SentStage,
    /// The partner's codes.
    pub codes: Vec<String>,
    /// Where it is a Statement: its form and the leaf that it is about, such as `acknowledged XBB>XAA:17`.
    pub statement: Option<String>,
    /// Which office of the partner has acknowledged the report.
    pub acknowledged_by: Option<String>,
}

/// One line of `GET /v1/inbox`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Agreement id.
    pub agreement: String,
    /// Such as `XBB>XAA:17`.
    pub leaf: String,
    /// Index of the partner's leaf.
    pub index: u64,
    /// What we decided.
    pub verdict: Verdict,
    /// All reasons, our own people only.
    pub reasons: Vec<Ground>,
    /// Serial, where it was admitted or quarantined.
    pub serial: String,
    /// The partner's precedence.
    pub precedence: String,
    /// When it was decided, Unix milliseconds.
    pub time: u64,
    /// Where it is a Statement: its form and the leaf that it is about.
    pub statement: Option<String>,
    /// Whether an office of ours has acknowledged the report.
    pub acknowledged: bool,
}

/// `GET /v1/inbox/{agreement}/{index}`: the opening is in the journal before this body is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The line of the inbox.
    pub received: Received,
    /// Plaintext of the payload; where that is long, what comes before its attachments, each of which is asked for alone.
    pub plaintext: Bytes,
}

/// One line of the register of openings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Index of the entry in the national journal.
    pub entry: u64,
    /// Unix milliseconds.
    pub time: u64,
    /// Who.
    pub account: String,
    /// The office by which the account read it; empty where it was refused.
    pub office: String,
    /// Agreement id.
    pub agreement: String,
    /// Such as `XBB>XAA:17`.
    pub leaf: String,
    /// Serial of the report.
    pub serial: String,
    /// Whether it was opened, and not refused.
    pub opened: bool,
    /// By which rules it was refused.
    pub reasons: Vec<ReadingRule>,
}

/// What is on record of one of our people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRecord {
    /// The key that signs.
    pub key: String,
    /// What the account may do.
    pub roles: Vec<String>,
    /// The person's office.
    pub office: String,
    /// Offices for which the person reads.
    pub offices: Vec<String>,
    /// Highest level that the person is cleared for.
    pub clearance: Option<u8>,
    /// Nationalities.
    pub nationality: Vec<String>,
    /// The firm, where there is one.
    pub contractor: Option<String>,
}

/// One change of what an account is or may do, or the people of a start.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRecord {
    /// Index of the entry in the national journal.
    pub entry: u64,
    /// Unix milliseconds.
    pub time: u64,
    /// Which account; null where all are meant.
    pub account: Option<String>,
    /// What is on record of it from now on; null where it was taken away.
    pub now: Option<AccountRecord>,
    /// Digest over all people of the configuration at a start.
    pub digest: Option<String>,
    /// How many they are.
    pub count: Option<u32>,
}

/// From when on the node's clock was believed, and by what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRecord {
    /// Index of the entry in the national journal.
    pub entry: u64,
    /// Unix milliseconds.
    pub time: u64,
    /// By what, in words.
    pub by: String,
    /// Accounts that signed for it, where people did; their signatures stand in the entry.
    pub signed_by: Vec<String>,
}

/// `GET /v1/register`: openings in the order of the journal, and beside them who was what and what the clock rested on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// What was found from the entry asked for on.
    pub openings: Vec<Opening>,
    /// The same of accounts and roles.
    pub roles: Vec<RoleRecord>,
    /// The same of the node's clock.
    pub clocks: Vec<ClockRecord>,
    /// Ask from this entry on for more; absent at the end of the journal.
    pub next: Option<u64>,
}

/// One line of `GET /v1/holds`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The client's id.
    pub id: String,
    /// Serial of the report.
    pub serial: String,
    /// Agreement id.
    pub agreement: String,
    /// Who wrote it.
    pub account: String,
    /// When it came, Unix milliseconds.
    pub time: u64,
    /// What officers owe.
    pub owed: Vec<Ground>,
    /// Who approved so far.
    pub approved_by: Vec<String>,
}

/// `GET /v1/holds/{id}`: all that an officer decides on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldReport {
    /// The line of the list.
    pub held: Held,
    /// Plaintext of the payload; where that is long, what comes before its attachments, each of which is asked for alone.
    pub plaintext: Bytes,
    /// The home file.
    pub home: Bytes,
    /// Precedence as it stands.
    pub precedence: String,
}

/// `POST /v1/holds/{id}/approve`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The approval statement in its signed form.
    pub statement: Bytes,
    /// The officer's Ed25519 signature.
    pub signature: Bytes,
}

/// `GET /v1/agreements/{id}/changes`: how the agreement stands, and what both nations' signers have stated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// The stricter of both nations' words.
    pub state: Force,
    /// By our signers' word.
    pub ours: NationSays,
    /// By the partner's signers' word.
    pub partners: NationSays,
    /// When it ends, where that is known.
    pub ends: Option<String>,
    /// Digests of the suspensions in force, which a resumption lifts.
    pub suspensions: Vec<String>,
    /// The measures in force of both nations.
    pub measures: Vec<MeasureTaken>,
    /// The versions that are installed or adopted, the first one first.
    pub versions: Vec<VersionStands>,
    /// Ours, then the partner's, each in the order of its log.
    pub changes: Vec<Stated>,
}

/// One measure in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureTaken {
    /// Who took it, and lifts it.
    pub nation: String,
    /// Its number among that nation's changes.
    pub counter: u32,
    /// Step of the agreement's ladder.
    pub step: u32,
    /// reminder, hold-topic, lower-level, suspend-direction or suspend-agreement.
    pub does: String,
    /// What it bears on, such as `cyber.ics from XAA`; empty for the whole agreement.
    pub on: String,
    /// What a resumption names to lift it.
    pub digest: String,
}

/// One version of the agreement, as it stands between both.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionStands {
    /// Its number; none where its file is not here.
    pub version: Option<u32>,
    /// Digest of its file.
    pub digest: String,
    /// How it stands.
    pub state: VersionState,
    /// The nations that have adopted it.
    pub adopted_by: Vec<String>,
}

/// `POST /v1/agreements/{id}/versions`: a later version's file. It binds nobody before it is adopted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// The file's exact bytes.
    pub file: Bytes,
    /// The signatures beside it.
    pub signatures: Bytes,
}

/// One change on record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// Whose signers.
    pub nation: String,
    /// Its number among that nation's changes, from 1.
    pub counter: u32,
    /// What was stated.
    pub act: ChangeWord,
    /// What the nation's next change names as `previous`.
    pub digest: String,
    /// Unix milliseconds.
    pub time: u64,
    /// Index of its leaf; none until the log has it.
    pub leaf: Option<u64>,
}

/// `POST /v1/agreements/{id}/changes`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateChange {
    /// The statement's exact bytes.
    pub statement: Bytes,
    /// Who signed them.
    pub signatures: Vec<SignerSignature>,
}

/// A signature of one of the agreement's signers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerSignature {
    /// Its place in the agreement's list of the nation's signers, from 0.
    pub signer: u8,
    /// Ed25519, 64 bytes.
    pub signature: Bytes,
}

/// `POST /v1/holds/{id}/decline`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Why; the author sees it.
    pub reason: String,
}

/// `POST /v1/inbox/{agreement}/{index}/acknowledge`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Made by the client, a UUID of version 7: the same again is the same act.
    pub id: String,
}

/// `GET /v1/agreements/{id}`: what a client needs to write, check and verify.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The file's exact bytes.
    pub file: Bytes,
    /// The signatures beside it.
    pub signatures: Bytes,
    /// The vocabulary's exact bytes.
    pub vocabulary: Bytes,
    /// Marking registers by nation.
    pub registers: BTreeMap<String, Bytes>,
    /// The partner's nation.
    pub partner: String,
    /// To authors, where the national rules name them: first letters of serials that no descriptor may have (R057).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_serials: Option<Vec<String>>,
}

/// `POST /v1/clock`: one of the two says that the node's clock is right.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustClock {
    /// The statement in its signed form.
    pub statement: Bytes,
    /// The account's Ed25519 signature.
    pub signature: Bytes,
}

/// `GET /v1/receipts/{agreement}/{index}`: the partner's leaf that answers ours, provable offline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Such as `XAA>XBB:17`.
    pub leaf: String,
    /// Our leaf's bytes.
    pub our_leaf: Bytes,
    /// Inclusion of our leaf under our checkpoint, as C2SP tlog-proof text.
    pub our_proof: String,
    /// Such as `XBB>XAA:12`.
    pub outcome: String,
    /// The partner's leaf's bytes.
    pub outcome_leaf: Bytes,
    /// Inclusion of it under the partner's checkpoint, as C2SP tlog-proof text.
    pub outcome_proof: String,
    /// What it decided.
    pub verdict: Verdict,
    /// The partner's codes.
    pub codes: Vec<String>,
}

/// Every answer that is not 2xx.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Of which kind.
    pub error: ProblemKind,
    /// Number of the rule that is broken, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// For people.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule.as_ref().map_or(Ok(()), |rule| write!(f, "{rule}: "))?;
        f.write_str(&self.message)
    }
}
