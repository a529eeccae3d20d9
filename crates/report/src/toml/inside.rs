//! Where a character of a value stands in the file, quotes and escapes as written.

/// Byte offset of character number `count` of a TOML text, quotes and escapes as written.
pub(crate) fn content_offset(raw: &str, count: usize) -> usize {
    let (quotes, escapes) = match raw {
        raw if raw.starts_with("\"\"\"") => (3, true),
        raw if raw.starts_with("'''") => (3, false),
        raw if raw.starts_with('"') => (1, true),
        raw if raw.starts_with('\'') => (1, false),
        _ => (0, false),
    };
    let mut at = quotes;
    // A line end behind three quotes is not of the text.
    if quotes == 3 && raw.get(at..).is_some_and(|rest| rest.starts_with('\n')) {
        at += 1;
    }
    let mut left = count;
    let mut rest = raw.get(at..).unwrap_or_default().chars();
    while left > 0 {
        let Some(one) = rest.next() else { break };
        at += one.len_utf8();
        if escapes && one == '\\' {
            let kind = rest.next().unwrap_or('n');
            at += kind.len_utf8();
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            for _ in 0..digits {
                at += rest.next().map_or(0, char::len_utf8);
            }
        }
        left -= 1;
    }
    at
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
        assert_eq!(content_offset("'a", 50), 2);
    }
}
