//! A report's label as the decision reads it: the banner as stated, the portions joined, and both together.

use crate::agreement::{Agreement, Meaning};
use relto_report::{
    assessment::{Described, Report},
    calendar::Day,
    label::{Audience, Joined, JoinedParts, ReadLevel, ReadMark, audience_of_banner, expand, join_parts},
    marking::{
        Control, Foreign, MarkFaultKind, Owner, PlainBanner, PlainList, codes_of, nations_of, plain_banner,
        read_banner, read_portion,
    },
    nation::{Nation, Nations},
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
    pub(crate) banner: Banner,
    /// The banner's level.
    pub(crate) stated_level: Found,
    /// Who may read by the banner.
    pub(crate) stated: Nations,
    /// Who may read by the report's `rel_to`.
    pub(crate) listed: Nations,
    /// The portions.
    pub(crate) joined: Joined,
    /// The highest level among the portions that have one.
    pub(crate) portions_level: Option<u8>,
    /// Markings of portions that have no level.
    pub(crate) without_level: Vec<Found>,
    /// Highest known level of the portions of each foreign owner, each once, the concealed (no nation) first.
    pub(crate) foreign_levels: Vec<(Option<Nation>, Option<u8>)>,
    /// The stricter of banner and portions, among those that have a level.
    pub(crate) level: Option<u8>,
    /// Caveats of banner and portions by their register's words, with what the agreement gives each.
    pub(crate) meanings: BTreeMap<String, Meaning>,
    /// Controls that the register or the agreement does not have.
    pub(crate) unknown_controls: BTreeSet<String>,
    /// Groups that the agreement does not have on the day.
    pub(crate) unknown_groups: BTreeSet<String>,
    /// Who may read it: stated joined with computed.
    pub(crate) audience: Nations,
    /// Some mark has both a caveat that excludes a list and a list.
    pub(crate) contradicts_itself: bool,
    /// Places of the described sources that are foreign, and whose they are.
    pub(crate) foreign_sources: Vec<(usize, Owner)>,
    /// A source's mark and nation do not name one owner.
    pub(crate) source_mismatch: Option<u32>,
    /// A mark or list that no decision can read; what it is.
    pub(crate) malformed: Option<&'static str>,
}

impl Label {
    #[inline]
    pub(crate) fn read(report: &Report, agreement: &Agreement, register: &Register, day: Day) -> Self {
        let own = register.nation;
        let groups = agreement.groups_on(day);
        let parts = join_parts(report, register, &groups);
        let tables = Tables { agreement, register, day };
        let banner = Stated::read(&report.banner, &tables);
        let portions = Portions::read(report, &parts, &tables);
        let JoinedParts { joined, listed, .. } = parts;
        let malformed = if joined.malformed {
            Some("a portion mark")
        } else if banner.malformed {
            Some("the banner")
        } else {
            portions.malformed.or_else(|| malformed_list(&report.rel_to, own))
        };
        let (meanings, mut unknown_controls) = tables.meanings(&joined, &banner.is);
        unknown_controls.extend(joined.unknown_controls.iter().cloned());
        let mut unknown_groups = joined.unknown_groups.clone();
        unknown_groups.extend(banner.unknown_groups);
        unknown_groups.extend(listed.unknown_groups);
        let mut audience = banner.audience.clone();
        audience.retain(|nation| {
            listed.nations.contains(nation) && joined.audience.as_ref().is_none_or(|all| all.contains(nation))
        });
        Self {
            level: banner.level.level().max(portions.highest),
            contradicts_itself: joined.excluded_and_listed || banner.exclusive,
            banner: banner.is,
            stated_level: banner.level,
            stated: banner.audience,
            listed: listed.nations,
            portions_level: portions.highest,
            without_level: portions.without_level,
            foreign_levels: portions.foreign,
            meanings,
            unknown_controls,
            unknown_groups,
            audience,
            foreign_sources: portions.foreign_sources,
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
        self.banner.caveats.iter().any(|long| long == word)
    }
}

/// What clauses ask of the banner, its level and audience apart.
pub(crate) struct Banner {
    /// Owners of foreign portions.
    pub(crate) foreign: Foreign,
    /// Caveats by their register's words.
    pub(crate) caveats: Vec<String>,
    /// Controls that the register does not have.
    pub(crate) unknown: Vec<String>,
}

/// The banner as the decision reads it.
struct Stated {
    is: Banner,
    level: Found,
    audience: Nations,
    unknown_groups: BTreeSet<String>,
    exclusive: bool,
    malformed: bool,
}

impl Stated {
    fn read(text: &str, tables: &Tables<'_>) -> Self {
        match plain_banner(text, tables.register) {
            Some(banner) => Self::plain(banner, tables),
            None => Self::any(text, tables),
        }
    }

