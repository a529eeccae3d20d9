//! One decision at home: may this person of ours read this report that the partner sent? API-23
//!
//! The recipient's duties towards its own readers: need to know by office, clearance by the agreement's table of
//! protection, limited distribution, nationality and contractors. Total, without I/O; what is not known of a person or
//! of a marking refuses. Not here: roles of accounts, and the record that an opening leaves.

use crate::{
    agreement::{Agreement, Meaning, Reading},
    label::Label,
};
use relto_report::{assessment::Report, calendar::Day, nation::Nation, register::Register};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A person, as the node's configuration has them.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The nation whose node asks.
    pub nation: Nation,
    /// Offices for which the person reads.
    pub offices: &'a [String],
    /// Highest level that the person is cleared for; `None`: no clearance on record.
    pub clearance: Option<u8>,
    /// Every nationality that the person holds; none: not on record.
    pub nationalities: &'a [Nation],
    /// Whether the person is a firm's.
    pub is_contractor: bool,
}

/// What a report asks of its readers. It depends on the report, the agreement's version and the day alone, so it can be
/// kept and asked for one reader after another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The stricter of banner and portions; `None`: some mark does not say who may read.
    level: Option<u8>,
    audience: BTreeSet<Nation>,
    addressees: BTreeSet<String>,
    limited: bool,
    no_contractors: bool,
}

impl Terms {
    /// Reads a received report. `register` is the originator's, `day` the UTC day of its leaf, on which it was judged.
    #[must_use]
    pub fn of(report: &Report, agreement: &Agreement, register: &Register, day: Day) -> Self {
        let label = Label::read(report, agreement, register, day);
        let is_clear = label.malformed.is_none()
            && label.banner.level.level().is_some()
            && label.portions.without_level.is_empty()
            && label.unknown_controls.is_empty()
            && !label.has(Meaning::NationalOnly);
        Self {
            level: label.level.filter(|_| is_clear),
            limited: label.has(Meaning::LimitedDistribution),
            no_contractors: label.has(Meaning::NoContractors),
            audience: label.audience().iter().copied().collect(),
            addressees: report.action.iter().chain(&report.info).cloned().collect(),
        }
    }

    /// What keeping these terms costs: one, and one for each office and nation in them.
    #[must_use]
    pub fn weight(&self) -> usize {
        1 + self.addressees.len() + self.audience.len()
    }
}

/// What a permitted reading rests on, for the register of openings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reads<'a> {
    /// The office by which the person needs to know: the first of theirs.
    pub office: &'a str,
}

/// Why somebody may not read a report. Names nothing of the report but its level.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadingRefusal {
    /// The nation is no Party of the agreement.
    #[error("{0} is no Party of the agreement that the report came under")]
    NotAParty(Nation),
    /// A mark that the agreement does not know, or never exchanges.
    #[error("the agreement does not say how a report so marked is protected; an officer must look")]
    Marking,
    /// The nation is not in the report's audience.
    #[error("the report is not releasable to {0}; an officer must look")]
    Audience(Nation),
    /// None of the person's offices is an addressee.
    #[error("it is addressed to none of your offices")]
    NeedToKnow,
    /// The report is limited to its addressees and the person's offices are none.
    #[error("its distribution is limited to the offices that it is addressed to, and none of yours is one")]
    LimitedDistribution,
    /// The person is cleared for less, or not at all.
    #[error("it needs a clearance for {level}; {}", held(.has.as_deref()))]
    Clearance {
        /// The report's level, in the words of the person's nation.
        level: String,
        /// The person's clearance, in the same words.
        has: Option<String>,
    },
    /// No nationality is on record.
    #[error("your nationality is not on record, and the agreement asks for it")]
    NationalityUnknown,
    /// The person holds a third nationality.
    #[error("you also hold the nationality of {nation}; {}", needs(*.consent))]
    ThirdNationality {
        /// The third nation.
        nation: Nation,
        /// The originator could consent, and no consent is on record.
        consent: bool,
    },
    /// The person is a contractor.
    #[error("you read for a firm; {}", needs(*.consent))]
    Contractor {
        /// The originator could consent, and no consent is on record.
        consent: bool,
    },
    /// A caveat excludes contractors.
    #[error("you read for a firm, and a caveat keeps the report from contractors")]
    NoContractors,
}

fn held(clearance: Option<&str>) -> String {
    clearance.map_or_else(|| "you have none on record".to_owned(), |level| format!("yours goes to {level}"))
}

const fn needs(consent: bool) -> &'static str {
    if consent {
        "the agreement asks for the originator's consent, and none is on record"
    } else {
        "the agreement does not permit it"
    }
}

/// Which rule of a reader refuses, without what it says of person and report: what the journal keeps and the register of
/// openings tells. New ones stand at the end: the journal holds their numbers, bodies their words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingRule {
    /// [`ReadingRefusal::NotAParty`]
    NotAParty,
    /// [`ReadingRefusal::Marking`]
    Marking,
    /// [`ReadingRefusal::Audience`]
    Audience,
    /// [`ReadingRefusal::NeedToKnow`]
    NeedToKnow,
    /// [`ReadingRefusal::LimitedDistribution`]
    LimitedDistribution,
    /// [`ReadingRefusal::Clearance`]
    Clearance,
    /// [`ReadingRefusal::NationalityUnknown`]
    NationalityUnknown,
    /// [`ReadingRefusal::ThirdNationality`]
    ThirdNationality,
    /// [`ReadingRefusal::Contractor`]
    Contractor,
    /// [`ReadingRefusal::NoContractors`]
    NoContractors,
}

