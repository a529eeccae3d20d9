//! A text as it is compared with words that must stay home: letters and digits in one form, and what stands between
//! them. One fold for hold words and for the values of a home file.

use crate::{
    prototype::{is_note, is_raised, prototype},
    unseen::is_ignored,
};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What stands before a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gap {
    /// Nothing: it goes on with the word, or is a further byte of the same character.
    None,
    /// Emphasis alone, or a hyphen and the end of a line: what parts a word only in writing.
    Soft,
    /// Up to [`MAX_RUN`] signs that are neither letter nor digit, or the start of the text.
    Run,
    /// More of them.
    Long,
}

/// Signs that may stand where a phrase has a blank.
pub const MAX_RUN: usize = 8;

/// How a text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Read {
    /// Each letter as itself. A backslash counts as emphasis: in Markdown it stands before a sign and is not seen.
    Plain,
    /// Letters that cannot be told from one another as one ([`alike`]).
    Alike,
    /// The same, with the vertical bar as the letter that it looks like; else it parts words.
    AlikeWithBars,
}

/// The letters and digits of a text. All lists are of one length: one place a byte of `bytes`.
#[derive(Default)]
pub struct Folded {
    /// In UTF-8.
    pub bytes: Vec<u8>,
    /// What stands before each.
    pub gaps: Vec<Gap>,
    /// Where in the text the character of each begins.
    pub from: Vec<usize>,
    /// Where it ends.
    pub to: Vec<usize>,
}

/// Gives each letter and digit that a character is compared as; nothing for one that parts words.
///
/// Small letters; compatible forms and accents undone; letters with a stroke and ligatures in plain ones; letters of
/// other scripts by what they look like (UTS 39).
pub fn letters(one: char, give: &mut impl FnMut(char)) {
    if one.is_ascii() {
        if one.is_ascii_alphanumeric() {
            give(one.to_ascii_lowercase());
        }
        return;
    }
    // A raised figure is a note's, and parts what it stands behind from what follows; [`any_reading`] also reads it as a
    // figure.
    if is_raised(one) {
        return;
    }
    let mut small =
        |part: char| part.to_lowercase().for_each(|part| decompose_compatible(part, |part| plain(part, give)));
    small(one);
}

fn plain(one: char, give: &mut impl FnMut(char)) {
    if is_combining_mark(one) || is_ignored(one) || !one.is_alphanumeric() {
        return;
    }
    let spelt: &str = match one {
        'ß' => "ss",
        'œ' => "oe",
        'æ' => "ae",
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ı' => "i",
        _ => "",
    };
    if !spelt.is_empty() {
        spelt.chars().for_each(give);
    } else if one.is_ascii() {
        give(one.to_ascii_lowercase());
    } else {
        let one = if one == 'ς' { 'σ' } else { one };
        prototype(one, |like| like.to_lowercase().filter(|like| like.is_alphanumeric()).for_each(&mut *give));
    }
}

/// Whether a text is so in one of the ways in which a reader may take it: as it stands; with the capitals of other
/// scripts as the Latin ones that they look like; and where it has signs as notes have, with raised figures as figures,
/// and without all such signs. Only texts that have such capitals or signs are read more than once.
pub fn any_reading(text: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    // Most texts have neither, and it is seen by their bytes, all of them in one pass without a branch: Latin letters of
    // Europe begin with C3 to C5.
    if !text.bytes().fold(false, |may, byte| may | (byte == 0xC2) | (byte >= 0xC6)) {
        return is_so(text);
    }
    let mut both = |text: &str| is_so(text) || as_written(text).is_some_and(|written| is_so(&written));
    both(text) || (has_notes(text) && (both(&with_figures(text)) || both(&without_notes(text))))
}

fn has_notes(text: &str) -> bool {
    // Blanks, dashes and quotes of prose are none of these.
    let may = pairs(text).fold(false, |may, (byte, next)| {
        let latin = (byte == 0xC2) & ((next == 0xAA) | (next >= 0xB2));
        may | latin
            | (byte == 0xCA)
            | (byte == 0xCB)
            | (byte == 0xE1)
            | ((byte == 0xE2) & (next > 0x80))
            | (byte >= 0xEA)
    });
    may && text.chars().any(is_note)
}

/// Each byte with the next one.
fn pairs(text: &str) -> impl Iterator<Item = (u8, u8)> + '_ {
    text.bytes().zip(text.bytes().skip(1))
}

/// A text with its raised figures as figures.
fn with_figures(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if is_raised(one) { decompose_compatible(one, |figure| out.push(figure)) } else { out.push(one) }
    }
    out
}

/// A text with a blank in place of each sign that may be a note's.
fn without_notes(text: &str) -> String {
    text.chars().map(|one| if is_note(one) { ' ' } else { one }).collect()
}

/// A text with each capital of another script as the Latin one that it looks like; `None` where it has none. The small
/// letter of such a capital often looks like no Latin one, so that [`letters`] alone would not find it.
fn as_written(text: &str) -> Option<String> {
    // Dashes and quotes of prose begin with E2 80, letters of other scripts behind CD or with E2 B0 and more.
    let may = pairs(text).fold(false, |may, (byte, next)| may | (byte >= 0xCD) & ((byte != 0xE2) | (next >= 0xB0)));
    if !may || !text.chars().any(|one| capital(one).is_some()) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match capital(one) {
            Some(capital) => prototype(capital, |like| out.push(like)),
            None => out.push(one),
        }
    }
    Some(out)
}

