//! A report's label as the decision reads it: the banner as stated, the portions joined, and both together.

use crate::agreement::{Agreement, Meaning};
use relto_report::{
    assessment::{Described, Report},
    calendar::Day,
    label::{Audience, JoinedParts, ReadLevel, ReadMark, audience_of_banner, expand, join_parts},
    marking::{
        Control, Foreign, MarkFaultKind, Owner, PlainBanner, PlainList, codes_of, nations_of, plain_banner,
        read_banner, read_portion,
    },
    nation::{Nation, Nations},
    register::Register,
};
use std::collections::BTreeSet;

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
pub(crate) struct Label<'m> {
    /// The banner.
    pub(crate) banner: Banner,
    /// All parts, joined, and who may read by the report's `rel_to`.
    pub(crate) parts: JoinedParts<'m>,
    /// The marks of the parts, one by one.
    pub(crate) portions: Portions,
    /// The stricter of banner and portions, among those that have a level.
    pub(crate) level: Option<u8>,
    /// Caveats of banner and portions by their register's words, with what the agreement gives each.
    pub(crate) meanings: Vec<(String, Meaning)>,
    /// Controls that the register or the agreement does not have.
    pub(crate) unknown_controls: Vec<String>,
    /// A mark or list that no decision can read; what it is.
    pub(crate) malformed: Option<&'static str>,
}

impl<'m> Label<'m> {
    pub(crate) fn read(report: &'m Report, agreement: &Agreement, register: &Register, day: Day) -> Self {
        let tables = Tables { agreement, register, day };
        // Filled in place: the whole is large, and moving its halves about costs as much as reading some of them.
        let mut out = Self {
            banner: Banner::read(&report.banner, &tables),
            parts: join_parts(report, register, &agreement.groups_on(day)),
            portions: Portions::default(),
            level: None,
            meanings: Vec::new(),
            unknown_controls: Vec::new(),
            malformed: None,
        };
        out.portions.read(report, &out.parts, &out.banner, &tables);
        out.give_meanings(&tables);
        out.level = out.banner.level.level().max(out.portions.highest);
        out.malformed = if out.parts.joined.malformed {
            Some("a portion mark")
        } else if out.banner.malformed {
            Some("the banner")
        } else {
            out.portions.malformed.or_else(|| malformed_list(&report.rel_to, register.nation))
        };
        out
    }

    /// Looks up every caveat of banner and portions.
    fn give_meanings(&mut self, tables: &Tables<'_>) {
        let (joined, banner) = (&self.parts.joined, &self.banner);
        // Most reports have none.
        if joined.caveats.is_empty()
            && joined.unknown_controls.is_empty()
            && banner.caveats.is_empty()
            && banner.unknown.is_empty()
        {
            return;
        }
        self.unknown_controls.extend(joined.unknown_controls.iter().cloned());
        for word in sorted(joined.caveats.iter().chain(&banner.caveats).chain(&banner.unknown)) {
            match tables.meaning_of(word) {
                Some(meaning) => self.meanings.push((word.clone(), meaning)),
                None => self.unknown_controls.push(word.clone()),
            }
        }
        self.unknown_controls.sort_unstable();
        self.unknown_controls.dedup();
    }

    /// The meaning of a caveat that stands on banner or portions, by its register's word.
    pub(crate) fn meaning(&self, word: &str) -> Option<Meaning> {
        self.meanings.iter().find(|(known, _)| known == word).map(|(_, meaning)| *meaning)
    }

    /// Whether a caveat of this meaning stands on banner or portions.
    pub(crate) fn has(&self, meaning: Meaning) -> bool {
        self.meanings.iter().any(|(_, one)| *one == meaning)
    }

    /// Whether the banner has a caveat, by its register's word.
    pub(crate) fn banner_has(&self, word: &str) -> bool {
        self.banner.caveats.iter().any(|long| long == word)
    }

    /// Whether a nation may read all of it: banner, `rel_to` and every portion that has a say admit it.
    pub(crate) fn admits(&self, nation: &Nation) -> bool {
        let JoinedParts { joined, listed, .. } = &self.parts;
        self.banner.audience.contains(nation)
            && listed.nations.contains(nation)
            && joined.audience.as_ref().is_none_or(|all| all.contains(nation))
    }

