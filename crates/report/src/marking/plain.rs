//! The quick way to read marks and banners that have no fault, which nearly all have: no copies, only places in the
//! register and pieces of the text.
//!
//! What is read here is exactly what the reader of [`super::read`] reads, without a fault. Whatever might have a fault,
//! or is written in an accepted but not the register's own way, is not read here but there.

#[cfg(test)]
mod tests;

use super::{Foreign, Owner};
use crate::{
    nation::Nation,
    register::{ControlWord, Register},
};

/// A portion mark without a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlainMark<'m> {
    /// The owner of foreign information; `None`: the nation's own.
    pub foreign: Option<Owner>,
    /// Place in `register.levels`.
    pub level: usize,
    /// What stands behind the level.
    pub controls: PlainControls<'m>,
}

/// A banner without a fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlainBanner<'m> {
    /// Owners of foreign portions.
    pub foreign: Foreign,
    /// Place in `register.levels`.
    pub level: usize,
    /// The marking as written.
    pub word: &'m str,
    /// What stands behind level and owners.
    pub controls: PlainControls<'m>,
}

/// Caveats and at most one list, in the order in which they belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PlainControls<'m> {
    /// Bit n: the caveat at place n of `register.controls`.
    pub caveats: u64,
    /// One of them excludes a list.
    pub excludes_list: bool,
    /// The list.
    pub list: Option<PlainList<'m>>,
}

/// A list of nations and groups: own nation first, the rest alphabetical, each once, at least two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlainList<'m> {
    /// Nations alone, as written.
    Nations(&'m str),
    /// Nations and groups, as written.
    Codes(&'m str),
    /// The list of the report's `rel_to`.
    OfBanner,
}

/// A list of nations that a portion had: the control as written, and how many bytes of it are the codes.
#[derive(Clone, Copy)]
pub(crate) struct KnownList<'m> {
    pub(crate) control: &'m str,
    pub(crate) codes: usize,
}

impl<'m> KnownList<'m> {
    /// The list of a mark, which stands at its end.
    pub(crate) fn of(mark: &'m str, register: &Register, codes: &str) -> Option<Self> {
        let length = register.list.short.len() + 1 + codes.len();
        Some(Self { control: mark.get(mark.len().checked_sub(length)?..)?, codes: codes.len() })
    }
}

/// The nations of a list that has no groups.
pub fn nations_of(list: &str) -> impl Iterator<Item = Nation> {
    // Three letters, a comma, a space.
    list.as_bytes().chunks(5).filter_map(|chunk| Nation::of_bytes(chunk.get(..3)?))
}

impl PlainMark<'_> {
    /// As [`super::PortionMark::has_no_say`].
    #[must_use]
    pub fn has_no_say(&self, register: &Register) -> bool {
        let uncontrolled = register.levels.get(self.level).is_some_and(|level| level.uncontrolled);
        uncontrolled && self.foreign.is_none() && self.controls == PlainControls::default()
    }
}

/// The codes of a plain list.
pub fn codes_of(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|code| code.strip_prefix(' ').unwrap_or(code))
}

/// Reads a portion mark; `None`: it is for [`super::read_portion`].
#[must_use]
pub fn plain_portion<'m>(mark: &'m str, register: &Register) -> Option<PlainMark<'m>> {
    plain_portion_after(mark, register, None)
}

/// As [`plain_portion`]; a list that is known to be right is not read again.
pub(crate) fn plain_portion_after<'m>(
    mark: &'m str,
    register: &Register,
    known: Option<KnownList<'_>>,
) -> Option<PlainMark<'m>> {
    // A level and the list that is known: so are most marks.
    if let Some(known) = known
        && let Some(word) = mark.strip_suffix(known.control).and_then(|before| before.strip_suffix("//"))
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && let Some(level) = register.levels.iter().position(|level| same(&level.short, word))
    {
        let list = mark.get(mark.len().checked_sub(known.codes)?..).map(PlainList::Nations);
        let controls = PlainControls { list, ..PlainControls::default() };
        return Some(PlainMark { foreign: None, level, controls });
    }
    if has_odd_character(mark) {
        return None;
    }
    let (foreign, rest) = match mark.strip_prefix("//") {
        None => (None, mark),
        Some(text) => {
            let (word, rest) = text.split_once(' ')?;
            let concealed = word == register.foreign;
            let owner = if concealed { Owner::Concealed } else { Owner::Nation(Nation::parse(word)?) };
            (Some(owner), rest)
        }
    };
    let (word, controls) = cut(rest)?;
    let level = register.levels.iter().position(|level| same(&level.short, word))?;
    let controls = controls.map_or(Some(PlainControls::default()), |text| read_controls(text, register, false))?;
    Some(PlainMark { foreign, level, controls })
}

/// Reads a banner; `None`: it is for [`super::read_banner`].
#[must_use]
pub fn plain_banner<'m>(banner: &'m str, register: &Register) -> Option<PlainBanner<'m>> {
    if has_odd_character(banner) {
        return None;
    }
    let (word, mut controls) = cut(banner)?;
    let (level, _) = register.level_by_long(word)?;
    let mut foreign = Foreign::None;
    if let Some(text) = controls {
        let end = text.bytes().position(|byte| byte == b'/').unwrap_or(text.len());
        let (first, tail) = text.split_at_checked(end)?;
        if let Some(owners) = first.strip_prefix(register.foreign.as_str())
            && (owners.is_empty() || owners.starts_with(' '))
        {
            foreign = read_owners(owners)?;
            controls = if tail.is_empty() { None } else { cut(tail)?.1 };
        }
    }
    let controls = controls.map_or(Some(PlainControls::default()), |text| read_controls(text, register, true))?;
    Some(PlainBanner { foreign, level, word, controls })
}

