//! Both decisions on one case.

use crate::{cases::Case, request, worlds::World};
use cedar_policy::{Authorizer, Decision as Answer, PolicyId};
use relto_policy::{
    check::{Decision, Rules, Subject, check},
    code::Code,
};
use relto_report::digest::Digest;
use std::collections::BTreeSet;

/// What one of the two says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opinion {
    /// No clause refuses it.
    pub permitted: bool,
    /// Every clause that does.
    pub reasons: BTreeSet<Code>,
}

/// By the node's own decision.
#[must_use]
pub fn native(world: &World, case: &Case) -> Opinion {
    let rules = Rules {
        agreement: &world.agreement,
        registers: &world.registers,
        vocabulary: &world.vocabulary,
        national: None,
    };
    let digest = Digest::from_bytes([7; 32]);
    let subject = Subject { report: &case.report, report_bytes: case.report_bytes, digest };
    match check(&subject, &rules, &case.facts(world), case.side, &case.times()) {
        Decision::Permit(_) | Decision::Hold(_) => Opinion { permitted: true, reasons: BTreeSet::new() },
        Decision::Refusal(refusal) => {
            Opinion { permitted: false, reasons: refusal.reasons.iter().map(|reason| reason.code).collect() }
        }
    }
}

/// By Cedar on the exported text, with the policies that decided.
///
/// # Panics
/// When Cedar refuses the question or a policy errs: an erring forbid would be skipped.
#[must_use]
pub fn by_cedar(world: &World, case: &Case) -> (Opinion, Vec<PolicyId>) {
    let (request, entities) = request::build(world, case);
    let response = Authorizer::new().is_authorized(&request, &world.policies, &entities);
    let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let permitted = response.decision() == Answer::Allow;
    let deciding: Vec<PolicyId> = response.diagnostics().reason().cloned().collect();
    let reasons = deciding.iter().filter_map(|id| world.reasons.get(id).copied()).collect();
    (Opinion { permitted, reasons }, deciding)
}

/// Asks both; what both say, with the policies that decided.
///
/// # Panics
/// When they differ, with the case.
#[must_use]
pub fn agreed(world: &World, case: &Case) -> (Opinion, Vec<PolicyId>) {
    let (own, (other, deciding)) = (native(world, case), by_cedar(world, case));
    assert!(own == other, "native {own:?}\nCedar  {other:?}\n{}", case.told());
    (own, deciding)
}
