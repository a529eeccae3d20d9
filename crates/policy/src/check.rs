//! The decision: one total function without I/O. What is not permitted is refused, and every failed clause is told.
//! POL-1, POL-3, POL-11
//!
//! Order (agreement-grammar, Decision): what cannot be believed, alone; every clause of the agreement at the label's
//! stricter reading; national clauses where the agreement's own passed; and then, outbound, what people still owe.

use crate::{
    case::{Case, Grounds, Sheet},
    clauses,
    code::Code,
};
pub use crate::{
    decision::{Basis, Decision, Hold, Permit, Refusal},
    facts::{Approval, Facts, Rules, Subject, Times},
    side::Side,
};

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
