//! A plaintext that comes in order, piece by piece: decoded and hashed on the way, in memory that its report bounds.
//!
//! What is said of it in the end is what [`Document::decode`] says of the same bytes, whatever the pieces were. Nothing of
//! an attachment is kept: whoever pushes the bytes keeps them, and joins them to what was found by [`Hashed::apart`].

use super::{Document, MAX_REPORT, Report, document::BEFORE};
use crate::{
    attachment::bytes::Apart,
    codec::Malformed,
    crypto::Sha256,
    digest::Digest,
    domain::{Tag, begin},
};

/// A plaintext on its way.
pub struct Hashing {
    whole: Sha256,
    pushed: u64,
    stage: Stage,
}

/// How far it has come.
enum Stage {
    /// The length and the report, of which these bytes are here.
    Head(Vec<u8>),
    /// The report is longer than the decoder takes: of so many bytes, if all of them come.
    Beyond(u64),
    /// The attachments.
    Attached(Box<Walk>),
    /// What is wrong was found; what comes now is hashed and not looked at.
    Fault(Malformed),
}

/// A way through the attachments.
struct Walk {
    head: Vec<u8>,
    report: Report,
    /// The attachment that comes, from 0.
    at: usize,
    /// Its bytes that are still to come.
    left: u64,
    sha256: Sha256,
}

/// A plaintext that decodes, without the bytes of its attachments.
pub struct Hashed {
    head: Vec<u8>,
    report: Report,
    digest: Digest,
    length: u64,
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new()
    }
}

impl Hashing {
    /// Nothing has come.
    #[must_use]
    pub fn new() -> Self {
        Self { whole: begin(Tag::Plaintext), pushed: 0, stage: Stage::Head(Vec::new()) }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        self.pushed = self.pushed.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let mut rest = bytes;
        if let Stage::Head(head) = &mut self.stage {
            let next;
            (next, rest) = gather(head, rest);
            if let Some(next) = next {
                self.stage = next;
            }
        }
        if let Stage::Attached(walk) = &mut self.stage
            && let Err(fault) = walk.push(rest)
        {
            self.stage = Stage::Fault(fault);
        }
    }

    /// Bytes that have come.
    #[must_use]
    pub const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// No more bytes come: the tagged digest of all that did, and what [`Document::decode`] says of them. RPT-3
    ///
    /// # Errors
    /// Beside the digest, [`Malformed`] naming what differs.
    pub fn finish(self) -> (Digest, Result<Hashed, Malformed>) {
        let (digest, length) = (self.whole.finish(), self.pushed);
        let found = match self.stage {
            Stage::Head(_) => Err(Malformed::Undecodable),
            Stage::Beyond(most) if length >= most => Err(Malformed::TooLong),
            Stage::Beyond(_) => Err(Malformed::Undecodable),
            Stage::Fault(fault) => Err(fault),
            Stage::Attached(walk) if walk.at < walk.report.attachments.len() => {
                Err(Malformed::OutOfBounds("attachment length"))
            }
            Stage::Attached(walk) => Ok(Hashed { head: walk.head, report: walk.report, digest, length }),
        };
        (digest, found)
    }
}

/// Adds to a head what belongs to it. Gives the next stage once it is whole, and the bytes behind it.
fn gather<'b>(head: &mut Vec<u8>, bytes: &'b [u8]) -> (Option<Stage>, &'b [u8]) {
    let mut rest = bytes;
    let mut until = |head: &mut Vec<u8>, size: usize| {
        let (more, behind) = rest.split_at_checked(size.saturating_sub(head.len())).unwrap_or((rest, &[]));
        head.extend_from_slice(more);
        rest = behind;
        head.len() >= size
    };
    if !until(head, BEFORE) {
        return (None, rest);
    }
    let length = head.first_chunk::<BEFORE>().map_or(u64::MAX, |length| u64::from_le_bytes(*length));
    let size = usize::try_from(length).ok().filter(|size| *size <= MAX_REPORT);
    let Some(size) = size else {
        // No byte of it is kept; whether it all comes decides what is said of it.
        return (Some(Stage::Beyond(length.saturating_add(8))), &[]);
    };
    if !until(head, BEFORE.saturating_add(size)) {
        return (None, rest);
    }
    let next = Document::decode_head(head)
        .map(|(report, _)| report)
        .and_then(|report| Walk::new(std::mem::take(head), report));
    (Some(next.map_or_else(Stage::Fault, |walk| Stage::Attached(Box::new(walk)))), rest)
}

impl Walk {
    fn new(head: Vec<u8>, report: Report) -> Result<Self, Malformed> {
        let left = report.attachments.first().map_or(0, |one| one.length);
        let mut out = Self { head, report, at: 0, left, sha256: Sha256::new() };
        out.pass()?;
        Ok(out)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.at >= self.report.attachments.len() {
                return Err(Malformed::Trailing);
            }
            let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
            let (piece, behind) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            self.sha256.update(piece);
            self.left = self.left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            rest = behind;
            self.pass()?;
        }
        Ok(())
    }

    /// Goes on behind each attachment that is whole, those of no bytes among them.
    fn pass(&mut self) -> Result<(), Malformed> {
        while self.left == 0
            && let Some(one) = self.report.attachments.get(self.at)
        {
            if std::mem::take(&mut self.sha256).finish() != one.sha256 {
                return Err(Malformed::OutOfBounds("attachment sha256"));
            }
            self.at = self.at.saturating_add(1);
            self.left = self.report.attachments.get(self.at).map_or(0, |one| one.length);
        }
        Ok(())
    }
}

impl Hashed {
    /// The document, with the attachments' bytes where they are kept now: those that were pushed, and nothing before them.
    #[must_use]
    pub fn apart(&self, bytes: Apart) -> Document {
        Document::of_head(self.report.clone(), self.head.clone(), self.digest, bytes)
    }

    /// Tagged digest of the plaintext.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Length and report, as they stand before the attachments.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Bytes of the whole plaintext.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests;