    /// Every nation that may read all of it.
    pub(crate) fn audience(&self) -> Nations {
        self.banner.audience.iter().copied().filter(|nation| self.admits(nation)).collect()
    }

    /// Foreign owners of portions, each once, the concealed first.
    pub(crate) fn owners(&self) -> impl Iterator<Item = Owner> {
        let joined = &self.parts.joined;
        let concealed = joined.concealed.then_some(Owner::Concealed);
        concealed.into_iter().chain(joined.foreign.iter().map(|nation| Owner::Nation(*nation)))
    }

    /// The highest known level of one foreign owner's portions.
    pub(crate) fn level_of_owner(&self, owner: Owner, tables: &Tables<'_>) -> Option<u8> {
        let marks = self.parts.marks.iter().filter(|mark| mark.foreign == Some(owner));
        marks.filter_map(|mark| self.portions.known(mark).or_else(|| tables.level_of_mark(mark).level())).max()
    }

    /// Groups that the agreement does not have on the day.
    pub(crate) fn unknown_groups(&self) -> Vec<&String> {
        let (joined, banner, listed) = (&self.parts.joined, &self.banner, &self.parts.listed);
        if joined.unknown_groups.is_empty() && banner.unknown_groups.is_empty() && listed.unknown_groups.is_empty() {
            return Vec::new();
        }
        sorted(joined.unknown_groups.iter().chain(&banner.unknown_groups).chain(&listed.unknown_groups))
    }

    /// Whether some mark has both a caveat that excludes a list and a list.
    pub(crate) const fn contradicts_itself(&self) -> bool {
        self.parts.joined.excluded_and_listed || self.banner.exclusive
    }
}

/// The banner as the decision reads it.
pub(crate) struct Banner {
    /// Its level.
    pub(crate) level: Found,
    /// Place of its level in the register, where the register has it.
    place: Option<usize>,
    /// Owners of foreign portions.
    pub(crate) foreign: Foreign,
    /// Caveats by their register's words.
    pub(crate) caveats: Vec<String>,
    /// Controls that the register does not have.
    pub(crate) unknown: Vec<String>,
    /// Who may read by its list.
    pub(crate) audience: Nations,
    unknown_groups: BTreeSet<String>,
    exclusive: bool,
    malformed: bool,
}

impl Banner {
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
        let mut caveats = Vec::new();
        if banner.controls.caveats != 0 {
            let has = |place: usize| banner.controls.caveats >> place & 1 == 1;
            let words = register.controls.iter().take(64).enumerate().filter(|(place, _)| has(*place));
            caveats.extend(words.map(|(_, word)| word.long.clone()));
        }
        Self {
            level: tables.level_of(Some(banner.level), banner.word),
            place: Some(banner.level),
            foreign: banner.foreign,
            caveats,
            unknown: Vec::new(),
            audience: audience.nations,
            unknown_groups: audience.unknown_groups,
            exclusive: false,
            malformed: false,
        }
    }

    /// A banner with a fault or in another spelling, which hardly any is.
    #[cold]
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
            level: tables.level_of(banner.level, &banner.word),
            place: banner.level,
            foreign: banner.foreign,
            caveats,
            unknown,
            audience: audience.nations,
            unknown_groups: audience.unknown_groups,
            exclusive: faults.iter().any(|fault| matches!(fault.kind, MarkFaultKind::Exclusive(_))),
            malformed: faults.iter().any(|fault| fault.kind.is_malformed()),
        }
    }
}

