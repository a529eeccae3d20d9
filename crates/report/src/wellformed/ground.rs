//! What a report is held against, and what the rules of all parts need.

use crate::{
    assessment::Report, home::Home, marking::read_banner, nation::Nation, register::Register, shapes::Words,
    vocabulary::Vocabulary,
};

/// The number of the first rule that a report breaks.
pub type Broken = &'static str;

/// What a report is held against.
pub struct Ground<'a> {
    /// The marking register of its originator.
    pub register: &'a Register,
    /// The word lists.
    pub vocabulary: &'a Vocabulary,
    /// The words of both nations' marks, in which a text may be shaped like one.
    pub words: &'a Words,
    /// Who receives it; `None` where the author has named nobody yet.
    pub recipient: Option<Nation>,
    /// What the author's nation alone has; `None` at the node that receives.
    pub home: Option<AtHome<'a>>,
}

/// What stays at home of a report.
pub struct AtHome<'a> {
    /// The home file, read; `None` where there is none.
    pub file: Option<&'a Home>,
    /// First letters of serials `AAA-YYYY-n` of the nation's own systems, which no descriptor may have.
    pub serial_prefixes: Vec<&'a str>,
}

/// The rule, where it is broken.
pub(super) const fn ensure(right: bool, rule: Broken) -> Result<(), Broken> {
    if right { Ok(()) } else { Err(rule) }
}

/// Lists of a report are short: the decoder takes 32 texts at most.
pub(super) fn are_different(list: &[String]) -> bool {
    list.iter().enumerate().all(|(at, one)| !list.iter().take(at).any(|earlier| earlier == one))
}

/// Level of the stated banner, from 0; an unknown one counts as the lowest here, and is refused by the decision.
pub(super) fn level(report: &Report, register: &Register) -> usize {
    let place = read_banner(&report.banner, register).0.level;
    place.map_or(0, |place| register.levels.len().saturating_sub(1).saturating_sub(place))
}
