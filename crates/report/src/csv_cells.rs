//! The cells of a CSV: texts within a text. A phrase never goes across two.

use std::borrow::Cow;

/// Signs that may part the cells of a CSV.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Whether one of the cells is so, in any reading: for each sign that may part cells and stands in the text, and as
/// lines alone where none does.
pub fn any(csv: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
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
                if is_so(&undoubled(csv.get(start..at).unwrap_or_default())) {
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
    is_so(&undoubled(csv.get(start..).unwrap_or_default()))
}

/// A cell with its doubled quotes undone. Those round it part it from nothing.
fn undoubled(cell: &str) -> Cow<'_, str> {
    if cell.contains("\"\"") { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) }
}
