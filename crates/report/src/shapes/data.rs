//! Cells of CSV and strings of JSON: what a person must look at before data of others leaves.

use super::{Form, Words, mark_shapes, quick};
use crate::{
    assessment::Document,
    attachment::text::{Block, Way, any_block},
    json_strings,
    unseen::{self, Unseen},
};
use std::borrow::Cow;

/// What was found in one attachment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InData {
    /// The attachment, from 1.
    pub attachment: usize,
    /// Line of the file, from 1.
    pub line: usize,
    /// What stands there.
    pub found: Found,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A mark or banner, as written.
    Mark(String),
    /// A character that nobody sees.
    Unseen(Unseen),
    /// The attachment could not be read whole: what else it has, nobody knows.
    Unread,
}

/// Looks into the attachments that have cells or strings. Linear in their bytes, and by blocks where they stand apart. In a
/// cell or string of megabytes, what stands where it had to be parted is told twice.
pub fn each_in_attachments(document: &Document, words: &Words, mut see: impl FnMut(InData)) {
    let skips = quick::is_short(words);
    for (n, one) in (1..).zip(&document.report().attachments) {
        let Some(way) = Way::of(&one.media_type) else { continue };
        let mut last = 1;
        let mut look = |line: usize, cell: &str| {
            last = line;
            let found = mark_shapes(cell, Form::Data, words).into_iter().map(|one| Found::Mark(one.text));
            let unseen = unseen::unseen(cell).into_iter().map(Found::Unseen);
            found.chain(unseen).for_each(|found| see(InData { attachment: n, line, found }));
        };
        let is_read = document.attached(n - 1).is_some_and(|file| {
            let gone = any_block(&file, way, |block| {
                each_text(block, (way, skips), &mut look);
                false
            });
            gone.is_ok()
        });
        if !is_read {
            see(InData { attachment: n, line: last, found: Found::Unread });
        }
    }
}

fn each_text(block: &Block<'_>, (way, skips): (Way, bool), see: &mut impl FnMut(usize, &str)) {
    match way {
        Way::Csv => cells(block, skips, see),
        Way::Json => strings(block, see),
    }
}

/// Every cell, quotes undone. Whatever the separator: comma, semicolon, tab and bar all part cells. `skips`: lines of which no
/// cell has anything are passed over.
fn cells(block: &Block<'_>, skips: bool, see: &mut impl FnMut(usize, &str)) {
    let (mut rest, mut line, mut within) = (block.text, block.line, block.is_quoted);
    // A mark of byte order, which spreadsheet programs write, is of the file and of no cell.
    if block.is_first {
        rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    }
    let mut begins = !within;
    while !rest.is_empty() {
        if skips && std::mem::take(&mut begins) {
            let lines;
            (rest, lines) = without_silent_lines(rest);
            line += lines;
            if rest.is_empty() {
                return;
            }
        }
        let quoted = if std::mem::take(&mut within) { Some(rest) } else { rest.strip_prefix('"') };
        let (cell, behind): (Cow<'_, str>, &str) = if let Some(quoted) = quoted {
            let end = end_of_quotes(quoted);
            let (inside, behind) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
            (Cow::Owned(inside.replace("\"\"", "\"")), behind.strip_prefix('"').unwrap_or(behind))
        } else {
            let end = rest.find([',', ';', '\t', '|', '\n']).unwrap_or(rest.len());
            let (cell, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let cell = if behind.starts_with('\n') { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
            (Cow::Borrowed(cell), behind)
        };
        if cell.contains('\r') {
            see(line, &cell.replace("\r\n", "\n"));
        } else {
            see(line, &cell);
        }
        let taken = rest.len() - behind.len();
        line += rest.get(..taken).unwrap_or_default().matches('\n').count();
        rest = match behind.chars().next() {
            Some('\n') => {
                line += 1;
                begins = true;
                behind.get(1..).unwrap_or_default()
            }
            Some(',' | ';' | '\t' | '|') => behind.get(1..).unwrap_or_default(),
            Some('\r') if behind.starts_with("\r\n") => behind.get(1..).unwrap_or_default(),
            Some(_) if taken == 0 => behind.get(1..).unwrap_or_default(),
            _ => behind,
        };
    }
}

/// What stands behind the first lines that have no quotes and nothing to look at, and how many these are.
fn without_silent_lines(text: &str) -> (&str, usize) {
    let (mut rest, mut lines) = (text, 0);
    while let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) {
        let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let line = line.strip_suffix('\r').unwrap_or(line).as_bytes();
        if !quick::is_silent(line) || memchr::memchr(b'"', line).is_some() {
            break;
        }
        rest = behind.get(1..).unwrap_or_default();
        lines += 1;
    }
    (rest, lines)
}

fn end_of_quotes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                return at;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

/// Every string, keys too, escapes undone.
fn strings(block: &Block<'_>, see: &mut impl FnMut(usize, &str)) {
    let (mut line, mut done) = (block.line, 0);
    json_strings::any(block.text, |at, string| {
        line += block.text.get(done..at).unwrap_or_default().matches('\n').count();
        done = at;
        see(line, string);
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Block<'_> {
        Block { text, is_first: true, line: 1, readings: &[], is_quoted: false }
    }

    #[test]
    fn rpt_10_a_mark_of_byte_order_is_of_no_cell() {
        let seen = |text: &str| {
            let mut out = Vec::new();
            cells(&whole(text), false, &mut |_, cell| out.push(cell.to_owned()));
            out
        };
        assert_eq!(seen("\u{feff}id;\u{feff}x\r\n"), ["id", "\u{feff}x"]);
        assert_eq!(seen("\u{feff}\"a\""), ["a"]);
    }

    #[test]
    fn rpt_10_every_separator_parts_cells() {
        for sign in [',', ';', '\t', '|'] {
            let mut seen = Vec::new();
            let text = format!("a{sign}SECRET{sign}\"b\"\"c\"\nd{sign}e");
            cells(&whole(&text), false, &mut |line, cell| seen.push((line, cell.to_owned())));
            let found: Vec<(usize, &str)> = seen.iter().map(|(line, cell)| (*line, cell.as_str())).collect();
            assert_eq!(found, [(1, "a"), (1, "SECRET"), (1, "b\"c"), (2, "d"), (2, "e")], "{sign:?}");
        }
    }

    /// Lines of few letters, many of which mean something here: those that are passed over have nothing.
    #[test]
    fn rpt_10_a_line_that_is_passed_over_has_nothing_to_look_at() {
        let words = Words::of([]);
        let parts = [
            "a", "1", "S", "//", "(", ")", "NATO", ",", ";", "|", "\n", "\r\n", "\"", "\u{200b}", " ", "x,y\n",
            "ab;1\n",
        ];
        let mut state = 5_u64;
        let mut next = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % most
        };
        let mut some = 0;
        for _ in 0..40_000 {
            let text: String = (0..next(24)).map(|_| parts[next(parts.len())]).collect();
            let [quick, slow] = [true, false].map(|skips| {
                let mut seen = Vec::new();
                cells(&whole(&text), skips, &mut |line, cell| {
                    let shapes = mark_shapes(cell, Form::Data, &words);
                    seen.extend(shapes.into_iter().map(|one| (line, one.text)));
                    seen.extend(unseen::unseen(cell).map(|one| (line, format!("{:?}", one.one))));
                });
                seen
            });
            assert_eq!(quick, slow, "{text:?}");
            some += usize::from(!slow.is_empty());
        }
        assert!(some > 1_000, "{some}");
    }
}
