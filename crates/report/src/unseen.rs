//! Characters that nobody sees, and which make a text read differently from what was signed.
//!
//! One rule for every text that people write or read: reports, home files, agreements, word lists, reasons, answers.
//! Whoever checks a text of TOML or JSON does so after escapes are undone. specs/report.md section 9 has the rule in words.

pub(crate) mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod what;

use std::{borrow::Cow, fmt};
use tables::{EMOJI_BASES, HIDDEN, holds};
use unicode_normalization::char::is_combining_mark;
pub use what::What;

/// Combining marks that may stand behind one letter.
const MOST_MARKS: u8 = 4;
/// The keycap, which a digit, `#` or `*` needs behind a variation selector.
const KEYCAP: char = '\u{20E3}';

/// A character that must not stand where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unseen {
    /// Byte offset in the text.
    pub at: usize,
    /// The character.
    pub one: char,
    /// Why it is refused.
    pub what: What,
}

/// The number of the rule in every file and text.
pub const RULE: &str = "R003";

impl Unseen {
    /// What is wrong and what to do; `how` says how it is written, such as `, written as an escape`.
    #[must_use]
    pub fn told(&self, how: &str) -> String {
        let (kind, number, what) = (self.what.kind(), u32::from(self.one), self.what);
        format!("{kind} U+{number:04X} ({}){how}. {}", what.name(self.one), what.advice())
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(""))
    }
}

/// The first character of a text that nobody sees. Linear in the text, and at once for plain ASCII. RPT-8
#[must_use]
pub fn unseen(text: &str) -> Option<Unseen> {
    // Piece by piece without a branch a byte, so that the compiler looks at many at once.
    let is_plain_piece = |piece: &[u8]| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    if text.as_bytes().chunks(64).all(is_plain_piece) { None } else { all(text).next() }
}

/// Every character of a text that nobody sees, in order.
pub fn all(text: &str) -> impl Iterator<Item = Unseen> + '_ {
    All { rest: text.char_indices().peekable(), before: None, marks: 0 }
}

/// A text for a person to read, with the number of each character that nobody sees in its place: `<U+202E>`.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if unseen(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for one in all(text) {
        out.push_str(text.get(done..one.at).unwrap_or_default());
        out.push_str(&format!("<U+{:04X}>", u32::from(one.one)));
        done = one.at.saturating_add(one.one.len_utf8());
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether a character is refused wherever it stands; says nothing of combining marks, and nothing for a variation
/// selector. Those who leave unseen characters out of a comparison take [`is_ignored`].
#[must_use]
pub fn is_unseen(one: char) -> bool {
    refused(one).is_some()
}

/// Whether a character is left out where texts are compared by what a reader sees: refused everywhere, or a variation
/// selector, which shows nothing of its own.
#[must_use]
pub fn is_ignored(one: char) -> bool {
    is_variation(one) || is_unseen(one)
}

/// Printable ASCII, line feed and tab.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t')
}

/// The two selectors that choose between a picture and a sign.
const fn is_variation(one: char) -> bool {
    matches!(one, '\u{FE0E}' | '\u{FE0F}')
}

/// A blank, or where a line begins.
const fn is_blank(one: char) -> bool {
    matches!(
        one,
        '\n' | '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// What refuses a character wherever it stands. An unassigned code point is not refused: it shows as a box, and two
/// versions of Unicode would refuse each other's reports.
fn refused(one: char) -> Option<What> {
    // Most texts: ASCII, and letters of Latin, Greek and Cyrillic scripts.
    if matches!(one, ' '..='~' | '\n' | '\t' | '\u{A0}'..='\u{AC}' | '\u{AE}'..='\u{2FF}' | '\u{370}'..='\u{5FF}') {
        return None;
    }
    let code = u32::from(one);
    Some(match one {
        '\u{0B}' => What::WordLineEnd,
        '\u{AD}' => What::SoftHyphen,
        '\u{200B}' => What::ZeroWidthSpace,
        '\u{FEFF}' => What::ByteOrderMark,
        '\u{F0B7}' => What::SymbolBullet,
        '\u{200C}' | '\u{200D}' => What::Joiner,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => What::Direction,
        '\u{2028}' | '\u{2029}' => What::LineSeparator,
        '\u{034F}' | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0D}' | '\u{E0100}'..='\u{E01EF}' => {
            What::Variation
        }
        '\u{E0000}'..='\u{E007F}' => What::Tag,
        '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FFA0}' => What::Filler,
        // By name, because no property says it.
        '\u{2800}' | '\u{16FE4}' | '\u{1D159}' | '\u{13441}' | '\u{13442}' => What::Empty,
        '\u{FFFC}' => What::Object,
        '\u{FFFD}' => What::Lost,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => What::Private,
        '\u{FDD0}'..='\u{FDEF}' => What::NoCharacter,
        _ if code & 0xFFFE == 0xFFFE => What::NoCharacter,
        _ if is_variation(one) => return None,
        _ if one.is_control() => What::Control,
        _ if holds(HIDDEN, one) => What::Format,
        _ => return None,
    })
}

struct All<'t> {
    rest: std::iter::Peekable<std::str::CharIndices<'t>>,
    before: Option<char>,
    /// Combining marks behind the last letter.
    marks: u8,
}

impl All<'_> {
    fn judge(&mut self, one: char) -> Option<What> {
        let before = self.before.replace(one);
        if let Some(what) = refused(one) {
            return Some(what);
        }
        if is_variation(one) {
            let keycap = self.rest.peek().is_some_and(|(_, next)| *next == KEYCAP);
            let base = before.is_some_and(|base| holds(EMOJI_BASES, base) && (!base.is_ascii() || keycap));
            return (!base).then_some(What::Variation);
        }
        if one.is_ascii() || !is_combining_mark(one) {
            self.marks = 0;
            return None;
        }
        self.marks = self.marks.saturating_add(1);
        if before.is_none_or(is_blank) {
            Some(What::MarkAlone)
        } else {
            (self.marks > MOST_MARKS).then_some(What::MarksHeaped)
        }
    }
}

impl Iterator for All<'_> {
    type Item = Unseen;

    fn next(&mut self) -> Option<Unseen> {
        while let Some((at, one)) = self.rest.next() {
            if let Some(what) = self.judge(one) {
                return Some(Unseen { at, one, what });
            }
        }
        None
    }
}
