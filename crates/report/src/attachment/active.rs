//! What an attachment carries beside what its reader sees: scripts, actions, embedded files, formulas, hidden bytes.
//!
//! In scope: finding it in the types that reports carry, and saying where. What cannot be inspected counts as found.
//! Out of scope: taking it out (what the author signed is never changed), and harm in what is shown, such as a faulty
//! image: that is a nation's own filter program's.

mod csv;
mod image;

use super::finding::Finding;
use std::fmt;

/// Why a nation's rules may refuse an attachment: the first such thing in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Active {
    /// A PDF names a script, an action, an embedded file or a form with code; at this byte.
    Name(&'static str, usize),
    /// A cell that a spreadsheet would calculate: line of the file and column, from 1.
    Formula(usize, usize),
    /// Bytes after the end of an image, from this one on.
    Trailing(usize),
    /// A part of an image that no viewer shows: text, metadata, or of an unknown kind; at this byte.
    Hidden(String, usize),
    /// A part that cannot be inspected, and why; at this byte.
    Opaque(&'static str, usize),
    /// What the inspector of its type found.
    Found(Finding),
    /// Not a type that is known how to inspect.
    Type,
}

impl fmt::Display for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name, at) => write!(f, "/{name} at byte {at}"),
            Self::Formula(line, column) => write!(f, "a formula in line {line}, column {column}"),
            Self::Trailing(at) => write!(f, "bytes after the end of the image, from byte {at} on"),
            Self::Hidden(what, at) => write!(f, "{what}, which no viewer shows, at byte {at}"),
            Self::Opaque(why, at) => write!(f, "{why}, at byte {at}: it cannot be inspected"),
            Self::Found(finding) => finding.fmt(f),
            Self::Type => write!(f, "a type that cannot be inspected"),
        }
    }
}

/// The first active or hidden part of an attachment whose content is of this media type; `None`: there is none.
///
/// Takes memory in proportion to the attachment, and of what is compressed in it at most 64 MiB at a time.
#[must_use]
pub fn active_content(media_type: &str, bytes: &[u8]) -> Option<Active> {
    match media_type {
        "application/pdf" => super::pdf::inspect(&bytes).finding.map(Active::Found),
        "text/csv" => csv::active(bytes),
        "image/png" => image::png(bytes),
        "image/jpeg" => image::jpeg(bytes),
        // Data that nothing executes; both were parsed.
        "application/json" | "application/geo+json" => None,
        _ => Some(Active::Type),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_refused_and_json_has_nothing_active() {
        assert_eq!(active_content("application/zip", b"PK"), Some(Active::Type));
        assert_eq!(active_content("application/json", b"{\"a\":\"=1+1\"}"), None);
        assert_eq!(active_content("application/geo+json", b"{}"), None);
        assert_eq!(Active::Formula(2, 3).to_string(), "a formula in line 2, column 3");
    }
}
