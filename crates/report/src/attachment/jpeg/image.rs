//! One picture from its first marker to its last: each segment goes to what judges its kind.

use super::{
    super::finding::Finding,
    app,
    frame::Frame,
    reader::{Reader, Restart},
    scan,
    segment::{Segment, odd},
    tables,
};

/// From its first marker to its last.
pub(super) fn image(reader: &mut Reader<'_>) -> Result<(), Finding> {
    if reader.window.array::<2>()? != Some([0xff, 0xd8]) {
        return Err(odd("a JPEG without its first marker", 0));
    }
    reader.sink.keep(0, 2);
    while part(reader)? {}
    Ok(())
}

/// The next segment, with its scan if it has one; whether another may follow.
fn part(reader: &mut Reader<'_>) -> Result<bool, Finding> {
    let (at, marker) = match reader.pending.take() {
        Some(read) => read,
        None => reader.next_marker()?,
    };
    if marker != 0xe2 {
        app::profile_ended(reader)?;
    }
    match marker {
        0xd9 => return end(reader, at),
        0x00 | 0x01 | 0xd0..=0xd8 => return Err(odd("a marker that cannot stand there", at)),
        _ => {}
    }
    let [high, low] = [reader.byte()?, reader.byte()?];
    let length = u64::from(u16::from_be_bytes([high, low]));
    let mut left = length.checked_sub(2).ok_or_else(|| odd("a segment shorter than its length", at))?;
    let mut segment = Segment { marker, at, data: Vec::new() };
    while left > 0 {
        let some = reader.window.some(left)?;
        if some.is_empty() {
            return Err(odd("a segment that is longer than the file", at));
        }
        segment.data.extend_from_slice(some);
        left = left.saturating_sub(u64::try_from(some.len()).unwrap_or(u64::MAX));
    }
    judge(reader, &segment)?;
    Ok(true)
}

/// Judges a segment by its marker.
fn judge(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let at = segment.at;
    match segment.marker {
        0xe0..=0xef | 0xfe => return app::application(reader, segment),
        0xc4 => tables::huffman_tables(reader, segment)?,
        0xdb => tables::step_tables(reader, segment)?,
        0xdd => {
            let Ok(interval) = <[u8; 2]>::try_from(segment.data.as_slice()) else {
                return Err(odd("a segment DRI of another form", at));
            };
            if reader.restart.fresh.is_some() {
                return Err(odd("a second segment DRI", at));
            }
            let interval = u16::from_be_bytes(interval).into();
            let changed = reader.scans && interval != 0 && interval != reader.restart.interval;
            reader.restart = Restart { interval, fresh: Some(at), changed };
        }
        0xc0..=0xc2 => {
            if reader.frame.is_some() {
                return Err(odd("a second picture", at));
            }
            reader.frame = Some(Frame::read(segment, reader.limits)?);
        }
        0xda => return scan::scan(reader, segment),
        other => return Err(odd(app::refused(other), at)),
    }
    reader.sink.keep(at, segment.end());
    Ok(())
}

/// EOI: the picture was whole, and every table was for something.
fn end(reader: &mut Reader<'_>, at: u64) -> Result<bool, Finding> {
    let Some(frame) = &reader.frame else { return Err(odd("a JPEG without a picture", at)) };
    if !frame.is_whole() {
        return Err(odd("a picture whose components are not all there", at));
    }
    if let Some(at) = reader.restart.fresh {
        return Err(odd("a segment DRI that no scan follows", at));
    }
    let codes = reader.codes.iter().flatten().filter(|slot| !slot.used).map(|slot| slot.at);
    let unused = codes.chain(reader.steps.iter().flatten().filter(|slot| !slot.used).map(|slot| slot.at)).min();
    if let Some(unused) = unused {
        return Err(odd("a table that no scan uses", unused));
    }
    reader.codes.iter().flatten().try_for_each(tables::needed)?;
    reader.sink.keep(at, at.saturating_add(2));
    Ok(false)
}
