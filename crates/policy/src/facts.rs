//! What a decision is asked with: the report, the rules, what is on record, the moments that count.

use crate::{
    agreement::Agreement,
    code::{Code, CodeSet},
    consent::Consent,
    content::{ContentFindings, ToLook},
    national::NationalRules,
    state::StateView,
};
use relto_report::{
    assessment::{Document, Report},
    calendar::Timestamp,
    digest::Digest,
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::collections::BTreeMap;

/// What is decided on.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The report.
    pub report: &'a Report,
    /// Bytes of its encoding, which `max_report_bytes` limits.
    pub report_bytes: u64,
    /// Tagged digest of the plaintext; the permit is for it alone.
    pub digest: Digest,
}

impl<'a> Subject<'a> {
    /// A decoded document.
    #[must_use]
    pub fn of(document: &'a Document) -> Self {
        Self { report: document.report(), report_bytes: document.report_length(), digest: document.digest() }
    }
}

/// What it is decided by.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The version under which it is decided.
    pub agreement: &'a Agreement,
    /// The marking registers of both Parties.
    pub registers: &'a BTreeMap<Nation, Register>,
    /// The closed word lists.
    pub vocabulary: &'a Vocabulary,
    /// The deciding nation's own rules, if it has any.
    pub national: Option<&'a NationalRules>,
}

/// An officer's approval as verified: the signature, its expiry and the officer's role are the caller's to check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// The officer's account. Two approvals of one account count once.
    pub account: String,
    /// The officer wrote the report.
    pub is_author: bool,
    /// The officer may decide held topics.
    pub senior: bool,
    /// The codes that the approval answers, as signed.
    pub answers: CodeSet,
}

impl Approval {
    /// Whether it releases, beside what else it answers.
    #[must_use]
    pub const fn releases(&self) -> bool {
        self.answers.release()
    }

    /// Whether it is the word of an officer who releases alone what needs two, because it is an emergency.
    #[must_use]
    pub const fn releases_alone(&self) -> bool {
        !self.is_author && self.releases() && self.answers.contains(Code::EmergencyRelease)
    }
}

/// What else is known about this report and this moment.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Who sends.
    pub from: Nation,
    /// Who receives.
    pub to: Nation,
    /// The agreement's state by both logs.
    pub state: StateView,
    /// The version that the other side named; inbound.
    pub named: Option<Digest>,
    /// Precedence of the leaf: the report's, or as the officer set it.
    pub precedence: String,
    /// Approvals on record.
    pub approvals: Vec<Approval>,
    /// Consents of third nations on record.
    pub consents: &'a [Consent],
    /// Owners of concealed sources by number, from the home file.
    pub owners: BTreeMap<u32, Nation>,
    /// What was found in the report's words and attachments; outbound, where the national rules ask for it.
    pub content: Option<&'a ContentFindings>,
    /// What an officer must look at, whatever the national rules; outbound.
    pub look: &'a [ToLook],
    /// Attachments, counted from 1, that no inspector could judge; outbound.
    pub uninspected: Vec<usize>,
    /// The originator has changed the marking since.
    pub superseded: bool,
    /// An officer's approval says that it releases in an emergency (EMERGENCY_RELEASE).
    pub emergency: bool,
    /// The author asks for a release in an emergency: a wish, which binds nobody.
    pub emergency_asked: bool,
    /// Whether this node's clock can be trusted.
    pub clock_trusted: bool,
    /// Whether a standing authority may answer for the first officer.
    pub standing_allowed: bool,
    /// Faults that the caller found: of authenticity, state (CROSSED among them) or engine; CONTENT_HELD is held.
    pub faults: CodeSet,
}

impl Facts<'_> {
    /// Nothing on record and a trusted clock.
    #[must_use]
    pub fn new(from: Nation, to: Nation, state: StateView, precedence: &str) -> Self {
        Self {
            from,
            to,
            state,
            named: None,
            precedence: precedence.to_owned(),
            approvals: Vec::new(),
            consents: &[],
            owners: BTreeMap::new(),
            content: None,
            look: &[],
            uninspected: Vec::new(),
            superseded: false,
            emergency: false,
            emergency_asked: false,
            clock_trusted: true,
            standing_allowed: true,
            faults: CodeSet::EMPTY,
        }
    }
}

/// The moments that count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// This node's now.
    pub now: Timestamp,
    /// Time of the Released leaf; inbound.
    pub released: Option<Timestamp>,
}
