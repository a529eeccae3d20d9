//! JPEG (ISO 10918-1, JFIF): segments of which each is known and right, scans that are walked by their codes, nothing
//! behind. No picture is made.

mod app;
mod carried;
mod frame;
mod huffman;
mod image;
mod reader;
mod scan;
mod segment;
mod tables;
mod within;

use super::{
    bytes::Bytes,
    finding::Finding,
    inspected::Inspected,
    sink::{Nothing, Sink, Walked},
    window::Window,
};
use frame::{Limits, MAX_BLOCKS};
use reader::Reader;
pub(super) use scan::budget;
pub(super) use within::within;

/// What a JPEG has that its picture does not need.
pub(super) fn inspect(file: &dyn Bytes) -> Inspected {
    walk(file, &mut Nothing).inspected
}

/// Walks through the segments and scans; those that belong to the picture go to the sink.
pub(super) fn walk(file: &dyn Bytes, sink: &mut dyn Sink) -> Walked {
    let length = file.length();
    let limits = Limits { length, blocks: MAX_BLOCKS };
    let mut reader = Reader::new(Window::new(file), sink, limits, budget(length));
    if let Err(finding) = whole_file(&mut reader) {
        reader.walked.broken = Some(finding.clone());
        reader.walked.found(finding);
    }
    reader.walked
}

/// A picture that is a whole file.
fn whole_file(reader: &mut Reader<'_>) -> Result<(), Finding> {
    image::image(reader)?;
    let (end, left) = (reader.window.position(), reader.window.left());
    if left > 0 {
        reader.leave("bytes behind the end of the image", end, end.saturating_add(left));
    }
    while !reader.window.some(u64::MAX)?.is_empty() {}
    Ok(())
}

#[cfg(test)]
mod tests;
