//! What a clause looks at: the report's value, the agreement's limit, the national one.

use super::asked::Asked;
use crate::{
    agreement::{Narrowing, Scope, fastest},
    calendar::{hours_in_words, in_words},
    case::Case,
    code::Code,
    label::Found,
};
use relto_report::{
    calendar::Timestamp,
    marking::{Foreign, Owner},
    nation::{Nation, Nations},
};

/// Of one clause, in words.
#[derive(Default)]
pub(super) struct Values {
    pub(super) value: String,
    pub(super) agreed: String,
    pub(super) national: Option<String>,
}

fn both(value: impl Into<String>, agreed: impl Into<String>) -> Values {
    Values { value: value.into(), agreed: agreed.into(), national: None }
}

/// Codes that have no words here, and everything of a case that could not be read, have empty ones: the reason of the
/// decision says what there is to say.
pub(super) fn of(code: Code, asked: &Asked<'_>) -> Values {
    if let Some(values) = before(code, asked) {
        return values;
    }
    let Some(case) = asked.case else { return Values::default() };
    if let Some(values) = marks(code, case).or_else(|| handling(code, case)).or_else(|| national(code, case)) {
        return values;
    }
    let Some(scope) = case.scope else { return Values::default() };
    let own = case.own.map(|own| &own.narrowing);
    limits(code, case, scope, own).or_else(|| people(code, case, scope, own)).unwrap_or_default()
}

/// What needs no label.
fn before(code: Code, asked: &Asked<'_>) -> Option<Values> {
    let (facts, agreement, report) = (asked.facts, asked.rules.agreement, asked.subject.report);
    let [one, other] = agreement.parties;
    Some(match code {
        Code::PartyMismatch => both(format!("{} to {}", facts.from, facts.to), format!("{one} and {other}")),
        Code::AgreementDigestMismatch => {
            let named = facts.named.map_or_else(|| "none named".to_owned(), |named| named.to_string());
            both(named, format!("version {}, {}", agreement.version, agreement.digest))
        }
        Code::OriginatorMismatch => both(&*report.serial, format!("serials of {}", facts.from)),
        Code::ClockUntrusted => both(if facts.clock_trusted { "trusted" } else { "not trusted" }, "trusted"),
        Code::LabelSuperseded => {
            let value = if facts.superseded { "changed by the originator since" } else { "as the originator has it" };
            both(value, "as the originator has it")
        }
        Code::AgreementSuspended => both(states(asked), "suspended by neither Party"),
        Code::AgreementNotInForce => {
            let life = &agreement.life;
            let end = life.end(facts.state.earliest_notice(), facts.state.renewals);
            let end = end.map_or_else(|| "until notice is given".to_owned(), |end| format!("to {end}, exclusive"));
            both(
                format!("{}, at {}", states(asked), asked.times.now),
                format!("in force by both logs, from {} {end}", life.enters_into_force),
            )
        }
        Code::TrafficKindMismatch => both(&*report.traffic, agreement.traffic.word()),
        Code::DirectionNotAgreed => {
            let scopes: Vec<String> =
                agreement.scopes.iter().map(|scope| format!("{} to {}", scope.from, scope.to)).collect();
            both(format!("{} to {}", facts.from, facts.to), list(&scopes))
        }
        _ => return None,
    })
}

fn states(asked: &Asked<'_>) -> String {
    let state = &asked.facts.state;
    format!("{} by our log, {} by the partner's", state.ours.word(), state.partners.word())
}

