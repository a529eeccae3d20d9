//! A file read forward through one small buffer, so that a file of any length needs the same memory.

use super::{
    bytes::{Bytes, Unread},
    finding::{Advice, At, Finding, Sort},
};

/// Bytes asked for at once.
const WINDOW: u64 = 64 * 1024;

/// Inflated and decoded bytes that an inspector takes for each byte of the file.
pub(super) const MAX_RATIO: u64 = 64;
/// Inflated bytes of one file that are taken whatever its length: an empty page of a plot shrinks a thousandfold.
pub(super) const SMALL: u64 = 64 * 1024 * 1024;
/// Inflated bytes of one file at most.
pub(super) const MAX_INFLATED: u64 = 1024 * 1024 * 1024;

/// What a file of this length may inflate to.
pub(super) fn most_inflated(length: u64) -> u64 {
    length.saturating_mul(MAX_RATIO).clamp(SMALL, MAX_INFLATED)
}

/// Gives the bytes of what lies in another file, in their order.
pub(super) trait Feed {
    /// Puts the next bytes in place of these; none at the end.
    ///
    /// # Errors
    /// [`Unread`] where what is before them cannot be read; the feed knows why.
    fn feed(&mut self, into: &mut Vec<u8>) -> Result<(), Unread>;
}

/// Where bytes come from.
enum Source<'f> {
    File(&'f dyn Bytes, u64),
    Feed(&'f mut dyn Feed),
}

/// A file, read once from its first byte to its last.
pub(super) struct Window<'f> {
    source: Source<'f>,
    buffer: Vec<u8>,
    /// Offset in the file of the byte behind the buffer.
    end: u64,
    /// The next byte of the buffer.
    at: usize,
}

impl<'f> Window<'f> {
    pub(super) fn new(file: &'f dyn Bytes) -> Self {
        Self { source: Source::File(file, file.length()), buffer: Vec::new(), end: 0, at: 0 }
    }

    /// A window on what is given piece by piece.
    pub(super) fn fed(feed: &'f mut dyn Feed) -> Self {
        Self { source: Source::Feed(feed), buffer: Vec::new(), end: 0, at: 0 }
    }

    /// Offset in the file of the next byte.
    pub(super) fn position(&self) -> u64 {
        let rest = self.buffer.len().saturating_sub(self.at);
        self.end.saturating_sub(u64::try_from(rest).unwrap_or(u64::MAX))
    }

    /// Bytes from the next one to the end of the file; of what is fed, those in memory.
    pub(super) fn left(&self) -> u64 {
        let length = if let Source::File(_, length) = self.source { length } else { self.end };
        length.saturating_sub(self.position())
    }

    /// Fills the buffer anew where it is used up.
    fn fill(&mut self) -> Result<(), Unread> {
        self.at = 0;
        match &mut self.source {
            Source::File(file, length) => {
                let size = length.saturating_sub(self.end).min(WINDOW);
                self.buffer.resize(usize::try_from(size).map_err(|_| Unread)?, 0);
                if size > 0 {
                    file.read_at(self.end, &mut self.buffer)?;
                }
            }
            Source::Feed(feed) => feed.feed(&mut self.buffer)?,
        }
        self.end = self.end.saturating_add(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// The next byte, which stays the next one; `None` at the end of the file.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Unread> {
        if self.at >= self.buffer.len() {
            self.fill()?;
        }
        Ok(self.buffer.get(self.at).copied())
    }

    /// The next byte; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<u8>, Unread> {
        let one = self.peek()?;
        self.at = self.at.saturating_add(usize::from(one.is_some()));
        Ok(one)
    }

    /// The next bytes, at most so many and at least one; none at the end of the file.
    pub(super) fn some(&mut self, most: u64) -> Result<&[u8], Unread> {
        self.peek()?;
        let start = self.at;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let end = start.saturating_add(most).min(self.buffer.len());
        self.at = end;
        Ok(self.buffer.get(start..end).unwrap_or_default())
    }

