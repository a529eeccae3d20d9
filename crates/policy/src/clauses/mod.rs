//! The clauses, each its own small question; [`crate::check`] asks them in order.

mod handling;
mod label;
mod national;
mod people;
mod scope;
mod third_party;

pub(crate) use national::national;
pub(crate) use people::people;

use crate::{
    case::{Case, Sheet, is_alone},
    code::{Class, Code},
    facts::{Facts, Rules},
    state::Standing,
};
use relto_report::{
    assessment::{Attachment, FORMAT, MAX_WORDS_SPOT, Report},
    nation::Nation,
};

/// What makes everything else unbelievable: the first of these alone is told. POL-2
pub(crate) fn authenticity(report: &Report, rules: &Rules<'_>, facts: &Facts<'_>, sheet: &mut Sheet) {
    for code in facts.faults.iter().filter(|code| is_alone(*code)) {
        sheet.fail(code, || "found before the decision; nothing else of it can be believed".to_owned());
    }
    if !sheet.is_empty() {
        return;
    }
    let (from, to, agreement) = (facts.from, facts.to, rules.agreement);
    if agreement.partner_of(from) != Some(to) {
        let [one, other] = agreement.parties;
        sheet.fail(Code::PartyMismatch, || {
            format!("{from} to {to}; the Parties of {} are {one} and {other}, and nobody else can be", agreement.id)
        });
    } else if let Some(named) = facts.named.as_ref().filter(|named| **named != agreement.digest) {
        sheet.fail(Code::AgreementDigestMismatch, || {
            format!("decided under {named}; this is version {}, {}", agreement.version, agreement.digest)
        });
    } else if Nation::parse(report.originator()) != Some(from) {
        sheet.fail(Code::OriginatorMismatch, || {
            format!("serial {:?} is not of {from}; a nation releases its own reports only", report.serial)
        });
    }
}

/// What a report of this form cannot have and no other code tells.
pub(crate) fn form(case: &Case<'_>, sheet: &mut Sheet) {
    let report = case.report;
    let words = case.rules.vocabulary;
    let malformed = if report.format != FORMAT {
        Some("the format")
    } else if !words.precedence.contains(&report.precedence) {
        Some("the precedence")
    } else if report.tlp.as_ref().is_some_and(|tlp| !words.tlp.contains(tlp)) {
        Some("the TLP colour")
    } else {
        case.label.malformed
    };
    if let Some(what) = malformed {
        sheet.fail(Code::Malformed, || format!("{what} is not as the report's grammar has it; write the report again"));
    }
    language(case, sheet);
    length(case, sheet);
}

/// R027: a language that the recipient accepts, or a translation beside it: an attachment `name.fr.pdf`.
fn language(case: &Case<'_>, sheet: &mut Sheet) {
    let Some(party) = case.agreement.party(case.facts.to) else { return };
    let (language, accepted) = (&case.report.language, &party.languages);
    let is_translation =
        |one: &Attachment| one.length > 0 && accepted.iter().any(|code| one.name.contains(&format!(".{code}.")));
    let of_form = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if of_form && (accepted.contains(language) || case.report.attachments.iter().any(is_translation)) {
        return;
    }
    sheet.fail(Code::Malformed, || {
        let accepted = accepted.join(", ");
        format!(
            "R027: language {language:?}; {} accepts {accepted}; write in one of them or attach a translation",
            case.facts.to
        )
    });
}

/// R029: words of a spot-report, and of what goes at a precedence that the agreement limits.
fn length(case: &Case<'_>, sheet: &mut Sheet) {
    let spot = (case.report.form == "spot-report").then_some(MAX_WORDS_SPOT);
    let limit_of = |word: &str| case.agreement.precedence.get(word)?.max_words.map(u64::from);
    let (word, written) = (case.precedence(), case.report.precedence.as_str());
    // They differ only where an officer has set another.
    let of_report = if written == word { None } else { limit_of(written) };
    let Some(limit) = [limit_of(word), of_report, spot].into_iter().flatten().min() else { return };
    let words = case.report.words();
    if words > limit {
        sheet.fail(Code::Malformed, || format!("R029: {words} words; the limit is {limit}; shorten the text"));
    }
}

/// Every clause of the agreement.
pub(crate) fn agreement(case: &Case<'_>, sheet: &mut Sheet) {
    engine(case, sheet);
    state(case, sheet);
    label::markings(case, sheet);
    label::controls(case, sheet);
    label::banner(case, sheet);
    label::foreign(case, sheet);
    handling::topics(case, sheet);
    handling::times(case, sheet);
    handling::traffic(case, sheet);
    handling::addressees(case, sheet);
    third_party::concealment(case, sheet);
    third_party::consents(case, sheet);
    match case.scope {
        None => sheet.fail(Code::DirectionNotAgreed, || {
            format!("nothing is agreed {}; only a new version of the agreement can change that", case.direction())
        }),
        Some(scope) => {
            label::audience(case, sheet);
            // A form that the direction has not is told by its limits.
            if scope.forms.contains(&case.report.form) {
                handling::precedence(case, sheet);
                handling::unbuilt(case, sheet);
            }
            scope::limits(case, &scope::Limits::of(scope), sheet);
        }
    }
}

/// What the caller found that does not stand alone, and the clock.
fn engine(case: &Case<'_>, sheet: &mut Sheet) {
    if !case.facts.clock_trusted {
        sheet
            .fail(Code::ClockUntrusted, || "this node's clock cannot be trusted; it is decided when it can".to_owned());
    }
    for code in case.facts.faults.iter() {
        match code.class() {
            Class::State | Class::Engine | Class::Protection | Class::Service => {
                sheet.fail(code, || "found before the decision".to_owned());
            }
            Class::National => sheet.narrow(code, || "found before the decision".to_owned()),
            // Told already; and what people owe is asked last.
            Class::Authenticity | Class::People => {}
        }
    }
}

/// The agreement's state: at release, and inbound at this moment too. A change that crossed the report on the way is
/// no failed clause: the caller has said CROSSED. POL-12
fn state(case: &Case<'_>, sheet: &mut Sheet) {
    if case.facts.superseded {
        sheet.fail(Code::LabelSuperseded, || {
            format!(
                "the originator has changed the marking of {}; only a new report under it can go",
                case.report.serial
            )
        });
    }
    if case.facts.faults.contains(Code::Crossed) {
        return;
    }
    let (facts, life) = (case.facts, &case.agreement.life);
    let then = facts.state.standing(life, case.released);
    // Outbound it is the same moment.
    let now = if case.now == case.released { then } else { facts.state.standing(life, case.now) };
    match then.max(now) {
        Standing::InForce => {}
        Standing::Suspended => sheet.fail(Code::AgreementSuspended, || {
            format!("{} is suspended; reports may go when both Parties have resumed it", case.agreement.id)
        }),
        Standing::NotInForce => sheet.fail(Code::AgreementNotInForce, || not_in_force(case)),
    }
}

fn not_in_force(case: &Case<'_>) -> String {
    let (state, life) = (&case.facts.state, &case.agreement.life);
    let term = life
        .end(state.earliest_notice(), state.renewals)
        .map_or_else(|| "until notice is given".to_owned(), |end| format!("to {end}, exclusive"));
    format!(
        "{} is {} by our log and {} by the partner's; its term runs from {} {term}",
        case.agreement.id,
        state.ours.word(),
        state.partners.word(),
        life.enters_into_force
    )
}
