//! A report with the bytes it came from: all of them in memory, or the report alone with its attachments standing apart,
//! so that an attachment of 1 GiB needs no memory of its size.

use super::Report;
use crate::{
    attachment::bytes::{self, Apart, Bytes, Unread},
    codec::Malformed,
    crypto::sha256,
    digest::Digest,
    domain::{Tag, hash},
};

/// Bytes of attachments, all together, that a document made of a report file has in memory; of more they stand apart. A
/// plaintext up to this length travels in one piece.
pub const MAX_TOGETHER: u64 = 1024 * 1024;
/// Bytes of the length before the report.
pub(super) const BEFORE: usize = 8;

/// A report with the bytes it came from. The digest is that of the whole plaintext and is set by decoding alone, or by this
/// program's own store, which had it of decoding.
#[derive(Clone)]
pub struct Document {
    report: Report,
    digest: Digest,
    /// The whole plaintext, or its head where the attachments stand apart.
    plaintext: Vec<u8>,
    report_length: usize,
    apart: Option<Apart>,
}

/// Two documents are the same where their plaintexts are, wherever the attachments are kept.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.report == other.report && self.head() == other.head()
    }
}

impl Eq for Document {}

impl Document {
    /// Lays out a plaintext: `u64` length, the report, the attachments' bytes in listed order.
    #[must_use]
    pub fn lay_out(report: &Report, attachments: &[&[u8]]) -> Vec<u8> {
        let mut out = Self::lay_out_head(report);
        out.reserve(attachments.iter().map(|one| one.len()).sum::<usize>());
        for bytes in attachments {
            out.extend_from_slice(bytes);
        }
        out
    }

    /// What stands before the attachments of a plaintext: `u64` length and the report.
    #[must_use]
    pub fn lay_out_head(report: &Report) -> Vec<u8> {
        let encoded = report.encode();
        let mut out = Vec::with_capacity(BEFORE + encoded.len());
        out.extend_from_slice(&u64::try_from(encoded.len()).unwrap_or(u64::MAX).to_le_bytes());
        out.extend_from_slice(&encoded);
        out
    }

    /// Decodes what stands before the attachments of a plaintext: the report, strictly, and the bytes behind it, at which it
    /// does not look. RPT-3
    ///
    /// # Errors
    /// [`Malformed`] naming what differs.
    pub fn decode_head(plaintext: &[u8]) -> Result<(Report, &[u8]), Malformed> {
        let (length, rest) = plaintext.split_first_chunk::<BEFORE>().ok_or(Malformed::Undecodable)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Malformed::TooLong)?;
        let (encoded, behind) = rest.split_at_checked(length).ok_or(Malformed::Undecodable)?;
        Ok((Report::decode(encoded)?, behind))
    }

    /// The report of a plaintext that ends with it, although it lists attachments that have bytes; `None`: it is no head
    /// alone. Of a whole plaintext with attachments nothing but the length is looked at.
    #[must_use]
    pub fn decode_head_alone(plaintext: &[u8]) -> Option<Report> {
        let (length, rest) = plaintext.split_first_chunk::<BEFORE>()?;
        if u64::from_le_bytes(*length) != rest.length() {
            return None;
        }
        Report::decode(rest).ok().filter(|report| report.attachment_bytes() > 0)
    }

    /// Decodes a plaintext: the report strictly, each attachment of its declared length and digest, nothing left over.
    /// RPT-3
    ///
    /// # Errors
    /// [`Malformed`] naming what differs.
    pub fn decode(plaintext: Vec<u8>) -> Result<Self, Malformed> {
        let (report, mut attached) = Self::decode_head(&plaintext)?;
        let report_length = plaintext.len().saturating_sub(BEFORE).saturating_sub(attached.len());
        for one in &report.attachments {
            let length = usize::try_from(one.length).map_err(|_| Malformed::TooLong)?;
            let (bytes, tail) = attached.split_at_checked(length).ok_or(Malformed::OutOfBounds("attachment length"))?;
            if sha256(&[bytes]) != one.sha256 {
                return Err(Malformed::OutOfBounds("attachment sha256"));
            }
            attached = tail;
        }
        if !attached.is_empty() {
            return Err(Malformed::Trailing);
        }
        let digest = hash(Tag::Plaintext, &[&plaintext]);
        Ok(Self { report, report_length, digest, plaintext, apart: None })
    }

    /// A document of this program's own store, which kept the digest that decoding had given. `head` is the length and the
    /// report, `apart` the attachments' bytes alone. What they are is not checked again. RPT-3
    ///
    /// # Errors
    /// [`Malformed`] where the head does not decode, or its attachments have not so many bytes together.
    pub fn stored(head: Vec<u8>, digest: Digest, apart: Apart) -> Result<Self, Malformed> {
        let (report, behind) = Self::decode_head(&head)?;
        if !behind.is_empty() {
            return Err(Malformed::Trailing);
        }
        let length = report.attachments.iter().try_fold(0_u64, |sum, one| sum.checked_add(one.length));
        if length != Some(apart.length()) {
            return Err(Malformed::OutOfBounds("attachment length"));
        }
        Ok(Self::of_head(report, head, digest, apart))
    }

    /// A document of a head that was decoded already, and of attachments at which it does not look.
    pub(super) fn of_head(report: Report, head: Vec<u8>, digest: Digest, apart: Apart) -> Self {
        let report_length = head.len().saturating_sub(BEFORE);
        Self { report, report_length, digest, plaintext: head, apart: Some(apart) }
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The bytes in memory: the whole plaintext, or of a document whose attachments stand apart its head alone. The whole
    /// is read by ranges, through [`Bytes`].
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The plaintext before its attachments: `u64` length and the report.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        self.plaintext.get(..BEFORE.saturating_add(self.report_length)).unwrap_or_default()
    }

    /// Bytes of the whole plaintext.
    #[must_use]
    pub fn length(&self) -> u64 {
        let apart = self.apart.as_ref().map_or(0, |apart| apart.length());
        self.plaintext.length().saturating_add(apart)
    }

    /// Whether the attachments' bytes stand apart from this, and not in memory.
    #[must_use]
    pub const fn is_apart(&self) -> bool {
        self.apart.is_some()
    }

    /// Bytes of the encoded report, which `max_report_bytes` limits.
    #[must_use]
    pub fn report_length(&self) -> u64 {
        u64::try_from(self.report_length).unwrap_or(u64::MAX)
    }

    /// Tagged digest of the plaintext.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes of an attachment, counted from 0 in listed order; `None` where the report lists no such one.
    #[must_use]
    pub fn attached(&self, n: usize) -> Option<Attached<'_>> {
        let length = self.report.attachments.get(n)?.length;
        let before = self.report.attachments.iter().take(n);
        let start = before.fold(0, |sum: u64, one| sum.saturating_add(one.length));
        let source = match &self.apart {
            Some(apart) => Source::Apart { apart, start, length },
            None => {
                let start = self.head().len().checked_add(usize::try_from(start).ok()?)?;
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                Source::Here(self.plaintext.get(start..end)?)
            }
        };
        Some(Attached(source))
    }
}