    fn plain(banner: PlainBanner<'_>, tables: &Tables<'_>) -> Self {
        let (register, own) = (tables.register, tables.register.nation);
        let audience = match banner.controls.list {
            Some(PlainList::Nations(list)) => {
                Audience { nations: nations_of(list).collect(), unknown_groups: BTreeSet::new() }
            }
            Some(PlainList::Codes(codes)) => {
                let codes: Vec<String> = codes_of(codes).map(str::to_owned).collect();
                expand(&codes, own, &tables.agreement.groups_on(tables.day))
            }
            // No banner has the second.
            None | Some(PlainList::OfBanner) => expand(&[], own, &()),
        };
        let has = |place: usize| banner.controls.caveats >> place & 1 == 1;
        let words = register.controls.iter().take(64).enumerate().filter(|(place, _)| has(*place));
        let caveats = words.map(|(_, word)| word.long.clone()).collect();
        Self {
            is: Banner { foreign: banner.foreign, caveats, unknown: Vec::new() },
            level: tables.level_of(Some(banner.level), banner.word),
            audience: audience.nations,
            unknown_groups: audience.unknown_groups,
            exclusive: false,
            malformed: false,
        }
    }

    fn any(text: &str, tables: &Tables<'_>) -> Self {
        let (banner, faults) = read_banner(text, tables.register);
        let audience = audience_of_banner(&banner, tables.register.nation, &tables.agreement.groups_on(tables.day));
        let (mut caveats, mut unknown) = (Vec::new(), Vec::new());
        for control in &banner.controls {
            match control {
                Control::Caveat { long, .. } => caveats.push(long.clone()),
                Control::Unknown(word) => unknown.push(word.clone()),
                Control::Audience(_) | Control::AudienceOfBanner => {}
            }
        }
        Self {
            is: Banner { foreign: banner.foreign, caveats, unknown },
            level: tables.level_of(banner.level, &banner.word),
            audience: audience.nations,
            unknown_groups: audience.unknown_groups,
            exclusive: faults.iter().any(|fault| matches!(fault.kind, MarkFaultKind::Exclusive(_))),
            malformed: faults.iter().any(|fault| fault.kind.is_malformed()),
        }
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

/// What gives a nation's words their meaning on a day.
pub(crate) struct Tables<'a> {
    pub(crate) agreement: &'a Agreement,
    pub(crate) register: &'a Register,
    pub(crate) day: Day,
}

impl Tables<'_> {
    /// The level of a marking, by its word in the register or, where it has none there, as written.
    pub(crate) fn level_of(&self, place: Option<usize>, word: &str) -> Found {
        let nation = self.register.nation;
        let known = place.and_then(|place| self.register.levels.get(place));
        let canonical = known.map_or(word, |level| level.long.as_str());
        // Nearly always; other spellings of the register are asked for only where it is not.
        if let Some(row) = self.agreement.equivalence_of(nation, canonical, self.day) {
            return Found::Level(row.level);
        }
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

    fn meanings(&self, joined: &Joined, banner: &Banner) -> (BTreeMap<String, Meaning>, BTreeSet<String>) {
        let mut known = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for word in joined.caveats.iter().chain(&banner.caveats).chain(&banner.unknown) {
            let spellings = self.register.control_by_long(word).map(|control| control.accepts.as_slice());
            let mut words =
                std::iter::once(word.as_str()).chain(spellings.unwrap_or_default().iter().map(String::as_str));
            match words.find_map(|one| self.agreement.meaning_of(self.register.nation, one)) {
                Some(meaning) => {
                    known.insert(word.clone(), meaning);
                }
                None => {
                    unknown.insert(word.clone());
                }
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
    foreign: Vec<(Option<Nation>, Option<u8>)>,
    foreign_sources: Vec<(usize, Owner)>,
    source_mismatch: Option<u32>,
    malformed: Option<&'static str>,
    /// Levels found already, by place in the register: every mark asks for one.
    found: [Option<u8>; 16],
}

impl Portions {
    fn read(report: &Report, parts: &JoinedParts<'_>, tables: &Tables<'_>) -> Self {
        let mut out = Self::default();
        for mark in &parts.marks {
            out.mark(mark, tables);
        }
        for (place, source) in report.sources.iter().enumerate() {
            if let Some(described) = &source.described {
                out.source((place, source.n), described, parts, tables.register);
            }
        }
        out
    }

    fn mark(&mut self, mark: &ReadMark<'_>, tables: &Tables<'_>) {
        let level = self.level(mark, tables);
        self.highest = self.highest.max(level);
        if let Some(owner) = mark.foreign {
            let owner = nation_of(owner);
            let place = self.foreign.partition_point(|(one, _)| *one < owner);
            match self.foreign.get_mut(place) {
                Some((one, highest)) if *one == owner => *highest = (*highest).max(level),
                Some(_) | None => self.foreign.insert(place, (owner, level)),
            }
        }
    }

    fn level(&mut self, mark: &ReadMark<'_>, tables: &Tables<'_>) -> Option<u8> {
        let found = match &mark.level {
            ReadLevel::Place(place) => {
                if let Some(Some(level)) = self.found.get(*place) {
                    return Some(*level);
                }
                // As written: only the short word reads as a level.
                let short = tables.register.levels.get(*place).map(|level| level.short.as_str());
                let found = tables.level_of(Some(*place), short.unwrap_or_default());
                if let Some(known) = self.found.get_mut(*place) {
                    *known = found.level();
                }
                found
            }
            ReadLevel::Word(word) => tables.level_of(None, word),
            ReadLevel::Unknown(word) => Found::Unknown(word.clone()),
        };
        let level = found.level();
        if level.is_none() && !self.without_level.contains(&found) {
            self.without_level.push(found);
        }
        level
    }

    /// The owner of a source's mark is the source's nation, or concealed where that is.
    fn source(&mut self, at: (usize, u32), described: &Described, parts: &JoinedParts<'_>, register: &Register) {
        let known = parts.mark(&described.mark).map(|mark| mark.foreign);
        let owner = known.unwrap_or_else(|| read_portion(&described.mark, register).0.foreign);
        let Some(wanted) = owner_of_source(&described.nation, register) else {
            self.malformed = Some("a source's nation");
            return;
        };
        self.foreign_sources.extend(wanted.map(|owner| (at.0, owner)));
        if wanted != owner && self.source_mismatch.is_none() {
            self.source_mismatch = Some(at.1);
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
fn owner_of_source(nation: &str, register: &Register) -> Option<Option<Owner>> {
    // The foreign word has three capitals too, so it is asked first.
    if nation == register.foreign {
        return Some(Some(Owner::Concealed));
    }
    let nation = Nation::parse(nation)?;
    Some((nation != register.nation).then_some(Owner::Nation(nation)))
}
