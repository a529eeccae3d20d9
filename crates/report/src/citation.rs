//! Numbers of sources in brackets: `[3]`, `[1, 2]`, `[4-6]`. One reading for what must be listed (R058) and for what
//! stands beside a mark and does not count there (R115).

use crate::shapes::fold::is_emphasis;
use memchr::memchr2_iter;
use std::ops::RangeInclusive;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// From a number to another; both are cited, and what is between them.
pub(crate) type Numbers = RangeInclusive<i64>;

/// Every citation of a text: the character at which its bracket stands, and the numbers, one after the other. Nothing of
/// a range is written out. Linear in the text.
pub(crate) fn citations(text: &str) -> Vec<(usize, Numbers)> {
    let mut out = Vec::new();
    // The bracket that opened last: its character, and the byte behind it.
    let mut open: Option<(usize, usize)> = None;
    let mut see = |count: usize, at: usize, one: char| {
        if is_opening(one) {
            open = Some((count, at + one.len_utf8()));
        } else if is_closing(one)
            && let Some((start, from)) = open.take()
        {
            let inside = text.get(from..at).unwrap_or_default();
            out.extend(numbers(inside.chars()).into_iter().flatten().map(|cited| (start, cited)));
        }
    };
    // In ASCII each character is one byte, and there are two brackets.
    if text.is_ascii() {
        memchr2_iter(b'[', b']', text.as_bytes())
            .for_each(|at| see(at, at, text.as_bytes().get(at).copied().map_or(' ', char::from)));
    } else {
        text.char_indices().enumerate().for_each(|(count, (at, one))| see(count, at, one));
    }
    out
}

/// The numbers that stand between two brackets; `None`: something else stands there too. Blanks, commas and semicolons
/// part them; a dash between two means all of them. Looked at as far as it can be one.
pub(crate) fn numbers(inside: impl IntoIterator<Item = char>) -> Option<Vec<Numbers>> {
    let mut reading = Reading::default();
    for one in inside {
        if is_combining_mark(one) {
            continue;
        }
        for part in std::iter::once(one).nfkc() {
            reading.take(part)?;
        }
    }
    reading.end()
}

/// Numbers as far as they are read.
#[derive(Default)]
struct Reading {
    /// Whole ones.
    out: Vec<Numbers>,
    /// What the next figure belongs to.
    open: Option<i64>,
    /// The last whole number, which may begin a range, and whether a dash stands behind it.
    last: Option<i64>,
    dashed: bool,
}

impl Reading {
    fn take(&mut self, one: char) -> Option<()> {
        if one.is_numeric() {
            // A number that is no number of any source cites one that is not listed; figures of other scripts are such.
            let figure = one.to_digit(10).map(i64::from);
            let next = figure.and_then(|figure| self.open.unwrap_or(0).checked_mul(10)?.checked_add(figure));
            self.open = Some(next.unwrap_or(i64::MAX));
            return Some(());
        }
        self.close();
        match one {
            ',' | ';' | '&' | '\u{3001}' | '\u{60C}' | '\u{61B}' => {
                self.out.extend(self.last.take().map(|last| last..=last));
                (!self.dashed).then_some(())
            }
            // What is no range of two is something else, such as a date or a number below nought.
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' | '\u{301C}' => {
                self.dashed = self.last.is_some();
                self.dashed.then_some(())
            }
            blank if blank.is_whitespace() || is_emphasis(blank) => Some(()),
            _ => None,
        }
    }

    /// A number is whole.
    fn close(&mut self) {
        let Some(number) = self.open.take() else { return };
        match self.last.take() {
            Some(from) if self.dashed => self.out.push(from.min(number)..=from.max(number)),
            before => {
                self.out.extend(before.map(|before| before..=before));
                self.last = Some(number);
            }
        }
        self.dashed = false;
    }

    fn end(mut self) -> Option<Vec<Numbers>> {
        self.close();
        self.out.extend(self.last.map(|last| last..=last));
        (!self.dashed).then_some(self.out)
    }
}

