//! DCTDecode: the segments of a JPEG picture up to its end. The picture is not made.

use super::{Input, Pull};
use crate::attachment::{finding::At, pdf::window::Stop};

/// Marker bytes: begin, end, scan, the segments that no picture needs.
const BEGIN: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const EXIF: u8 = 0xe1;

/// Walks a picture.
pub(super) struct Jpeg<'w> {
    input: Input<'w>,
    at: At,
    exif: bool,
}

impl<'w> Jpeg<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, at: At) -> Self {
        Self { input: Input::new(inner, at), at, exif: false }
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.input.byte()?.ok_or_else(|| self.input.cut())
    }

    /// Skips a segment.
    fn segment(&mut self, marker: u8) -> Result<(), Stop> {
        let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let mut left = length.checked_sub(2).ok_or_else(|| self.input.cut())?;
        let mut start = Vec::new();
        while left > 0 {
            let byte = self.byte()?;
            if start.len() < 4 {
                start.push(byte);
            }
            left -= 1;
        }
        self.exif |= marker == EXIF && start == b"Exif";
        Ok(())
    }

    /// Skips the data of a scan. Gives the marker behind it.
    fn scan(&mut self) -> Result<u8, Stop> {
        loop {
            while self.byte()? != 0xff {}
            let mut marker = self.byte()?;
            while marker == 0xff {
                marker = self.byte()?;
            }
            // A byte of data that looks like a marker, and marks to find the way after damage.
            if !matches!(marker, 0 | 0xd0..=0xd7) {
                return Ok(marker);
            }
        }
    }
}

impl Pull for Jpeg<'_> {
    fn pull(&mut self, _: &mut [u8]) -> Result<usize, Stop> {
        if [self.byte()?, self.byte()?] != [0xff, BEGIN] {
            return Err(Stop::odd("a picture that is no JPEG", self.at));
        }
        let mut after_scan = None;
        loop {
            let marker = match after_scan.take() {
                Some(marker) => marker,
                None if self.byte()? != 0xff => {
                    return Err(Stop::odd("a picture with bytes between its parts", self.at));
                }
                None => loop {
                    let marker = self.byte()?;
                    if marker != 0xff {
                        break marker;
                    }
                },
            };
            match marker {
                END => break,
                0 | 1 | 0xd0..=BEGIN => return Err(Stop::odd("a picture with a part out of place", self.at)),
                SCAN => {
                    self.segment(marker)?;
                    after_scan = Some(self.scan()?);
                }
                _ => self.segment(marker)?,
            }
        }
        // Ghostscript writes the end twice.
        if self.input.rest()?.starts_with(&[0xff, END]) {
            self.input.skip(2);
        }
        self.input.end()?;
        Ok(0)
    }

    fn has_exif(&self) -> bool {
        self.exif
    }
}
