//! CSV (RFC 4180) as spreadsheet programs read it, whichever separator they take: no reading of it may have a formula.

mod cell;
mod reading;

use super::{
    bytes::Bytes,
    finding::{Advice, At, Finding, Sort},
    inspected::Inspected,
    window::{NoLetter, Window},
};
use reading::{Reading, bit};
use unicode_normalization::UnicodeNormalization as _;

/// What programs part cells with.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// Letters of the first line that are looked at for `sep=`.
const FIRST_LINE: usize = 8;

/// A formula in any reading, a line that chooses the separator, or a table that is right for no separator.
pub(super) fn inspect(file: &dyn Bytes) -> Inspected {
    Inspected::from(read(file, Pace::Quick).err())
}

/// How a table is gone through: to the same end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Over lines that have nothing in them at once.
    Quick,
    /// Letter by letter, which tests compare it with.
    #[cfg_attr(not(test), allow(dead_code, reason = "what the quick way is held against"))]
    Slow,
}

/// Passes over lines in which no reading finds anything, and gives how many.
fn pass_plain_lines(window: &mut Window<'_>, readings: &mut [Reading]) -> Result<u64, Finding> {
    let mut lines = 0_u64;
    while let Some(line) = window.line()?.filter(|line| is_plain(line)) {
        readings.iter_mut().for_each(|one| one.take_plain_line(line));
        let count = line.len();
        window.pass_over(count);
        lines = lines.saturating_add(1);
    }
    Ok(lines)
}

/// Whether a line has letters of ASCII alone, no quote, and no sign with which a formula begins but behind a letter or figure:
/// whatever parts its cells, none of them begins with one.
fn is_plain(line: &[u8]) -> bool {
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    let mut behind = false;
    body.iter().all(|byte| {
        let before = std::mem::replace(&mut behind, byte.is_ascii_alphanumeric());
        match byte {
            b'=' | b'+' | b'-' | b'@' => before,
            b'"' => false,
            b' '..=b'~' | b'\t' => true,
            _ => false,
        }
    })
}

/// A letter that is neither a quote, nor a separator of any reading, nor the end of a line, nor one that no table has.
const fn is_ordinary(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b',' | b';' | b'|')
}

fn odd(what: &str, at: At) -> Finding {
    Finding::new(Sort::Odd, what, at, Advice::SaveTable)
}

fn read(file: &dyn Bytes, pace: Pace) -> Result<(), Finding> {
    let mut window = Window::new(file);
    let mut readings = SEPARATORS.map(Reading::new);
    let (mut line, mut first, mut return_before) = (1_u64, Some(String::new()), false);
    let mut at_start = true;
    loop {
        let quick = pace == Pace::Quick && first.is_none() && !return_before && !at_start;
        if quick && readings.iter().all(Reading::is_at_line) {
            line = line.saturating_add(pass_plain_lines(&mut window, &mut readings)?);
        }
        let letter = match window.letter() {
            Ok(letter) => letter,
            Err(NoLetter::Unread) => return Err(Finding::from(super::bytes::Unread)),
            Err(NoLetter::NotUtf8(at)) => return Err(odd("bytes that are not UTF-8", At::Byte(at))),
        };
        if return_before && letter != Some('\n') {
            return Err(
                formula(&readings).unwrap_or_else(|| odd("a carriage return without a line feed", At::Cell(line, 1)))
            );
        }
        let Some(letter) = letter else { break };
        if std::mem::take(&mut at_start) && letter == '\u{feff}' {
            continue;
        }
        if letter.is_control() && !matches!(letter, '\n' | '\r' | '\t') {
            return Err(odd("a control character", At::Cell(line, 1)));
        }
        if let Some(begun) = &mut first {
            chooses(begun, letter, line)?;
            if matches!(letter, '\n' | '\r') && !begun.is_empty() || begun.len() > FIRST_LINE {
                first = None;
            }
        }
        return_before = letter == '\r';
        if return_before {
            continue;
        }
        readings.iter_mut().for_each(|one| one.take(letter, line));
        line = line.saturating_add(u64::from(letter == '\n'));
        // Within a cell that begins as no formula does letters change nothing, for whichever reading.
        if quick && readings.iter().all(Reading::passes_over) {
            window.pass(is_ordinary);
        }
    }
    readings.iter_mut().for_each(Reading::end);
    if let Some(finding) = formula(&readings) {
        return Err(finding);
    }
    if readings.iter().any(Reading::is_right) {
        return Ok(());
    }
    let at =
        readings.iter().filter_map(|one| one.wrong).max().map_or(At::File, |(line, column)| At::Cell(line, column));
    Err(odd("a quote that neither opens nor closes a cell, for whichever separator", at))
}

/// Whether the first line that says anything begins with `sep=`, which spreadsheet programs obey.
fn chooses(begun: &mut String, letter: char, line: u64) -> Result<(), Finding> {
    if !cell::is_skipped(letter) && begun.len() <= FIRST_LINE {
        begun.extend(letter.nfkc().flat_map(char::to_lowercase));
    }
    if begun.starts_with("sep=") {
        return Err(odd("a line sep= that chooses the separator", At::Cell(line, 1)));
    }
    Ok(())
}

/// The first formula of all readings.
fn formula(readings: &[Reading]) -> Option<Finding> {
    // A table of one column is split by no separator, and is read alike with each.
    let split = readings.iter().any(Reading::is_split);
    let right = readings.iter().filter(|one| one.is_split()).map(|one| bit(one.separator)).sum();
    let found = readings.iter().filter_map(|one| one.formula(!split, right)).min()?;
    Some(Finding::new(Sort::Active, "a formula", At::Cell(found.0, found.1), Advice::SaveValues))
}

#[cfg(test)]
mod tests;
