//! ASCII85Decode and ASCIIHexDecode.

use super::pull::{Input, Pull};
use crate::attachment::{
    finding::At,
    pdf::{source::is_space, stop::Stop},
};

/// Five letters for four bytes, up to `~>`.
pub(super) struct Ascii85<'w> {
    input: Input<'w>,
    ready: Vec<u8>,
    ended: bool,
}

impl<'w> Ascii85<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, at: At) -> Self {
        Self { input: Input::new(inner, at), ready: Vec::new(), ended: false }
    }

    /// Reads one group.
    fn group(&mut self) -> Result<(), Stop> {
        let (mut value, mut count) = (0_u64, 0_usize);
        while count < 5 {
            let byte = self.input.byte()?.ok_or_else(|| self.input.cut())?;
            match byte {
                b'!'..=b'u' => {
                    value = value * 85 + u64::from(byte - b'!');
                    count += 1;
                }
                b'z' if count == 0 => count = 5,
                b'~' => {
                    self.ended = true;
                    break;
                }
                byte if is_space(byte) => {}
                _ => return Err(self.input.cut()),
            }
        }
        if self.ended {
            if count == 1 || self.input.byte()? != Some(b'>') {
                return Err(self.input.cut());
            }
            self.input.end()?;
            if count == 0 {
                return Ok(());
            }
            // The bytes of a short group are those of one that is filled with the highest letter.
            (count..5).for_each(|_| value = value * 85 + 84);
        }
        let value = u32::try_from(value).map_err(|_| self.input.cut())?;
        let most = if self.ended { count.saturating_sub(1) } else { 4 };
        self.ready.extend(value.to_be_bytes().into_iter().take(most));
        Ok(())
    }
}

impl Pull for Ascii85<'_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        while self.ready.is_empty() && !self.ended {
            // A piece at a time, so that what is ready is given in one.
            for _ in 0..512 {
                if !self.ended {
                    self.group()?;
                }
            }
        }
        let count = self.ready.len().min(into.len());
        into.iter_mut().zip(self.ready.drain(..count)).for_each(|(place, byte)| *place = byte);
        Ok(count)
    }
}

/// Two digits for a byte, up to `>`.
pub(super) struct Hex<'w> {
    input: Input<'w>,
    ended: bool,
}

impl<'w> Hex<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, at: At) -> Self {
        Self { input: Input::new(inner, at), ended: false }
    }

    fn digit(&mut self) -> Result<Option<u8>, Stop> {
        while !self.ended {
            let byte = self.input.byte()?.ok_or_else(|| self.input.cut())?;
            match char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
                Some(digit) => return Ok(Some(digit)),
                None if byte == b'>' => {
                    self.ended = true;
                    self.input.end()?;
                }
                None if is_space(byte) => {}
                None => return Err(self.input.cut()),
            }
        }
        Ok(None)
    }
}

impl Pull for Hex<'_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        let mut count = 0;
        for place in into {
            let Some(high) = self.digit()? else { break };
            *place = high << 4 | self.digit()?.unwrap_or(0);
            count += 1;
        }
        Ok(count)
    }
}
