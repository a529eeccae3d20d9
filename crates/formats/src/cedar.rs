//! An agreement as Cedar policies: a second statement of the same clauses, for whoever wants to compare or to prove.
//!
//! The text is made from the agreement alone, the same bytes for the same agreement, with every limit as a literal;
//! nothing here links Cedar. One `permit` a direction holds all its clauses, so that an error inside it permits
//! nothing. Beside it stands one `forbid` a clause, annotated with its code, so that a refusal has all its reasons at
//! once: for the codes that [`CODES`] lists, those of `relto_policy::check`.
//!
//! What the text rests on is [`SCHEMA`]: the report's marks as the originator's register reads them, lists of nations
//! expanded, portions joined, and moments, ages and sizes as numbers, so that no policy needs arithmetic and no
//! attribute is optional. The table of equivalence, the caveat table, groups by day, ceilings, limits and the term are
//! in the policies.
//!
//! Not here, because the agreement's file does not say it: what the caller of the decision found (faults of the
//! transport, signatures, a change that crossed), national rules, and what people still owe, which holds a report and
//! refuses none.

mod clauses;
mod expr;
#[cfg(test)]
mod tests;
mod words;

use clauses::Direction;
use expr::{Expr, and, not, or, same};
use relto_policy::{agreement::Agreement, code::Code};

pub use expr::quoted;

/// The schema of every exported agreement.
pub const SCHEMA: &str = include_str!("cedar/schema.cedarschema");

/// The codes that the exported clauses give, each the native decision's own.
pub const CODES: [Code; 37] = [
    Code::PartyMismatch,
    Code::AgreementDigestMismatch,
    Code::OriginatorMismatch,
    Code::Malformed,
    Code::AgreementNotInForce,
    Code::AgreementSuspended,
    Code::DirectionNotAgreed,
    Code::MarkingUnknown,
    Code::MarkingNotExchangeable,
    Code::CaveatUnknown,
    Code::CaveatForbidsForeign,
    Code::CaveatNotPermitted,
    Code::LabelInconsistent,
    Code::LabelUnderstatesPortions,
    Code::LabelSuperseded,
    Code::GroupCodeUnknown,
    Code::FgiMismatch,
    Code::ClassExceedsCeiling,
    Code::TopicMissing,
    Code::TopicUnknown,
    Code::TopicOutOfScope,
    Code::NotReleasableToRecipient,
    Code::TlpForbids,
    Code::ThirdPartyConsentMissing,
    Code::AggregationReasonMissing,
    Code::PurposeMismatch,
    Code::FormNotAgreed,
    Code::PrecedenceNotAgreed,
    Code::ReportOutsideWindow,
    Code::ReportTooOld,
    Code::ReportInFuture,
    Code::TrafficKindMismatch,
    Code::SizeExceeded,
    Code::AttachmentTypeNotAgreed,
    Code::AttachmentCountExceeded,
    Code::AddresseeUnknown,
    Code::AddresseeMissing,
];

/// One exported policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its `@id`, unique in the export: the direction, or `any`, and the clause.
    pub id: String,
    /// The code that its `@reason` names; `None`: a permit.
    pub reason: Option<Code>,
    /// The policy as Cedar text, annotations and all.
    pub text: String,
}

/// An agreement's policies, in a fixed order.
#[must_use]
pub fn policies(agreement: &Agreement) -> Vec<Policy> {
    let [one, other] = agreement.parties;
    let directions =
        [(0, one, other), (1, other, one)].map(|(party, from, to)| Direction::new(agreement, party, from, to));
    let mut out = common(&directions);
    for direction in &directions {
        let clauses = direction.clauses();
        if direction.scope.is_some() {
            let all = std::iter::once(direction.guard()).chain(clauses.iter().map(|clause| clause.holds.clone()));
            out.push(permit(direction, &and(all)));
        }
        out.extend(clauses.into_iter().map(|clause| {
            let head = format!("principal == {}, action, resource", direction.principal());
            let fails = and([direction.guard(), not(clause.holds)]);
            forbid(format!("{}.{}", direction.name(), clause.name), clause.code, &head, &fails)
        }));
    }
    out
}

/// An agreement's policies as one file, with what it was made from above them.
#[must_use]
pub fn text(agreement: &Agreement) -> String {
    let [one, other] = agreement.parties;
    let mut out = format!(
        "// {} version {} of {one} and {other}, {}.\n// Written from the agreement's file by `relto agreement export`. The file itself decides; this text never does.\n",
        agreement.id, agreement.version, agreement.digest
    );
    for policy in policies(agreement) {
        out.push('\n');
        out.push_str(&policy.text);
    }
    out
}

/// What makes everything else unbelievable, each told alone: the guard of every other clause excludes it.
fn common(directions: &[Direction<'_>; 2]) -> Vec<Policy> {
    let parties = or(directions.iter().map(Direction::is_this));
    let version = Expr::atom("context.thisVersion");
    let originator = same("resource.originator", "context.sender");
    let mut out = Vec::new();
    let mut believed = Vec::new();
    for (name, code, holds) in [
        ("party", Code::PartyMismatch, parties),
        ("version", Code::AgreementDigestMismatch, version),
        ("originator", Code::OriginatorMismatch, originator),
        ("form", Code::Malformed, Expr::atom("resource.wellFormed")),
    ] {
        let fails = and(believed.iter().cloned().chain([not(holds.clone())]));
        out.push(forbid(format!("any.{name}"), code, "principal, action, resource", &fails));
        believed.push(holds);
    }
    out
}

fn permit(direction: &Direction<'_>, all: &Expr) -> Policy {
    let id = format!("{}.permit", direction.name());
    let text = format!(
        "@id({})\npermit (principal == {}, action, resource)\nwhen {{\n{}\n}};\n",
        quoted(&id),
        direction.principal(),
        all.lines()
    );
    Policy { id, reason: None, text }
}

fn forbid(id: String, code: Code, head: &str, fails: &Expr) -> Policy {
    let text = format!(
        "@id({})\n@reason({})\nforbid ({head})\nwhen {{\n{}\n}};\n",
        quoted(&id),
        quoted(code.name()),
        fails.lines()
    );
    Policy { id, reason: Some(code), text }
}
