//! RunLengthDecode, and the end of LZWDecode.

use super::pull::{Input, Pull};
use crate::attachment::{
    finding::At,
    pdf::{stop::Stop, work::Work},
};

/// Runs, up to a byte of 128.
pub(super) struct RunLength<'w> {
    input: Input<'w>,
    work: &'w Work,
    at: At,
    /// Bytes that come, and the one that they all are.
    left: usize,
    repeats: Option<u8>,
    ended: bool,
}

impl<'w> RunLength<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, work: &'w Work, at: At) -> Self {
        Self { input: Input::new(inner, at), work, at, left: 0, repeats: None, ended: false }
    }

    fn run(&mut self) -> Result<(), Stop> {
        match self.input.byte()?.ok_or_else(|| self.input.cut())? {
            128 => {
                self.ended = true;
                self.input.end()
            }
            length @ 0..128 => {
                (self.left, self.repeats) = (usize::from(length) + 1, None);
                Ok(())
            }
            length => {
                self.left = 257 - usize::from(length);
                self.repeats = Some(self.input.byte()?.ok_or_else(|| self.input.cut())?);
                Ok(())
            }
        }
    }
}

impl Pull for RunLength<'_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        let mut count = 0;
        for place in into {
            while self.left == 0 && !self.ended {
                self.run()?;
            }
            if self.ended {
                break;
            }
            self.left -= 1;
            *place = match self.repeats {
                Some(byte) => byte,
                None => self.input.byte()?.ok_or_else(|| self.input.cut())?,
            };
            count += 1;
        }
        self.work.inflated(count, self.at)?;
        Ok(count)
    }
}

/// Codes of 9 to 12 bits, up to the one that ends them. What they mean is not undone.
pub(super) struct Lzw<'w> {
    input: Input<'w>,
    at: At,
}

impl<'w> Lzw<'w> {
    /// The code that begins anew, and the one that ends.
    const CLEAR: u32 = 256;
    const END: u32 = 257;

    pub(super) fn new(inner: Box<dyn Pull + 'w>, at: At) -> Self {
        Self { input: Input::new(inner, at), at }
    }
}

impl Pull for Lzw<'_> {
    fn pull(&mut self, _: &mut [u8]) -> Result<usize, Stop> {
        let (mut bits, mut held) = (0_u32, 0_u32);
        // Codes known, with the one that is made of the last two: wider codes begin one early, as is the default.
        let mut known = 258_u32;
        let mut fresh = true;
        loop {
            let width = match known + 1 {
                0..512 => 9,
                512..1024 => 10,
                1024..2048 => 11,
                _ => 12,
            };
            while bits < width {
                let byte = self.input.byte()?.ok_or_else(|| self.input.cut())?;
                (held, bits) = ((held << 8 | u32::from(byte)) & 0x000f_ffff, bits + 8);
            }
            bits -= width;
            match held >> bits & ((1 << width) - 1) {
                Self::END => break,
                Self::CLEAR => (known, fresh) = (258, true),
                code if code > known => return Err(Stop::odd("codes that mean nothing", self.at)),
                _ if std::mem::take(&mut fresh) => {}
                _ => known = (known + 1).min(4096),
            }
        }
        self.input.end()?;
        Ok(0)
    }
}
