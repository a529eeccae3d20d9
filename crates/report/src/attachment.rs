//! What an attachment is, whether its name says so, and what it carries beside what its reader sees.
//!
//! Everything here reads a file by ranges, in time in proportion to its length and in memory that is bounded, and is
//! called by the process that inspects and by the client alike. Out of scope: whether the content is harmless. That is
//! judged by the nation's own filter.

pub mod bytes;
pub mod clean;
mod csv;
#[cfg(test)]
#[path = "attachment/tests/differential.rs"]
mod differential;
mod exif;
pub mod finding;
mod icc;
mod inflate;
pub mod inspected;
mod jpeg;
mod json;
pub mod looks;
pub mod pdf;
mod png;
#[cfg(test)]
#[path = "attachment/tests/producers.rs"]
mod producers;
mod sink;
pub mod text;
mod window;
mod xmp;

pub use json::JsonFault;

use crate::codec::{Malformed, Validate};
use bytes::Bytes;
use finding::{Advice, At, Finding, Sort};
use inspected::Inspected;
use looks::{Format, Looks};
use serde::{Deserialize, Serialize};

/// Endings that reports carry, in small letters, and the media type of each.
pub const ENDINGS: [(&str, &str); 7] = [
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("geojson", "application/geo+json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
];

/// Why an attachment is not what its name says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Mismatch {
    /// The ending is none of the types that reports carry; this is what the content looks like.
    Ending(Looks),
    /// The content is another thing than the ending says; this is what it looks like.
    Content(Looks),
    /// JSON by its ending that is not, at this byte.
    Json(JsonFault, u64),
}

/// All that is said of an attachment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Its media type, on which its content and the ending of its name agree.
    pub media_type: Result<&'static str, Mismatch>,
    /// What it carries; of a content whose type is not certain, nothing is said.
    pub inspected: Inspected,
}

impl Validate for Mismatch {
    fn validate(&self) -> Result<(), Malformed> {
        Ok(()) // numbers and closed enumerations
    }
}

/// The ending of a name, behind its last dot; empty where it has none.
#[must_use]
pub fn ending(name: &str) -> &str {
    name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default()
}

/// Judges an attachment by the ending of its name and by its content. The one entry for all that parses attachments:
/// reads a file four times at most.
#[must_use]
pub fn judge(name_ending: &str, file: &dyn Bytes) -> Judged {
    let media_type = media_type_of(name_ending, file);
    let inspected = media_type.map_or_else(|_| Inspected::default(), |media_type| inspect_sure(media_type, file));
    Judged { media_type, inspected }
}

/// The media type of the content, which must agree with the name's ending, in small or large letters.
///
/// # Errors
/// [`Mismatch`] where it does not.
pub fn media_type(name: &str, file: &dyn Bytes) -> Result<&'static str, Mismatch> {
    media_type_of(ending(name), file)
}

fn media_type_of(ending: &str, file: &dyn Bytes) -> Result<&'static str, Mismatch> {
    let known = ENDINGS.iter().find(|(one, _)| one.eq_ignore_ascii_case(ending));
    let Some((_, wanted)) = known else { return Err(Mismatch::Ending(looks::looks(file))) };
    let Ok(signature) = looks::signature(file) else { return Err(Mismatch::Content(Looks::Unread)) };
    match (*wanted, signature) {
        ("application/pdf", Some(Looks::Pdf)) | ("image/png", Some(Looks::Png)) | ("image/jpeg", Some(Looks::Jpeg)) => {
            Ok(wanted)
        }
        // An empty table says that there is nothing.
        ("text/csv", None | Some(Looks::Other(Format::WindowsProgram | Format::Bmp))) => match looks::looks(file) {
            Looks::Text | Looks::Empty => Ok(wanted),
            other => Err(Mismatch::Content(other)),
        },
        ("application/json" | "application/geo+json", None) => match json::check(file) {
            Ok(()) => Ok(wanted),
            Err((fault, at)) => Err(match (fault, looks::looks(file)) {
                (JsonFault::Mark, Looks::Text) => Mismatch::Json(fault, at),
                (_, Looks::Text | Looks::Controls(_)) => Mismatch::Json(fault, at),
                (_, other) => Mismatch::Content(other),
            }),
        },
        _ => Err(Mismatch::Content(looks::looks(file))),
    }
}

/// What an attachment whose content is of this media type carries beside what its reader sees.
#[must_use]
pub fn inspect(media_type: &str, file: &dyn Bytes) -> Inspected {
    match media_type {
        "application/json" | "application/geo+json" => json::check(file).err().map(json_finding).into(),
        _ => inspect_sure(media_type, file),
    }
}

/// The same for a content whose media type was found before: JSON, which nothing executes, needs no second look.
fn inspect_sure(media_type: &str, file: &dyn Bytes) -> Inspected {
    match media_type {
        "application/pdf" => pdf::inspect(file),
        "text/csv" => csv::inspect(file),
        "image/png" => png::inspect(file),
        "image/jpeg" => jpeg::inspect(file),
        "application/json" | "application/geo+json" => Inspected::default(),
        _ => Inspected::found(Finding::new(Sort::Odd, "a type that is not known", At::File, Advice::PrintAnew)),
    }
}

fn json_finding((fault, at): (JsonFault, u64)) -> Finding {
    let sort = if fault == JsonFault::Members { Sort::TooLarge } else { Sort::Odd };
    Finding::new(sort, &fault.to_string(), At::Byte(at), Advice::MendJson)
}

/// Whether this is the name of a file beside the report: no path, no leading dot, 1 to 120 of `A-Z a-z 0-9 . _ -`.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=120).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(usual)
}

#[cfg(test)]
mod tests;
