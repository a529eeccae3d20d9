//! R028: a translation keeps the markings of its original (RPT-11). What is in the one is in the other, so that whoever may
//! not read the original may not read the translation.

use crate::{
    agreement::{Agreement, Meaning},
    label::{Label, Tables},
};
use relto_report::{
    assessment::{Attachment, Declassify, Report},
    calendar::Day,
    label::{Audience, audience_of_portion, parts},
    marking::{Control, Owner, read_portion},
    nation::Nation,
    register::Register,
    shown::Place,
};
use std::fmt;

/// A report, and by what its marks are read.
#[derive(Clone, Copy)]
pub struct Marked<'a> {
    /// The report.
    pub report: &'a Report,
    /// The words of the nation that wrote it.
    pub register: &'a Register,
    /// The version of the agreement under which it is or was decided on.
    pub agreement: &'a Agreement,
    /// The day on which.
    pub day: Day,
}

/// What a translation does not keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lowered {
    /// How many marked portions the original has, and how many this.
    Portions(usize, usize),
    /// A part of the original, with its mark and the one here.
    Part(Place, String, String),
    /// The whole: marking of the original's banner, and of the own one.
    Banner(String, String),
    /// A caveat, by the original's word.
    Caveat(String),
    /// Information of this nation's, or of one whose name stays at home, which no mark says any more.
    Owner(Option<Nation>),
    /// A nation that may read the translation and not the original.
    Reader(Nation),
    /// A key of the front matter that limits the original.
    Key(&'static str),
}

impl fmt::Display for Lowered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Portions(theirs, own) => write!(
                f,
                "it has {theirs} marked portions, and {own} are here: keep them one by one, with the translator's note before them"
            ),
            Self::Part(place, theirs, own) => write!(f, "({theirs}) in {place}, ({own}) here"),
            Self::Banner(theirs, own) => write!(f, "banner {theirs}, here {own}"),
            Self::Caveat(word) => write!(f, "{word} is missing here"),
            Self::Owner(Some(nation)) => write!(f, "it has information of {nation}, which no mark says here"),
            Self::Owner(None) => f.write_str("it has information of another nation, which no mark says here"),
            Self::Reader(nation) => write!(f, "{nation} may not read it, and may read this"),
            Self::Key(key) => write!(f, "its {key} is not kept here"),
        }
    }
}

/// The first marking of the original that its translation does not keep. What has no level or meaning is not kept: nobody
/// could say that it is.
// RPT-11
#[must_use]
pub fn lowered(original: Marked<'_>, translation: Marked<'_>) -> Option<Lowered> {
    key(original.report, translation.report)
        .or_else(|| part(&original, &translation))
        .or_else(|| attached(&original, &translation))
        .or_else(|| whole(&original, &translation))
}

/// Limits that stand beside the marks.
fn key(original: &Report, translation: &Report) -> Option<Lowered> {
    let ends_sooner = match (&original.declassify, &translation.declassify) {
        (None, None) | (_, Some(Declassify::Originator)) => false,
        (Some(Declassify::On(theirs)), Some(Declassify::On(own))) => own < theirs,
        (None, Some(_)) | (Some(_), _) => true,
    };
    let lost = [
        ("traffic", original.traffic != translation.traffic),
        ("tlp", original.tlp.is_some() && original.tlp != translation.tlp),
        ("declassify", ends_sooner),
    ];
    lost.into_iter().find(|(_, lost)| *lost).map(|(key, _)| Lowered::Key(key))
}

/// What the original and the translation mark, part by part.
fn part(original: &Marked<'_>, translation: &Marked<'_>) -> Option<Lowered> {
    let (old, new) = (parts(original.report), parts(translation.report));
    // A fixed heading has no mark, and no say.
    let is_marked = |(place, mark): &&(Place, &str)| matches!(place, Place::Portion(_)) && !mark.is_empty();
    let (theirs, own) = (old.iter().filter(is_marked).count(), new.iter().filter(is_marked).count());
    let Some(noted) = own.checked_sub(theirs).filter(|more| *more <= 1) else {
        return Some(Lowered::Portions(theirs, own));
    };
    let mut kept = new.iter().filter(is_marked).skip(noted);
    for (place, mark) in old {
        let beside = match place {
            Place::Portion(_) if mark.is_empty() => continue,
            Place::Portion(_) => kept.next(),
            Place::Attachment(_) | Place::AttachmentTitle(_) => continue,
            _ => new.iter().find(|(other, _)| *other == place),
        };
        // What was left out is not shown.
        let Some((_, here)) = beside else { continue };
        if !covers((translation, here), (original, mark)) {
            return Some(Lowered::Part(place, mark.to_owned(), (*here).to_owned()));
        }
    }
    None
}

