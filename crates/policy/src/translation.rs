//! R028: a translation keeps the markings of its original (RPT-11). What is in the one is in the other, so that whoever may not
//! read the original may not read the translation.

use crate::{
    agreement::Agreement,
    label::{Label, Tables},
};
use relto_report::{
    assessment::{Portion, Report},
    calendar::Day,
    marking::Owner,
    nation::Nation,
    register::Register,
};
use std::fmt;

/// A report, and the register of the nation that wrote it.
#[derive(Clone, Copy)]
pub struct Marked<'a> {
    /// The report.
    pub report: &'a Report,
    /// Its nation's words.
    pub register: &'a Register,
}

/// What a translation does not keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lowered {
    /// How many portions the original has, and how many this.
    Portions(usize, usize),
    /// A portion, by its number from 1, with the mark of the original and the own one.
    Portion(usize, String, String),
    /// The whole: marking of the original's banner, and of the own one.
    Banner(String, String),
    /// A caveat, by the original's word.
    Caveat(String),
    /// Information of this nation's, or of one whose name stays at home, which no portion says any more.
    Owner(Option<Nation>),
    /// A nation that may read the translation and not the original.
    Reader(Nation),
}

impl fmt::Display for Lowered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Portions(theirs, own) => write!(
                f,
                "it has {theirs} portions, and {own} are here: keep them one by one, with the translator's note before them"
            ),
            Self::Portion(n, theirs, own) => write!(f, "({theirs}) in portion {n}, ({own}) here"),
            Self::Banner(theirs, own) => write!(f, "banner {theirs}, here {own}"),
            Self::Caveat(word) => write!(f, "{word} is missing here"),
            Self::Owner(Some(nation)) => write!(f, "it has information of {nation}, which no mark says here"),
            Self::Owner(None) => f.write_str("it has information of another nation, which no mark says here"),
            Self::Reader(nation) => write!(f, "{nation} may not read it, and may read this"),
        }
    }
}

// RPT-11
/// The first marking of the original that its translation does not keep, both read by this agreement on this day.
#[must_use]
pub fn lowered(original: Marked<'_>, translation: Marked<'_>, agreement: &Agreement, day: Day) -> Option<Lowered> {
    let old = Label::read(original.report, agreement, original.register, day);
    let new = Label::read(translation.report, agreement, translation.register, day);
    if let Some(portion) = portion(&original, &translation, agreement, day) {
        return Some(portion);
    }
    if new.level < old.level {
        return Some(Lowered::Banner(original.report.banner.clone(), translation.report.banner.clone()));
    }
    if let Some((word, _)) = old.meanings.iter().find(|(_, meaning)| !new.has(*meaning)) {
        return Some(Lowered::Caveat(word.clone()));
    }
    // A translator's own nation is no foreign owner in what it writes.
    let own = translation.register.nation;
    let mut owners = old.owners().filter(|owner| *owner != Owner::Nation(own));
    if let Some(lost) = owners.find(|owner| !new.owners().any(|kept| kept == *owner)) {
        let named = if let Owner::Nation(nation) = lost { Some(nation) } else { None };
        return Some(Lowered::Owner(named));
    }
    new.audience().iter().find(|nation| !old.admits(nation)).map(|nation| Lowered::Reader(*nation))
}

/// The first portion below that of its place in the original; a translator's note may stand before them all.
fn portion(original: &Marked<'_>, translation: &Marked<'_>, agreement: &Agreement, day: Day) -> Option<Lowered> {
    let (old, new) = (&original.report.portions, &translation.report.portions);
    let Some(noted) = new.len().checked_sub(old.len()).filter(|more| *more <= 1) else {
        return Some(Lowered::Portions(old.len(), new.len()));
    };
    let level = |of: &Marked<'_>, portion: &Portion| {
        let tables = Tables { agreement, register: of.register, day };
        tables.level_of_portion(&portion.body.mark)
    };
    // A mark without a level goes nowhere, and other rules say so.
    let is_lower =
        |old: &Portion, new: &Portion| level(translation, new).is_some_and(|new| Some(new) < level(original, old));
    let mut pairs = old.iter().zip(new.iter().skip(noted)).enumerate();
    pairs
        .find(|(_, (old, new))| is_lower(old, new))
        .map(|(at, (old, new))| Lowered::Portion(at.saturating_add(1), old.body.mark.clone(), new.body.mark.clone()))
}
