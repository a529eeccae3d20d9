//! The deciding nation's own rules: whether they hold, whether the node may hold it, and the narrower limits.

use super::scope::{Limits, limits};
use crate::{
    case::{Case, Sheet},
    code::Code,
    content::{ContentFindings, FilterVerdict},
    national::{Content, NationalRules},
    overlay::{Findings, Question, Subject},
    side::Side,
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
    if let Some(what) = rules.needs_unbuilt(case.side) {
        sheet.narrow(Code::EvaluationError, || {
            format!("{what} of the national rules cannot be judged by this program yet")
        });
    }
    match (case.side, &rules.content) {
        (Side::Out, Some(asked)) => content(case, asked, sheet),
        (Side::In, Some(asked)) => active_inbound(case, asked, sheet),
        (_, None) => {}
    }
    overlay(case, rules, sheet);
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
            format!("accreditation {} reaches {}", accreditation.certificate, case.level(accreditation.highest_level))
        });
    }
    // Without a scope of the agreement no scope clause is judged, and so none is narrowed.
    if let (Some(own), Some(_)) = (case.own, case.scope) {
        limits(case, &Limits::narrowed(&own.narrowing), sheet);
    }
}

/// What was found in words and attachments before the report leaves; what only holds it is asked last. POL-14, POL-15
fn content(case: &Case<'_>, asked: &Content, sheet: &mut Sheet) {
    let Some(found) = case.facts.content.filter(|found| found.answer(asked, &case.subject.digest)) else {
        sheet.narrow(Code::EvaluationError, || {
            "the words and attachments were not looked at as [content] of the national rules asks".to_owned()
        });
        return;
    };
    active(case, asked, found, sheet);
    for (n, named) in found.names.iter().filter(|_| asked.refuse_metadata) {
        let name = case.report.attachments.get(n.saturating_sub(1)).map_or("", |one| one.name.as_str());
        sheet.narrow(Code::AttachmentTypeNotAgreed, || {
            format!(
                "attachment {n}, {name}: it names {} ({}) where no reader looks; write the file without it and sign the \
                 report again",
                named.value, named.key
            )
        });
    }
    if asked.filter.is_some() && found.filter == Some(FilterVerdict::Refuse) {
        sheet.narrow(Code::NationalOverlay, || "the nation's content filter refuses it".to_owned());
    }
}

/// What attachments carry beside what their reader sees. POL-14
fn active(case: &Case<'_>, asked: &Content, found: &ContentFindings, sheet: &mut Sheet) {
    for (n, finding) in found.active.iter().flatten().filter(|_| asked.refuse_active_content) {
        let name = case.report.attachments.get(n.saturating_sub(1)).map_or("", |one| one.name.as_str());
        sheet.narrow(Code::AttachmentTypeNotAgreed, || {
            format!("attachment {n}, {name}: {finding}; then sign the report again")
        });
    }
}

/// What the nation lets nobody send, nobody sends to it. Words are the partner's own. POL-14
fn active_inbound(case: &Case<'_>, asked: &Content, sheet: &mut Sheet) {
    if !asked.refuse_active_content || case.report.attachments.is_empty() {
        return;
    }
    let found = case.facts.content.filter(|one| one.plaintext == case.subject.digest && one.active.is_some());
    match found {
        Some(found) => active(case, asked, found, sheet),
        None => sheet.narrow(Code::EvaluationError, || {
            "the attachments were not looked at as [content] of the national rules asks".to_owned()
        }),
    }
}

/// What the overlay says; every rule that forbids is told, and whatever keeps it from being asked denies.
fn overlay(case: &Case<'_>, rules: &NationalRules, sheet: &mut Sheet) {
    let (Some(named), Some(judge)) = (&rules.overlay, rules.judge()) else { return };
    let found = if judge.digest() == named.digest {
        judge.judge(&question(case))
    } else {
        Findings::Unavailable("another overlay was loaded than the rules name".to_owned())
    };
    match found {
        Findings::Forbids(forbids) => {
            for (id, text) in forbids {
                sheet.narrow(Code::NationalOverlay, || format!("rule {id}: {text}"));
            }
        }
        Findings::Unavailable(why) => {
            sheet.narrow(Code::OverlayUnavailable, || format!("the overlay {} could not be asked: {why}", named.file));
        }
    }
}

/// What the overlay may ask of this decision.
fn question<'a>(case: &Case<'a>) -> Question<'a> {
    let label = case.label;
    Question {
        side: case.side,
        from: case.facts.from,
        to: case.facts.to,
        report: Subject { report: case.report, bytes: case.subject.report_bytes },
        level: label.level,
        caveats: label.meanings.iter().map(|(_, meaning)| *meaning).collect(),
        audience: label.audience().iter().copied().collect(),
        concealed: label.parts.joined.concealed,
        foreign: label.parts.joined.foreign.iter().copied().collect(),
        precedence: &case.facts.precedence,
        emergency: case.facts.emergency,
        now: case.now,
        released: case.released,
    }
}
