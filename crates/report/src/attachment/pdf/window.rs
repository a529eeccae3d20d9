//! A window on the file: a part of it in memory.

use super::stop::Stop;
use crate::attachment::{bytes::Bytes, finding::At};

/// Bytes that a window reads at once where a file is read from front to back.
const MOST: usize = 64 * 1024;

/// A length in memory as one in a file.
pub(super) fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A part of the file in memory. Read on, it takes twice as much each time; after a jump it begins small, so that a few
/// bytes here and there cost little.
pub(super) struct Window<'f> {
    file: &'f dyn Bytes,
    length: u64,
    buffer: Vec<u8>,
    start: u64,
    least: usize,
}

impl<'f> Window<'f> {
    /// A window whose first read after a jump takes this many bytes.
    pub(super) fn new(file: &'f dyn Bytes, least: usize) -> Self {
        Self { file, length: file.length(), buffer: Vec::new(), start: 0, least }
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from here on that are in memory; none at the end of the file.
    pub(super) fn from(&mut self, at: u64) -> Result<&[u8], Stop> {
        if !self.holds(at) {
            self.fill(at)?;
        }
        let skip = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        Ok(self.buffer.get(skip..).unwrap_or_default())
    }

    pub(super) fn byte(&mut self, at: u64) -> Result<Option<u8>, Stop> {
        Ok(self.from(at)?.first().copied())
    }

    /// Whether these bytes stand here.
    pub(super) fn has(&mut self, at: u64, wanted: &[u8]) -> Result<bool, Stop> {
        for (place, byte) in (at..).zip(wanted) {
            if self.byte(place)? != Some(*byte) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds(&self, at: u64) -> bool {
        at >= self.start && at < self.start.saturating_add(wide(self.buffer.len()))
    }

    fn fill(&mut self, at: u64) -> Result<(), Stop> {
        let end = self.start.saturating_add(wide(self.buffer.len()));
        let goes_on = at == end && !self.buffer.is_empty();
        let size = if goes_on { self.buffer.len().saturating_mul(2).min(MOST) } else { self.least };
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        self.buffer.resize(size.min(left), 0);
        self.start = at;
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.file.read_at(at, &mut self.buffer).map_err(|_| Stop::odd("a part that cannot be read", At::Byte(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_gives_every_byte_wherever_it_jumps() {
        let file: Vec<u8> = (0..1000_u16).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let bytes = file.as_slice();
        let mut window = Window::new(&bytes, 16);
        for at in (0..1000).chain([3, 999, 0, 500]) {
            assert_eq!(window.byte(at).unwrap(), Some(file[usize::try_from(at).unwrap()]));
        }
        assert_eq!(window.byte(1000).unwrap(), None);
        assert_eq!(window.byte(u64::MAX).unwrap(), None);
        assert!(window.has(1, &[1, 2, 3]).unwrap() && !window.has(999, &[246, 0]).unwrap());
    }
}
