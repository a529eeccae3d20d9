//! Texts within a text: the strings of JSON, the cells of a table. A phrase never goes across two.

use std::borrow::Cow;

/// Signs that may part the cells of a CSV.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Whether one of the strings of a JSON text is so, keys among them, escapes undone. Plain scanning: the text need not
/// be right.
pub(super) fn any_string(json: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    let mut rest = json;
    while let Some((_, behind)) = rest.split_once('"') {
        let end = end_of_string(behind);
        let (inner, next) = behind.split_at_checked(end).unwrap_or((behind, ""));
        if is_so(&without_escapes(inner)) {
            return true;
        }
        rest = next.get(1..).unwrap_or_default();
    }
    false
}

/// Where the closing quote stands, or the text ends.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Whether one of the cells is so, in any reading: for each sign that may part cells and stands in the text, and as
/// lines alone where none does.
pub(super) fn any_cell(csv: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    let there: Vec<char> = SEPARATORS.into_iter().filter(|sign| csv.contains(*sign)).collect();
    if there.is_empty() {
        return cells(csv, '\n', &mut is_so);
    }
    there.into_iter().any(|sign| cells(csv, sign, &mut is_so))
}

/// A quote opens a cell at its start alone, and is doubled within.
fn cells(csv: &str, sign: char, is_so: &mut impl FnMut(&str) -> bool) -> bool {
    let (mut start, mut quoted, mut fresh, mut closed) = (0, false, true, false);
    for (at, one) in csv.char_indices() {
        let doubled = std::mem::take(&mut closed);
        match one {
            '"' if quoted || fresh || doubled => {
                closed = quoted;
                quoted = !quoted;
            }
            _ if !quoted && (one == sign || one == '\n') => {
                if is_so(csv.get(start..at).unwrap_or_default()) {
                    return true;
                }
                start = at.saturating_add(1);
                fresh = true;
                continue;
            }
            _ => {}
        }
        fresh &= one == ' ';
    }
    is_so(csv.get(start..).unwrap_or_default())
}

/// Whether one of the cells of a table in a report's text is so: lines that begin with a bar, and a caption above.
pub(super) fn any_table_cell(table: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    table.lines().any(
        |line| {
            if line.trim_start().starts_with('|') { line.split('|').any(&mut is_so) } else { is_so(line) }
        },
    )
}

/// A JSON text with each escape as the character that it stands for.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (unit, length) = match rest.as_bytes() {
            [b'\\', b'u', ..] => match rest.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
                Some(unit) => (Some(unit), 6),
                None => (None, 1),
            },
            [b'\\', b'b' | b'f' | b'n' | b'r' | b't', ..] => (Some(u16::from(b' ')), 2),
            [b'\\', other, ..] if other.is_ascii() => (Some(u16::from(*other)), 2),
            _ => (None, letter.len_utf8()),
        };
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend_from_slice(letter.encode_utf16(&mut [0; 2])),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(String::from_utf16_lossy(&units))
}
