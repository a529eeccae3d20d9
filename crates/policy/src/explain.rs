//! A decision explained: every clause in the order of the decision, with its value and its limits, the portions that
//! close the report, and the smallest change after which it would not be refused.
//!
//! Whether a clause failed is the decision's own word: nothing is judged a second time here. A change is proposed only
//! where the decision on a copy of the report with that change was asked for and does not refuse. No mark of a portion
//! is ever changed: only its originator can.

mod asked;
mod clause;
mod closing;
mod remedy;
mod values;

pub use clause::{Clause, Outcome, Stage};
pub use closing::{Closing, Why};
pub use remedy::{Change, Remedy};

use crate::{
    case::{Case, Grounds},
    check::{Decision, Facts, Rules, Side, Subject, Times, check},
    code::{Class, Code, Reason},
};
use asked::Asked;

/// A decision with everything that it rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// What closes the report by its mark, in the report's order. First, because it is what people look for.
    pub closing: Vec<Closing>,
    /// Every clause, in the order of the decision. Faults that only a caller finds stand here where one was found.
    pub clauses: Vec<Clause>,
    /// What would make it releasable.
    pub remedy: Remedy,
}

impl Explanation {
    /// Names of all failed clauses, sorted: those of the decision.
    #[must_use]
    pub fn failed(&self) -> Vec<String> {
        let mut out: Vec<String> = self.clauses.iter().flat_map(Clause::failed_as).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// Explains the decision on a report. Total and deterministic, as the decision is.
#[must_use]
pub fn explain(subject: &Subject<'_>, rules: &Rules<'_>, facts: &Facts<'_>, side: Side, times: &Times) -> Explanation {
    let decision = check(subject, rules, facts, side, times);
    let grounds = Grounds::of(rules, facts, side, times);
    let read = grounds.map(|grounds| (grounds, grounds.label(subject.report, rules.agreement)));
    let case = read.as_ref().map(|(grounds, label)| Case::of(subject, rules, facts, (side, times), (*grounds, label)));
    let asked = Asked { subject, rules, facts, side, times, case: case.as_ref() };
    let closing = case.as_ref().map(closing::closing).unwrap_or_default();
    Explanation {
        clauses: clauses(&asked, &decision),
        remedy: remedy::remedy(&asked, &decision, &closing),
        decision,
        closing,
    }
}

/// Every clause that a decision always asks, in its order. Codes that only callers find are not here.
const CLAUSES: [(Stage, Code, &str); 49] = {
    use Code as C;
    use Stage::{Agreement, Authenticity, National, People, Scope};
    [
        (Authenticity, C::PartyMismatch, "sender and recipient"),
        (Authenticity, C::AgreementDigestMismatch, "version of the agreement"),
        (Authenticity, C::OriginatorMismatch, "serial"),
        (Authenticity, C::Malformed, "form of the report"),
        (Agreement, C::ClockUntrusted, "clock"),
        (Agreement, C::LabelSuperseded, "marking in force"),
        (Agreement, C::AgreementSuspended, "suspension"),
        (Agreement, C::AgreementNotInForce, "agreement in force"),
        (Agreement, C::MarkingNotExchangeable, "markings exchanged"),
        (Agreement, C::MarkingUnknown, "markings known"),
        (Agreement, C::CaveatUnknown, "caveats known"),
        (Agreement, C::GroupCodeUnknown, "groups known"),
        (Agreement, C::LabelInconsistent, "one list of nations"),
        (Agreement, C::LabelUnderstatesPortions, "banner against portions"),
        (Agreement, C::AggregationReasonMissing, "reason for aggregation"),
        (Agreement, C::FgiMismatch, "foreign owners"),
        (Agreement, C::TopicMissing, "topics stated"),
        (Agreement, C::TopicUnknown, "topics known"),
        (Agreement, C::ReportInFuture, "cut-off not ahead"),
        (Agreement, C::TrafficKindMismatch, "traffic"),
        (Agreement, C::AddresseeUnknown, "addressees known"),
        (Agreement, C::AddresseeMissing, "action addressee"),
        (Agreement, C::ThirdPartyConsentMissing, "third-party consent"),
        (Agreement, C::DirectionNotAgreed, "direction"),
        (Scope, C::CaveatForbidsForeign, "no national-only caveat"),
        (Scope, C::NotReleasableToRecipient, "audience"),
        (Scope, C::PrecedenceNotAgreed, "form at this precedence"),
        (Scope, C::EvaluationError, "clauses that can be judged"),
        (Scope, C::PurposeMismatch, "purpose"),
        (Scope, C::FormNotAgreed, "form"),
        (Scope, C::TopicOutOfScope, "topics agreed"),
        (Scope, C::ClassExceedsCeiling, "level"),
        (Scope, C::ReportOutsideWindow, "period of the information"),
        (Scope, C::ReportTooOld, "age at release"),
        (Scope, C::CaveatNotPermitted, "caveats permitted"),
        (Scope, C::TlpForbids, "TLP"),
        (Scope, C::AttachmentTypeNotAgreed, "types of attachments"),
        (Scope, C::AttachmentCountExceeded, "number of attachments"),
        (Scope, C::SizeExceeded, "size"),
        (National, C::NationalScopeNotValid, "validity of the national rules"),
        (National, C::AccreditationLapsed, "accreditation"),
        (People, C::ApprovalRequired, "first officer"),
        (People, C::SecondApprovalRequired, "second officer"),
        (People, C::ReviewDatePassed, "review date"),
        (People, C::NationalTopicHeld, "held topics"),
        (People, C::ContentHeld, "words and attachments"),
        (People, C::MarkInText, "text shaped like a mark"),
        (People, C::UnseenInAttachment, "characters of attachments"),
        (People, C::NotInspected, "attachments inspected"),
    ]
};

fn clauses(asked: &Asked<'_>, decision: &Decision) -> Vec<Clause> {
    let reasons: &[Reason] = match decision {
        Decision::Permit(_) => &[],
        Decision::Hold(hold) => &hold.owed,
        Decision::Refusal(refusal) => &refusal.reasons,
    };
    let mut out: Vec<Clause> =
        CLAUSES.iter().map(|(stage, code, name)| clause(asked, decision, reasons, (*stage, *code, *name))).collect();
    for reason in reasons.iter().filter(|reason| !CLAUSES.iter().any(|(_, code, _)| *code == reason.code)) {
        if !out.iter().any(|one| one.code == reason.code) {
            out.push(clause(asked, decision, reasons, (stage_of(reason.code), reason.code, found_name(reason.code))));
        }
    }
    // Stable: within a stage the order above stays.
    out.sort_by_key(|one| one.stage);
    out
}

fn clause(
    asked: &Asked<'_>,
    decision: &Decision,
    reasons: &[Reason],
    (stage, code, name): (Stage, Code, &'static str),
) -> Clause {
    let failed: Vec<Reason> = reasons.iter().filter(|reason| reason.code == code).cloned().collect();
    let outcome = if failed.is_empty() {
        not_judged(asked, decision, reasons, stage, code).map_or(Outcome::Passed, Outcome::NotJudged)
    } else {
        Outcome::Failed(failed)
    };
    let values = values::of(code, asked);
    Clause { stage, name, code, value: values.value, agreed: values.agreed, national: values.national, outcome }
}

/// Why a clause that did not fail was not judged either.
fn not_judged(
    asked: &Asked<'_>,
    decision: &Decision,
    reasons: &[Reason],
    stage: Stage,
    code: Code,
) -> Option<&'static str> {
    let alone = reasons.iter().find(|reason| reason.code.class() == Class::Authenticity);
    let Some(case) = asked.case else {
        return (stage != Stage::Authenticity).then_some("the sender's register or the time of release is missing");
    };
    if let Some(alone) = alone {
        let mut before = CLAUSES.iter().map(|(_, one, _)| *one).take_while(|one| *one != alone.code);
        let before = before.any(|one| one == code);
        let found = asked.facts.faults.contains(alone.code);
        return (!before || found).then_some("nothing else can be believed");
    }
    let refused = matches!(decision, Decision::Refusal(_));
    match (stage, code) {
        (_, Code::ThirdPartyConsentMissing) if asked.side == Side::In => Some("the sender's duty"),
        (_, Code::AgreementNotInForce | Code::AgreementSuspended) if asked.facts.faults.contains(Code::Crossed) => {
            Some("a change of the agreement crossed the report")
        }
        (Stage::Scope, _) if case.scope.is_none() => Some("nothing is agreed in this direction"),
        (Stage::National, _) if asked.rules.national.is_none() => Some("no national rules are at hand"),
        (Stage::People, _) if asked.side == Side::In => Some("the sender's duty"),
        (Stage::People, _) if refused => Some("people are asked when nothing else forbids it"),
        (Stage::Authenticity | Stage::Agreement | Stage::Scope | Stage::National | Stage::People, _) => None,
    }
}

const fn stage_of(code: Code) -> Stage {
    match code.class() {
        Class::Authenticity => Stage::Authenticity,
        Class::State | Class::Engine | Class::Protection | Class::Service => Stage::Agreement,
        Class::National => Stage::National,
        Class::People => Stage::People,
    }
}

/// What a code is about that no clause above has.
const fn found_name(code: Code) -> &'static str {
    match code.class() {
        Class::National => "further national rules",
        Class::People => "officers apart from the author",
        Class::Authenticity | Class::State | Class::Engine | Class::Protection | Class::Service => {
            "found before the decision"
        }
    }
}
