//! The deciding nation's own rules: whether they hold, whether the node may hold it, and the narrower limits.

use super::scope::{Limits, limits};
use crate::{
    check::{Case, Sheet},
    code::Code,
};
use relto_report::nation::Nation;

/// Every national clause. A clause is told only where the agreement's own one passed.
pub(crate) fn national(case: &Case<'_>, deciding: Nation, sheet: &mut Sheet) {
    let Some(rules) = case.rules.national else { return };
    if rules.nation != deciding || rules.agreement != case.agreement.id {
        sheet.narrow(Code::EvaluationError, || {
            format!("the national rules at hand are of {} for {}", rules.nation, rules.agreement)
        });
        return;
    }
    // Content is looked at before a report leaves; an overlay may forbid both ways.
    if let Some(what) = rules.needs_unbuilt(case.side) {
        sheet.narrow(Code::EvaluationError, || {
            format!("{what} of the national rules cannot be judged by this program yet")
        });
    }
    if !rules.hold_at(case.now) {
        sheet.narrow(Code::NationalScopeNotValid, || {
            format!(
                "national rules {} hold from {} to {}, exclusive",
                rules.serial, rules.valid_from, rules.valid_until
            )
        });
    }
    let accreditation = &rules.accreditation;
    if case.now >= accreditation.valid_until {
        sheet.narrow(Code::AccreditationLapsed, || {
            format!(
                "accreditation {} ended at {}; it must be renewed",
                accreditation.certificate, accreditation.valid_until
            )
        });
    }
    if case.label.level > Some(accreditation.highest_level) {
        sheet.narrow(Code::AccreditationLapsed, || {
            format!("accreditation {} reaches level {}", accreditation.certificate, accreditation.highest_level)
        });
    }
    // Without a scope of the agreement no scope clause is judged, and so none is narrowed.
    if let (Some(own), Some(_)) = (case.own, case.scope) {
        limits(case, &Limits::narrowed(&own.narrowing), sheet);
    }
}
