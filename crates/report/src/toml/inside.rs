//! Where a character of a value stands in the file, quotes and escapes as written.

/// What a backslash at a line's end takes along.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// One character of a TOML text, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    /// Its first byte.
    pub(crate) at: usize,
    /// The byte behind it.
    pub(crate) end: usize,
    /// Written as an escape.
    pub(crate) escaped: bool,
}

/// The characters of a TOML text that begins with its quotes, or of a bare key. Whoever does not know where the text
/// ends takes as many as its value has.
pub(crate) fn characters(raw: &str) -> impl Iterator<Item = Written> + '_ {
    let (quotes, escapes) = match raw {
        raw if raw.starts_with("\"\"\"") => (3, true),
        raw if raw.starts_with("'''") => (3, false),
        raw if raw.starts_with('"') => (1, true),
        raw if raw.starts_with('\'') => (1, false),
        _ => (0, false),
    };
    let inside = raw.get(quotes..).unwrap_or_default();
    // A line end behind three quotes is not of the text.
    let line_end = match inside {
        inside if quotes == 3 && inside.starts_with("\r\n") => 2,
        inside if quotes == 3 && inside.starts_with('\n') => 1,
        _ => 0,
    };
    Characters { raw, at: quotes + line_end, escapes }
}

struct Characters<'r> {
    raw: &'r str,
    at: usize,
    /// Whether a backslash begins an escape here.
    escapes: bool,
}

impl Iterator for Characters<'_> {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        loop {
            let at = self.at;
            let rest = self.raw.get(at..)?;
            let mut chars = rest.chars();
            let one = chars.next()?;
            if !self.escapes || one != '\\' {
                self.at += one.len_utf8();
                return Some(Written { at, end: self.at, escaped: false });
            }
            let kind = chars.next().unwrap_or('n');
            if BLANKS.contains(&kind) {
                // A backslash at a line's end takes the blanks behind it along and stands for nothing.
                let behind = rest.strip_prefix('\\').unwrap_or_default();
                self.at += rest.len() - behind.trim_start_matches(BLANKS).len();
                continue;
            }
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            self.at += 1 + kind.len_utf8() + chars.take(digits).map(char::len_utf8).sum::<usize>();
            return Some(Written { at, end: self.at, escaped: true });
        }
    }
}

/// Byte offset of character number `count` of a TOML text, quotes and escapes as written.
pub(crate) fn content_offset(raw: &str, count: usize) -> usize {
    characters(raw).nth(count).map_or(raw.len(), |one| one.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_a_value_are_found_through_quotes_and_escapes() {
        assert_eq!(content_offset("\"(U) x\"", 0), 1);
        assert_eq!(content_offset("\"é(U)\"", 1), 3);
        assert_eq!(content_offset("\"\\u00e9(U)\"", 1), 7);
        assert_eq!(content_offset("\"\"\"\nab\"\"\"", 1), 5);
        assert_eq!(content_offset("\"\"\"\r\nab\"\"\"", 1), 6);
        assert_eq!(content_offset("'a", 50), 2);
        assert_eq!(content_offset("\"\\x41\\e\\\"x\"", 3), 9);
        assert_eq!(content_offset("\"\"\"a\\  \n  b\"\"\"", 1), 10, "a line that goes on");
    }

    #[test]
    fn only_escapes_are_called_so() {
        let escaped = |raw: &str| characters(raw).map(|one| one.escaped).collect::<Vec<_>>();
        assert_eq!(escaped("\"a\\u00ADb\\\\u"), [false, true, false, true, false]);
        assert_eq!(escaped("'\\u"), [false, false]);
        assert_eq!(escaped("'''\n\\u"), [false, false]);
        assert_eq!(escaped("bare"), [false; 4]);
    }
}
