//! The filters of streams (ISO 32000-2, 7.4), as far as where their data ends: each is undone while it is read, and
//! nothing may stand behind its end.
//!
//! Pictures are not made: JPEG is walked to its last coded block, and JPEG 2000, JBIG2 and CCITT are taken as they are.

mod ascii;
mod flate;
mod jpeg;
mod predictor;
mod pull;
mod runs;

pub(super) use predictor::Predicted;
pub(super) use pull::Pull;

use super::{
    guard::Guard,
    lexer::Short,
    stop::Stop,
    window::{Window, wide},
    work::Work,
};
use crate::attachment::finding::At;

/// The bytes of a stream as they stand in the file.
pub(super) struct Raw<'w, 'f> {
    window: &'w mut Window<'f>,
    work: &'w Work,
    at: u64,
    end: u64,
    guard: Guard,
}

impl<'w, 'f> Raw<'w, 'f> {
    pub(super) fn new(window: &'w mut Window<'f>, work: &'w Work, at: u64, end: u64) -> Self {
        Self { window, work, at, end, guard: Guard::default() }
    }
}

impl Pull for Raw<'_, '_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(into.len());
        if left == 0 {
            return Ok(0);
        }
        let have = self.window.from(self.at)?;
        let count = have.len().min(left);
        for (place, byte) in into.iter_mut().zip(have.iter().take(count)) {
            *place = *byte;
        }
        self.guard = self.guard.after_all(have.get(..count).unwrap_or_default());
        if self.guard.has_found() {
            return Err(Stop::odd("a stream that looks like an object", At::Byte(self.at)));
        }
        if count == 0 {
            return Err(Stop::odd("a stream that ends behind the file", At::Byte(self.at)));
        }
        self.at = self.at.saturating_add(wide(count));
        self.work.step(wide(count));
        Ok(count)
    }
}

/// Undoes the filters, in order.
pub(super) fn chain<'w>(
    raw: Box<dyn Pull + 'w>,
    filters: &[Short],
    work: &'w Work,
    at: At,
) -> Result<Box<dyn Pull + 'w>, Stop> {
    let mut chain = raw;
    let mut last = false;
    for filter in filters {
        if std::mem::take(&mut last) {
            return Err(Stop::odd("a picture or another end of filters that is filtered again", at));
        }
        chain = match filter.bytes() {
            b"FlateDecode" => Box::new(flate::Flate::new(chain, work, at)),
            b"ASCII85Decode" => Box::new(ascii::Ascii85::new(chain, at)),
            b"ASCIIHexDecode" => Box::new(ascii::Hex::new(chain, at)),
            b"RunLengthDecode" => Box::new(runs::RunLength::new(chain, work, at)),
            b"LZWDecode" => {
                last = true;
                Box::new(runs::Lzw::new(chain, at))
            }
            b"DCTDecode" => {
                last = true;
                Box::new(jpeg::Jpeg::new(chain, work, at))
            }
            b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" => {
                last = true;
                chain
            }
            _ => return Err(Stop::odd("a filter that is not known", at)),
        };
    }
    Ok(chain)
}
