//! Cells of CSV and strings of JSON: what a person must look at before data of others leaves.

use super::{Form, Words, mark_shapes};
use crate::{
    assessment::Document,
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
}

/// Looks into the attachments that have cells or strings. Linear in their bytes.
pub fn each_in_attachments(document: &Document, words: &Words, mut see: impl FnMut(InData)) {
    for (n, one) in (1..).zip(&document.report().attachments) {
        if !matches!(one.media_type.as_str(), "text/csv" | "application/json" | "application/geo+json") {
            continue;
        }
        let text = String::from_utf8_lossy(document.attachment(n - 1).unwrap_or_default());
        let mut look = |line: usize, cell: &str| {
            let found = mark_shapes(cell, Form::Data, words).into_iter().map(|one| Found::Mark(one.text));
            let unseen = unseen::unseen(cell).into_iter().map(Found::Unseen);
            found.chain(unseen).for_each(|found| see(InData { attachment: n, line, found }));
        };
        match one.media_type.as_str() {
            "text/csv" => cells(&text, &mut look),
            _ => strings(&text, &mut look),
        }
    }
}

/// Every cell, quotes undone. Whatever the separator: comma, semicolon, tab and bar all part cells.
fn cells(text: &str, see: &mut impl FnMut(usize, &str)) {
    // A mark of byte order, which spreadsheet programs write, is of the file and of no cell.
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (cell, behind): (Cow<'_, str>, &str) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = end_of_quotes(quoted);
            let (inside, behind) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
            (Cow::Owned(inside.replace("\"\"", "\"")), behind.strip_prefix('"').unwrap_or(behind))
        } else {
            let end = rest.find([',', ';', '\t', '|', '\n']).unwrap_or(rest.len());
            let (cell, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let cell = if behind.starts_with('\n') { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
            (Cow::Borrowed(cell), behind)
        };
        see(line, &cell.replace("\r\n", "\n"));
        let taken = rest.len() - behind.len();
        line += rest.get(..taken).unwrap_or_default().matches('\n').count();
        rest = match behind.chars().next() {
            Some('\n') => {
                line += 1;
                behind.get(1..).unwrap_or_default()
            }
            Some(',' | ';' | '\t' | '|') => behind.get(1..).unwrap_or_default(),
            Some('\r') if behind.starts_with("\r\n") => behind.get(1..).unwrap_or_default(),
            Some(_) if taken == 0 => behind.get(1..).unwrap_or_default(),
            _ => behind,
        };
    }
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
fn strings(text: &str, see: &mut impl FnMut(usize, &str)) {
    let (mut line, mut done) = (1, 0);
    json_strings::any(text, |at, string| {
        line += text.get(done..at).unwrap_or_default().matches('\n').count();
        done = at;
        see(line, string);
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpt_10_a_mark_of_byte_order_is_of_no_cell() {
        let seen = |text: &str| {
            let mut out = Vec::new();
            cells(text, &mut |_, cell| out.push(cell.to_owned()));
            out
        };
        assert_eq!(seen("\u{feff}id;\u{feff}x\r\n"), ["id", "\u{feff}x"]);
        assert_eq!(seen("\u{feff}\"a\""), ["a"]);
    }

    #[test]
    fn rpt_10_every_separator_parts_cells() {
        for sign in [',', ';', '\t', '|'] {
            let mut seen = Vec::new();
            cells(&format!("a{sign}SECRET{sign}\"b\"\"c\"\nd{sign}e"), &mut |line, cell| {
                seen.push((line, cell.to_owned()))
            });
            let found: Vec<(usize, &str)> = seen.iter().map(|(line, cell)| (*line, cell.as_str())).collect();
            assert_eq!(found, [(1, "a"), (1, "SECRET"), (1, "b\"c"), (2, "d"), (2, "e")], "{sign:?}");
        }
    }
}
