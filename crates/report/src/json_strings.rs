//! The strings of a JSON text, keys among them, escapes undone; and its numbers. Plain scanning, linear: the text need not be right, and
//! nothing of it is passed over where it is not.

use std::borrow::Cow;

/// Whether one of the strings is so, asked with the byte at which its opening quote stands.
pub fn any(json: &str, mut is_so: impl FnMut(usize, &str) -> bool) -> bool {
    let mut rest = json;
    while let Some((before, behind)) = rest.split_once('"') {
        let start = json.len().saturating_sub(rest.len()).saturating_add(before.len());
        let (inner, next) = behind.split_at_checked(end_of_string(behind)).unwrap_or((behind, ""));
        if is_so(start, &without_escapes(inner)) {
            return true;
        }
        rest = next.get(1..).unwrap_or_default();
    }
    false
}

/// Whether one of the numbers is so: what stands outside strings and has a figure, with a blank for the letter of its power
/// of ten, which is no letter of a word.
pub fn any_number(json: &str, mut is_so: impl FnMut(&str) -> bool) -> bool {
    let is_part = |one: char| matches!(one, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    let mut rest = json;
    while !rest.is_empty() {
        let (before, behind) = rest.split_once('"').unwrap_or((rest, ""));
        let numbers = before.split(|one| !is_part(one)).filter(|one| one.bytes().any(|byte| byte.is_ascii_digit()));
        for number in numbers {
            let is_number =
                if number.contains(['e', 'E']) { is_so(&number.replace(['e', 'E'], " ")) } else { is_so(number) };
            if is_number {
                return true;
            }
        }
        rest = behind.get(end_of_string(behind)..).and_then(|rest| rest.get(1..)).unwrap_or_default();
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

/// Each escape as the character that it stands for.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (read, length) = match rest.as_bytes() {
            [b'\\', b'u', ..] => match rest.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
                Some(unit) => {
                    units.push(unit);
                    rest = rest.get(6..).unwrap_or_default();
                    continue;
                }
                None => (letter, 1),
            },
            [b'\\', b'b', ..] => ('\u{8}', 2),
            [b'\\', b'f', ..] => ('\u{C}', 2),
            [b'\\', b'n', ..] => ('\n', 2),
            [b'\\', b'r', ..] => ('\r', 2),
            [b'\\', b't', ..] => ('\t', 2),
            [b'\\', other, ..] if other.is_ascii() => (char::from(*other), 2),
            _ => (letter, letter.len_utf8()),
        };
        units.extend_from_slice(read.encode_utf16(&mut [0; 2]));
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::{any, any_number};

    fn all(json: &str) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        assert!(!any(json, |at, text| {
            out.push((at, text.to_owned()));
            false
        }));
        out
    }

    #[test]
    fn every_string_is_seen_with_its_place_whatever_the_text() {
        let of = |text: &str| text.to_owned();
        let pair = r#"{"a": "\ud83e\udd8a\n\"b\""}"#;
        assert_eq!(all(pair), [(1, of("a")), (6, of("\u{1F98A}\n\"b\""))]);
        assert_eq!(all(r#"["\é", "(S//NF)"]"#), [(1, of("\\é")), (8, of("(S//NF)"))]);
        assert_eq!(all(r#"["\u00 (S)", "x"#), [(1, of("\\u00 (S)")), (13, of("x"))]);
    }

    #[test]
    fn every_number_is_seen_and_nothing_of_a_string() {
        let mut out = Vec::new();
        let json = r#"{"a1": [70417, -7.5E+3, true, false, null, "12\" 13", 0.25], "14": {"b": 1e9}} 5 "16"#;
        assert!(!any_number(json, |one| {
            out.push(one.to_owned());
            false
        }));
        assert_eq!(out, ["70417", "-7.5 +3", "0.25", "1 9", "5"]);
        assert!(any_number("[1,2,3]", |one| one == "3") && !any_number("", |_| true));
    }
}
