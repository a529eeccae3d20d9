//! A text as it is compared: letters and digits in one form, and what stands between them.

use relto_report::{
    prototype::{is_raised, prototype},
    unseen::is_ignored,
};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What stands before a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gap {
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
pub(super) const MAX_RUN: usize = 8;

/// The letters and digits of a text. All lists are of one length: one place a byte of `bytes`.
#[derive(Default)]
pub(super) struct Folded {
    /// In UTF-8.
    pub(super) bytes: Vec<u8>,
    /// What stands before each.
    pub(super) gaps: Vec<Gap>,
    /// Where in the text the character of each begins.
    pub(super) from: Vec<usize>,
    /// Where it ends.
    pub(super) to: Vec<usize>,
}

/// Gives each letter and digit that a character is compared as; nothing for one that parts words.
///
/// Small letters; compatible forms and accents undone; letters with a stroke and ligatures in plain ones; letters of
/// other scripts by what they look like (UTS 39).
pub(super) fn letters(one: char, give: &mut impl FnMut(char)) {
    if one.is_ascii() {
        if one.is_ascii_alphanumeric() {
            give(one.to_ascii_lowercase());
        }
        return;
    }
    // A raised figure is a note's, and parts what it stands behind from what follows.
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

/// A text with each capital of another script as the Latin one that it looks like; `None` where it has none. The small
/// letter of such a capital often looks like no Latin one, so that [`letters`] alone would not find it.
pub(super) fn as_written(text: &str) -> Option<String> {
    // Most texts have none, and it is seen by their bytes, all of them in one pass without a branch: dashes and quotes of
    // prose begin with E2 80, letters of other scripts behind CD or with E2 B0 and more.
    let pairs = text.bytes().zip(text.bytes().skip(1));
    let may = pairs.fold(false, |may, (byte, next)| may | (byte >= 0xCD) & ((byte != 0xE2) | (next >= 0xB0)));
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
pub(super) fn alike(one: char, give: &mut impl FnMut(char)) {
    match one {
        '0' => give('o'),
        '1' | 'l' => give('i'),
        'm' => ['r', 'n'].into_iter().for_each(give),
        'w' => ['v', 'v'].into_iter().for_each(give),
        _ => give(one),
    }
}

/// Signs that are not seen are left out and part nothing.
pub(super) fn is_left_out(one: char) -> bool {
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

    fn add(&mut self, one: char) {
        self.emphasis &= matches!(one, '*' | '_' | '~' | '`');
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
    /// Folds a text. With `bars`, a vertical bar is the letter that it looks like; else it parts words.
    pub(super) fn of(text: &str, bars: bool) -> Self {
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
            if bars && one == '|' {
                out.push('i', place);
            } else {
                letters(one, &mut |letter| alike(letter, &mut |letter| out.push(letter, place)));
            }
            match out.gaps.get_mut(before) {
                Some(first) => {
                    *first = gap;
                    between = Between::NOTHING;
                }
                None => between.add(one),
            }
        }
        out
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