impl ReadingRule {
    /// All rules.
    pub const ALL: [Self; 10] = [
        Self::NotAParty,
        Self::Marking,
        Self::Audience,
        Self::NeedToKnow,
        Self::LimitedDistribution,
        Self::Clearance,
        Self::NationalityUnknown,
        Self::ThirdNationality,
        Self::Contractor,
        Self::NoContractors,
    ];

    /// One word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotAParty => "not-a-party",
            Self::Marking => "marking",
            Self::Audience => "audience",
            Self::NeedToKnow => "need-to-know",
            Self::LimitedDistribution => "limited-distribution",
            Self::Clearance => "clearance",
            Self::NationalityUnknown => "nationality-unknown",
            Self::ThirdNationality => "third-nationality",
            Self::Contractor => "contractor",
            Self::NoContractors => "no-contractors",
        }
    }

    /// The rule of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

impl ReadingRefusal {
    /// Which rule it is.
    #[must_use]
    pub const fn rule(&self) -> ReadingRule {
        match self {
            Self::NotAParty(_) => ReadingRule::NotAParty,
            Self::Marking => ReadingRule::Marking,
            Self::Audience(_) => ReadingRule::Audience,
            Self::NeedToKnow => ReadingRule::NeedToKnow,
            Self::LimitedDistribution => ReadingRule::LimitedDistribution,
            Self::Clearance { .. } => ReadingRule::Clearance,
            Self::NationalityUnknown => ReadingRule::NationalityUnknown,
            Self::ThirdNationality { .. } => ReadingRule::ThirdNationality,
            Self::Contractor { .. } => ReadingRule::Contractor,
            Self::NoContractors => ReadingRule::NoContractors,
        }
    }
}

/// Whether a person may read a report, with every reason why not.
///
/// # Errors
/// Each rule that refuses, in a fixed order.
pub fn may_read<'a>(
    terms: &Terms,
    agreement: &Agreement,
    reader: &Reader<'a>,
) -> Result<Reads<'a>, Vec<ReadingRefusal>> {
    let mut refusals = Vec::new();
    let partner = agreement.partner_of(reader.nation);
    if partner.is_none() {
        refusals.push(ReadingRefusal::NotAParty(reader.nation));
    }
    match terms.level.and_then(|level| agreement.protection_at(level)) {
        None => refusals.push(ReadingRefusal::Marking),
        Some(row) if row.clearance && reader.clearance.is_none_or(|has| has < row.level) => {
            let words = |level| agreement.level_in_words(reader.nation, level);
            refusals.push(ReadingRefusal::Clearance { level: words(row.level), has: reader.clearance.map(words) });
        }
        Some(_) => {}
    }
    if !terms.audience.contains(&reader.nation) {
        refusals.push(ReadingRefusal::Audience(reader.nation));
    }
    let office = office(terms, agreement, reader);
    if office.is_none() {
        let limited = ReadingRefusal::LimitedDistribution;
        refusals.push(if terms.limited { limited } else { ReadingRefusal::NeedToKnow });
    }
    refusals.extend(nationality(agreement, partner, reader));
    if reader.is_contractor {
        refusals.extend(contractor(terms, agreement));
    }
    match office {
        Some(office) if refusals.is_empty() => Ok(Reads { office }),
        _ => Err(refusals),
    }
}

/// The office by which the person needs to know. A report that names no office is for each that the agreement lists,
/// unless its distribution is limited.
fn office<'a>(terms: &Terms, agreement: &Agreement, reader: &Reader<'a>) -> Option<&'a str> {
    let listed = &agreement.party(reader.nation)?.addressees;
    let is_addressed = |office: &&String| {
        terms.addressees.contains(*office) || (terms.addressees.is_empty() && !terms.limited && listed.contains(office))
    };
    reader.offices.iter().find(is_addressed).map(String::as_str)
}

fn nationality(agreement: &Agreement, partner: Option<Nation>, reader: &Reader<'_>) -> Option<ReadingRefusal> {
    let consent = match agreement.third_party.third_state_nationals {
        Reading::Yes => return None,
        Reading::Consent => true,
        Reading::No => false,
    };
    if reader.nationalities.is_empty() {
        return Some(ReadingRefusal::NationalityUnknown);
    }
    let is_third = |nation: &&Nation| **nation != reader.nation && Some(**nation) != partner;
    let third = reader.nationalities.iter().find(is_third)?;
    // There is no form yet in which an originator's consent to a reader is on record.
    Some(ReadingRefusal::ThirdNationality { nation: *third, consent })
}

fn contractor(terms: &Terms, agreement: &Agreement) -> Vec<ReadingRefusal> {
    let agreed = match agreement.third_party.contractors {
        Reading::Yes => None,
        Reading::Consent => Some(ReadingRefusal::Contractor { consent: true }),
        Reading::No => Some(ReadingRefusal::Contractor { consent: false }),
    };
    agreed.into_iter().chain(terms.no_contractors.then_some(ReadingRefusal::NoContractors)).collect()
}
