//! Huffman tables of JPEG, and the bits of a scan.

use super::{
    super::{finding::Finding, window::Window},
    segment::odd,
};
use std::cell::Cell;

/// A table of codes, canonical: the codes of one length follow one another.
pub(super) struct Table {
    /// For each length from 1 on: the first code behind those of this length, and what to add to a code for the place of
    /// its value.
    lengths: [(u32, i32); 16],
    values: Vec<u8>,
    /// Which of the values a scan has had.
    seen: Vec<Cell<bool>>,
}

/// Of the same codes.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        (&self.lengths, &self.values) == (&other.lengths, &other.values)
    }
}

impl Table {
    /// A table from 16 counts and the values behind them, and how many bytes it takes.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let (counts, rest) = bytes.split_first_chunk::<16>()?;
        let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let values = rest.get(..total)?.to_vec();
        let mut seen = [false; 256];
        for value in &values {
            // A value with two codes would say something by the choice between them.
            if std::mem::replace(seen.get_mut(usize::from(*value))?, true) {
                return None;
            }
        }
        let (mut code, mut place) = (0_u32, 0_i32);
        let mut lengths = [(0, 0); 16];
        for ((row, count), length) in lengths.iter_mut().zip(counts).zip(1_u32..) {
            let first = i32::try_from(code).ok()?;
            row.1 = place.checked_sub(first)?;
            code = code.checked_add(u32::from(*count))?;
            place = place.checked_add(i32::from(*count))?;
            row.0 = code;
            // No code consists of ones alone.
            if *count > 0 && code >= 1 << length {
                return None;
            }
            code <<= 1;
        }
        let seen = vec![Cell::new(false); total];
        (total > 0).then_some((Self { lengths, values, seen }, total.checked_add(16)?))
    }

    /// Whether scans have had all of its codes.
    pub(super) fn is_used_up(&self) -> bool {
        self.seen.iter().all(Cell::get)
    }
}

/// The bits of one stretch of a scan, up to a marker.
pub(super) struct Bits<'w, 'f> {
    pub(super) window: &'w mut Window<'f>,
    byte: u8,
    left: u32,
}

impl<'w, 'f> Bits<'w, 'f> {
    pub(super) fn new(window: &'w mut Window<'f>) -> Self {
        Self { window, byte: 0, left: 0 }
    }

    fn load(&mut self) -> Result<(), Finding> {
        let at = self.window.position();
        let short = |at| odd("a scan that ends before its last block", at);
        self.byte = self.window.next()?.ok_or_else(|| short(at))?;
        if self.byte == 0xff && self.window.next()? != Some(0) {
            return Err(short(at));
        }
        self.left = 8;
        Ok(())
    }

    pub(super) fn bit(&mut self) -> Result<u32, Finding> {
        if self.left == 0 {
            self.load()?;
        }
        self.left = self.left.wrapping_sub(1);
        Ok(u32::from(self.byte >> (self.left & 7)) & 1)
    }

    /// So many bits, 16 at most.
    pub(super) fn bits(&mut self, mut count: u32) -> Result<u32, Finding> {
        let mut out = 0_u32;
        while count > 0 {
            if self.left == 0 {
                self.load()?;
            }
            let some = count.min(self.left);
            self.left = self.left.saturating_sub(some);
            count = count.saturating_sub(some);
            let piece = (u32::from(self.byte) >> (self.left & 7)) & ((1 << some) - 1);
            out = (out << some) | piece;
        }
        Ok(out)
    }

    /// Leaves out so many bits.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), Finding> {
        (0..count.div_ceil(16))
            .try_for_each(|n| self.bits(count.saturating_sub(n.saturating_mul(16)).min(16)).map(drop))
    }

    /// The value of the next code.
    pub(super) fn value(&mut self, table: &Table) -> Result<u8, Finding> {
        let mut code = 0_u32;
        for (end, offset) in &table.lengths {
            code = (code << 1) | self.bit()?;
            if code < *end {
                let place = i32::try_from(code).unwrap_or(i32::MAX).saturating_add(*offset);
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                if let Some(seen) = table.seen.get(place) {
                    seen.set(true);
                }
                return table.values.get(place).copied().ok_or_else(|| self.unknown());
            }
        }
        Err(self.unknown())
    }

    fn unknown(&self) -> Finding {
        odd("a code that no table has", self.window.position())
    }

    /// The last byte with its fill bits, where these are not all ones; and how many of them there are.
    pub(super) fn fill(&self) -> Option<u8> {
        let fill = (1_u32 << self.left) - 1;
        let right = u32::from(self.byte) & fill == fill;
        (!right).then(|| self.byte | u8::try_from(fill).unwrap_or(u8::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_they_were_made() {
        // Codes 00, 01, 100, 101.
        let bytes = [&[0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], b"abcd", b"rest"].concat();
        let (table, size) = Table::read(&bytes).unwrap();
        assert_eq!(size, 20);
        let coded = &[0b0001_1001, 0b0111_1111_u8][..];
        let mut window = Window::new(&coded);
        let mut bits = Bits::new(&mut window);
        let read: Vec<u8> = (0..4).map(|_| bits.value(&table).unwrap()).collect();
        assert_eq!(read, b"abcd");
        assert!(bits.value(&table).is_err(), "only ones are no code");
        for (what, bad) in [
            ("too many codes", [&[3][..], &[0; 15], b"abc"].concat()),
            ("a code of ones", [&[2][..], &[0; 15], b"ab"].concat()),
            ("a value twice", [&[0, 2][..], &[0; 14], b"aa"].concat()),
            ("cut", [&[0, 2][..], &[0; 14], b"a"].concat()),
            ("empty", vec![0; 16]),
        ] {
            assert!(Table::read(&bad).is_none(), "{what}");
        }
    }
}