/// Brackets that are read as square.
const fn is_opening(one: char) -> bool {
    matches!(one, '[' | '\u{FF3B}' | '\u{FE47}' | '\u{2045}' | '\u{27E6}' | '\u{2772}' | '\u{298B}')
        || matches!(one, '\u{3010}' | '\u{3014}' | '\u{3016}' | '\u{3018}' | '\u{301A}' | '\u{FE5D}')
}

const fn is_closing(one: char) -> bool {
    matches!(one, ']' | '\u{FF3D}' | '\u{FE48}' | '\u{2046}' | '\u{27E7}' | '\u{2773}' | '\u{298C}')
        || matches!(one, '\u{3011}' | '\u{3015}' | '\u{3017}' | '\u{3019}' | '\u{301B}' | '\u{FE5E}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_road_of_ascii_gives_what_the_long_one_does() {
        for text in ["a [1] b", "[1, 2] and [[3]]", "] [4-6] [", "[x] [7", "", "[1]"] {
            let (short, long) = (citations(text), citations(&format!("{text}\u{e9}")));
            assert_eq!(short, long, "{text}");
        }
    }

    fn cited(text: &str) -> Vec<(i64, i64)> {
        citations(text).into_iter().map(|(_, cited)| (*cited.start(), *cited.end())).collect()
    }

    #[test]
    fn citations_are_found_in_one_pass() {
        assert_eq!(citations("é [1] [[2] [3 [x] [] [4"), [(2, 1..=1), (7, 2..=2)]);
        assert_eq!(cited("[99999999999999999999]"), [(i64::MAX, i64::MAX)]);
        assert_eq!(citations(&"[".repeat(1 << 20)), []);
        assert_eq!(citations(&"[1".repeat(1 << 20)), []);
        assert_eq!(citations(&format!("[{}", "1,".repeat(1 << 20))), []);
        assert_eq!(cited("[1-9999999999]"), [(1, 9_999_999_999)], "nothing of a range is written out");
    }

    #[test]
    fn each_way_to_cite_is_read() {
        for text in [
            "[9]",
            "[09]",
            "[9 ]",
            "[ 9]",
            "[\u{a0}9\n]",
            "\u{FF3B}9\u{FF3D}",
            "[\u{FF19}]",
            "[\u{2079}]",
            "[\u{2468}]",
            "\u{3010}9\u{3011}",
            "[**9**]",
            "\\[9\\]",
            "[9,]",
            "[,9]",
            "[9\u{332}]",
        ] {
            assert_eq!(cited(text), [(9, 9)], "{text:?}");
        }
        for text in
            ["[1,9]", "[1, 9]", "[1; 9]", "[1 9]", "[1 & 9]", "[1,\n9]", "[1\u{FF0C}9]", "[1\u{3001}9]", "[1*9]"]
        {
            assert_eq!(cited(text), [(1, 1), (9, 9)], "{text:?}");
        }
        for text in ["[1-9]", "[1 - 9]", "[1\u{2013}9]", "[1--9]", "[9-1]", "[1\u{FF0D}9]", "[1~9]", "[1\u{2212}9]"] {
            assert_eq!(cited(text), [(1, 9)], "{text:?}");
        }
        assert_eq!(cited("[1, 3-5; 7 8]"), [(1, 1), (3, 5), (7, 7), (8, 8)]);
        assert_eq!(cited("[\u{669}]"), [(i64::MAX, i64::MAX)], "figures of another script");
    }

    #[test]
    fn what_is_no_citation_is_none() {
        for text in [
            "(9)",
            "{9}",
            "[x9]",
            "[9 km]",
            "[see 9]",
            "[2026-11-16]",
            "[-9]",
            "[9-]",
            "[1-,9]",
            "[1.5]",
            "[12:30]",
            "[1/2]",
            "[\u{BD}]",
            "[]",
            "[ ]",
            "[,]",
            "9]",
            "[9",
        ] {
            assert_eq!(cited(text), [], "{text:?}");
        }
    }
}
