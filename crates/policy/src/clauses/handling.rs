//! Clauses outside the scope's limits: topics known, times possible, traffic, addressees, precedence, forms not built.

use crate::{
    agreement::{Meaning, fastest},
    case::{Case, Sheet},
    code::Code,
};

/// Forms that have a road of their own, which is not built.
const UNBUILT_FORMS: [&str; 2] = ["technology-package", "exercise-inject"];

/// A report has topics, and each is in the vocabulary. Exact match only.
pub(super) fn topics(case: &Case<'_>, sheet: &mut Sheet) {
    if case.report.topics.is_empty() {
        sheet.fail(Code::TopicMissing, || "no topic; name what threatens".to_owned());
    }
    for topic in case.report.topics.iter().filter(|topic| !case.rules.vocabulary.has_topic(topic)) {
        sheet.fail(Code::TopicUnknown, || format!("topic {topic:?} is not in the vocabulary; there are no wildcards"));
    }
}

/// The information cannot be later than its release, clocks allowed for.
pub(super) fn times(case: &Case<'_>, sheet: &mut Sheet) {
    let skew = case.agreement.clock_skew_seconds;
    let cutoff = case.report.information_cutoff;
    if cutoff > case.released.plus(i64::from(skew)) {
        sheet.fail(Code::ReportInFuture, || {
            format!("information cut-off {cutoff}, release {}; it may be {skew} s ahead at most", case.released)
        });
    }
}

/// An exercise text must never pass for a live one.
pub(super) fn traffic(case: &Case<'_>, sheet: &mut Sheet) {
    let wanted = case.agreement.traffic.word();
    if case.report.traffic != wanted {
        sheet.fail(Code::TrafficKindMismatch, || {
            format!(
                "traffic {:?} under an agreement for {wanted:?}; send it under an agreement of its own kind",
                case.report.traffic
            )
        });
    }
}

/// Offices that the recipient has named, and one of them where somebody must be.
pub(super) fn addressees(case: &Case<'_>, sheet: &mut Sheet) {
    let report = case.report;
    let known = case.agreement.party(case.facts.to).map(|party| party.addressees.as_slice()).unwrap_or_default();
    for office in report.action.iter().chain(&report.info).filter(|office| !known.contains(office)) {
        sheet.fail(Code::AddresseeUnknown, || {
            format!("{office} is not an addressee of {}; known: {}", case.facts.to, known.join(", "))
        });
    }
    if !report.action.is_empty() {
        return;
    }
    let fastest = fastest(case.rules.vocabulary);
    let limited = case.label.has(Meaning::LimitedDistribution);
    if limited || fastest == Some(case.precedence()) || fastest == Some(&report.precedence) {
        sheet.fail(Code::AddresseeMissing, || {
            "no action addressee; limited distribution and the fastest precedence need one".to_owned()
        });
    }
}

/// A form that the direction has and this precedence has not.
pub(super) fn precedence(case: &Case<'_>, sheet: &mut Sheet) {
    let (form, word) = (&case.report.form, case.precedence());
    let forms = case.agreement.precedence.get(word).map(|handling| handling.forms.as_slice()).unwrap_or_default();
    if !forms.contains(form) {
        sheet.fail(Code::PrecedenceNotAgreed, || {
            format!("form {form} at {word}; {word} is for: {}; take a slower precedence", joined(forms))
        });
    }
}

/// A form whose rules this program cannot judge yet. POL-9
pub(super) fn unbuilt(case: &Case<'_>, sheet: &mut Sheet) {
    let form = &case.report.form;
    if UNBUILT_FORMS.contains(&form.as_str()) {
        sheet.fail(Code::EvaluationError, || format!("the rules for form {form} cannot be judged by this program yet"));
    }
}

/// A list as a sentence has it.
pub(super) fn joined(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
