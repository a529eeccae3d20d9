//! DCTDecode: a JPEG picture, walked as one that is a file.

use super::pull::{Input, Pull};
use crate::attachment::{
    bytes::Unread,
    finding::{Advice, At, Sort},
    jpeg,
    pdf::{stop::Stop, work::Work},
    window::Feed,
};

/// Walks a picture.
pub(super) struct Jpeg<'w> {
    input: Input<'w>,
    work: &'w Work,
    at: At,
    carries: Vec<&'static str>,
}

impl<'w> Jpeg<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, work: &'w Work, at: At) -> Self {
        Self { input: Input::new(inner, at), work, at, carries: Vec::new() }
    }
}

/// The bytes of a picture, and why they ended early.
struct Picture<'i, 'w> {
    input: &'i mut Input<'w>,
    stop: Option<Stop>,
}

impl Feed for Picture<'_, '_> {
    fn feed(&mut self, into: &mut Vec<u8>) -> Result<(), Unread> {
        into.clear();
        match self.input.rest() {
            Ok(rest) => into.extend_from_slice(rest),
            Err(stop) => {
                self.stop = Some(stop);
                return Err(Unread);
            }
        }
        self.input.skip(into.len());
        Ok(())
    }
}

impl Pull for Jpeg<'_> {
    fn pull(&mut self, _: &mut [u8]) -> Result<usize, Stop> {
        let mut picture = Picture { input: &mut self.input, stop: None };
        let found = jpeg::within(&mut picture, self.work.visits.get());
        self.work.visits.set(found.budget);
        self.carries = found.carries;
        if let Some(stop) = picture.stop {
            return Err(stop);
        }
        let Some(finding) = found.finding else { return Ok(0) };
        let advice = if finding.sort == Sort::TooLarge { Advice::Part } else { Advice::PrintAnew };
        Err(Stop::new(finding.sort, &format!("in a picture: {}", finding.what()), self.at, advice))
    }

    fn carries(&self) -> &[&'static str] {
        &self.carries
    }
}
