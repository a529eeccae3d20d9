//! The join of a report's portions: what its banner must say at least, and who may read all of it.
//!
//! Level: the highest. Foreign owners, caveats: the union. Audience: what is common to all portions that have a say
//! (report-grammar section 4). The client computes the banner from this and the decision compares with it.

mod joiner;
#[cfg(test)]
mod tests;

use crate::{
    assessment::{Block, Report},
    marking::{BannerMark, Control, Foreign, MarkFault, Owner, PortionMark, read_banner},
    nation::{Nation, Nations},
    register::Register,
    shown::{self, Place, Sort},
};
use joiner::Joiner;
use std::collections::BTreeSet;

/// The groups of nations of an agreement on the day of release.
pub trait Groups {
    /// The members behind a group's code; `None`: no such group on that day.
    fn members(&self, code: &str) -> Option<Vec<Nation>>;
}

/// No groups.
impl Groups for () {
    fn members(&self, _code: &str) -> Option<Vec<Nation>> {
        None
    }
}

impl<F: Fn(&str) -> Option<Vec<Nation>>> Groups for F {
    fn members(&self, code: &str) -> Option<Vec<Nation>> {
        self(code)
    }
}

/// What the portions say together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Joined {
    /// The highest known level: the smallest place in `register.levels`.
    pub level: Option<usize>,
    /// Marks, as written, whose level the register does not have (MARKING_UNKNOWN).
    pub unknown_levels: Vec<String>,
    /// Named owners of foreign portions.
    pub foreign: Nations,
    /// Some owner is concealed.
    pub concealed: bool,
    /// Long words of the caveats of any portion.
    pub caveats: BTreeSet<String>,
    /// Controls that the register does not have (CAVEAT_UNKNOWN).
    pub unknown_controls: BTreeSet<String>,
    /// Who may read every portion that has a say, the own nation among them; `None`: no portion has a say.
    pub audience: Option<Nations>,
    /// Group codes that do not expand (GROUP_CODE_UNKNOWN).
    pub unknown_groups: BTreeSet<String>,
    /// Some portion has both a caveat that excludes a list and a list (LABEL_INCONSISTENT).
    pub excluded_and_listed: bool,
    /// Some mark has a fault for which the decision has no code (MALFORMED).
    pub malformed: bool,
    /// Some portion has a caveat that excludes a list (NOFORN).
    pub has_excluding_caveat: bool,
}

/// A list of codes expanded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audience {
    /// Nations, the own one always among them.
    pub nations: Nations,
    /// Codes that do not expand.
    pub unknown_groups: BTreeSet<String>,
}

/// One of a report's marks, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadMark<'m> {
    /// As written.
    pub text: &'m str,
    /// Length and first letter of the text, by which most marks are told apart.
    key: usize,
    /// The owner of foreign information; `None`: the nation's own.
    pub foreign: Option<Owner>,
    /// Its level.
    pub level: ReadLevel,
}

/// The level of a mark, as the register has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadLevel {
    /// Place in `register.levels`.
    Place(usize),
    /// None of the register's, and no fault says that it should be; as written.
    Word(String),
    /// MARKING_UNKNOWN; as written.
    Unknown(String),
}

/// All parts of a report, joined, with the different marks that they have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JoinedParts<'m> {
    /// The join.
    pub joined: Joined,
    /// Every mark, in the order in which they come; one that comes again is hardly ever told again.
    pub marks: Vec<ReadMark<'m>>,
    /// The report's `rel_to`, expanded.
    pub listed: Audience,
}

impl JoinedParts<'_> {
    /// A mark of the report.
    #[must_use]
    pub fn mark(&self, text: &str) -> Option<&ReadMark<'_>> {
        let key = key_of(text);
        self.marks.iter().find(|one| one.key == key && one.text == text)
    }
}

fn key_of(text: &str) -> usize {
    text.len() << 8 | usize::from(text.as_bytes().first().copied().unwrap_or_default())
}

/// Every part that the banner counts, with its mark: title, text, the reason for aggregation, sources that are not
/// withheld, attachments and their titles. A fixed heading has no mark and is not counted.
#[must_use]
pub fn parts(report: &Report) -> Vec<(Place, &str)> {
    let mut out = Vec::new();
    each_mark(report, |place, mark| out.push((place, mark)));
    out
}

#[inline]
fn each_mark<'r>(report: &'r Report, mut see: impl FnMut(Place, &'r str)) {
    shown::each(report, |one| {
        if one.sort == Sort::Mark {
            see(one.place, one.text);
        }
    });
}

/// Whether a heading is unclassified by definition in this register and so needs no mark.
#[must_use]
pub fn is_fixed_heading(text: &str, register: &Register) -> bool {
    text == register.tear_line || register.fixed_headings.iter().any(|one| one == text)
}

/// Joins all parts of a report.
#[must_use]
pub fn join(report: &Report, register: &Register, groups: &dyn Groups) -> Joined {
    join_parts(report, register, groups).joined
}

