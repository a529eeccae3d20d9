//! From bytes to text: UTF-8, NFC, LF, no invisible characters, and the cut between keys and text.

use super::told::Told;
use crate::fault::Fault;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Bytes of a report file.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

/// The two halves of a report file.
pub(super) struct Halves<'t> {
    /// The keys, between the lines of `+++`; begins at line 2.
    pub(super) front: &'t str,
    /// The text behind the second `+++`.
    pub(super) body: &'t str,
    /// Line of the file at which `body` begins.
    pub(super) body_line: usize,
}

/// The file's text in NFC with LF, or the one fault for which nothing more can be read.
pub(super) fn decode(bytes: &[u8], limit: u64) -> Result<String, Fault> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > limit {
        return Err(too_large(length, limit));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        return Err(fault(
            1,
            1,
            "R001",
            "the file begins with a byte-order mark. Save it as UTF-8 without one".to_owned(),
        ));
    }
    let text = if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
    Ok(if text.contains('\r') { text.replace("\r\n", "\n") } else { text.into_owned() })
}

/// R002 for a length in bytes.
pub(super) fn too_large(length: u64, limit: u64) -> Fault {
    let message = format!(
        "{} bytes; the limit is {}. Move tables and data to an attachment",
        thousands(length),
        thousands(limit)
    );
    fault(0, 0, "R002", message)
}

/// A number with commas between thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn fault(line: usize, column: usize, rule: &'static str, message: String) -> Fault {
    Fault { line, column, rule, message, warning: false }
}

fn not_utf8(bytes: &[u8], valid: usize) -> Fault {
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let byte = bytes.get(valid).copied().unwrap_or_default();
    let guess =
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") { "UTF-16" } else { "Windows-1252" };
    let message = format!("byte 0x{byte:02X} is not UTF-8. Save the file as UTF-8 (it looks like {guess})");
    fault(line, column, "R001", message)
}

/// What a character is that must not stand in a report; `None`: it may.
pub(crate) fn invisible(one: char) -> Option<&'static str> {
    Some(match one {
        '\n' | '\t' => return None,
        '\u{202A}' => "left-to-right embedding",
        '\u{202B}' => "right-to-left embedding",
        '\u{202C}' => "pop directional formatting",
        '\u{202D}' => "left-to-right override",
        '\u{202E}' => "right-to-left override",
        '\u{2066}'..='\u{2069}' => "directional isolate",
        '\u{200E}' | '\u{200F}' | '\u{061C}' => "directional mark",
        '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{180E}' | '\u{FEFF}' => "zero-width character",
        '\u{00AD}' => "soft hyphen",
        '\u{2028}' | '\u{2029}' => "line separator",
        '\u{E0000}'..='\u{E007F}' => "tag character",
        control if control.is_control() => "control character",
        _ => return None,
    })
}

/// Tells every invisible character (R003).
pub(super) fn characters(text: &str, told: &Told<'_>) {
    for (line, content) in text.split('\n').enumerate() {
        for (column, one) in content.chars().enumerate() {
            if let Some(what) = invisible(one) {
                let message = format!(
                    "invisible character U+{:04X} ({what}). Delete it; it can make text read differently from what is signed",
                    u32::from(one)
                );
                told.error((line + 1, column + 1), "R003", message);
            }
        }
    }
}

/// Cuts the file at its two lines of `+++` (R004).
pub(super) fn halves(text: &str) -> Result<Halves<'_>, Fault> {
    let Some(rest) = text.strip_prefix("+++\n") else {
        let message = "the first line must be +++. The keys stand between two lines of +++".to_owned();
        return Err(fault(1, 1, "R004", message));
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end_matches('\n') == "+++" {
            let front = rest.get(..at).unwrap_or_default();
            let body = rest.get(at + line.len()..).unwrap_or_default();
            return Ok(Halves { front, body, body_line: 3 + front.matches('\n').count() });
        }
        at += line.len();
    }
    let message = "the keys have no end. Close them with a second line of +++".to_owned();
    Err(fault(1, 1, "R004", message))
}
