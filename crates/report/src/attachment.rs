//! The media type of an attachment, found from its content and held against the ending of its name; and what it carries
//! beside what its reader sees.
//!
//! Out of scope: whether the content is harmless. That is judged by the nation's own filter.

mod active;
pub mod bytes;
pub mod finding;
pub mod inspected;
mod json;
pub mod pdf;

pub use active::{Active, active_content};

/// Why an attachment is not what its name says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// The ending is none of the types that reports carry.
    Ending,
    /// The content is another thing than the ending says; this is what it looks like.
    Content(&'static str),
    /// JSON by its ending that does not parse, at this byte.
    NotJson(usize),
}

/// What a content is, by its first bytes.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "application/pdf", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "a PNG image"),
    (b"\xff\xd8\xff", "image/jpeg", "a JPEG image"),
    (b"PK\x03\x04", "", "a ZIP archive"),
    (b"PK\x05\x06", "", "a ZIP archive"),
    (b"\x1f\x8b", "", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "", "a 7z archive"),
    (b"Rar!", "", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "", "an old Office document"),
    (b"MZ", "", "a Windows program"),
    (b"\x7fELF", "", "a Linux program"),
    (b"GIF8", "", "a GIF image"),
    (b"{\\rtf", "", "a rich text document"),
];

/// The media type of the content, which must agree with the name's ending.
///
/// # Errors
/// [`Mismatch`] where it does not.
pub fn media_type(name: &str, bytes: &[u8]) -> Result<&'static str, Mismatch> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let wanted = match ending {
        "csv" => "text/csv",
        "json" => "application/json",
        "geojson" => "application/geo+json",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => return Err(by_signature(bytes).map_or(Mismatch::Ending, |(_, what)| Mismatch::Content(what))),
    };
    match by_signature(bytes) {
        // "MZ" may begin a table; a program has bytes that no text has.
        Some((_, "a Windows program")) if is_text(bytes) => {}
        Some((found, _)) if found == wanted => return Ok(wanted),
        Some((_, what)) => return Err(Mismatch::Content(what)),
        None => {}
    }
    match wanted {
        "text/csv" if is_text(bytes) => Ok(wanted),
        "text/csv" => Err(Mismatch::Content("not a table in UTF-8")),
        "application/json" | "application/geo+json" => match json::check(bytes) {
            Ok(()) => Ok(wanted),
            Err(at) => Err(Mismatch::NotJson(at)),
        },
        _ if is_text(bytes) => Err(Mismatch::Content("plain text")),
        _ => Err(Mismatch::Content("of an unknown type")),
    }
}

/// Whether this is the name of a file beside the report: no path, no leading dot, 1 to 120 of `A-Z a-z 0-9 . _ -`.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=120).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(usual)
}

fn by_signature(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    SIGNATURES.iter().find(|(start, ..)| bytes.starts_with(start)).map(|(_, media, what)| (*media, *what))
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|one| one.is_control() && !matches!(one, '\n' | '\r' | '\t')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_ending_must_agree() {
        for (name, bytes, wanted) in [
            ("a.csv", &b"time,lat\n1,2\n"[..], Ok("text/csv")),
            ("a.csv", b"PK\x03\x04rest", Err(Mismatch::Content("a ZIP archive"))),
            ("a.csv", b"\xff\xfe", Err(Mismatch::Content("not a table in UTF-8"))),
            ("a.csv", b"MZone,b\n", Ok("text/csv")),
            ("a.pdf", b"%PDF-1.7\n", Ok("application/pdf")),
            ("a.pdf", b"hello", Err(Mismatch::Content("plain text"))),
            ("a.csv", b"%PDF-1.7\n", Err(Mismatch::Content("a PDF document"))),
            ("a.png", b"\x89PNG\r\n\x1a\n..", Ok("image/png")),
            ("a.jpg", b"\xff\xd8\xff\xe0", Ok("image/jpeg")),
            ("a.json", b" {\"a\": [1, -2.5e3, true, null, \"x\\u00e9\"]} ", Ok("application/json")),
            ("a.geojson", b"{}", Ok("application/geo+json")),
            ("a.json", b"{\"a\": }", Err(Mismatch::NotJson(6))),
            ("a.exe", b"MZ\x90", Err(Mismatch::Content("a Windows program"))),
            ("a.txt", b"text", Err(Mismatch::Ending)),
        ] {
            assert_eq!(media_type(name, bytes), wanted, "{name}");
        }
    }

    #[test]
    fn names_have_no_path() {
        assert!(is_plain_name("sierra-14-track.csv"));
        for bad in ["", "../x.csv", ".hidden.csv", "a b.csv", "a/b.csv", "é.csv", &"x".repeat(121)] {
            assert!(!is_plain_name(bad), "{bad}");
        }
    }
}
