//! The changes that are tried, and the copies that they make.

use super::super::closing::{Closing, Marked, ceiling, marked};
use crate::{
    case::Case,
    code::{Class, Code, CodeSet},
    content::Place,
};
use relto_report::{
    assessment::{Block, MarkedText, Report},
    calendar::Timestamp,
    label::compute_banner,
    marking::Owner,
};
use std::fmt;

const HOUR: i64 = 3600;

/// One change of a report that changes no mark of a portion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Portions and attachments are left out, sources withheld.
    LeaveOut {
        /// Which, counted from 1.
        places: Vec<Place>,
        /// The banner that is computed from the rest, where the report needs it; its classifier states it.
        banner: Option<String>,
    },
    /// A topic is taken out.
    RemoveTopic(String),
    /// The form is another.
    Form(String),
    /// The purpose is another.
    Purpose(String),
    /// The precedence is another.
    Precedence(String),
    /// The information is newer: its cut-off is at this moment or later.
    CutoffFrom(Timestamp),
    /// The information is older: its cut-off is at this moment or earlier.
    CutoffTo(Timestamp),
    /// An office is named for action.
    NameAddressee(String),
    /// An office is taken out.
    RemoveAddressee(String),
    /// The reason for a stricter banner is given.
    GiveReason,
    /// The encoded report has at most so many bytes.
    Shorten(u64),
}

impl Change {
    /// The kind in one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::LeaveOut { .. } => "leave-out",
            Self::RemoveTopic(_) => "remove-topic",
            Self::Form(_) => "form",
            Self::Purpose(_) => "purpose",
            Self::Precedence(_) => "precedence",
            Self::CutoffFrom(_) => "newer-information",
            Self::CutoffTo(_) => "earlier-cut-off",
            Self::NameAddressee(_) => "name-addressee",
            Self::RemoveAddressee(_) => "remove-addressee",
            Self::GiveReason => "give-reason",
            Self::Shorten(_) => "shorten",
        }
    }

    /// Whether both together would say the same thing twice.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::LeaveOut { .. }, Self::LeaveOut { .. })
            | (Self::RemoveTopic(_), Self::RemoveTopic(_))
            | (Self::RemoveAddressee(_), Self::RemoveAddressee(_)) => self == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaveOut { places, banner } => {
                let places: Vec<String> = places.iter().map(Place::to_string).collect();
                write!(f, "leave out {}", places.join(", "))?;
                match banner {
                    Some(banner) => write!(f, "; the banner of the rest is {banner}, for its classifier to state"),
                    None => Ok(()),
                }
            }
            Self::RemoveTopic(topic) => write!(f, "take out topic {topic}"),
            Self::Form(form) => write!(f, "write it as {form}"),
            Self::Purpose(purpose) => write!(f, "send it for the purpose {purpose}"),
            Self::Precedence(word) => write!(f, "send it at {word}"),
            Self::CutoffFrom(at) => write!(f, "report information with a cut-off at {at} or later"),
            Self::CutoffTo(at) => write!(f, "report information with a cut-off at {at} or earlier"),
            Self::NameAddressee(office) => write!(f, "name an office for action, such as {office}"),
            Self::RemoveAddressee(office) => write!(f, "take out addressee {office}"),
            Self::GiveReason => write!(f, "say in aggregation_reason why the banner is stricter than the portions"),
            Self::Shorten(bytes) => write!(f, "shorten it to {bytes} bytes, or send it in parts"),
        }
    }
}

/// What could help against these codes, the least first. More than helps is harmless: each is decided on.
pub(super) fn candidates(case: &Case<'_>, codes: CodeSet, closing: &[Closing]) -> Vec<Change> {
    let any = |of: &[Code]| of.iter().any(|code| codes.contains(*code));
    if codes.iter().any(is_beyond_the_report) {
        return Vec::new();
    }
    let mut out = words(case, &any);
    out.extend(times(case));
    if any(&[Code::AttachmentTypeNotAgreed, Code::AttachmentCountExceeded, Code::SizeExceeded]) {
        out.extend(attachments(case));
    }
    out.extend(left_out(case, closing));
    out
}

/// Whether no change of the report can answer a code.
const fn is_beyond_the_report(code: Code) -> bool {
    match code.class() {
        Class::Authenticity | Class::State | Class::People => true,
        Class::Protection | Class::Service | Class::National | Class::Engine => matches!(
            code,
            Code::DirectionNotAgreed
                | Code::LabelSuperseded
                | Code::TlpForbids
                | Code::TrafficKindMismatch
                | Code::NationalScopeNotValid
                | Code::ClockUntrusted
                | Code::EngineDisagreement
        ),
    }
}

