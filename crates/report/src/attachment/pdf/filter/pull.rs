//! Bytes in pieces: what gives them, and how a filter takes those that are before it.

use crate::attachment::{finding::At, pdf::stop::Stop};

/// Gives bytes in pieces.
pub(in crate::attachment::pdf) trait Pull {
    /// Fills the beginning of `into` and says how far; 0 only at the end.
    fn pull(&mut self, into: &mut [u8]) -> Result<usize, Stop>;

    /// What was met in a picture that says who made it, or where.
    fn carries(&self) -> &[&'static str] {
        &[]
    }
}

/// Bytes of one piece.
const PIECE: usize = 8 * 1024;

/// The bytes before a filter, one by one.
pub(super) struct Input<'w> {
    inner: Box<dyn Pull + 'w>,
    piece: Vec<u8>,
    at: usize,
    place: At,
}

impl<'w> Input<'w> {
    pub(super) fn new(inner: Box<dyn Pull + 'w>, place: At) -> Self {
        Self { inner, piece: Vec::new(), at: 0, place }
    }

    /// What comes; empty at the end.
    pub(super) fn rest(&mut self) -> Result<&[u8], Stop> {
        if self.at >= self.piece.len() {
            self.piece.resize(PIECE, 0);
            let count = self.inner.pull(&mut self.piece)?;
            self.piece.truncate(count);
            self.at = 0;
        }
        Ok(self.piece.get(self.at..).unwrap_or_default())
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    pub(super) fn byte(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.rest()?.first().copied();
        self.skip(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// The end of the data: at most one line end may follow.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        let behind = [self.byte()?, self.byte()?, self.byte()?];
        match behind {
            [None, ..] | [Some(b'\n' | b'\r'), None, _] | [Some(b'\r'), Some(b'\n'), None] => Ok(()),
            _ => Err(Stop::hidden("bytes behind the end of a stream's data", self.place)),
        }
    }

    pub(super) fn cut(&self) -> Stop {
        Stop::odd("a stream whose data is cut or damaged", self.place)
    }
}