/// The whole plaintext, by ranges.
impl Bytes for Document {
    fn length(&self) -> u64 {
        Self::length(self)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let Some(apart) = &self.apart else { return self.plaintext.read_at(offset, into) };
        let head = self.plaintext.length();
        let within = usize::try_from(head.saturating_sub(offset)).unwrap_or(usize::MAX).min(into.len());
        let (first, rest) = into.split_at_mut_checked(within).ok_or(Unread)?;
        if !first.is_empty() {
            self.plaintext.read_at(offset, first)?;
        }
        if rest.is_empty() {
            return if offset <= Self::length(self) { Ok(()) } else { Err(Unread) };
        }
        apart.read_at(offset.saturating_sub(head), rest)
    }

    fn here(&self) -> Option<&[u8]> {
        Some(self.plaintext()).filter(|_| !self.is_apart())
    }
}

/// The bytes of one attachment, wherever they are kept.
pub struct Attached<'d>(Source<'d>);

enum Source<'d> {
    Here(&'d [u8]),
    Apart { apart: &'d Apart, start: u64, length: u64 },
}

impl<'d> Attached<'d> {
    /// All of them, where they are in memory.
    #[must_use]
    pub const fn here(&self) -> Option<&'d [u8]> {
        match self.0 {
            Source::Here(bytes) => Some(bytes),
            Source::Apart { .. } => None,
        }
    }

    /// All of them, read into memory, where they are no more than this.
    ///
    /// # Errors
    /// [`Unread`] where they are more, or are not given.
    pub fn read(&self, most: usize) -> Result<Vec<u8>, Unread> {
        bytes::read(self, most)
    }
}

impl Bytes for Attached<'_> {
    fn length(&self) -> u64 {
        match self.0 {
            Source::Here(bytes) => bytes.length(),
            Source::Apart { length, .. } => length,
        }
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        match self.0 {
            Source::Here(bytes) => bytes.read_at(offset, into),
            Source::Apart { apart, start, length } => {
                // Never the bytes of the next one.
                if offset.checked_add(into.length()).is_none_or(|end| end > length) {
                    return Err(Unread);
                }
                apart.read_at(start.checked_add(offset).ok_or(Unread)?, into)
            }
        }
    }

    fn here(&self) -> Option<&[u8]> {
        Self::here(self)
    }
}

#[cfg(test)]
pub(crate) mod tests;