fn words(case: &Case<'_>, any: &dyn Fn(&[Code]) -> bool) -> Vec<Change> {
    let report = case.report;
    let mut out = Vec::new();
    if any(&[Code::AggregationReasonMissing]) {
        out.push(Change::GiveReason);
    }
    let party = case.agreement.party(case.facts.to).map(|party| party.addressees.as_slice()).unwrap_or_default();
    if report.action.is_empty() {
        out.extend(party.first().map(|office| Change::NameAddressee(office.clone())));
    }
    let unknown = report.action.iter().chain(&report.info).filter(|office| !party.contains(office));
    out.extend(unknown.map(|office| Change::RemoveAddressee(office.clone())));
    if any(&[Code::PrecedenceNotAgreed, Code::AddresseeMissing]) {
        // Slower first: they have more forms.
        let others = case.rules.vocabulary.precedence.iter().rev().filter(|word| *word != case.precedence());
        out.extend(others.map(|word| Change::Precedence(word.clone())));
    }
    let of_topics =
        [Code::TopicUnknown, Code::TopicOutOfScope, Code::ClassExceedsCeiling, Code::ThirdPartyConsentMissing];
    if report.topics.len() > 1 && any(&of_topics) {
        out.extend(report.topics.iter().map(|topic| Change::RemoveTopic(topic.clone())));
    }
    let Some(scope) = case.scope else { return out };
    let own = case.own.map(|own| &own.narrowing);
    let narrowed = |list: Option<&Vec<String>>, word: &String| list.is_none_or(|list| list.contains(word));
    if any(&[Code::FormNotAgreed, Code::PrecedenceNotAgreed, Code::EvaluationError]) {
        let forms = scope.forms.iter().filter(|form| narrowed(own.and_then(|own| own.forms.as_ref()), form));
        out.extend(forms.filter(|form| **form != report.form).map(|form| Change::Form(form.clone())));
    }
    if any(&[Code::PurposeMismatch]) {
        let purposes = scope.purposes.iter().filter(|one| narrowed(own.and_then(|own| own.purposes.as_ref()), one));
        out.extend(purposes.map(|purpose| Change::Purpose(purpose.clone())));
    }
    let most = own.and_then(|own| own.max_report_bytes).unwrap_or(scope.max_report_bytes);
    let most = u64::from(most.min(scope.max_report_bytes));
    if case.subject.report_bytes > most {
        out.push(Change::Shorten(most));
    }
    out
}

/// The cut-off that age, period and clocks ask for.
fn times(case: &Case<'_>) -> Vec<Change> {
    let Some(scope) = case.scope else { return Vec::new() };
    let own = case.own.map(|own| &own.narrowing);
    let ages = [scope.max_age_hours, own.and_then(|own| own.max_age_hours)].into_iter().flatten();
    let oldest = ages.min().map(|hours| case.released.plus(-i64::from(hours).saturating_mul(HOUR)));
    let from = [scope.information_from, own.and_then(|own| own.information_from), oldest].into_iter().flatten().max();
    let until = [scope.information_until, own.and_then(|own| own.information_until)].into_iter().flatten();
    // The end of the period is exclusive.
    let until = until.map(|end| end.plus(-1));
    let to = until.chain([case.released.plus(i64::from(case.agreement.clock_skew_seconds))]).min();
    let cutoff = case.report.information_cutoff;
    let newer = from.filter(|from| cutoff < *from).map(Change::CutoffFrom);
    let older = to.filter(|to| cutoff > *to).map(Change::CutoffTo);
    newer.into_iter().chain(older).collect()
}

/// Attachments one by one, the largest first.
fn attachments(case: &Case<'_>) -> Vec<Change> {
    let mut all: Vec<_> = (1..).zip(&case.report.attachments).collect();
    all.sort_by_key(|(_, one)| std::cmp::Reverse(one.length));
    let each = all.into_iter().map(|(n, _)| Change::LeaveOut { places: vec![Place::Attachment(n)], banner: None });
    each.collect()
}

/// Parts that close the report, those above each ceiling, and those of each foreign owner. A title is never left out.
fn left_out(case: &Case<'_>, closing: &[Closing]) -> Vec<Change> {
    let all = marked(case, case.report);
    let mut out: Vec<Change> = Vec::new();
    let mut add = |wanted: &dyn Fn(&Marked<'_>) -> bool| {
        let mut places: Vec<Place> = all.iter().filter(|one| wanted(one)).map(|one| one.place).collect();
        // An attachment goes whole.
        for place in &mut places {
            if let Place::AttachmentTitle(n) = *place {
                *place = Place::Attachment(n);
            }
        }
        places.retain(|place| *place != Place::Title);
        places.dedup();
        let change = Change::LeaveOut { places, banner: None };
        if !matches!(&change, Change::LeaveOut { places, .. } if places.is_empty()) && !out.contains(&change) {
            out.push(change);
        }
    };
    let closes = |one: &Marked<'_>, level: bool| {
        let place = Some(one.place);
        closing.iter().any(|mark| {
            mark.place == place && mark.why.iter().any(|why| level || why.code != Code::ClassExceedsCeiling)
        })
    };
    add(&|one| closes(one, false));
    add(&|one| closes(one, true));
    let lowest = ceiling(case).unwrap_or(u8::MAX);
    for ceiling in lowest..=case.agreement.highest_level() {
        add(&|one| one.found.level().is_none_or(|level| level > ceiling));
    }
    let owners: Vec<Option<Owner>> = all.iter().map(|one| one.read.foreign).filter(Option::is_some).collect();
    for owner in owners {
        add(&|one| one.read.foreign == owner);
    }
    out
}

