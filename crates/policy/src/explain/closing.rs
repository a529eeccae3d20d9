//! What closes a report by its mark: to whom, above which level, by which caveat; and who alone can change that.

use crate::{agreement::Meaning, case::Case, code::Code, content::Place, label::Found};
use relto_report::{
    assessment::Report,
    label::{audience_of_portion, parts},
    marking::{Control, Owner, PortionMark, read_portion},
    nation::Nation,
};
use std::fmt;

/// Why a mark closes the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// The code that the decision gives for it.
    pub code: Code,
    /// In words.
    pub text: String,
}

/// One mark that closes the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Where; `None`: the banner.
    pub place: Option<Place>,
    /// The mark as written, without brackets.
    pub mark: String,
    /// Every reason, at least one.
    pub why: Vec<Why>,
    /// Whose marking it is and so who alone can change it; `None`: an owner whom the mark conceals.
    pub originator: Option<Nation>,
}

impl Closing {
    /// Who can change the mark, in words.
    #[must_use]
    pub fn who(&self) -> String {
        self.originator.map_or_else(
            || "only its concealed owner can change the marking".to_owned(),
            |nation| format!("only {nation}, its originator, can change the marking"),
        )
    }

    /// Where, in words.
    #[must_use]
    pub fn place(&self) -> String {
        self.place.map_or_else(|| "the banner".to_owned(), |place| place.to_string())
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why: Vec<&str> = self.why.iter().map(|why| why.text.as_str()).collect();
        write!(f, "{} ({}): {}; {}", self.place(), self.mark, why.join("; "), self.who())
    }
}

/// One part with its mark as the decision reads it.
pub(super) struct Marked<'a> {
    pub(super) place: Place,
    pub(super) text: &'a str,
    pub(super) read: PortionMark,
    pub(super) found: Found,
}

/// Every part of a report.
pub(super) fn marked<'a>(case: &Case<'_>, report: &'a Report) -> Vec<Marked<'a>> {
    let tables = case.tables();
    let each = parts(report).into_iter().map(|(place, text)| {
        let (read, faults) = read_portion(text, case.register);
        let unknown = faults.iter().any(|fault| fault.kind.is_marking_unknown());
        let found = if unknown { Found::Unknown(read.word.clone()) } else { tables.level_of(read.level, &read.word) };
        Marked { place, text, read, found }
    });
    each.collect()
}

/// The lowest of the ceilings that the report's topics, the direction, the national rules and the accreditation set.
pub(super) fn ceiling(case: &Case<'_>) -> Option<u8> {
    let topics = &case.report.topics;
    let own = case.own.map(|own| &own.narrowing);
    let lists = case.scope.map(|scope| scope.topics.as_slice()).into_iter();
    let lists = lists.chain(own.and_then(|own| own.topics.as_deref()));
    let of_topics = lists.flatten().filter(|(topic, _)| topics.contains(topic)).map(|(_, ceiling)| *ceiling);
    let highest = case.scope.map(|scope| scope.highest_level);
    let accredited = case.rules.national.map(|rules| rules.accreditation.highest_level);
    of_topics.chain(highest).chain(own.and_then(|own| own.highest_level)).chain(accredited).min()
}

/// What closes the report, in its order; the banner last, where it closes what the portions do not.
pub(super) fn closing(case: &Case<'_>) -> Vec<Closing> {
    let from = case.facts.from;
    let mut out = Vec::new();
    for one in marked(case, case.report) {
        let why = why(case, &one);
        if !why.is_empty() {
            let originator = match one.read.foreign {
                None => Some(from),
                Some(Owner::Nation(nation)) => Some(nation),
                Some(Owner::Concealed) => None,
            };
            out.push(Closing { place: Some(one.place), mark: one.text.to_owned(), why, originator });
        }
    }
    let why = banner(case, &out);
    if !why.is_empty() {
        out.push(Closing { place: None, mark: case.report.banner.clone(), why, originator: Some(from) });
    }
    out
}

fn why(case: &Case<'_>, one: &Marked<'_>) -> Vec<Why> {
    let to = case.facts.to;
    let mut out = Vec::new();
    let mut push = |code, text: String| out.push(Why { code, text });
    let groups = case.agreement.groups_on(case.day);
    let audience = audience_of_portion(&one.read, case.register, &case.report.rel_to, &groups);
    if let Some(audience) = audience.filter(|audience| !audience.nations.contains(&to)) {
        let admitted: Vec<&str> = audience.nations.iter().map(Nation::as_str).collect();
        push(Code::NotReleasableToRecipient, format!("admits {} and not {to}", admitted.join(", ")));
    }
    match &one.found {
        Found::NotExchangeable(word) => push(Code::MarkingNotExchangeable, format!("{word} is never exchanged")),
        Found::Unknown(word) => push(Code::MarkingUnknown, format!("{word:?} is no marking of the agreement")),
        Found::Level(level) => {
            if let Some(ceiling) = ceiling(case).filter(|ceiling| level > ceiling) {
                push(Code::ClassExceedsCeiling, format!("{}, above {}", case.level(*level), case.level(ceiling)));
            }
        }
    }
    for control in &one.read.controls {
        let word = match control {
            Control::Caveat { long, .. } => long,
            Control::Unknown(word) => word,
            Control::Audience(_) | Control::AudienceOfBanner => continue,
        };
        if let Some((code, text)) = caveat(case, word) {
            push(code, text);
        }
    }
    out
}

/// What a caveat forbids, by its register's word.
fn caveat(case: &Case<'_>, word: &str) -> Option<(Code, String)> {
    match case.label.meaning(word) {
        None => Some((Code::CaveatUnknown, format!("{word:?} is no caveat of the agreement"))),
        Some(Meaning::NationalOnly) => Some((Code::CaveatForbidsForeign, format!("{word} keeps it at home"))),
        Some(meaning) => {
            let own = case.own.and_then(|own| own.narrowing.caveats.as_ref());
            let permitted = case.scope.is_none_or(|scope| scope.caveats.contains(&meaning))
                && own.is_none_or(|own| own.contains(&meaning));
            (!permitted).then(|| (Code::CaveatNotPermitted, format!("{word} ({}) is not permitted", meaning.word())))
        }
    }
}

/// The banner, for what no portion says already.
fn banner(case: &Case<'_>, portions: &[Closing]) -> Vec<Why> {
    let (label, to) = (case.label, case.facts.to);
    let told = |code| portions.iter().any(|one| one.why.iter().any(|why| why.code == code));
    let mut out = Vec::new();
    let mut push = |code, text: String| {
        if !told(code) {
            out.push(Why { code, text });
        }
    };
    if !label.banner.audience.contains(&to) || !label.parts.listed.nations.contains(&to) {
        push(Code::NotReleasableToRecipient, format!("banner and rel_to do not both admit {to}"));
    }
    match &label.banner.level {
        Found::NotExchangeable(word) => push(Code::MarkingNotExchangeable, format!("{word} is never exchanged")),
        Found::Unknown(word) => push(Code::MarkingUnknown, format!("{word:?} is no marking of the agreement")),
        Found::Level(level) => {
            if let Some(ceiling) = ceiling(case).filter(|ceiling| level > ceiling) {
                push(Code::ClassExceedsCeiling, format!("{}, above {}", case.level(*level), case.level(ceiling)));
            }
        }
    }
    for word in label.banner.caveats.iter().chain(&label.banner.unknown) {
        if let Some((code, text)) = caveat(case, word) {
            push(code, text);
        }
    }
    out
}