    /// The rest of the line with its end, where both are in memory.
    pub(super) fn line(&mut self) -> Result<Option<&[u8]>, Unread> {
        self.peek()?;
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest);
        Ok(end.and_then(|end| rest.get(..=end)))
    }

    /// Passes over so many bytes, which are in memory.
    pub(super) fn pass_over(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.buffer.len());
    }

    /// Passes over bytes that are so, as far as they are in memory.
    pub(super) fn pass(&mut self, is_so: impl Fn(u8) -> bool) {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let count = rest.iter().position(|byte| !is_so(*byte)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(count);
    }

    /// Exactly the next `N` bytes; `None` where the file ends before.
    pub(super) fn array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Unread> {
        let mut out = [0; N];
        for place in &mut out {
            let Some(one) = self.next()? else { return Ok(None) };
            *place = one;
        }
        Ok(Some(out))
    }

    /// The next character of a text in UTF-8.
    ///
    /// # Errors
    /// [`NoLetter`] where none begins.
    pub(super) fn letter(&mut self) -> Result<Option<char>, NoLetter> {
        let at = self.position();
        let Some(first) = self.next()? else { return Ok(None) };
        if first.is_ascii() {
            return Ok(Some(char::from(first)));
        }
        let more = match first {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => return Err(NoLetter::NotUtf8(at)),
        };
        let mut bytes = [first, 0, 0, 0];
        for place in bytes.iter_mut().skip(1).take(more) {
            *place = self.next()?.ok_or(NoLetter::NotUtf8(at))?;
        }
        let text = bytes.get(..=more).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.and_then(|text| text.chars().next()).map(Some).ok_or(NoLetter::NotUtf8(at))
    }
}

/// Why there is no next character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoLetter {
    /// At this byte none begins.
    NotUtf8(u64),
    /// The file was not given.
    Unread,
}

impl From<Unread> for NoLetter {
    fn from(Unread: Unread) -> Self {
        Self::Unread
    }
}

/// What was not given cannot be inspected.
impl From<Unread> for Finding {
    fn from(Unread: Unread) -> Self {
        Self::new(Sort::Odd, "a range of the file could not be read", At::File, Advice::Part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A file that says what was asked of it.
    struct Told(Vec<u8>, RefCell<Vec<(u64, usize)>>);

    impl Bytes for Told {
        fn length(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
            self.1.borrow_mut().push((offset, into.len()));
            self.0[..].read_at(offset, into)
        }
    }

    #[test]
    fn every_byte_is_asked_for_once_and_no_more_than_a_window_at_a_time() {
        let file = Told((0..200_000_u32).map(|n| n as u8).collect(), RefCell::default());
        let mut window = Window::new(&file);
        assert_eq!(window.array::<3>(), Ok(Some([0, 1, 2])));
        assert_eq!((window.position(), window.left()), (3, 199_997));
        let mut seen = 3;
        loop {
            let some = window.some(1000).unwrap();
            if some.is_empty() {
                break;
            }
            seen += some.len();
        }
        assert_eq!((seen, window.next(), window.position()), (200_000, Ok(None), 200_000));
        let asked = file.1.into_inner();
        assert!(asked.iter().all(|(_, size)| *size <= 64 * 1024));
        assert_eq!(asked.iter().map(|(_, size)| size).sum::<usize>(), 200_000);
    }

    #[test]
    fn letters_are_utf_8_and_nothing_else() {
        let (text, bytes) = ("aé€😀", "aé€😀".as_bytes());
        let mut window = Window::new(&bytes);
        let read: Vec<char> = std::iter::from_fn(|| window.letter().unwrap()).collect();
        assert_eq!(read, text.chars().collect::<Vec<_>>());
        for bad in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xff", b"\xe2\x82", b"\xf5\x80\x80\x80"] {
            assert_eq!(Window::new(&bad).letter(), Err(NoLetter::NotUtf8(0)), "{bad:?}");
        }
    }
}