/// The report without the texts that no clause reads, so that many copies cost little.
pub(super) fn without_texts(report: &Report) -> Report {
    let mut out = report.clone();
    for one in out.portions.iter_mut().filter(|one| !matches!(one.block, Block::Heading(_))) {
        one.body.text = String::new();
    }
    out
}

/// A changed copy.
#[derive(Clone)]
pub(super) struct Edited {
    pub(super) report: Report,
    pub(super) precedence: String,
    pub(super) bytes: u64,
    /// The banner follows what was left out.
    rebannered: bool,
}

impl Edited {
    /// The copies that the changes make: with the banner as it stands, and where something is left out with the banner
    /// of the rest. None where nothing of the text would be left.
    pub(super) fn of(case: &Case<'_>, base: &Report, changes: &[Change]) -> Vec<Self> {
        let mut out = Self {
            report: base.clone(),
            precedence: case.precedence().to_owned(),
            bytes: case.subject.report_bytes,
            rebannered: false,
        };
        let mut gone: Vec<Place> = Vec::new();
        for change in changes {
            out.apply(change, &mut gone);
        }
        if gone.is_empty() {
            return vec![out];
        }
        let marked = |report: &Report| report.portions.iter().any(|one| !matches!(one.block, Block::Heading(_)));
        let had_text = marked(&out.report);
        out.leave_out(&gone);
        if had_text && !marked(&out.report) {
            return Vec::new();
        }
        let groups = case.agreement.groups_on(case.day);
        let banner = compute_banner(&out.report, case.register, &groups);
        if banner == out.report.banner {
            return vec![out];
        }
        let mut other = out.clone();
        (other.report.banner, other.rebannered) = (banner, true);
        vec![out, other]
    }

    fn apply(&mut self, change: &Change, gone: &mut Vec<Place>) {
        let report = &mut self.report;
        match change {
            Change::LeaveOut { places, .. } => gone.extend(places),
            Change::RemoveTopic(topic) => report.topics.retain(|one| one != topic),
            Change::Form(form) => report.form.clone_from(form),
            Change::Purpose(purpose) => report.purpose.clone_from(purpose),
            Change::Precedence(word) => {
                report.precedence.clone_from(word);
                self.precedence.clone_from(word);
            }
            Change::CutoffFrom(at) | Change::CutoffTo(at) => report.information_cutoff = *at,
            Change::NameAddressee(office) => report.action = vec![office.clone()],
            Change::RemoveAddressee(office) => {
                report.action.retain(|one| one != office);
                report.info.retain(|one| one != office);
            }
            Change::GiveReason => {
                let mark = report.title.mark.clone();
                report.aggregation_reason = Some(MarkedText { mark, text: "A reason".to_owned() });
            }
            Change::Shorten(bytes) => self.bytes = *bytes,
        }
    }

    /// Places are counted in the report as it was.
    fn leave_out(&mut self, gone: &[Place]) {
        let report = &mut self.report;
        let kept = |place: Place| !gone.contains(&place);
        let mut n = 0;
        report.portions.retain(|_| {
            n += 1;
            kept(Place::Portion(n))
        });
        for (n, source) in (1..).zip(&mut report.sources) {
            if gone.contains(&Place::Source(n)) {
                source.described = None;
            }
        }
        let mut n = 0;
        report.attachments.retain(|_| {
            n += 1;
            kept(Place::Attachment(n))
        });
    }

    /// The changes as they are told: with the banner of the rest where the copy has it.
    pub(super) fn told(&self, changes: &[Change]) -> Vec<Change> {
        let mut first = true;
        let each = changes.iter().map(|change| match change {
            Change::LeaveOut { places, .. } if self.rebannered && first => {
                first = false;
                Change::LeaveOut { places: places.clone(), banner: Some(self.report.banner.clone()) }
            }
            other => other.clone(),
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_changes_exclude_each_other_where_they_say_one_thing_twice() {
        let word = |text: &str| text.to_owned();
        let left = |n: usize| Change::LeaveOut { places: vec![Place::Portion(n)], banner: None };
        let moment = Timestamp::from_seconds(0);
        for (one, other, wanted) in [
            (left(1), left(1), true),
            (left(1), left(2), false),
            (Change::RemoveTopic(word("a")), Change::RemoveTopic(word("a")), true),
            (Change::RemoveTopic(word("a")), Change::RemoveTopic(word("b")), false),
            (Change::RemoveAddressee(word("a")), Change::RemoveAddressee(word("b")), false),
            (Change::Form(word("a")), Change::Form(word("b")), true),
            (Change::Form(word("a")), Change::Purpose(word("a")), false),
            (Change::CutoffFrom(moment), Change::CutoffTo(moment), false),
            (Change::Shorten(1), Change::Shorten(2), true),
            (Change::GiveReason, left(1), false),
        ] {
            assert_eq!((one.excludes(&other), other.excludes(&one)), (wanted, wanted), "{one} {other}");
        }
    }
}
