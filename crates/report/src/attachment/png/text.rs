//! Names of people and tools in the chunks of text, which are told though the chunks are refused.

use super::super::{exif, inspected::Inspected, xmp};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Inflated bytes of a text that are read.
const MAX_TEXT: usize = 64 * 1024;
/// Keywords under which people and tools stand.
const KEYWORDS: [&str; 9] =
    ["Author", "Artist", "Creator", "Copyright", "Software", "Source", "Producer", "Make", "Model"];

/// Keeps the names that a chunk holds.
pub(super) fn names(kind: &[u8; 4], bytes: &[u8], into: &mut Inspected) {
    match kind {
        b"eXIf" => exif::names(bytes, into),
        b"tEXt" | b"zTXt" | b"iTXt" => text(kind, bytes, into),
        _ => {}
    }
}

fn text(kind: &[u8; 4], bytes: &[u8], into: &mut Inspected) {
    let Some((keyword, value)) = parted(bytes) else { return };
    let value = match kind {
        b"tEXt" => Some(value.to_vec()),
        b"zTXt" => value.get(1..).and_then(inflated),
        _ => international(value),
    };
    let (Some(value), Ok(keyword)) = (value, std::str::from_utf8(keyword)) else { return };
    let value = String::from_utf8_lossy(&value);
    if keyword == "XML:com.adobe.xmp" {
        xmp::names(&value, into);
    } else if KEYWORDS.iter().any(|known| known.eq_ignore_ascii_case(keyword)) {
        into.name(keyword, &value);
    }
}

/// Compression, method, language, keyword in that language, text.
fn international(value: &[u8]) -> Option<Vec<u8>> {
    let (compressed, rest) = (value.first()?, value.get(2..)?);
    let (_, rest) = parted(rest)?;
    let (_, text) = parted(rest)?;
    if *compressed == 0 { Some(text.to_vec()) } else { inflated(text) }
}

fn parted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..at)?, bytes.get(at.checked_add(1)?..)?))
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    decompress_to_vec_zlib_with_limit(bytes, MAX_TEXT).ok()
}
