//! A report's label as the decision reads it: the banner as stated, the portions joined, and both together.

use crate::agreement::{Agreement, Meaning};
use relto_report::{
    assessment::Report,
    calendar::Day,
    label::{Joined, Part, audience_of_banner, expand, join, parts},
    marking::{BannerMark, Control, MarkFaultKind, Owner, read_banner, read_portion},
    nation::Nation,
    register::Register,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the table of equivalence says of one marking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Its level.
    Level(u8),
    /// Known and never exchanged; as written.
    NotExchangeable(String),
    /// Unknown; as written.
    Unknown(String),
}

impl Found {
    pub(crate) const fn level(&self) -> Option<u8> {
        match self {
            Self::Level(level) => Some(*level),
            Self::NotExchangeable(_) | Self::Unknown(_) => None,
        }
    }
}

/// Everything that clauses ask of the label.
pub(crate) struct Label {
    /// The banner.
    pub(crate) banner: BannerMark,
    /// The banner's level.
    pub(crate) stated_level: Found,
    /// Who may read by the banner.
    pub(crate) stated: BTreeSet<Nation>,
    /// Who may read by the report's `rel_to`.
    pub(crate) listed: BTreeSet<Nation>,
    /// The portions.
    pub(crate) joined: Joined,
    /// The highest level among the portions that have one.
    pub(crate) portions_level: Option<u8>,
    /// Markings of portions that have no level.
    pub(crate) without_level: Vec<Found>,
    /// Highest known level of the portions of each foreign owner; no nation: the owner is concealed.
    pub(crate) foreign_levels: BTreeMap<Option<Nation>, Option<u8>>,
    /// The stricter of banner and portions, among those that have a level.
    pub(crate) level: Option<u8>,
    /// Caveats of banner and portions by their register's words, with what the agreement gives each.
    pub(crate) meanings: BTreeMap<String, Meaning>,
    /// Controls that the register or the agreement does not have.
    pub(crate) unknown_controls: BTreeSet<String>,
    /// Groups that the agreement does not have on the day.
    pub(crate) unknown_groups: BTreeSet<String>,
    /// Who may read it: stated joined with computed.
    pub(crate) audience: BTreeSet<Nation>,
    /// Some mark has both a caveat that excludes a list and a list.
    pub(crate) contradicts_itself: bool,
    /// A source's mark and nation do not name one owner.
    pub(crate) source_mismatch: Option<u32>,
    /// A mark or list that no decision can read; what it is.
    pub(crate) malformed: Option<&'static str>,
}

impl Label {
    pub(crate) fn read(report: &Report, agreement: &Agreement, register: &Register, day: Day) -> Self {
        let own = register.nation;
        let groups = agreement.groups_on(day);
        let joined = join(report, register, &groups);
        let (banner, faults) = read_banner(&report.banner, register);
        let stated = audience_of_banner(&banner, own, &groups);
        let listed = expand(&report.rel_to, own, &groups);
        let tables = Tables { agreement, register, day };
        let stated_level = tables.level_of(banner.level, &banner.word);
        let portions = Portions::read(report, &tables);
        let malformed = if joined.malformed {
            Some("a portion mark")
        } else if faults.iter().any(|fault| fault.kind.is_malformed()) {
            Some("the banner")
        } else {
            portions.malformed.or_else(|| malformed_list(&report.rel_to, own))
        };
        let (meanings, mut unknown_controls) = tables.meanings(&joined, &banner);
        unknown_controls.extend(joined.unknown_controls.iter().cloned());
        let mut unknown_groups = joined.unknown_groups.clone();
        unknown_groups.extend(stated.unknown_groups);
        unknown_groups.extend(listed.unknown_groups);
        let may_read = |nation: &&Nation| {
            listed.nations.contains(nation) && joined.audience.as_ref().is_none_or(|all| all.contains(nation))
        };
        let audience = stated.nations.iter().filter(may_read).copied().collect();
        let exclusive = |kind: &MarkFaultKind| matches!(kind, MarkFaultKind::Exclusive(_));
        Self {
            level: stated_level.level().max(portions.highest),
            contradicts_itself: joined.excluded_and_listed || faults.iter().any(|fault| exclusive(&fault.kind)),
            banner,
            stated_level,
            stated: stated.nations,
            listed: listed.nations,
            portions_level: portions.highest,
            without_level: portions.without_level,
            foreign_levels: portions.foreign,
            meanings,
            unknown_controls,
            unknown_groups,
            audience,
            source_mismatch: portions.source_mismatch,
            malformed,
            joined,
        }
    }

    /// Whether a caveat of this meaning stands on banner or portions.
    pub(crate) fn has(&self, meaning: Meaning) -> bool {
        self.meanings.values().any(|one| *one == meaning)
    }

    /// Whether the banner has a caveat, by its register's word.
    pub(crate) fn banner_has(&self, word: &str) -> bool {
        self.banner.controls.iter().any(|control| matches!(control, Control::Caveat { long, .. } if long == word))
    }
}