/// Joins all parts of a report; each mark is read once.
#[must_use]
pub fn join_parts<'m>(report: &'m Report, register: &Register, groups: &dyn Groups) -> JoinedParts<'m> {
    let mut joiner = Joiner::new(&report.rel_to, register, groups);
    each_mark(report, |_, mark| joiner.add(mark));
    let mut out = joiner.finish();
    // A heading that is not fixed needs a mark like everything else.
    out.joined.malformed |= report.portions.iter().any(|one| {
        let heading = matches!(one.block, Block::Heading(_)) && one.body.mark.is_empty();
        heading && !is_fixed_heading(&one.body.text, register)
    });
    out
}

/// Joins marks; `rel_to` is the list that `(S//REL)` means.
#[must_use]
pub fn join_marks(marks: &[&str], rel_to: &[String], register: &Register, groups: &dyn Groups) -> Joined {
    let mut joiner = Joiner::new(rel_to, register, groups);
    marks.iter().for_each(|mark| joiner.add(mark));
    joiner.finish().joined
}

fn excludes(controls: &[Control]) -> bool {
    controls.iter().any(|control| matches!(control, Control::Caveat { excludes_list: true, .. }))
}

/// Expands a list of codes; the own nation is always a member.
#[must_use]
pub fn expand(codes: &[String], own: Nation, groups: &dyn Groups) -> Audience {
    let mut out = Audience { nations: Nations::of(own), unknown_groups: BTreeSet::new() };
    for code in codes {
        if let Some(nation) = Nation::parse(code) {
            out.nations.insert(nation);
        } else if let Some(members) = groups.members(code) {
            out.nations.extend(members);
        } else {
            out.unknown_groups.insert(code.clone());
        }
    }
    out
}

/// Who may read one portion; `None`: it has no say. `rel_to` is the list that `(S//REL)` means.
#[must_use]
pub fn audience_of_portion(
    mark: &PortionMark,
    register: &Register,
    rel_to: &[String],
    groups: &dyn Groups,
) -> Option<Audience> {
    if mark.has_no_say(register) {
        return None;
    }
    Some(audience_of(&mark.controls, register.nation, rel_to, groups))
}

/// Who may read the report as its banner states it: the banner's list expanded, else the own nation alone.
#[must_use]
pub fn audience_of_banner(banner: &BannerMark, own: Nation, groups: &dyn Groups) -> Audience {
    audience_of(&banner.controls, own, &[], groups)
}

/// All lists of the controls; the unknown groups of each are told even where a caveat leaves the own nation alone.
fn audience_of(controls: &[Control], own: Nation, rel_to: &[String], groups: &dyn Groups) -> Audience {
    let mut lists = controls.iter().filter_map(|control| match control {
        Control::Audience(codes) => Some(codes.as_slice()),
        Control::AudienceOfBanner => Some(rel_to),
        Control::Caveat { .. } | Control::Unknown(_) => None,
    });
    let mut out = expand(lists.next().unwrap_or_default(), own, groups);
    for codes in lists {
        let other = expand(codes, own, groups);
        out.nations.retain(|nation| other.nations.contains(nation));
        out.unknown_groups.extend(other.unknown_groups);
    }
    if excludes(controls) {
        out.nations = Nations::of(own);
    }
    out
}

/// The banner that the portions ask for, in the register's words.
#[must_use]
pub fn compute_banner(report: &Report, register: &Register, groups: &dyn Groups) -> String {
    banner_of(&join(report, register, groups), &report.rel_to, register, groups).canonical(register)
}

/// The banner of joined portions. Where no level is known it takes the highest, so that nothing is understated.
#[must_use]
pub fn banner_of(joined: &Joined, rel_to: &[String], register: &Register, groups: &dyn Groups) -> BannerMark {
    let own = register.nation;
    let foreign = if joined.concealed {
        Foreign::Concealed
    } else if joined.foreign.is_empty() {
        Foreign::None
    } else {
        Foreign::Nations(joined.foreign.iter().copied().collect())
    };
    let caveats = register.controls.iter().filter(|word| joined.caveats.contains(&word.long));
    let mut controls: Vec<Control> =
        caveats.map(|word| Control::Caveat { long: word.long.clone(), excludes_list: word.excludes_list }).collect();
    let stated = expand(rel_to, own, groups);
    let audience = joined.audience.as_ref().unwrap_or(&stated.nations);
    // The author's own codes are kept where they say the same, so that a group stays a group, and where some portion's
    // group does not expand, so that nobody is shut out for it.
    let codes: Vec<String> = if *audience == stated.nations || !joined.unknown_groups.is_empty() {
        rel_to.to_vec()
    } else {
        audience.iter().map(|nation| nation.as_str().to_owned()).collect()
    };
    let others = codes.iter().any(|code| code != own.as_str());
    if others && !joined.has_excluding_caveat {
        controls.push(Control::Audience(codes));
    }
    let level = joined.level.unwrap_or(0);
    let word = register.levels.get(level).map(|one| one.long.clone()).unwrap_or_default();
    BannerMark { level: Some(level), word, foreign, controls }
}

/// Reads a report's stated banner and gives who it admits. Convenience of the two calls that every caller makes.
#[must_use]
pub fn stated(report: &Report, register: &Register, groups: &dyn Groups) -> (BannerMark, Vec<MarkFault>, Audience) {
    let (banner, faults) = read_banner(&report.banner, register);
    let audience = audience_of_banner(&banner, register.nation, groups);
    (banner, faults, audience)
}