/// The label.
fn marks(code: Code, case: &Case<'_>) -> Option<Values> {
    let (label, agreement, from) = (case.label, case.agreement, case.facts.from);
    let place = agreement.place_of(from).unwrap_or_default();
    Some(match code {
        Code::Malformed => both(label.malformed.unwrap_or("well formed"), "as the report's grammar has it"),
        Code::MarkingNotExchangeable => {
            let never = agreement.not_exchangeable.get(place).map(Vec::as_slice).unwrap_or_default();
            both(markings(case), format!("never {}", list(never)))
        }
        Code::MarkingUnknown => {
            let rows = agreement.equivalence.iter().filter(|row| row.holds_on(case.day));
            let rows: Vec<String> =
                rows.filter_map(|row| Some(format!("{} = {}", row.markings.get(place)?, row.level))).collect();
            both(markings(case), list(&rows))
        }
        Code::CaveatUnknown => {
            let known: Vec<String> = agreement.caveats.iter().filter_map(|row| row.words.get(place).cloned()).collect();
            both(list(&all_caveats(case)), list(&known))
        }
        Code::GroupCodeUnknown => {
            let groups = agreement.groups.iter().filter(|group| group.holds_on(case.day));
            let groups: Vec<String> = groups.map(|group| group.code.clone()).collect();
            let unknown: Vec<String> = label.unknown_groups().into_iter().cloned().collect();
            let value = if unknown.is_empty() { "none unknown".to_owned() } else { list(&unknown) };
            both(value, list(&groups))
        }
        Code::LabelInconsistent => both(
            format!("rel_to {}; banner {}", nations(&label.parts.listed.nations), nations(&label.banner.audience)),
            "the same, and none beside a caveat that keeps the text at home",
        ),
        Code::LabelUnderstatesPortions => {
            let value = format!(
                "banner {}; portions {}",
                level(case, label.banner.level.level()),
                level(case, label.portions.highest)
            );
            both(value, "a banner that says no less than any portion")
        }
        Code::AggregationReasonMissing => {
            let given = if case.report.aggregation_reason.is_some() { "a reason" } else { "no reason" };
            both(given, "a reason where the banner says more than every portion")
        }
        Code::FgiMismatch => {
            let mut owners: Vec<String> = label.parts.joined.foreign.iter().map(Nation::to_string).collect();
            owners.extend(label.parts.joined.concealed.then(|| "a concealed owner".to_owned()));
            let banner = match &label.banner.foreign {
                Foreign::None => "nobody".to_owned(),
                Foreign::Concealed => "a concealed owner".to_owned(),
                Foreign::Nations(named) => named.iter().map(Nation::as_str).collect::<Vec<_>>().join(", "),
            };
            let may = if agreement.third_party.concealed_origin { "may" } else { "may not" };
            both(
                format!("portions of {}; banner names {banner}", list(&owners)),
                format!("portions, sources and banner alike; an owner {may} be concealed"),
            )
        }
        Code::CaveatForbidsForeign => both(caveats(case), "none that keeps it at home"),
        Code::NotReleasableToRecipient => both(nations(&label.audience()), format!("{} among them", case.facts.to)),
        Code::ThirdPartyConsentMissing => {
            let owners = label.owners().map(|owner| {
                let whose = match owner {
                    Owner::Nation(nation) => nation.to_string(),
                    Owner::Concealed => "a concealed owner".to_owned(),
                };
                format!("{whose} at {}", level(case, label.level_of_owner(owner, &case.tables())))
            });
            both(format!("information of {}", list(&owners.collect::<Vec<_>>())), "consent of each owner on record")
        }
        _ => return None,
    })
}

fn markings(case: &Case<'_>) -> String {
    let words = std::iter::once(&case.label.banner.level).chain(&case.label.portions.without_level);
    let words: Vec<String> = words
        .filter_map(|found| match found {
            Found::Level(_) => None,
            Found::NotExchangeable(word) | Found::Unknown(word) => Some(word.clone()),
        })
        .collect();
    if words.is_empty() { "every marking has a level".to_owned() } else { list(&words) }
}

fn caveats(case: &Case<'_>) -> String {
    let words = case.label.meanings.iter().map(|(word, meaning)| format!("{word} ({})", meaning.word()));
    list(&words.collect::<Vec<_>>())
}

/// Clauses of handling.
fn handling(code: Code, case: &Case<'_>) -> Option<Values> {
    let report = case.report;
    Some(match code {
        Code::TopicMissing => both(list(&report.topics), "at least one"),
        Code::TopicUnknown => both(list(&report.topics), "topics of the vocabulary"),
        Code::ReportInFuture => both(
            report.information_cutoff.to_string(),
            format!("at most {} s after {}", case.agreement.clock_skew_seconds, case.released),
        ),
        Code::AddresseeUnknown => {
            let offices: Vec<String> = report.action.iter().chain(&report.info).cloned().collect();
            let known = case.agreement.party(case.facts.to).map(|party| party.addressees.as_slice());
            both(list(&offices), list(known.unwrap_or_default()))
        }
        Code::AddresseeMissing => {
            let fastest = fastest(case.rules.vocabulary).unwrap_or("the fastest precedence");
            both(list(&report.action), format!("one, at {fastest} and under limited distribution"))
        }
        Code::PrecedenceNotAgreed => {
            let word = case.precedence();
            let forms = case.agreement.precedence.get(word).map(|one| one.forms.as_slice()).unwrap_or_default();
            both(format!("{} at {word}", report.form), format!("{word}: {}", list(forms)))
        }
        _ => return None,
    })
}

