//! Predictors of Flate data: rows that are kept as differences, by the rules of PNG.

use super::pull::Pull;
use crate::attachment::{
    finding::At,
    pdf::{head::Parameters, stop::Stop},
};

/// Bytes of a row of a table: those of real ones have a few.
const MAX_ROW: usize = 4096;

/// Rows, their differences undone.
pub(in crate::attachment::pdf) struct Predicted<'w> {
    inner: Box<dyn Pull + 'w>,
    /// Bytes between those that belong together; `None`: nothing is to undo.
    step: Option<usize>,
    row: Vec<u8>,
    above: Vec<u8>,
    /// Bytes of the row that were given.
    given: usize,
    at: At,
}

impl<'w> Predicted<'w> {
    pub(in crate::attachment::pdf) fn new(
        inner: Box<dyn Pull + 'w>,
        parameters: Parameters,
        at: At,
    ) -> Result<Self, Stop> {
        let mut made = Self { inner, step: None, row: Vec::new(), above: Vec::new(), given: 0, at };
        let Parameters { predictor, colors, bits, columns } = parameters;
        match (predictor, colors, bits) {
            (1, ..) => return Ok(made),
            (10..=15, 1..=4, 8) => {}
            _ => return Err(Stop::odd("a table kept in an unusual way", at)),
        }
        let step = usize::try_from(colors).unwrap_or(1);
        let row = usize::try_from(columns).ok().and_then(|columns| columns.checked_mul(step));
        let row = row.filter(|row| (1..=MAX_ROW).contains(row));
        let row = row.ok_or_else(|| Stop::odd("a table kept in an unusual way", at))?;
        made.step = Some(step);
        made.row.resize(row, 0);
        made.given = row;
        made.above.resize(row, 0);
        Ok(made)
    }

    /// Reads the next row; false at the end.
    fn next_row(&mut self, step: usize) -> Result<bool, Stop> {
        let mut kind = [0];
        if self.inner.pull(&mut kind)? == 0 {
            return Ok(false);
        }
        std::mem::swap(&mut self.row, &mut self.above);
        let mut filled = 0;
        while filled < self.row.len() {
            let count = self.inner.pull(self.row.get_mut(filled..).unwrap_or_default())?;
            if count == 0 {
                return Err(Stop::odd("a table whose last row is cut", self.at));
            }
            filled += count;
        }
        for n in 0..self.row.len() {
            let left = n.checked_sub(step).and_then(|n| self.row.get(n)).copied().unwrap_or(0);
            let corner = n.checked_sub(step).and_then(|n| self.above.get(n)).copied().unwrap_or(0);
            let up = self.above.get(n).copied().unwrap_or(0);
            let guess = match kind[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::try_from(u16::midpoint(u16::from(left), u16::from(up))).unwrap_or(0),
                4 => nearest(left, up, corner),
                _ => return Err(Stop::odd("a row kept in an unknown way", self.at)),
            };
            if let Some(byte) = self.row.get_mut(n) {
                *byte = byte.wrapping_add(guess);
            }
        }
        self.given = 0;
        Ok(true)
    }
}

/// The one of three that is nearest to left + up - corner.
fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |one: u8| (guess - i16::from(one)).abs();
    match () {
        () if far(left) <= far(up) && far(left) <= far(corner) => left,
        () if far(up) <= far(corner) => up,
        () => corner,
    }
}

impl Pull for Predicted<'_> {
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop> {
        let Some(step) = self.step else { return self.inner.pull(into) };
        if self.given >= self.row.len() && !self.next_row(step)? {
            return Ok(0);
        }
        let rest = self.row.get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        self.given += count;
        Ok(count)
    }
}
