//! Application segments and comments: JFIF, a colour profile, Adobe's transform and an orientation stay, all else goes.

use super::{
    super::{exif, finding::Finding, icc, xmp},
    carried::carries,
    reader::{Profile, Reader},
    segment::{Segment, odd},
};

/// Application, how its data begins, and its name.
const NAMES: [(u8, &[u8], &str); 12] = [
    (0, b"JFIF\0", "JFIF"),
    (0, b"JFXX\0", "JFXX, a small picture"),
    (1, b"Exif\0", "Exif"),
    (1, b"http://ns.adobe.com/", "XMP"),
    (2, b"ICC_PROFILE\0", "ICC profile"),
    (2, b"MPF\0", "MPF, further pictures"),
    (2, b"urn:iso:std:iso:ts:21496", "gain map"),
    (11, b"JP", "JUMBF"),
    (12, b"Ducky", "Ducky"),
    (13, b"Photoshop 3.0\0", "Photoshop"),
    (13, b"Adobe_CM", "Adobe"),
    (14, b"Adobe", "Adobe"),
];

const SIZE_OF_JFIF: usize = 14;

/// Why a segment that no picture of ours has is refused.
pub(super) const fn refused(marker: u8) -> &'static str {
    match marker {
        0xc3 | 0xc7 => "a lossless picture (SOF3 or SOF7)",
        0xc5 | 0xc6 => "a picture of several layers (SOF5 or SOF6)",
        0xc9..=0xcf => "a picture in arithmetic coding (SOF9 to SOF15 or DAC)",
        0xdc => "a height that comes later (DNL)",
        0xde | 0xdf => "a picture of several layers (DHP or EXP)",
        _ => "a segment of an unknown kind",
    }
}

fn name(segment: &Segment) -> String {
    if segment.marker == 0xfe {
        return "a comment (COM)".to_owned();
    }
    let number = segment.marker & 15;
    let known = NAMES.iter().find(|(app, start, _)| *app == number && segment.data.starts_with(start));
    match known {
        Some((_, _, name)) => format!("a segment APP{number} ({name})"),
        None => format!("a segment APP{number}"),
    }
}

/// Adobe's segment of 12 bytes, which says how colours are transformed.
fn is_adobe(data: &[u8]) -> bool {
    data.starts_with(b"Adobe") && data.len() == 12 && matches!(data.last(), Some(0..=2))
}

pub(super) fn application(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let data = segment.data.as_slice();
    if carries(reader, segment) {
        return Ok(());
    }
    match segment.marker {
        0xe2 if data.starts_with(b"ICC_PROFILE\0") && !reader.scans => return profile_part(reader, segment),
        0xe2 => profile_ended(reader)?,
        0xe0 if data.starts_with(b"JFIF\0") && data.len() >= SIZE_OF_JFIF && first(reader, 0) => {
            return jfif(reader, segment);
        }
        0xee if is_adobe(data) && first(reader, 1) => {
            reader.sink.keep(segment.at, segment.end());
            return Ok(());
        }
        0xe1 => return metadata(reader, segment),
        _ => {}
    }
    reader.leave(&name(segment), segment.at, segment.end());
    Ok(())
}

/// Whether this is the first of its kind, before the picture.
fn first(reader: &mut Reader<'_>, kind: usize) -> bool {
    let before = reader.frame.is_none();
    reader.seen.get_mut(kind).is_some_and(|seen| !std::mem::replace(seen, true)) && before
}

/// JFIF without the small picture that it may hold.
fn jfif(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let (head, small) = segment.data.split_at_checked(SIZE_OF_JFIF).unwrap_or_default();
    let [.., 1, _, 0..=2, _, _, _, _, wide, high] = head else {
        return Err(odd("a segment APP0 (JFIF) of another form", segment.at));
    };
    if small.is_empty() && (*wide, *high) == (0, 0) {
        reader.sink.keep(segment.at, segment.end());
        return Ok(());
    }
    reader.leave("a small picture in APP0 (JFIF)", segment.at, segment.end());
    reader.sink.put(&[0xff, 0xe0, 0, 16]);
    reader.sink.put(head.get(..12).unwrap_or_default());
    reader.sink.put(&[0, 0]);
    Ok(())
}

/// Exif or XMP: names in it are told, and of it an orientation stays.
fn metadata(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let data = segment.data.as_slice();
    let Some(exif) = data.strip_prefix(b"Exif\0\0") else {
        if data.starts_with(b"http://ns.adobe.com/xap/1.0/\0") {
            xmp::names(&String::from_utf8_lossy(data), &mut reader.walked.inspected);
        }
        reader.leave(&name(segment), segment.at, segment.end());
        return Ok(());
    };
    let first = first(reader, 2);
    if first && exif::is_only_orientation(exif) {
        reader.sink.keep(segment.at, segment.end());
        return Ok(());
    }
    exif::names(exif, &mut reader.walked.inspected);
    reader.leave(&name(segment), segment.at, segment.end());
    if let Some(value) = exif::orientation(exif).filter(|_| first) {
        reader.sink.put(&[0xff, 0xe1, 0, 34]);
        reader.sink.put(b"Exif\0\0");
        reader.sink.put(&exif::only(value));
    }
    Ok(())
}

/// One part of a colour profile: its number, how many there are, and bytes.
fn profile_part(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let part = segment.data.strip_prefix(b"ICC_PROFILE\0").unwrap_or_default();
    let profile = &mut reader.profile;
    let next = u8::try_from(profile.parts.len().saturating_add(1)).unwrap_or_default();
    profile.parts.push((segment.at, segment.end()));
    match part {
        [number, count, bytes @ ..] if *number == next && (profile.count == *count || next == 1) => {
            profile.count = *count;
            profile.broken |= bytes.is_empty() || profile.bytes.len() > icc::MAX_PROFILE;
            if !profile.broken {
                profile.bytes.extend_from_slice(bytes);
            }
        }
        _ => profile.broken = true,
    }
    Ok(())
}

/// Judges the colour profile when something else comes.
pub(super) fn profile_ended(reader: &mut Reader<'_>) -> Result<(), Finding> {
    if reader.profile.parts.is_empty() {
        return Ok(());
    }
    let profile = std::mem::replace(&mut reader.profile, Profile { ended: true, ..Profile::default() });
    let whole = usize::from(profile.count) == profile.parts.len() && !profile.broken;
    let verdict = match () {
        () if profile.ended => Err("a second colour profile".to_owned()),
        () if !whole => Err("a colour profile whose parts are not complete and in order".to_owned()),
        () => icc::check(&profile.bytes),
    };
    match verdict {
        Ok(()) => profile.parts.iter().for_each(|(from, to)| reader.sink.keep(*from, *to)),
        Err(what) => profile.parts.iter().for_each(|(from, to)| reader.leave(&what, *from, *to)),
    }
    Ok(())
}
