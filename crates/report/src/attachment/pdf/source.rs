//! Where the words of a PDF come from, byte by byte: the file or what is inflated; and the kinds of bytes.

use super::{stop::Stop, window::Window, work::Work};
use crate::attachment::finding::At;

/// Gives bytes one by one.
pub(super) trait Source {
    /// The byte that comes; `None` at the end.
    fn peek(&mut self) -> Result<Option<u8>, Stop>;
    /// Goes on by one byte.
    fn bump(&mut self);
    /// Offset of the byte that comes.
    fn at(&self) -> u64;
    /// Where in the file that is.
    fn place(&self) -> At;

    /// Takes the byte that comes, at the cost of a step.
    fn take(&mut self, work: &Work) -> Result<Option<u8>, Stop> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.bump();
            work.step(1);
        }
        Ok(byte)
    }
}

/// Bytes of the file from some place on.
pub(super) struct FileSource<'w, 'f> {
    pub(super) window: &'w mut Window<'f>,
    pub(super) at: u64,
    /// Behind this byte it ends, as the file does.
    until: u64,
}

impl<'w, 'f> FileSource<'w, 'f> {
    pub(super) const fn new(window: &'w mut Window<'f>, at: u64) -> Self {
        Self { window, at, until: u64::MAX }
    }

    /// Only so many bytes: what is read again and again must be short.
    pub(super) const fn short(window: &'w mut Window<'f>, at: u64, count: u64) -> Self {
        Self { window, at, until: at.saturating_add(count) }
    }
}

impl Source for FileSource<'_, '_> {
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if self.at < self.until { self.window.byte(self.at) } else { Ok(None) }
    }

    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn at(&self) -> u64 {
        self.at
    }

    fn place(&self) -> At {
        At::Byte(self.at)
    }
}

/// A blank or line end.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// A sign that ends a word.
pub(super) const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// The value of a hexadecimal digit.
pub(super) const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
