//! From bytes to text: UTF-8, NFC, LF, no character that nobody sees, and the cut between keys and text.

use super::told::Told;
use crate::{
    fault::Fault,
    unseen::{RULE, all, unseen},
};
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Bytes of a report file.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

/// Characters that nobody sees, told of one file: more than are shown, so that the rest is counted.
const MAX_TOLD_HERE: usize = 1_000;

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

/// Tells every character that nobody sees (R003), in one pass.
pub(super) fn characters(text: &str, told: &Told<'_>) {
    if unseen(text).is_none() {
        return;
    }
    let (mut line, mut column, mut done) = (1, 1, 0);
    for one in all(text).take(MAX_TOLD_HERE) {
        for passed in text.get(done..one.at).unwrap_or_default().chars() {
            (line, column) = if passed == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        done = one.at;
        told.error((line, column), RULE, one.to_string());
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
