//! The decision: one total function without I/O. What is not permitted is refused, and every failed clause is told.
//! POL-1, POL-3, POL-11
//!
//! Order (agreement-grammar, Decision): what cannot be believed, alone; every clause of the agreement at the label's
//! stricter reading; national clauses where the agreement's own passed; and then, outbound, what people still owe.

pub use crate::decision::{Basis, Decision, Hold, Permit, Refusal};
use crate::{
    agreement::{Agreement, Scope},
    clauses,
    code::{Class, Code, CodeSet, Reason},
    consent::Consent,
    content::{ContentFindings, ToLook},
    label::{Label, Tables},
    national::{NationalRules, NationalScope},
    state::StateView,
};
use relto_report::{
    assessment::{Document, Report},
    calendar::{Day, Timestamp},
    digest::Digest,
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::collections::BTreeMap;

/// Which node decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The sender's, before the report leaves.
    Out,
    /// The recipient's, when it has arrived.
    In,
}

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

/// One decision at work: everything that clauses read.
pub(crate) struct Case<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) report: &'a Report,
    pub(crate) rules: &'a Rules<'a>,
    pub(crate) agreement: &'a Agreement,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) side: Side,
    pub(crate) now: Timestamp,
    /// Moment of release: now, or the leaf's time.
    pub(crate) released: Timestamp,
    /// The UTC day of release.
    pub(crate) day: Day,
    pub(crate) register: &'a Register,
    pub(crate) label: &'a Label<'a>,
    pub(crate) scope: Option<&'a Scope>,
    pub(crate) own: Option<&'a NationalScope>,
}

/// What a decision needs before anything can be judged.
#[derive(Clone, Copy)]
pub(crate) struct Grounds<'a> {
    register: &'a Register,
    released: Timestamp,
    day: Day,
}

impl<'a> Grounds<'a> {
    /// `None`: the sender's register or the time of release is not at hand.
    pub(crate) fn of(rules: &Rules<'a>, facts: &Facts<'_>, side: Side, times: &Times) -> Option<Self> {
        let register = rules.registers.get(&facts.from).filter(|register| register.nation == facts.from)?;
        let released = match side {
            Side::Out => times.now,
            Side::In => times.released?,
        };
        Some(Self { register, released, day: released.day() })
    }

    /// The label of a report.
    pub(crate) fn label(&self, report: &'a Report, agreement: &Agreement) -> Label<'a> {
        Label::read(report, agreement, self.register, self.day)
    }
}

impl<'a> Case<'a> {
    /// Everything at hand, with the label of the report as the grounds read it.
    pub(crate) fn of(
        subject: &'a Subject<'a>,
        rules: &'a Rules<'a>,
        facts: &'a Facts<'a>,
        (side, times): (Side, &Times),
        (grounds, label): (Grounds<'a>, &'a Label<'a>),
    ) -> Self {
        Self {
            subject,
            report: subject.report,
            rules,
            agreement: rules.agreement,
            facts,
            side,
            now: times.now,
            released: grounds.released,
            day: grounds.day,
            register: grounds.register,
            label,
            scope: rules.agreement.scope(facts.from, facts.to),
            own: rules.national.and_then(|national| national.scope(facts.from, facts.to)),
        }
    }

    /// Whose node decides.
    pub(crate) const fn deciding(&self) -> Nation {
        match self.side {
            Side::Out => self.facts.from,
            Side::In => self.facts.to,
        }
    }
}

impl Case<'_> {
    /// A level in the words of the nation that decides.
    pub(crate) fn level(&self, level: u8) -> String {
        self.agreement.level_in_words(self.deciding(), level)
    }

    /// Precedence of the leaf.
    pub(crate) fn precedence(&self) -> &str {
        &self.facts.precedence
    }

    /// How the direction is written.
    pub(crate) fn direction(&self) -> String {
        format!("from {} to {}", self.facts.from, self.facts.to)
    }

    /// What gives the sender's words their meaning.
    pub(crate) fn tables(&self) -> Tables<'_> {
        Tables { agreement: self.agreement, register: self.register, day: self.day }
    }
}

/// Failed clauses, one reason a code. What adds to it is cold, so that the texts, which only a refusal needs, stand out of
/// the way of clauses that pass.
#[derive(Default)]
pub(crate) struct Sheet {
    reasons: Vec<Reason>,
    agreed: CodeSet,
}

impl Sheet {
    /// A clause of the agreement failed.
    #[cold]
    pub(crate) fn fail(&mut self, code: Code, detail: impl FnOnce() -> String) {
        self.agreed.insert(code);
        self.add(code, false, detail());
    }

    /// A clause of the national rules failed. Told only where the agreement's own clause passed. POL-4
    #[cold]
    pub(crate) fn narrow(&mut self, code: Code, detail: impl FnOnce() -> String) {
        if !self.agreed.contains(code) {
            self.add(code, true, detail());
        }
    }

    /// As [`Self::fail`] or [`Self::narrow`].
    #[cold]
    pub(crate) fn add_of(&mut self, national: bool, code: Code, detail: impl FnOnce() -> String) {
        if national { self.narrow(code, detail) } else { self.fail(code, detail) }
    }

    fn add(&mut self, code: Code, national: bool, detail: String) {
        let known = self.reasons.iter_mut().find(|one| one.code == code && one.national == national);
        match known {
            Some(reason) => {
                reason.detail.push_str("; ");
                reason.detail.push_str(&detail);
            }
            None => self.reasons.push(Reason { code, national, detail }),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.reasons
    }
}

/// Decides on a report. Total and deterministic: the same arguments give the same decision.
#[must_use]
pub fn check(subject: &Subject<'_>, rules: &Rules<'_>, facts: &Facts<'_>, side: Side, times: &Times) -> Decision {
    let mut sheet = Sheet::default();
    clauses::authenticity(subject.report, rules, facts, &mut sheet);
    if !sheet.is_empty() {
        return Decision::Refusal(Refusal::new(sheet.into_reasons(), side));
    }
    let Some(grounds) = Grounds::of(rules, facts, side, times) else {
        sheet.fail(Code::EvaluationError, || "the sender's register or the time of release is not at hand".to_owned());
        return Decision::Refusal(Refusal::new(sheet.into_reasons(), side));
    };
    let label = grounds.label(subject.report, rules.agreement);
    let case = Case::of(subject, rules, facts, (side, times), (grounds, &label));
    clauses::form(&case, &mut sheet);
    if !sheet.is_empty() {
        return Decision::Refusal(Refusal::new(sheet.into_reasons(), side));
    }
    clauses::agreement(&case, &mut sheet);
    clauses::national(&case, case.deciding(), &mut sheet);
    if !sheet.is_empty() {
        return Decision::Refusal(Refusal::new(sheet.into_reasons(), side));
    }
    decide_people(&case)
}

/// Nothing forbids it. Outbound, what people still owe is what is left.
fn decide_people(case: &Case<'_>) -> Decision {
    let (from, to) = (case.facts.from, case.facts.to);
    let permit = |basis| Permit::new(case.subject.digest, case.agreement.digest, from, to, basis);
    match case.side {
        Side::In => Decision::Permit(permit(Basis::default())),
        Side::Out => {
            let owed = clauses::people(case);
            if owed.reasons.is_empty() {
                Decision::Permit(permit(owed.basis))
            } else {
                Decision::Hold(Hold { officers_missing: owed.officers_missing, owed: owed.reasons })
            }
        }
    }
}

/// Whether a code that the caller gives stands alone.
pub(crate) fn is_alone(code: Code) -> bool {
    code.class() == Class::Authenticity
}