/// Attachments of the same bytes: the first here as the first there, and so on; one more copy as every one there.
fn attached(original: &Marked<'_>, translation: &Marked<'_>) -> Option<Lowered> {
    let (there, here) = (&original.report.attachments, &translation.report.attachments);
    for (at, one) in here.iter().enumerate() {
        let copies: Vec<&Attachment> = there.iter().filter(|other| other.sha256 == one.sha256).collect();
        let earlier = here.iter().take(at).filter(|other| other.sha256 == one.sha256).count();
        let wanted = copies.get(earlier).map_or(copies.as_slice(), std::slice::from_ref);
        let number = at.saturating_add(1);
        for other in wanted {
            for (place, mark, own) in [
                (Place::Attachment(number), &other.mark, &one.mark),
                (Place::AttachmentTitle(number), &other.title.mark, &one.title.mark),
            ] {
                if !covers((translation, own), (original, mark)) {
                    return Some(Lowered::Part(place, mark.clone(), own.clone()));
                }
            }
        }
    }
    None
}

/// Whether a mark here closes all that a mark of the original does.
fn covers((translation, here): (&Marked<'_>, &str), (original, there): (&Marked<'_>, &str)) -> bool {
    Meant::read(translation, here).covers(&Meant::read(original, there), translation.register.nation)
}

/// What one mark means.
struct Meant {
    level: Option<u8>,
    /// `None`: one that has no meaning.
    caveats: Vec<Option<Meaning>>,
    owner: Option<Owner>,
    /// `None`: it has no say in who may read.
    readers: Option<Audience>,
}

impl Meant {
    fn read(of: &Marked<'_>, mark: &str) -> Self {
        let (agreement, day) = (of.agreement, of.day);
        let tables = Tables { agreement, register: of.register, day };
        let mark = read_portion(mark, of.register).0;
        let caveats = mark.controls.iter().filter_map(|control| match control {
            Control::Caveat { long, .. } => Some(tables.meaning_of(long)),
            Control::Unknown(_) => Some(None),
            Control::Audience(_) | Control::AudienceOfBanner => None,
        });
        Self {
            level: tables.level_of(mark.level, &mark.word).level(),
            caveats: caveats.collect(),
            owner: mark.foreign,
            readers: audience_of_portion(&mark, of.register, &of.report.rel_to, &agreement.groups_on(day)),
        }
    }

    /// Whether this mark of a nation's closes all that the original's does.
    fn covers(&self, original: &Self, own: Nation) -> bool {
        let level = original.level.is_some_and(|wanted| self.level.is_some_and(|level| level >= wanted));
        let caveats = original.caveats.iter().all(|meaning| meaning.is_some() && self.caveats.contains(meaning));
        let owner = match original.owner {
            None => true,
            Some(Owner::Nation(nation)) => {
                nation == own || self.owner == original.owner || self.owner == Some(Owner::Concealed)
            }
            Some(Owner::Concealed) => self.owner == Some(Owner::Concealed),
        };
        let readers = match (&original.readers, &self.readers) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(theirs), Some(here)) => here.nations.iter().all(|nation| theirs.nations.contains(nation)),
        };
        level && caveats && owner && readers
    }
}

/// What both say as a whole: a banner may be stricter than its parts.
fn whole(original: &Marked<'_>, translation: &Marked<'_>) -> Option<Lowered> {
    let old = Label::read(original.report, original.agreement, original.register, original.day);
    let new = Label::read(translation.report, translation.agreement, translation.register, translation.day);
    if let Some(word) = old.unknown_controls.first() {
        return Some(Lowered::Caveat(word.clone()));
    }
    if old.level.is_none() || new.level < old.level {
        return Some(Lowered::Banner(original.report.banner.clone(), translation.report.banner.clone()));
    }
    if let Some((word, _)) = old.meanings.iter().find(|(_, meaning)| !new.has(*meaning)) {
        return Some(Lowered::Caveat(word.clone()));
    }
    // A translator's own nation is no foreign owner in what it writes.
    let own = translation.register.nation;
    let mut owners = old.owners().filter(|owner| *owner != Owner::Nation(own));
    if let Some(lost) = owners.find(|owner| !new.owners().any(|kept| kept == *owner || kept == Owner::Concealed)) {
        let named = if let Owner::Nation(nation) = lost { Some(nation) } else { None };
        return Some(Lowered::Owner(named));
    }
    new.audience().iter().find(|nation| !old.admits(nation)).map(|nation| Lowered::Reader(*nation))
}
