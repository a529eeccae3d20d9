//! The limits of one direction: the agreement's, and with the same questions the narrower national ones.

use super::handling::joined;
use crate::{
    agreement::{Meaning, Narrowing, Scope},
    calendar::{hours_in_words, in_words},
    case::{Case, Sheet},
    code::Code,
};
use relto_report::calendar::Timestamp;

const HOUR: i64 = 3600;

/// Limits as a question sees them; what is `None` limits nothing.
pub(super) struct Limits<'a> {
    national: bool,
    purposes: Option<&'a [String]>,
    forms: Option<&'a [String]>,
    topics: Option<&'a [(String, u8)]>,
    highest_level: Option<u8>,
    information_from: Option<Timestamp>,
    information_until: Option<Timestamp>,
    max_age_hours: Option<u32>,
    caveats: Option<&'a [Meaning]>,
    tlp: Option<&'a [String]>,
    attachment_types: Option<&'a [String]>,
    max_attachments: Option<u32>,
    max_report_bytes: Option<u32>,
    max_attachment_bytes: Option<u32>,
}

impl<'a> Limits<'a> {
    /// The agreement's: every one is there.
    pub(super) fn of(scope: &'a Scope) -> Self {
        Self {
            national: false,
            purposes: Some(&scope.purposes),
            forms: Some(&scope.forms),
            topics: Some(&scope.topics),
            highest_level: Some(scope.highest_level),
            information_from: scope.information_from,
            information_until: scope.information_until,
            max_age_hours: scope.max_age_hours,
            caveats: Some(&scope.caveats),
            tlp: Some(&scope.tlp),
            attachment_types: Some(&scope.attachment_types),
            max_attachments: Some(scope.max_attachments),
            max_report_bytes: Some(scope.max_report_bytes),
            max_attachment_bytes: Some(scope.max_attachment_bytes),
        }
    }

    /// A nation's: what is left out is as the agreement has it.
    pub(super) fn narrowed(own: &'a Narrowing) -> Self {
        Self {
            national: true,
            purposes: own.purposes.as_deref(),
            forms: own.forms.as_deref(),
            topics: own.topics.as_deref(),
            highest_level: own.highest_level,
            information_from: own.information_from,
            information_until: own.information_until,
            max_age_hours: own.max_age_hours,
            caveats: own.caveats.as_deref(),
            tlp: own.tlp.as_deref(),
            attachment_types: own.attachment_types.as_deref(),
            max_attachments: own.max_attachments,
            max_report_bytes: own.max_report_bytes,
            max_attachment_bytes: own.max_attachment_bytes,
        }
    }

    /// Who sets them, for a sentence.
    const fn whose(&self) -> &'static str {
        if self.national { "the national rules have" } else { "agreed" }
    }
}

/// Every limit.
pub(super) fn limits(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    words(case, limits, sheet);
    levels(case, limits, sheet);
    times(case, limits, sheet);
    marks(case, limits, sheet);
    attachments(case, limits, sheet);
}

fn words(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    let report = case.report;
    for (word, list, code, what) in [
        (&report.purpose, limits.purposes, Code::PurposeMismatch, "purpose"),
        (&report.form, limits.forms, Code::FormNotAgreed, "form"),
    ] {
        if let Some(list) = list.filter(|list| !list.contains(word)) {
            sheet.add_of(limits.national, code, || {
                format!("{what} {word:?} {}; {}: {}", case.direction(), limits.whose(), joined(list))
            });
        }
    }
}

/// Each topic's ceiling and the direction's, held against the stricter of banner and portions. What the vocabulary does
/// not have is refused already.
fn levels(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    let level = case.label.level;
    if let Some(list) = limits.topics {
        for topic in &case.report.topics {
            let known = || case.rules.vocabulary.has_topic(topic);
            match list.iter().find(|(known, _)| is_topic(known, topic)) {
                None if known() => sheet.add_of(limits.national, Code::TopicOutOfScope, || {
                    let topics: Vec<String> = list.iter().map(|(topic, _)| topic.clone()).collect();
                    format!("topic {topic} {}; {}: {}", case.direction(), limits.whose(), joined(&topics))
                }),
                Some((_, ceiling)) if level > Some(*ceiling) && known() => {
                    exceeds(case, limits, sheet, &format!("topic {topic}"), *ceiling);
                }
                None | Some(_) => {}
            }
        }
    }
    if let Some(ceiling) = limits.highest_level.filter(|ceiling| level > Some(*ceiling)) {
        exceeds(case, limits, sheet, "any topic", ceiling);
    }
}