/// The letter, where it is a capital of another script than Latin. Cherokee has its small letters second: case is folded
/// to the capital there.
fn capital(one: char) -> Option<char> {
    match one {
        '\0'..='\u{24F}' => None,
        '\u{AB70}'..='\u{ABBF}' => char::from_u32(u32::from(one) - 0x97D0),
        '\u{13F8}'..='\u{13FD}' => char::from_u32(u32::from(one) - 8),
        _ => one.is_uppercase().then_some(one),
    }
}

/// Gives what a letter cannot be told from: 0 and o, 1, i and l; m as rn and w as vv.
pub fn alike(one: char, give: &mut impl FnMut(char)) {
    match one {
        '0' => give('o'),
        '1' | 'l' => give('i'),
        'm' => ['r', 'n'].into_iter().for_each(give),
        'w' => ['v', 'v'].into_iter().for_each(give),
        _ => give(one),
    }
}

/// Signs that are not seen are left out and part nothing.
#[inline]
#[must_use]
pub fn is_left_out(one: char) -> bool {
    !one.is_ascii() && (is_ignored(one) || is_combining_mark(one))
}

/// What has come since the last letter.
struct Between {
    count: usize,
    emphasis: bool,
    hyphen: bool,
    line_end: bool,
}

impl Between {
    const NOTHING: Self = Self { count: 0, emphasis: true, hyphen: false, line_end: false };

    fn add(&mut self, one: char, escapes: bool) {
        self.emphasis &= matches!(one, '*' | '_' | '~' | '`') || (escapes && one == '\\');
        if self.count == 0 {
            self.hyphen = matches!(one, '-' | '\u{2010}' | '\u{2011}');
        } else {
            self.hyphen &= one.is_whitespace();
            self.line_end |= one == '\n';
        }
        self.count = self.count.saturating_add(1);
    }

    const fn gap(&self) -> Gap {
        match self.count {
            0 => Gap::None,
            _ if self.emphasis || (self.hyphen && self.line_end) => Gap::Soft,
            count if count <= MAX_RUN => Gap::Run,
            _ => Gap::Long,
        }
    }
}

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str, read: Read) -> Self {
        let mut out = Self::default();
        out.reserve(text.len());
        let mut between = Between::NOTHING;
        for (at, one) in text.char_indices() {
            if is_left_out(one) {
                continue;
            }
            let gap = if out.bytes.is_empty() { Gap::Run } else { between.gap() };
            let before = out.bytes.len();
            let place = (at, at.saturating_add(one.len_utf8()));
            match read {
                Read::AlikeWithBars if one == '|' => out.push('i', place),
                Read::Plain => letters(one, &mut |letter| out.push(letter, place)),
                _ => letters(one, &mut |letter| alike(letter, &mut |letter| out.push(letter, place))),
            }
            match out.gaps.get_mut(before) {
                Some(first) => {
                    *first = gap;
                    between = Between::NOTHING;
                }
                None => between.add(one, read == Read::Plain),
            }
        }
        out
    }

    /// What stands before a byte; behind the last one the text ends.
    #[must_use]
    pub fn gap(&self, at: usize) -> Gap {
        self.gaps.get(at).copied().unwrap_or(Gap::Run)
    }

    fn reserve(&mut self, length: usize) {
        self.bytes.reserve(length);
        self.gaps.reserve(length);
        self.from.reserve(length);
        self.to.reserve(length);
    }

    #[inline]
    fn push(&mut self, letter: char, (from, to): (usize, usize)) {
        let mut buffer = [0; 4];
        for byte in letter.encode_utf8(&mut buffer).bytes() {
            self.bytes.push(byte);
            self.gaps.push(Gap::None);
            self.from.push(from);
            self.to.push(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_again_only_where_it_has_other_capitals_or_signs_of_notes() {
        let readings = |text: &str| {
            let mut out = Vec::new();
            assert!(!any_reading(text, |one| {
                out.push(one.to_owned());
                false
            }));
            out
        };
        for plain in ["", "a \\ b", "été – «œuvre» … ’", "10\u{202f}000", "слово", "½ × ±", "CO₂"]
        {
            assert_eq!(readings(plain), [plain]);
        }
        assert_eq!(readings("ВАR"), ["ВАR", "BAR"]);
        assert_eq!(readings("K/2⁷"), ["K/2⁷", "K/27", "K/2 "]);
        assert_eq!(readings("xª ²")[1..], ["xª 2", "x   "]);
        for sign in "ªº²³¹⁰ⁱ⁴⁹ⁿʰʸˣᴬᵃᶜ①⑳⑴⒜Ⓐⓐ⓪⓿❶➉➀➊™℠🄀🅰".chars()
        {
            assert!(has_notes(&format!("a{sign}")), "{sign}");
        }
    }

    #[test]
    fn what_stands_between_letters_is_told_in_kinds() {
        let gaps = |text: &str, read| Folded::of(text, read).gaps;
        assert_eq!(gaps("ab", Read::Plain), [Gap::Run, Gap::None]);
        for (between, gap) in [("**", Gap::Soft), ("-\n", Gap::Soft), ("\n", Gap::Run), (" - ", Gap::Run)] {
            assert_eq!(gaps(&format!("a{between}b"), Read::Alike), [Gap::Run, gap], "{between:?}");
        }
        assert_eq!(gaps("a\\b", Read::Plain)[1], Gap::Soft);
        assert_eq!(gaps("a\\b", Read::Alike)[1], Gap::Run);
        assert_eq!(gaps("a.........b", Read::Plain)[1], Gap::Long);
        assert_eq!(Folded::of("M0", Read::Plain).bytes, b"m0");
        assert_eq!(Folded::of("M0|", Read::Alike).bytes, b"rno");
        assert_eq!(Folded::of("M0|", Read::AlikeWithBars).bytes, b"rnoi");
    }
}