/// Each word once, in order.
fn sorted<'a>(words: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut out: Vec<&String> = words.collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Codes of `rel_to`: nations or groups, own nation first, the rest alphabetical, none twice.
fn malformed_list(codes: &[String], own: Nation) -> Option<&'static str> {
    // A nation has three letters, a group four.
    let is_code = |code: &String| matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !codes.iter().all(is_code) {
        return Some("rel_to, which has something that is no code");
    }
    let (first, rest) = codes.split_first()?;
    if Nation::parse(first) != Some(own) {
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

    /// The meaning of a caveat, by any word of it in the register.
    pub(crate) fn meaning_of(&self, word: &str) -> Option<Meaning> {
        let spellings = self.register.control_by_long(word).map(|control| control.accepts.as_slice());
        let mut words = std::iter::once(word).chain(spellings.unwrap_or_default().iter().map(String::as_str));
        words.find_map(|one| self.agreement.meaning_of(self.register.nation, one))
    }

    fn level_of_mark(&self, mark: &ReadMark<'_>) -> Found {
        match &mark.level {
            ReadLevel::Place(place) => {
                // As written: only the short word reads as a level.
                let short = self.register.levels.get(*place).map(|level| level.short.as_str());
                self.level_of(Some(*place), short.unwrap_or_default())
            }
            ReadLevel::Word(word) => self.level_of(None, word),
            ReadLevel::Unknown(word) => Found::Unknown(word.clone()),
        }
    }
}

/// Markings without a level that are told one by one; the report is refused at the first, and each look costs.
const MOST_WITHOUT_LEVEL: usize = 64;

/// What the marks say one by one.
#[derive(Default)]
pub(crate) struct Portions {
    /// The highest level among those that have one.
    pub(crate) highest: Option<u8>,
    /// Markings that have no level.
    pub(crate) without_level: Vec<Found>,
    /// Named owners of the described sources that are foreign.
    pub(crate) source_owners: Nations,
    /// Some described source conceals its owner.
    pub(crate) source_concealed: bool,
    /// A source whose mark and nation do not name one owner.
    pub(crate) source_mismatch: Option<u32>,
    malformed: Option<&'static str>,
    /// Levels found already, by place in the register: every mark asks for one.
    found: [Option<u8>; 16],
}

impl Portions {
    fn read(&mut self, report: &Report, parts: &JoinedParts<'_>, banner: &Banner, tables: &Tables<'_>) {
        if let Some(known) = banner.place.and_then(|place| self.found.get_mut(place)) {
            *known = banner.level.level();
        }
        for mark in &parts.marks {
            self.mark(mark, tables);
        }
        for source in &report.sources {
            if let Some(described) = &source.described {
                self.source(source.n, described, parts, tables.register);
            }
        }
    }

    fn mark(&mut self, mark: &ReadMark<'_>, tables: &Tables<'_>) {
        if let Some(level) = self.known(mark) {
            self.highest = self.highest.max(Some(level));
            return;
        }
        let found = tables.level_of_mark(mark);
        self.highest = self.highest.max(found.level());
        if let (ReadLevel::Place(place), Some(level)) = (&mark.level, found.level()) {
            if let Some(known) = self.found.get_mut(*place) {
                *known = Some(level);
            }
        } else if found.level().is_none()
            && self.without_level.len() < MOST_WITHOUT_LEVEL
            && !self.without_level.contains(&found)
        {
            self.without_level.push(found);
        }
    }

    /// The level of a mark, where another of its level was asked for before.
    fn known(&self, mark: &ReadMark<'_>) -> Option<u8> {
        match mark.level {
            ReadLevel::Place(place) => self.found.get(place).copied().flatten(),
            ReadLevel::Word(_) | ReadLevel::Unknown(_) => None,
        }
    }

    /// The owner of a source's mark is the source's nation, or concealed where that is.
    fn source(&mut self, n: u32, described: &Described, parts: &JoinedParts<'_>, register: &Register) {
        let known = parts.mark(&described.mark).map(|mark| mark.foreign);
        let owner = known.unwrap_or_else(|| read_portion(&described.mark, register).0.foreign);
        let Some(wanted) = owner_of_source(&described.nation, register) else {
            self.malformed = Some("a source's nation");
            return;
        };
        match wanted {
            Some(Owner::Nation(nation)) => self.source_owners.insert(nation),
            Some(Owner::Concealed) => self.source_concealed = true,
            None => {}
        }
        if wanted != owner && self.source_mismatch.is_none() {
            self.source_mismatch = Some(n);
        }
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
