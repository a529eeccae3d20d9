//! The join of a report's portions: what its banner must say at least, and who may read all of it.
//!
//! Level: the highest. Foreign owners, caveats: the union. Audience: what is common to all portions that have a say
//! (report-grammar section 4). The client computes the banner from this and the decision compares with it.

mod audience;
mod joined;
mod joiner;
#[cfg(test)]
mod tests;

use crate::{
    assessment::{Block, Report},
    marking::{BannerMark, Control, Foreign, MarkFault, read_banner},
    register::Register,
    shown::{self, Place, Sort},
};
pub use audience::{Audience, Groups, audience_of_banner, audience_of_portion, expand};
pub use joined::{Joined, JoinedParts, ReadLevel, ReadMark};
use joiner::Joiner;

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