/// Codes of `rel_to`: nations or groups, own nation first, the rest alphabetical, none twice.
fn malformed_list(codes: &[String], own: Nation) -> Option<&'static str> {
    let is_group = |code: &str| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !codes.iter().all(|code| Nation::parse(code).is_some() || is_group(code)) {
        return Some("rel_to, which has something that is no code");
    }
    let (first, rest) = codes.split_first()?;
    if first != own.as_str() {
        return Some("rel_to, where the own nation stands first");
    }
    let sorted = rest.iter().zip(rest.iter().skip(1)).all(|(one, next)| one < next) && !rest.contains(first);
    (!sorted).then_some("rel_to, whose codes stand in alphabetical order, each once")
}

struct Tables<'a> {
    agreement: &'a Agreement,
    register: &'a Register,
    day: Day,
}

impl Tables<'_> {
    /// The level of a marking, by its word in the register or, where it has none, as written.
    fn level_of(&self, place: Option<usize>, word: &str) -> Found {
        let nation = self.register.nation;
        let known = place.and_then(|place| self.register.levels.get(place));
        let canonical = known.map_or(word, |level| level.long.as_str());
        let spellings = known.map(|level| level.accepts.as_slice()).unwrap_or_default();
        let mut words = std::iter::once(canonical).chain(spellings.iter().map(String::as_str));
        if let Some(row) = words.clone().find_map(|word| self.agreement.equivalence_of(nation, word, self.day)) {
            return Found::Level(row.level);
        }
        if words.any(|word| self.agreement.is_not_exchangeable(nation, word)) {
            return Found::NotExchangeable(canonical.to_owned());
        }
        Found::Unknown(word.to_owned())
    }

    fn meanings(&self, joined: &Joined, banner: &BannerMark) -> (BTreeMap<String, Meaning>, BTreeSet<String>) {
        let mut known = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        let mut add = |word: &str| {
            let spellings = self.register.control_by_long(word).map(|control| control.accepts.as_slice());
            let mut words = std::iter::once(word).chain(spellings.unwrap_or_default().iter().map(String::as_str));
            match words.find_map(|one| self.agreement.meaning_of(self.register.nation, one)) {
                Some(meaning) => {
                    known.insert(word.to_owned(), meaning);
                }
                None => {
                    unknown.insert(word.to_owned());
                }
            }
        };
        joined.caveats.iter().for_each(|word| add(word));
        for control in &banner.controls {
            match control {
                Control::Caveat { long, .. } => add(long),
                Control::Unknown(word) => add(word),
                Control::Audience(_) | Control::AudienceOfBanner => {}
            }
        }
        (known, unknown)
    }
}

/// What the marks say one by one.
#[derive(Default)]
struct Portions {
    highest: Option<u8>,
    without_level: Vec<Found>,
    foreign: BTreeMap<Option<Nation>, Option<u8>>,
    source_mismatch: Option<u32>,
    malformed: Option<&'static str>,
}

impl Portions {
    fn read(report: &Report, tables: &Tables<'_>) -> Self {
        let mut out = Self::default();
        for (part, mark) in parts(report) {
            let (read, faults) = read_portion(mark, tables.register);
            let unknown = faults.iter().any(|fault| fault.kind.is_marking_unknown());
            let found = if unknown { Found::Unknown(read.word) } else { tables.level_of(read.level, &read.word) };
            let level = found.level();
            out.highest = out.highest.max(level);
            if level.is_none() && !out.without_level.contains(&found) {
                out.without_level.push(found);
            }
            if let Some(owner) = read.foreign {
                let highest = out.foreign.entry(nation_of(owner)).or_insert(None);
                *highest = (*highest).max(level);
            }
            if let Part::Source(place) = part {
                out.source(report, place, read.foreign, tables.register);
            }
        }
        out
    }

    /// The owner of a source's mark is the source's nation, or concealed where that is.
    fn source(&mut self, report: &Report, place: usize, owner: Option<Owner>, register: &Register) {
        let Some(source) = report.sources.get(place) else { return };
        let Some(described) = &source.described else { return };
        match owner_of_source(&described.nation, register) {
            None => self.malformed = Some("a source's nation"),
            Some(wanted) if wanted != owner && self.source_mismatch.is_none() => {
                self.source_mismatch = Some(source.n);
            }
            Some(_) => {}
        }
    }
}

const fn nation_of(owner: Owner) -> Option<Nation> {
    match owner {
        Owner::Nation(nation) => Some(nation),
        Owner::Concealed => None,
    }
}

/// Whose information a source is, in the terms of a mark: `Some(None)` the nation's own, `None` not a code.
pub(crate) fn owner_of_source(nation: &str, register: &Register) -> Option<Option<Owner>> {
    // The foreign word has three capitals too, so it is asked first.
    if nation == register.foreign {
        return Some(Some(Owner::Concealed));
    }
    let nation = Nation::parse(nation)?;
    Some((nation != register.nation).then_some(Owner::Nation(nation)))
}