/// The national rules themselves.
fn national(code: Code, case: &Case<'_>) -> Option<Values> {
    let rules = case.rules.national;
    Some(match code {
        Code::EvaluationError => Values {
            national: rules.map(|rules| format!("rules of {} for {}", rules.nation, rules.agreement)),
            ..both(format!("form {}", case.report.form), "clauses that this program can judge")
        },
        Code::NationalScopeNotValid => Values {
            national: rules.map(|rules| format!("from {} to {}, exclusive", rules.valid_from, rules.valid_until)),
            ..both(case.now.to_string(), "")
        },
        Code::AccreditationLapsed => Values {
            national: rules.map(|rules| {
                let one = &rules.accreditation;
                format!("to {}, to {}, exclusive", case.level(one.highest_level), one.valid_until)
            }),
            ..both(format!("{} at {}", level(case, case.label.level), case.now), "")
        },
        _ => return None,
    })
}

/// The scope's limits, with the national ones beside them.
fn limits(code: Code, case: &Case<'_>, scope: &Scope, own: Option<&Narrowing>) -> Option<Values> {
    let report = case.report;
    let with = |value: String, agreed: String, national: Option<String>| Some(Values { value, agreed, national });
    match code {
        Code::PurposeMismatch => {
            let own = own.and_then(|own| own.purposes.as_deref()).map(list);
            with(report.purpose.clone(), list(&scope.purposes), own)
        }
        Code::FormNotAgreed => {
            with(report.form.clone(), list(&scope.forms), own.and_then(|own| own.forms.as_deref()).map(list))
        }
        Code::TopicOutOfScope => {
            let words = |list_of: &[(String, u8)]| list(&list_of.iter().map(|one| one.0.clone()).collect::<Vec<_>>());
            with(list(&report.topics), words(&scope.topics), own.and_then(|own| own.topics.as_deref()).map(words))
        }
        Code::ClassExceedsCeiling => {
            let own = own.filter(|own| own.topics.is_some() || own.highest_level.is_some());
            let own = own.map(|own| {
                ceilings(case, own.topics.as_deref().unwrap_or_default(), own.highest_level.unwrap_or(u8::MAX))
            });
            with(level(case, case.label.level), ceilings(case, &scope.topics, scope.highest_level), own)
        }
        Code::ReportOutsideWindow => {
            let own = own.filter(|own| own.information_from.is_some() || own.information_until.is_some());
            let own = own.map(|own| window(own.information_from, own.information_until));
            with(
                format!("cut-off {}", report.information_cutoff),
                window(scope.information_from, scope.information_until),
                own,
            )
        }
        Code::ReportTooOld => {
            let age = case.released.seconds().saturating_sub(report.information_cutoff.seconds());
            let agreed = scope.max_age_hours.map_or_else(|| "any".to_owned(), hours_in_words);
            with(in_words(age), agreed, own.and_then(|own| own.max_age_hours).map(hours_in_words))
        }
        Code::CaveatNotPermitted => {
            let words = |all: &[crate::agreement::Meaning]| {
                list(&all.iter().map(|one| one.word().to_owned()).collect::<Vec<_>>())
            };
            with(caveats(case), words(&scope.caveats), own.and_then(|own| own.caveats.as_deref()).map(words))
        }
        Code::TlpForbids => {
            let value = report.tlp.clone().unwrap_or_else(|| "none".to_owned());
            with(value, list(&scope.tlp), own.and_then(|own| own.tlp.as_deref()).map(list))
        }
        Code::AttachmentTypeNotAgreed => {
            let mut types: Vec<String> = report.attachments.iter().map(|one| one.media_type.clone()).collect();
            types.sort_unstable();
            types.dedup();
            let own = own.and_then(|own| own.attachment_types.as_deref()).map(list);
            with(list(&types), list(&scope.attachment_types), own)
        }
        Code::AttachmentCountExceeded => {
            let own = own.and_then(|own| own.max_attachments).map(|most| most.to_string());
            with(report.attachments.len().to_string(), scope.max_attachments.to_string(), own)
        }
        Code::SizeExceeded => {
            let own = own.filter(|own| own.max_report_bytes.is_some() || own.max_attachment_bytes.is_some());
            let own = own.map(|own| {
                sizes(
                    own.max_report_bytes.unwrap_or(scope.max_report_bytes),
                    own.max_attachment_bytes.unwrap_or(scope.max_attachment_bytes),
                )
            });
            let value = format!("{} + {} bytes", case.subject.report_bytes, report.attachment_bytes());
            with(value, sizes(scope.max_report_bytes, scope.max_attachment_bytes), own)
        }
        _ => None,
    }
}

