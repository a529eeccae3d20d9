//! What a picture in a document may have beside those of every picture: named in place of refused.

use super::{super::inspected::MAX_NAMES, reader::Reader, segment::Segment};

/// Marker, how the data begins, and what the officer is told of.
const CARRIED: [(u8, &[u8], &str); 8] = [
    (0xfe, b"", "a comment in a picture"),
    (0xe1, b"http://ns.adobe.com/xmp/extension/\0", "XMP"),
    (0xe2, b"MPF\0", "further pictures behind a picture (MPF)"),
    (0xe2, b"FPXR\0", "FlashPix data in a picture"),
    (0xe1, b"Exif\0", "Exif"),
    (0xe1, b"http://ns.adobe.com/xap/1.0/\0", "XMP"),
    (0xed, b"Photoshop 3.0\0", "Photoshop"),
    (0xed, b"Adobe_CM", "Photoshop"),
];

/// The segment by which "Save for Web" says how good a picture is, without the texts that it may have.
fn is_quality(segment: &Segment) -> bool {
    let quality = segment.data.strip_prefix(b"Ducky\0\x01\0\x04").and_then(|rest| rest.strip_suffix(b"\0\0"));
    segment.marker == 0xec && quality.is_some_and(|quality| quality.len() == 4)
}

/// Whether a segment is one that a picture in a document may have beside those of every picture; notes what it names.
pub(super) fn carries(reader: &mut Reader<'_>, segment: &Segment) -> bool {
    let Some(carries) = &mut reader.carries else { return false };
    let known = CARRIED.iter().find(|(marker, start, _)| *marker == segment.marker && segment.data.starts_with(start));
    if let Some((_, _, what)) = known
        && carries.len() < MAX_NAMES
        && !carries.contains(what)
    {
        carries.push(what);
    }
    known.is_some() || is_quality(segment)
}
