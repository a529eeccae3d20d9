//! FlateDecode: zlib data (RFC 1950), inflated in pieces.

use super::pull::{Input, Pull};
use crate::attachment::{
    finding::At,
    pdf::{stop::Stop, work::Work},
};
use miniz_oxide::{
    DataFormat, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};

pub(super) struct Flate<'w> {
    input: Input<'w>,
    state: Box<InflateState>,
    work: &'w Work,
    at: At,
    ended: bool,
}

impl<'w> Flate<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, work: &'w Work, at: At) -> Self {
        let state = InflateState::new_boxed(DataFormat::Zlib);
        Self { input: Input::new(inner, at), state, work, at, ended: false }
    }
}

impl Pull for Flate<'_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        if into.is_empty() {
            return Ok(0);
        }
        while !self.ended {
            let have = self.input.rest()?;
            let dry = have.is_empty();
            let told = inflate(&mut self.state, have, into, MZFlush::None);
            self.input.skip(told.bytes_consumed);
            self.work.inflated(told.bytes_written, self.at)?;
            match told.status {
                Ok(MZStatus::StreamEnd) => {
                    self.ended = true;
                    self.input.end()?;
                }
                Ok(_) if told.bytes_written > 0 || (told.bytes_consumed > 0 && !dry) => {}
                _ => return Err(self.input.cut()),
            }
            if told.bytes_written > 0 {
                return Ok(told.bytes_written);
            }
        }
        Ok(0)
    }
}
