//! Long payloads stand in parts, each a row with a body of its own: written as they come, read by ranges, never held whole.
//!
//! The row of such a payload has what comes before its attachments: salt, length and report. FLW-31 In scope: which parts a
//! payload has and how a range of it is read. Out of scope: when they come and go, which the acts decide.

use crate::{
    model::{
        place::{self, PartAt, SpoolAt},
        store::{Key, Reader, StoreError, SubmissionId},
    },
    wire::frame::CHUNK,
};
use relto_audit::{commitment::SALT, origin::Origin};
use std::{borrow::Cow, ops::Range};

/// Bytes of a part of a plaintext that one of our people uploads; the last may be shorter.
pub const PART: usize = 256 * 1024;

/// Whose parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Parts {
    /// Of a plaintext of ours, by the submission that it was uploaded for.
    Uploaded(SubmissionId),
    /// Of a payload of the partner, salt and all, by its leaf.
    Spooled(Origin, u64),
}

impl Parts {
    /// The first and the last key that a part may have.
    #[must_use]
    pub const fn keys(self) -> (Key, Key) {
        (self.key(0), self.key(u64::MAX))
    }

    /// Where the part that begins at `offset` stands.
    #[must_use]
    pub const fn key(self, offset: u64) -> Key {
        match self {
            Self::Uploaded(id) => Key::Part(id, offset),
            Self::Spooled(log, index) => Key::Spool(log, index, offset),
        }
    }

    /// Bytes of each part but the last.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Uploaded(_) => PART,
            Self::Spooled(..) => CHUNK,
        }
    }

    /// The part that begins at `offset`, a multiple of [`Self::size`]; `None`: there is none any more.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn read(self, reader: &dyn Reader, offset: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Uploaded(id) => place::read(reader, PartAt(id, offset)),
            Self::Spooled(log, index) => place::read(reader, SpoolAt(log, index, offset)),
        }
    }

    /// Calls `take` with the parts of these bytes in order, which begin where a part does; `false`: they are not all there.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn each(self, reader: &dyn Reader, bytes: Range<u64>, mut take: impl FnMut(&[u8])) -> Result<bool, StoreError> {
        let size = u64::try_from(self.size()).unwrap_or(u64::MAX);
        for offset in bytes.clone().step_by(self.size()) {
            let Some(part) = self.read(reader, offset)? else { return Ok(false) };
            if u64::try_from(part.len()) != Ok(size.min(bytes.end.saturating_sub(offset))) {
                return Ok(false);
            }
            take(&part);
        }
        Ok(true)
    }
}

/// What stands in parts behind a few bytes that do not.
#[derive(Clone, Debug)]
pub struct InParts {
    /// The parts.
    pub parts: Parts,
    /// What comes before them.
    pub lead: Vec<u8>,
    /// Bytes of the parts that are passed over, because `lead` has them.
    pub from: u64,
}

impl InParts {
    /// A payload of ours: what its row has, which was judged, and then its parts.
    #[must_use]
    pub fn uploaded(id: SubmissionId, row: Vec<u8>) -> Self {
        let from = u64::try_from(row.len().saturating_sub(SALT)).unwrap_or(u64::MAX);
        Self { parts: Parts::Uploaded(id), lead: row, from }
    }

    /// A payload of the partner, which its pieces have whole.
    #[must_use]
    pub const fn spooled(log: Origin, index: u64) -> Self {
        Self { parts: Parts::Spooled(log, index), lead: Vec::new(), from: 0 }
    }

    /// Fills `into` from `offset` on; `false`: the parts have no such range any more.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read.
    pub fn read_at(&self, reader: &dyn Reader, offset: u64, into: &mut [u8]) -> Result<bool, StoreError> {
        let lead = u64::try_from(self.lead.len()).unwrap_or(u64::MAX);
        let (mut at, mut rest) = (offset, into);
        while !rest.is_empty() {
            let bytes = if at < lead {
                Cow::Borrowed(self.lead.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default())
            } else {
                let within = at.saturating_sub(lead).saturating_add(self.from);
                let size = u64::try_from(self.parts.size()).unwrap_or(u64::MAX);
                let Some(mut part) = self.parts.read(reader, within - within % size)? else { return Ok(false) };
                part.drain(..usize::try_from(within % size).unwrap_or(usize::MAX).min(part.len()));
                Cow::Owned(part)
            };
            let count = bytes.len().min(rest.len());
            let Some((now, later)) = rest.split_at_mut_checked(count).filter(|_| count > 0) else { return Ok(false) };
            now.copy_from_slice(bytes.get(..count).unwrap_or_default());
            at = at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            rest = later;
        }
        Ok(true)
    }
}

/// The salt with which a payload begins.
#[must_use]
pub fn salt_of(payload: &[u8]) -> Vec<u8> {
    payload.get(..SALT).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::store::Row;

    /// Parts of the numbers from 0 on, of so many bytes together.
    struct Numbers(u64);

    fn byte(at: u64) -> u8 {
        u8::try_from(at % 251).unwrap()
    }

    impl Reader for Numbers {
        fn get(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
            let of = |key: &Key| {
                let Key::Part(_, offset) = key else { panic!("{key:?}") };
                let end = (*offset + PART as u64).min(self.0);
                (*offset < self.0).then(|| Row::Bytes((*offset..end).map(byte).collect()))
            };
            Ok(keys.iter().map(of).collect())
        }

        fn scan(&self, _: &Key, _: &Key, _: usize) -> Result<Vec<(Key, Row)>, StoreError> {
            panic!("parts are read one by one")
        }
    }

    #[test]
    fn a_range_is_given_whole_wherever_it_begins_and_ends() {
        let (length, part) = (3 * PART as u64 + 7, PART as u64);
        let numbers = Numbers(length);
        let whole = InParts { parts: Parts::Uploaded([1; 16]), lead: vec![200, 201, 202], from: 5 };
        let want = |at: u64| if at < 3 { 200 + u8::try_from(at).unwrap() } else { byte(at - 3 + 5) };
        for (offset, count) in [(0, 3), (0, 4), (2, 2), (3, 9), (part + 1, 5), (part - 2, 2 * PART), (length - 10, 8)] {
            let mut into = vec![0; count];
            assert_eq!(whole.read_at(&numbers, offset, &mut into), Ok(true), "{offset} {count}");
            assert!((offset..).zip(&into).all(|(at, byte)| *byte == want(at)), "{offset} {count}");
        }
        assert_eq!(whole.read_at(&numbers, length - 10, &mut [0; 9]), Ok(false), "behind the end");
        let mut seen = 0;
        assert_eq!(whole.parts.each(&numbers, 0..length, |part| seen += part.len()), Ok(true));
        assert_eq!(u64::try_from(seen), Ok(length));
        seen = 0;
        assert_eq!(whole.parts.each(&numbers, part..length, |part| seen += part.len()), Ok(true));
        assert_eq!(u64::try_from(seen), Ok(length - part));
        assert_eq!(whole.parts.each(&numbers, 0..length + 1, |_| {}), Ok(false));
        assert_eq!(whole.parts.each(&numbers, 0..length - 1, |_| {}), Ok(false), "another than was named");
    }
}
