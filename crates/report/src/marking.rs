//! Portion marks and banners: read against a nation's marking register, and written back in its canonical words.
//!
//! Reading is lenient where a decision must judge by code: an unknown level or control is kept as written and comes
//! with its fault. Every other deviation from the grammar is a fault too, so that a node can say MALFORMED. What the
//! words permit is not known here.

mod codes;
mod fault;
mod piece;
mod plain;
mod read;
#[cfg(test)]
pub(crate) mod tests;

use crate::{nation::Nation, register::Register};

pub(crate) use codes::is_code;
pub use fault::{MarkFault, MarkFaultKind};
pub(crate) use plain::{KnownList, plain_portion_after};
pub use plain::{PlainBanner, PlainControls, PlainList, PlainMark, codes_of, nations_of, plain_banner, plain_portion};
pub use read::{read_banner, read_banner_with, read_portion, read_portion_with};

/// Whose information a foreign portion holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// `//XCC`.
    Nation(Nation),
    /// `//FGI`: the owner is named at home only.
    Concealed,
}

/// One control of a mark or banner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Control {
    /// A caveat of the register.
    Caveat {
        /// Its word in a banner, which the agreement's caveat table names.
        long: String,
        /// Never together with a list of nations (NOFORN).
        excludes_list: bool,
    },
    /// A list of nations and groups, as written.
    Audience(Vec<String>),
    /// The list of the report's `rel_to`: `(S//REL)`.
    AudienceOfBanner,
    /// Not in the register; as written.
    Unknown(String),
}

/// A portion mark, without its brackets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortionMark {
    /// The owner of foreign information; `None`: the nation's own.
    pub foreign: Option<Owner>,
    /// Place in `register.levels`, highest first; `None`: not one of the register's short words.
    pub level: Option<usize>,
    /// The level as written.
    pub word: String,
    /// In the order in which they stand.
    pub controls: Vec<Control>,
}

/// What a banner says of foreign owners.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Foreign {
    /// Nothing.
    None,
    /// `FGI` alone: an owner is concealed.
    Concealed,
    /// `FGI XCC XDD`.
    Nations(Vec<Nation>),
}

/// A banner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BannerMark {
    /// Place in `register.levels`, highest first; `None`: not one of the register's words.
    pub level: Option<usize>,
    /// The marking as written.
    pub word: String,
    /// Owners of foreign portions.
    pub foreign: Foreign,
    /// In the order in which they stand.
    pub controls: Vec<Control>,
}

impl PortionMark {
    /// Whether this portion has no say in the audience: the nation's own, of an uncontrolled level, without controls.
    #[must_use]
    pub fn has_no_say(&self, register: &Register) -> bool {
        let uncontrolled =
            self.level.and_then(|place| register.levels.get(place)).is_some_and(|level| level.uncontrolled);
        uncontrolled && self.foreign.is_none() && self.controls.is_empty()
    }

    /// The mark in the register's words and order, without brackets.
    #[must_use]
    pub fn canonical(&self, register: &Register) -> String {
        let mut out = String::new();
        match self.foreign {
            Some(Owner::Nation(nation)) => out.push_str(&format!("//{nation} ")),
            Some(Owner::Concealed) => out.push_str(&format!("//{} ", register.foreign)),
            None => {}
        }
        let level = self.level.and_then(|place| register.levels.get(place));
        out.push_str(level.map_or(self.word.as_str(), |level| level.short.as_str()));
        push_controls(&mut out, &self.controls, register, false);
        out
    }
}

impl BannerMark {
    /// The banner in the register's words and order, with accents restored.
    #[must_use]
    pub fn canonical(&self, register: &Register) -> String {
        let level = self.level.and_then(|place| register.levels.get(place));
        let mut out = level.map_or(self.word.as_str(), |level| level.long.as_str()).to_owned();
        match &self.foreign {
            Foreign::None => {}
            Foreign::Concealed => out.push_str(&format!("//{}", register.foreign)),
            Foreign::Nations(nations) => {
                out.push_str(&format!("//{}", register.foreign));
                nations.iter().for_each(|nation| out.push_str(&format!(" {nation}")));
            }
        }
        push_controls(&mut out, &self.controls, register, true);
        out
    }
}

/// Whether a control is a list of nations, written out or the banner's.
#[must_use]
pub const fn is_list(control: &Control) -> bool {
    matches!(control, Control::Audience(_) | Control::AudienceOfBanner)
}

/// Where a control stands in a mark: caveats as the register lists them, unknown words behind them, the list last.
fn rank(control: &Control, register: &Register) -> usize {
    match control {
        Control::Caveat { long, .. } => {
            register.controls.iter().position(|one| one.long == *long).unwrap_or(usize::MAX)
        }
        Control::Unknown(_) => register.controls.len(),
        Control::Audience(_) | Control::AudienceOfBanner => register.controls.len() + 1,
    }
}

/// The codes of a list as they should stand: own nation first, the rest alphabetical, each once.
#[must_use]
pub fn ordered_codes(codes: &[String], own: Nation) -> Vec<String> {
    let mut rest: Vec<&str> = codes.iter().map(String::as_str).filter(|code| *code != own.as_str()).collect();
    rest.sort_unstable();
    rest.dedup();
    std::iter::once(own.as_str()).chain(rest).map(str::to_owned).collect()
}

fn push_controls(out: &mut String, controls: &[Control], register: &Register, banner: bool) {
    let mut sorted: Vec<&Control> = controls.iter().collect();
    sorted.sort_by_key(|control| rank(control, register));
    sorted.dedup();
    for (at, control) in sorted.into_iter().enumerate() {
        out.push_str(if at == 0 { "//" } else { "/" });
        match control {
            Control::Caveat { long, .. } if banner => out.push_str(long),
            Control::Caveat { long, .. } => {
                let word = register.controls.iter().find(|one| one.long == *long);
                out.push_str(word.map_or(long.as_str(), |one| one.short.as_str()));
            }
            Control::Audience(codes) => {
                out.push_str(if banner { &register.list.long } else { &register.list.short });
                out.push(' ');
                out.push_str(&ordered_codes(codes, register.nation).join(", "));
            }
            Control::AudienceOfBanner => out.push_str(&register.list.as_banner),
            Control::Unknown(word) => out.push_str(word),
        }
    }
}
