//! The account of the work that a look at one file takes: what it may still cost, and what it has cost.

use super::{comments::Comments, stop::Stop, window::wide};
use crate::attachment::{bytes::Bytes, finding::At, jpeg};
use std::cell::{Cell, RefCell};

/// Inflated bytes of one file, whatever its length.
const MAX_INFLATED: u64 = 1 << 30;
/// Inflated bytes for each byte of the file.
const INFLATED_FOR_A_BYTE: u64 = 64;
/// Inflated bytes that the smallest file may have: a page of one colour compresses to a thousandth.
const LEAST_INFLATED: u64 = 4 * 1024 * 1024;

/// The file, and what may be spent on it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'f> {
    pub(super) file: &'f dyn Bytes,
    pub(super) work: &'f Work,
}

/// What a look at one file may still cost, and what it has cost.
pub(super) struct Work {
    inflated: Cell<u64>,
    allowed: u64,
    pub(super) comments: RefCell<Comments>,
    /// Blocks of pictures that may still be visited in scans which say much with few bits.
    pub(super) visits: Cell<u64>,
    /// Bytes that were taken one by one or inflated: what time is spent on.
    pub(super) steps: Cell<u64>,
}

impl Work {
    pub(super) fn new(length: u64) -> Self {
        let allowed = length.saturating_mul(INFLATED_FOR_A_BYTE).clamp(LEAST_INFLATED, MAX_INFLATED);
        let visits = Cell::new(jpeg::budget(length));
        Self { inflated: Cell::new(0), allowed, comments: RefCell::default(), visits, steps: Cell::new(0) }
    }

    pub(super) fn inflated(&self, count: usize, at: At) -> Result<(), Stop> {
        let sum = self.inflated.get().saturating_add(wide(count));
        self.inflated.set(sum);
        self.step(wide(count));
        if sum <= self.allowed { Ok(()) } else { Err(Stop::large("what is compressed in it", at)) }
    }

    pub(super) fn step(&self, count: u64) {
        self.steps.set(self.steps.get().saturating_add(count));
    }
}