/// What a word processor puts in: a fault, which the other reader tells.
fn has_odd_character(text: &str) -> bool {
    // Every byte is looked at, because that goes many at a time.
    if text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
        return false;
    }
    let is_odd = |one: char| {
        matches!(one, '\u{2010}'..='\u{2015}' | '\u{2212}') || (one != ' ' && (one.is_whitespace() || one.is_control()))
    };
    text.chars().any(is_odd)
}

/// What stands before the first slash, and what behind the two; `None`: not exactly two.
fn cut(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(end) = text.bytes().position(|byte| byte == b'/') else { return Some((text, None)) };
    let (word, tail) = text.split_at_checked(end)?;
    // A third slash is no caveat and begins no list.
    let tail = tail.strip_prefix("//")?;
    Some((word, Some(tail)))
}

/// Owners behind the foreign word: each behind one space, alphabetical, each once.
fn read_owners(owners: &str) -> Option<Foreign> {
    let mut nations: Vec<Nation> = Vec::new();
    for chunk in owners.as_bytes().chunks(4) {
        let nation = Nation::of_bytes(chunk.strip_prefix(b" ")?)?;
        if nations.last().is_some_and(|last| *last >= nation) {
            return None;
        }
        nations.push(nation);
    }
    Some(if nations.is_empty() { Foreign::Concealed } else { Foreign::Nations(nations) })
}

fn read_controls<'m>(text: &'m str, register: &Register, banner: bool) -> Option<PlainControls<'m>> {
    let mut out = PlainControls::default();
    let (mut rest, mut next) = (Some(text), 0);
    while let Some(text) = rest {
        let end = text.bytes().position(|byte| byte == b'/').unwrap_or(text.len());
        let (piece, tail) = text.split_at_checked(end)?;
        rest = tail.get(1..);
        // Nothing stands behind a list.
        if out.list.is_some() {
            return None;
        }
        let is_caveat = |one: &ControlWord| {
            same(piece, if banner { &one.long } else { &one.short })
                || (banner && one.accepts.iter().any(|other| other == piece))
        };
        if let Some(place) = register.controls.iter().position(is_caveat) {
            let control = register.controls.get(place)?;
            // Two rows of one word, or more rows than bits: the other reader knows what to make of them.
            let first = register.controls.iter().position(|one| one.long == control.long)?;
            if place < next || first != place || place >= 64 {
                return None;
            }
            next = place + 1;
            out.caveats |= 1 << place;
            out.excludes_list |= control.excludes_list;
        } else {
            out.list = Some(read_list(piece, register, banner)?);
        }
    }
    (out.list.is_none() || !out.excludes_list).then_some(out)
}

fn read_list<'m>(piece: &'m str, register: &Register, banner: bool) -> Option<PlainList<'m>> {
    if !banner && same(piece, &register.list.as_banner) {
        return Some(PlainList::OfBanner);
    }
    let words = if banner { &register.list.long } else { &register.list.short };
    let codes = piece.strip_prefix(words.as_str())?.strip_prefix(' ')?;
    has_groups(codes, register.nation)
        .map(|groups| if groups { PlainList::Codes(codes) } else { PlainList::Nations(codes) })
}

/// Own nation first, the rest alphabetical, each once, at least two, parted by a comma and one space; whether some code
/// is a group's. `None`: not so.
fn has_groups(codes: &str, own: Nation) -> Option<bool> {
    let bytes = codes.as_bytes();
    if Nation::of_bytes(bytes.get(..3)?) != Some(own) {
        return None;
    }
    let (mut rest, mut last, mut groups) = (bytes.get(3..)?, 0, false);
    let own = number(own.as_bytes());
    while let Some(tail) = rest.strip_prefix(b", ") {
        let length = tail.iter().take(5).take_while(|byte| byte.is_ascii_uppercase()).count();
        let code = number(tail.get(..length)?);
        // None is below all, so that a word of another length ends it too.
        if code <= last || code == own {
            return None;
        }
        groups |= length == 4;
        (last, rest) = (code, tail.get(length..)?);
    }
    (rest.is_empty() && last != 0).then_some(groups)
}

/// A code of three or four letters as a number that sorts as the code does; 0: none.
fn number(code: &[u8]) -> u32 {
    match *code {
        [one, two, three] => u32::from_be_bytes([one, two, three, 0]),
        [one, two, three, four] => u32::from_be_bytes([one, two, three, four]),
        _ => 0,
    }
}

/// Equal. Most words here are of one or two letters, which costs less to compare than a call to do it.
fn same(one: &str, other: &str) -> bool {
    match (one.as_bytes(), other.as_bytes()) {
        ([a], [b]) => a == b,
        ([a, b], [c, d]) => a == c && b == d,
        (one, other) => one.len() == other.len() && one.first() == other.first() && one == other,
    }
}
