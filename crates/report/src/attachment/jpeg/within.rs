//! A JPEG that lies in a document: walked as a file is. No program cleans it there, so what nearly every camera and picture
//! editor writes is named in place of refused.

use super::{
    super::{
        finding::{Advice, At, Finding, Sort},
        sink::Nothing,
        window::{Feed, Window},
    },
    frame::Limits,
    image::image,
    reader::Reader,
};

/// Blocks of a progressive picture: 12 MiB, beside the tables of the document.
const MAX_BLOCKS: u64 = 3 * 512 * 1024;

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
    let limits = Limits { length: u64::MAX, blocks: MAX_BLOCKS };
    let mut reader = Reader::new(Window::fed(feed), &mut sink, limits, budget);
    reader.carries = Some(Vec::new());
    if let Err(finding) = image(&mut reader).and_then(|()| behind(&mut reader)) {
        reader.walked.found(finding);
    }
    let (finding, carries) = (reader.walked.inspected.finding, reader.carries.unwrap_or_default());
    Within { finding, carries, budget: reader.budget }
}

/// Nothing but one line end behind the last marker, which Ghostscript writes twice.
fn behind(reader: &mut Reader<'_>) -> Result<(), Finding> {
    let mut behind = Vec::new();
    while behind.len() < 5
        && let Some(byte) = reader.window.next()?
    {
        behind.push(byte);
    }
    match behind.strip_prefix(&[0xff, 0xd9]).unwrap_or(&behind) {
        b"" | b"\n" | b"\r" | b"\r\n" => Ok(()),
        _ => {
            let at = At::Byte(reader.window.position());
            Err(Finding::new(Sort::Hidden, "bytes behind the end of the image", at, Advice::ExportAnew))
        }
    }
}