fn sizes(report: u32, attachments: u32) -> String {
    format!("{report} + {attachments} bytes")
}

fn window(from: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let or = |end: Option<Timestamp>| end.map_or_else(|| "open".to_owned(), |end| end.to_string());
    format!("{} to {}", or(from), or(until))
}

/// The ceilings of the report's topics, and of the direction.
fn ceilings(case: &Case<'_>, topics: &[(String, u8)], highest: u8) -> String {
    let own = topics.iter().filter(|(topic, _)| case.report.topics.contains(topic));
    let mut out: Vec<String> = own.map(|(topic, ceiling)| format!("{topic} {ceiling}")).collect();
    out.extend((highest != u8::MAX).then(|| format!("any {highest}")));
    list(&out)
}

/// People.
fn people(code: Code, case: &Case<'_>, scope: &Scope, own: Option<&Narrowing>) -> Option<Values> {
    let report = case.report;
    let given = || {
        let approvals = &case.facts.approvals;
        let others = approvals.iter().filter(|one| !one.is_author).count();
        format!(
            "{}; {others} approvals on record, {} of the author",
            level(case, case.label.level),
            approvals.len() - others
        )
    };
    let from = |level: u8| format!("from {} on", case.level(level));
    Some(match code {
        Code::ApprovalRequired => Values {
            national: own.and_then(|own| own.officer_from_level).map(from),
            ..both(given(), from(scope.officer_from_level))
        },
        Code::SecondApprovalRequired => Values {
            national: own.and_then(|own| own.second_officer_from_level).map(from),
            ..both(given(), from(scope.second_officer_from_level))
        },
        Code::ApproverIsAuthor => both(given(), "officers who did not write it"),
        Code::ReviewDatePassed => {
            let review = report.review.map_or_else(|| "none".to_owned(), |day| day.to_string());
            both(review, format!("not before {}", case.day))
        }
        Code::NationalTopicHeld => Values {
            national: case.own.map(|own| format!("a senior officer for {}", list(&own.hold_topics))),
            ..both(list(&report.topics), "")
        },
        Code::ContentHeld => {
            let looked = if case.facts.content.is_some() { "looked at" } else { "not looked at" };
            both(looked, "nothing found, or an officer looks")
        }
        Code::MarkInText | Code::UnseenInAttachment => {
            let count = case.facts.look.iter().filter(|one| one.code == code).count();
            let found = if count == 0 { "nothing found" } else { "found" };
            both(found, "nothing found, or an officer looks")
        }
        Code::NotInspected => {
            let count = case.facts.uninspected.len();
            let (of, all) = (if count == 0 { "none".to_owned() } else { count.to_string() }, report.attachments.len());
            both(format!("{of} of {all} could not be inspected"), "none, or two officers answer for it")
        }
        _ => return None,
    })
}

/// Every caveat of the label, known or not.
fn all_caveats(case: &Case<'_>) -> Vec<String> {
    let known = case.label.meanings.iter().map(|(word, _)| word);
    known.chain(&case.label.unknown_controls).cloned().collect()
}

fn level(case: &Case<'_>, level: Option<u8>) -> String {
    level.map_or_else(|| "no level".to_owned(), |level| case.level(level))
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn nations(set: &Nations) -> String {
    if set.is_empty() { "nobody".to_owned() } else { set.iter().map(Nation::as_str).collect::<Vec<_>>().join(", ") }
}
