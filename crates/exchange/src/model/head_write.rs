//! What the database names of the head file.

use relto_report::digest::Digest;

/// One write of the head file: all heads that one flush put there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadWrite {
    /// Counts the writes of the file, whichever logs they are of, from 1.
    pub number: u64,
    /// Over the number, the digest of the write before and the newest head of every log.
    pub digest: Digest,
}

impl HeadWrite {
    /// As it stands in a row.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.number.to_le_bytes()[..], self.digest.as_bytes()].concat()
    }

    /// From a row.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, digest) = bytes.split_first_chunk::<8>()?;
        Some(Self { number: u64::from_le_bytes(*number), digest: Digest::from_bytes(digest.try_into().ok()?) })
    }
}