/// Equal. First letters are alike in a domain, last ones hardly ever: most are told apart without a call to compare.
fn is_topic(known: &str, topic: &str) -> bool {
    known.len() == topic.len() && known.as_bytes().last() == topic.as_bytes().last() && known == topic
}

fn exceeds(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet, what: &str, ceiling: u8) {
    sheet.add_of(limits.national, Code::ClassExceedsCeiling, || {
        let (level, ceiling) = (case.level(case.label.level.unwrap_or_default()), case.level(ceiling));
        format!("{level}; {} {ceiling} for {what}; a report of {ceiling} without the rest could go", limits.whose())
    });
}

fn times(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    let cutoff = case.report.information_cutoff;
    let early = limits.information_from.is_some_and(|from| cutoff < from);
    let late = limits.information_until.is_some_and(|until| cutoff >= until);
    if early || late {
        sheet.add_of(limits.national, Code::ReportOutsideWindow, || {
            let or = |end: Option<Timestamp>| end.map_or_else(|| "open".to_owned(), |end| end.to_string());
            let (from, until) = (or(limits.information_from), or(limits.information_until));
            format!(
                "information cut-off {cutoff}; {} {from} to {until}; nothing would make it releasable",
                limits.whose()
            )
        });
    }
    let age = case.released.seconds().saturating_sub(cutoff.seconds());
    if let Some(hours) = limits.max_age_hours.filter(|hours| age > i64::from(*hours) * HOUR) {
        sheet.add_of(limits.national, Code::ReportTooOld, || {
            format!(
                "{} from cut-off to release; {} {}; a report with newer information could go",
                in_words(age),
                limits.whose(),
                hours_in_words(hours)
            )
        });
    }
}

fn marks(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    if let Some(permitted) = limits.caveats {
        for (word, meaning) in &case.label.meanings {
            // National-only is a refusal of its own.
            if *meaning != Meaning::NationalOnly && !permitted.contains(meaning) {
                sheet.add_of(limits.national, Code::CaveatNotPermitted, || {
                    let known: Vec<String> = permitted.iter().map(|one| one.word().to_owned()).collect();
                    format!(
                        "caveat {word} ({}) {}; {}: {}",
                        meaning.word(),
                        case.direction(),
                        limits.whose(),
                        joined(&known)
                    )
                });
            }
        }
    }
    if let (Some(tlp), Some(permitted)) = (&case.report.tlp, limits.tlp)
        && !permitted.contains(tlp)
    {
        sheet.add_of(limits.national, Code::TlpForbids, || {
            format!("TLP:{tlp}; {}: {}; its source would have to release it", limits.whose(), joined(permitted))
        });
    }
}

fn attachments(case: &Case<'_>, limits: &Limits<'_>, sheet: &mut Sheet) {
    let report = case.report;
    if let Some(types) = limits.attachment_types {
        for one in report.attachments.iter().filter(|one| !types.contains(&one.media_type)) {
            sheet.add_of(limits.national, Code::AttachmentTypeNotAgreed, || {
                format!("attachment {} is {}; {}: {}", one.name, one.media_type, limits.whose(), joined(types))
            });
        }
    }
    let count = u32::try_from(report.attachments.len()).unwrap_or(u32::MAX);
    if let Some(most) = limits.max_attachments.filter(|most| count > *most) {
        sheet.add_of(limits.national, Code::AttachmentCountExceeded, || {
            format!("{count} attachments; {} {most}; send fewer", limits.whose())
        });
    }
    for (bytes, most, what) in [
        (case.subject.report_bytes, limits.max_report_bytes, "report"),
        (report.attachment_bytes(), limits.max_attachment_bytes, "attachments together"),
    ] {
        if let Some(most) = most.filter(|most| bytes > u64::from(*most)) {
            sheet.add_of(limits.national, Code::SizeExceeded, || {
                format!("{what}: {bytes} bytes; {} {most}; shorten it or send it in parts", limits.whose())
            });
        }
    }
}
