//! A JPEG that lies in a document: walked as a file is. No program cleans it there, so what nearly every camera and picture
//! editor writes is named in place of refused.

use super::{
    super::{
        finding::{Advice, At, Finding, Sort},
        inspected::MAX_NAMES,
        sink::Nothing,
        window::{Feed, Window},
    },
    Reader, Segment, frame,
};

/// Blocks of a progressive picture: 12 MiB, beside the tables of the document.
const MAX_BLOCKS: u64 = 3 * 512 * 1024;

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

/// What was found in a picture.
pub(in crate::attachment) struct Within {
    pub(in crate::attachment) finding: Option<Finding>,
    /// What names people and tools in it.
    pub(in crate::attachment) carries: Vec<&'static str>,
    /// Visits of blocks that are left.
    pub(in crate::attachment) budget: u64,
}

/// Walks through a picture to the end of what is fed.
pub(in crate::attachment) fn within(feed: &mut dyn Feed, budget: u64) -> Within {
    let mut sink = Nothing;
    // How long it is, is not known before its end; a scan that is shorter than its head says is found where it ends.
    let limits = frame::Limits { length: u64::MAX, blocks: MAX_BLOCKS };
    let mut reader = Reader::new(Window::fed(feed), &mut sink, limits, budget);
    reader.carries = Some(Vec::new());
    if let Err(finding) = reader.image().and_then(|()| reader.behind()) {
        reader.walked.found(finding);
    }
    let (finding, carries) = (reader.walked.inspected.finding, reader.carries.unwrap_or_default());
    Within { finding, carries, budget: reader.budget }
}

/// The segment by which "Save for Web" says how good a picture is, without the texts that it may have.
fn is_quality(segment: &Segment) -> bool {
    let quality = segment.data.strip_prefix(b"Ducky\0\x01\0\x04").and_then(|rest| rest.strip_suffix(b"\0\0"));
    segment.marker == 0xec && quality.is_some_and(|quality| quality.len() == 4)
}

impl Reader<'_> {
    /// Whether a segment is one that a picture in a document may have beside those of every picture; notes what it names.
    pub(super) fn carries(&mut self, segment: &Segment) -> bool {
        let Some(carries) = &mut self.carries else { return false };
        let known =
            CARRIED.iter().find(|(marker, start, _)| *marker == segment.marker && segment.data.starts_with(start));
        if let Some((_, _, what)) = known
            && carries.len() < MAX_NAMES
            && !carries.contains(what)
        {
            carries.push(what);
        }
        known.is_some() || is_quality(segment)
    }

    /// Nothing but one line end behind the last marker, which Ghostscript writes twice.
    fn behind(&mut self) -> Result<(), Finding> {
        let mut behind = Vec::new();
        while behind.len() < 5
            && let Some(byte) = self.window.next()?
        {
            behind.push(byte);
        }
        match behind.strip_prefix(&[0xff, 0xd9]).unwrap_or(&behind) {
            b"" | b"\n" | b"\r" | b"\r\n" => Ok(()),
            _ => {
                let at = At::Byte(self.window.position());
                Err(Finding::new(Sort::Hidden, "bytes behind the end of the image", at, Advice::ExportAnew))
            }
        }
    }
}
