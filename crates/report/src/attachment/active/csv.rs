//! Cells that a spreadsheet would take for a formula.

use super::Active;

/// With these a formula begins; the wide forms too, which some spreadsheets read as the narrow ones.
const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The first cell that begins as a formula and is not a number. A comma, a semicolon and a tab part cells, whichever of
/// them the file's reader will choose; between quotes nothing does (RFC 4180).
pub(super) fn active(bytes: &[u8]) -> Option<Active> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some(Active::Opaque("a table not in UTF-8", 0)) };
    let mut cells = Cells { text: text.trim_start_matches('\u{feff}'), line: 1, column: 1 };
    loop {
        let (line, column) = (cells.line, cells.column);
        let cell = cells.next()?;
        if is_formula(cell) {
            return Some(Active::Formula(line, column));
        }
    }
}

struct Cells<'t> {
    text: &'t str,
    line: usize,
    column: usize,
}

impl<'t> Iterator for Cells<'t> {
    type Item = &'t str;

    /// The next cell, without the quotes around it.
    fn next(&mut self) -> Option<&'t str> {
        if self.text.is_empty() {
            return None;
        }
        let quoted = self.text.starts_with('"');
        let mut open = quoted;
        let end = self.text.char_indices().skip(usize::from(quoted)).find(|(_, letter)| {
            open ^= *letter == '"' && quoted;
            !open && matches!(letter, ',' | ';' | '\t' | '\n' | '\r')
        });
        let at = end.map_or(self.text.len(), |(at, _)| at);
        let (cell, rest) = self.text.split_at_checked(at)?;
        let mut rest = rest.chars();
        self.line = self.line.saturating_add(cell.matches('\n').count());
        match rest.next() {
            Some('\n') => (self.line, self.column) = (self.line.saturating_add(1), 1),
            Some('\r') => self.column = 1,
            _ => self.column = self.column.saturating_add(1),
        }
        self.text = rest.as_str();
        Some(if quoted { cell.trim_matches('"') } else { cell })
    }
}

fn is_formula(cell: &str) -> bool {
    let cell = cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '"' || letter == '\'');
    // A dash alone is how tables say that there is no value.
    let dash = !cell.is_empty() && cell.chars().all(|letter| letter == '-');
    cell.starts_with(STARTS) && !dash && !is_number(cell)
}

/// A decimal number as tables write it: sign, digits, one mark of decimals, a power of ten, a percent sign.
fn is_number(cell: &str) -> bool {
    let cell = cell.strip_suffix('%').unwrap_or(cell);
    let cell = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let (digits, power) = cell.split_once(['e', 'E']).map_or((cell, None), |(digits, power)| (digits, Some(power)));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = digits.split_once(['.', ',']).map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let mantissa = all(whole) && part.is_none_or(|part| part.is_empty() || all(part));
    let fraction = whole.is_empty() && part.is_some_and(all);
    let power = power.is_none_or(|power| all(power.strip_prefix(['+', '-']).unwrap_or(power)));
    (mantissa || fraction) && power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_found_by_line_and_column() {
        for (text, wanted) in [
            ("a,b\n1,=SUM(A1:A9)\n", Some((2, 2))),
            ("=1+1", Some((1, 1))),
            ("\u{feff}@SUM(1)", Some((1, 1))),
            ("a;b\r\n1;+cmd|' /C calc'!A0\r\n", Some((2, 2))),
            ("a\t-2+3", Some((1, 2))),
            ("a,\"=HYPERLINK(\"\"x\"\")\"", Some((1, 2))),
            ("a,\" =1\"", Some((1, 2))),
            ("\"two\nlines\",x\n=1", Some((3, 1))),
            ("a,＝1", Some((1, 2))),
            ("a,- see note", Some((1, 2))),
            ("lat,lon\n-12.5,+3e-5\n-,--\n-1%,-.5\n+7.,x\n", None),
            ("\"he said, =1 is right\",5\n", None),
            ("time,e=mc2,a-b,a@b\n", None),
            ("\"open, =1", None),
            ("", None),
        ] {
            let wanted = wanted.map(|(line, column)| Active::Formula(line, column));
            assert_eq!(active(text.as_bytes()), wanted, "{text:?}");
        }
        assert!(matches!(active(b"\xff"), Some(Active::Opaque(..))));
        assert_eq!(active(include_bytes!("../../../../../examples/sierra-14-track.csv")), None);
    }

    #[test]
    fn only_numbers_are_numbers() {
        for good in ["-1", "+1.5", "-1,5", "-2E+10", "-5%", "-.5"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "-.", "-1.2.3", "-e5", "-1e", "+-1", "-1+2", "-0x5", "+39 123", "-1e5e5"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
