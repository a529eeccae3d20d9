//! How a node and its links stand.

use super::{Force, Role};
use serde::{Deserialize, Serialize};

/// One link in `GET /v1/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkStatus {
    /// Agreement id.
    pub agreement: String,
    /// Its version.
    pub version: u32,
    /// How it stands.
    pub state: Force,
    /// The partner.
    pub partner: String,
    /// A proven session is up.
    pub connected: bool,
    /// Releases happen now.
    pub heads_confirmed: bool,
    /// Leaves of our log.
    pub own_size: u64,
    /// Of these, under a stored checkpoint.
    pub own_sealed: u64,
    /// Leaves of the partner's log that we hold.
    pub partner_size: u64,
    /// Our reports without a receipt.
    pub unanswered: u64,
    /// The partner's reports without their payload.
    pub awaited: u64,
    /// Queued submissions.
    pub queued: u64,
}

/// `GET /v1/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Name of the node.
    pub node: String,
    /// Its nation.
    pub nation: String,
    /// Version of the program.
    pub version: String,
    /// Nothing can be written: the disk of the store or of the head file is full.
    pub storage_full: bool,
    /// Why the node appends to no log, if so.
    pub halted: Option<String>,
    /// How far the whole store was read since the start.
    pub scrub: ScrubStatus,
    /// Payloads and home files that stand outside the database; null where that cannot be told.
    #[serde(default)]
    pub segments: Option<SegmentStatus>,
    /// Entries of the national journal.
    pub journal_size: u64,
    /// Those that look at attachments.
    pub inspectors: Inspectors,
    /// The node's clock.
    pub clock: ClockStatus,
    /// Each link.
    pub links: Vec<LinkStatus>,
    /// Each nation whose certificates could be accepted.
    pub trust: Vec<TrustStatus>,
    /// When certificates and lists end, the nearest first.
    pub expiries: Vec<ExpiryStatus>,
}

/// How far the store was read in the background since the start.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScrubStatus {
    /// Leaves that were read, each with the rows of its report where those are read.
    pub read: u64,
    /// Leaves that are to be read in all.
    pub of: u64,
    /// Stored rows, payloads and home files that do not open or are missing.
    pub damaged: u64,
}

/// Bytes in segment files, heads of records among them.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentStatus {
    /// Of payloads and home files.
    pub live: u64,
    /// Space that erased ones left: zeros, or given back to the disk.
    pub dead: u64,
}

/// One nation's TLS roots and CRLs in `GET /v1/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustStatus {
    /// Which nation.
    pub nation: String,
    /// Whether its certificates are accepted now.
    pub usable: bool,
    /// What is wrong with its files, or has run out; null where nothing is. Of the own nation the last good list may be
    /// in use all the same.
    pub why: Option<String>,
}

/// One end of a certificate or list in `GET /v1/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryStatus {
    /// node, person, root or crl.
    pub what: String,
    /// Whose: `relto://XAA/node/xaa-1`, or the nation of a root or list.
    pub of: String,
    /// SHA-256 of the certificate or list, as agreements name roots.
    pub sha256: String,
    /// The end, Unix milliseconds.
    pub not_after: u64,
    /// Whole days left; null where it has ended.
    pub days_left: Option<u64>,
}

/// The limits of inspectors beside their resources and a process of their own, and what became of their work.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspectors {
    /// ABI of Landlock that is in force; 0: none.
    pub landlock: u8,
    /// Whether seccomp is in force.
    pub seccomp: bool,
    /// Attachments judged since the start.
    pub judged: u64,
    /// Inspectors that died or were ended.
    pub died: u64,
    /// Inspectors that were late, or did not start.
    pub late: u64,
    /// Attachments that cannot be inspected.
    pub uninspectable: u64,
    /// Reports that wait for their look or are looked at.
    pub waiting: u64,
}

/// What a node knows of its clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockStatus {
    /// What it says, Unix milliseconds.
    pub now: u64,
    /// How many times the node has started on its store, this time counted: what is signed of a clock is of one start.
    pub start: u64,
    /// By what it is believed; null: it is not, and nothing is put on record.
    pub believed_by: Option<String>,
    /// Why it is not.
    pub why: Option<String>,
    /// Whose signature is still to come, of the two that would do: operator, auditor.
    pub waits_for: Vec<Role>,
}
